"""What may be configured on a 382, and what may not: names, values as text, and their bytes in the model dialect.

Data sheet, Ordering details, Configuration; R37, R49, R52, R57 to R60, R66, R67. Bytes: docs/decisions/0027.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

Value = int | str
"""A number, or one of the field's words."""


class FieldError(ValueError):
    """A field that is not there, or a value it cannot have; the message says what is possible."""


@dataclass(frozen=True)
class Field:
    """One thing that can be configured."""

    name: str
    number: int
    """In the model dialect."""
    size: int
    """Bytes, the high one first."""
    what: str
    """In one line, and what can be given."""
    parse: Callable[[str], int]
    """Text to number; raises `ValueError`."""
    show: Callable[[int], Value]
    """Number to what a person reads; raises `ValueError` for a number that means nothing."""

    def read(self, text: str) -> Value:
        """The value that a person wrote. Raises `FieldError`."""
        try:
            return self.show(self.parse(text))
        except ValueError:
            raise FieldError(f"{self.name}={text}: give {self.what}") from None

    def pack(self, value: Value) -> bytes:
        """The value as bytes."""
        return self.parse(str(value)).to_bytes(self.size, "big")

    def unpack(self, data: bytes) -> Value:
        """The bytes as value. Raises `FieldError`."""
        number = int.from_bytes(data, "big")
        try:
            if len(data) != self.size:
                raise ValueError
            return self.show(number)
        except ValueError:
            raise FieldError(f"{data.hex()} is no {self.name}") from None


def _digits(text: str) -> int:
    if not re.fullmatch("[0-9]{1,8}", text):
        raise ValueError(text)
    return int(text)


def _eight(number: int) -> int:
    if number > 99_999_999:
        raise ValueError(number)
    return number


def _words(*words: str) -> tuple[Callable[[str], int], Callable[[int], Value]]:
    def show(number: int) -> Value:
        if number >= len(words):
            raise ValueError(number)
        return words[number]

    return words.index, show


def _options(text: str) -> int:
    numbers = set() if text == "none" else {int(part) for part in text.split("+")}
    if not numbers <= set(range(1, 10)):
        raise ValueError(text)
    return sum(1 << number for number in numbers)


def _show_options(bits: int) -> Value:
    if bits & ~0x3FE:
        raise ValueError(bits)
    return "+".join(str(number) for number in range(1, 10) if bits >> number & 1) or "none"


def _thousandths(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text):
        raise ValueError(text)
    return int(Decimal(text) * 1000)


def _show_constant(thousandths: int) -> Value:
    if not 250 <= thousandths <= 1_000_000:
        raise ValueError(thousandths)
    return f"{Decimal(thousandths).scaleb(-3).normalize():f}"


_ALL = (
    Field("display", 1, 2, "the optional indications to show by their numbers 1 to 9, as in 1+3+5, or none", _options, _show_options),
    Field("preceding-zeroes", 2, 1, "yes or no", *_words("no", "yes")),
    Field("meter-number", 3, 4, "up to 8 digits", _digits, _eight),
    Field("customer-data", 4, 4, "up to 8 digits", _digits, _eight),
    Field("pulse-input", 5, 1, "normal or quick", *_words("normal", "quick")),
    Field("pulse-constant", 6, 4, "0.25 to 1000 pulses a unit, at most three decimals", _thousandths, _show_constant),
    Field("pulse-unit", 7, 1, "none, kWh, l or m3", *_words("none", "kWh", "l", "m3")),
    Field("output-2", 8, 1, "1 or 1000 pulses a kWh", *_words("1", "1000")),
)  # fmt: skip

FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
"""Every field by its name."""

LEGAL = ("type", "constant", "class", "total", "tariff-1", "tariff-2", "hours")
"""Legal data: no configuration changes it (R67)."""


def parse_settings(texts: tuple[str, ...]) -> dict[str, Value]:
    """Read `meter-number=12345678` and the like. Raises `FieldError`."""
    wanted: dict[str, Value] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if name in LEGAL:
            raise FieldError(f"{name} is legal data: it cannot be changed without breaking the verification seal (R67)")
        if not mark or name not in FIELDS:
            raise FieldError(f"{text!r} sets nothing; write NAME=VALUE with NAME one of {', '.join(FIELDS)}")
        if name in wanted:
            raise FieldError(f"{name} is set twice")
        wanted[name] = FIELDS[name].read(value)
    return wanted
