"""The names of pins: a pin of a Raspberry Pi's header with 40 pins has several, and any line of any GPIO chip is "chip:line".

"GPIO17", "J8:11" and "gpiochip0:17" are one pin. Numbers from the header's pinout (pinout.xyz; gpiozero's `pinout`); they are the same
from the Model B+ to the 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from drivers.gpio_chips import HEADER_LABELS

_GPIO_OF_HEADER_PIN = {
    3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9, 22: 25, 23: 11, 24: 8,
    26: 7, 27: 0, 28: 1, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20, 40: 21,
}  # fmt: skip
_GPIO_OF_WIRINGPI = (
    17, 18, 27, 22, 23, 24, 25, 4, 2, 3, 8, 7, 10, 9, 11, 14, 15, None, None, None, None,
    5, 6, 13, 19, 26, 12, 16, 20, 21, 0, 1,
)  # fmt: skip
HEADER_PINS = 28
"""Inputs and outputs of the header, GPIO0 to GPIO27."""
_NAME = re.compile(r"(?P<family>GPIO|BCM|J8:|BOARD|WPI|)(?P<number>0|[1-9]\d?)")
_CHIP_LINE = re.compile(r"(?P<chip>\S+):(?P<line>0|[1-9]\d{0,3})")
_HEADER_CHIPS = frozenset({"gpiochip0", *HEADER_LABELS})
"""Names of the chip behind the header. A Raspberry Pi 5 with a kernel before 6.6.45 calls it gpiochip4: use its label there."""


class Use(Enum):
    """What a pin of the station is for."""

    MEASURED = "measured"
    """An input whose edges are measured: S0, the S0 diode, pulse output 2."""
    SAFETY = "safety"
    """Contacts, contactor and lamps of the safety circuit."""
    OUTPUT = "output"
    """An output of a position."""


@dataclass(frozen=True)
class ChipLine:
    """A line of a GPIO chip."""

    chip: str
    """The kernel's name of the chip, "gpiochip1", or its label, "mcp23017"."""
    line: int

    @property
    def on_expander(self) -> bool:
        """Whether it is not a line of the computer's own chip."""
        return self.chip not in _HEADER_CHIPS

    def __str__(self) -> str:
        return f"{self.chip}:{self.line}"


def chip_line(name: str) -> ChipLine | None:
    """The pin named as "chip:line"; None where it is named otherwise ("J8:7" is a name of the header)."""
    match = _CHIP_LINE.fullmatch(name)
    if match is None or match["chip"] == "J8":
        return None
    return ChipLine(match["chip"], int(match["line"]))


def header_pin(name: str) -> str | None:
    """The pin's name as "GPIO4", however it was named; None where the header has no such input or output."""
    by_chip = chip_line(name)
    if by_chip is not None:
        name = "" if by_chip.on_expander else f"GPIO{by_chip.line}"
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    number = int(match["number"])
    gpio: int | None
    if match["family"] in ("J8:", "BOARD"):
        gpio = _GPIO_OF_HEADER_PIN.get(number)
    elif match["family"] == "WPI":
        gpio = _GPIO_OF_WIRINGPI[number] if number < len(_GPIO_OF_WIRINGPI) else None
    else:
        gpio = number if number in _GPIO_OF_HEADER_PIN.values() else None
    return None if gpio is None else f"GPIO{gpio}"


def why_not(name: str, *, use: Use, pin_factory: str) -> str:
    """Why a pin cannot serve this use with this pin factory, and what to do; empty where it can."""
    by_chip = chip_line(name)
    if by_chip is None:
        return ""
    if pin_factory != "gpiod":
        instead = header_pin(name) or "a pin of the header"
        return (
            f'{name!r} is a line of a chip, and pin_factory "{pin_factory}" knows the header only: '
            f'give {instead}, or set pin_factory = "gpiod"'
        )
    if by_chip.on_expander and use is Use.MEASURED:
        return (
            f"{name!r} is a line of an expander, whose edges are stamped late, after it was read over its bus: "
            "give it a pin of the header"
        )
    if by_chip.on_expander and use is Use.SAFETY:
        return (
            f"{name!r} is a line of an expander, and the safety circuit must not depend on a bus, nor on a pull-up that may be missing, "
            "so that a broken wire would not read as open: give it a pin of the header"
        )
    return ""


def same_pin(name: str) -> str:
    """One name for all names of a pin; a name that is not known stands for itself."""
    return header_pin(name) or name
