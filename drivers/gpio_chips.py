"""The GPIO chips of this computer, as the kernel tells of them: its own, and expanders on I2C, SPI or USB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HEADER_LABELS = frozenset({"pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"})
"""What the kernel calls the chip behind the header: Raspberry Pi up to 3, 4, and 5 (drivers pinctrl-bcm2835.c, pinctrl-rp1.c)."""


class NoGpioHere(RuntimeError):
    """This computer has no GPIO chip that this user may open; the message says which and what to do."""


@dataclass(frozen=True)
class GpioChip:
    """One chip: the computer's own, or an expander."""

    path: str
    """Device file, "/dev/gpiochip0"."""
    name: str
    """The kernel's name, "gpiochip0"; the number may change from boot to boot."""
    label: str
    """What it is, "pinctrl-bcm2711" or "mcp23017"; two equal expanders share it."""
    lines: int
    """How many lines it has."""
    aliases: frozenset[str] = frozenset()
    """Names of symbolic links to its device file."""
    taken: Mapping[int, str] = field(default_factory=dict)
    """Lines in use, and by whom."""


def find_chips(folder: Path = Path("/dev")) -> tuple[GpioChip, ...]:
    """All chips, lowest number first. Raises `NoGpioHere`."""
    import gpiod

    files = sorted(folder.glob("gpiochip*"), key=lambda file: (len(file.name), file.name))
    if not files:
        raise NoGpioHere(f"there is no GPIO chip: no {folder}/gpiochip*")
    chips = []
    for file in files:
        if file.is_symlink():
            continue
        try:
            with gpiod.Chip(str(file)) as chip:
                info = chip.get_info()
                lines = [chip.get_line_info(line) for line in range(info.num_lines)]
        except PermissionError:
            raise NoGpioHere(
                f"this user may not open {file}; let it into the group gpio (docs/install-pi.md)"
            ) from None
        aliases = frozenset(link.name for link in files if link.is_symlink() and link.resolve() == file)
        taken = {line.offset: line.consumer or "the kernel" for line in lines if line.used}
        chips.append(GpioChip(str(file), info.name, info.label, info.num_lines, aliases, taken))
    return tuple(chips)


def header_chip(chips: Sequence[GpioChip]) -> GpioChip | None:
    """The chip behind the header: by its label, or the only one there is."""
    for chip in chips:
        if chip.label in HEADER_LABELS:
            return chip
    return chips[0] if len(chips) == 1 else None
