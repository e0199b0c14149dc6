"""The names of the pins of a Raspberry Pi's header with 40 pins: one pin has several, and gpiozero takes them all.

Numbers from the header's pinout (pinout.xyz; gpiozero's `pinout`); they are the same from the Model B+ to the 5.
"""

from __future__ import annotations

import re

_GPIO_OF_HEADER_PIN = {
    3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9, 22: 25, 23: 11, 24: 8,
    26: 7, 27: 0, 28: 1, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20, 40: 21,
}  # fmt: skip
_GPIO_OF_WIRINGPI = (
    17, 18, 27, 22, 23, 24, 25, 4, 2, 3, 8, 7, 10, 9, 11, 14, 15, None, None, None, None,
    5, 6, 13, 19, 26, 12, 16, 20, 21, 0, 1,
)  # fmt: skip
_NAME = re.compile(r"(?P<family>GPIO|BCM|J8:|BOARD|WPI|)(?P<number>0|[1-9]\d?)")


def header_pin(name: str) -> str | None:
    """The pin's name as "GPIO4", however it was named; None where the header has no such input or output."""
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


def same_pin(name: str) -> str:
    """One name for all names of a pin; a name that is not known stands for itself."""
    return header_pin(name) or name
