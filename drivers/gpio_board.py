"""The pins that gpiozero is told of: those of the header, and every line of every GPIO chip.

A line of the header keeps gpiozero's names ("GPIO17", "BCM17", "J8:11") and has two more, by its chip: "gpiochip0:17" and
"pinctrl-bcm2711:17". They are names of one pin, so gpiozero's own reservations find a line that is used twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gpiozero.pins import BoardInfo, HeaderInfo, PinInfo

from drivers.gpio_chips import GpioChip, header_chip


@dataclass(frozen=True)
class Board:
    """The pins of this computer."""

    info: Any
    """gpiozero's `BoardInfo`, with a header more for each chip."""
    places: Mapping[str, tuple[GpioChip, int]]
    """Chip and line of each pin, by the pin's own name."""

    def place(self, name: int | str) -> tuple[GpioChip, int] | None:
        """Chip and line of a pin under any of its names; None where there is none."""
        for _, pin in self.info.find_pin(name):
            if pin.name in self.places:
                return self.places[pin.name]
        return None


def make_board(chips: Sequence[GpioChip], header: Any = None) -> Board:
    """The board of these chips. `header` is gpiozero's `BoardInfo` of this Raspberry Pi, or None on another computer."""
    main = header_chip(chips)
    headers: dict[str, Any] = {}
    places: dict[str, tuple[GpioChip, int]] = {}
    for each in header.headers.values() if header is not None and main is not None else ():
        pins = {}
        for number, pin in each.pins.items():
            line = _line_of(pin)
            if line is not None and main is not None:
                pin = pin._replace(names=pin.names | _names(main, line, chips))
                places[pin.name] = (main, line)
            pins[number] = pin
        headers[each.name] = each._replace(pins=pins)
    for chip in chips:
        on_header = {line for place, line in places.values() if place is chip}
        rest = [line for line in range(chip.lines) if line not in on_header]
        pins = {line: _pin(chip, line, chips, numbered=chip is main and header is None) for line in rest}
        places |= {pin.name: (chip, line) for line, pin in pins.items()}
        headers[chip.name] = HeaderInfo(name=chip.name, rows=chip.lines, columns=1, pins=pins)
    return Board((header or _ANOTHER_COMPUTER)._replace(headers=headers), places)


def _line_of(pin: Any) -> int | None:
    """A header pin's line is its GPIO number, on every Raspberry Pi."""
    return int(pin.name.removeprefix("GPIO")) if "gpio" in pin.interfaces else None


def _names(chip: GpioChip, line: int, chips: Sequence[GpioChip]) -> frozenset[str]:
    return frozenset(f"{name}:{line}" for name in _chip_names(chip, chips))


def _chip_names(chip: GpioChip, chips: Sequence[GpioChip]) -> Iterator[str]:
    yield chip.name
    yield from chip.aliases
    if chip.label and [each.label for each in chips].count(chip.label) == 1:  # else it would mean either of them
        yield chip.label


def _pin(chip: GpioChip, line: int, chips: Sequence[GpioChip], *, numbered: bool) -> Any:
    names: frozenset[int | str] = _names(chip, line, chips)
    name = f"{chip.name}:{line}"
    if numbered:
        name = f"GPIO{line}"
        names |= {name, f"BCM{line}", str(line), line}
    return PinInfo(
        number=line, name=name, names=names, pull="", row=line + 1, col=1, interfaces=frozenset({"gpio"})
    )  # fmt: skip


_ANOTHER_COMPUTER = BoardInfo(
    revision="", model="not a Raspberry Pi", pcb_revision="", released="", soc="", manufacturer="", memory=0, storage="",
    usb=0, usb3=0, ethernet=0, eth_speed=0, wifi=False, bluetooth=False, csi=0, dsi=0, headers={}, board="",
)  # fmt: skip
