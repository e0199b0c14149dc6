"""What a meter answers in IEC 61107 mode A, as values: the telegram, and everything that can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Check = Literal["sum7", "xor", "none"]
"""How the block check character matched: as sum modulo 128, as the standard's exclusive or, or there was none."""


class TelegramError(Exception):
    """What arrived is no telegram. `raw` holds its characters from the `/` on; bit 7 marks one of wrong parity."""

    def __init__(self, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.raw = raw


class BlockCheckError(TelegramError):
    """The block check character is neither the exclusive or nor the 7-bit sum of the block."""

    def __init__(self, received: int, exclusive_or: int, sum7: int, raw: bytes) -> None:
        super().__init__(
            f"the block check is 0x{received:02X}; the block gives 0x{exclusive_or:02X} (exclusive or) or 0x{sum7:02X} (7-bit sum)",
            raw,
        )
        self.received, self.exclusive_or, self.sum7 = received, exclusive_or, sum7


class NoTelegram(TelegramError):
    """No telegram began; `noise` counts the characters that arrived besides NULs and the echo of the request."""

    def __init__(self, noise: int) -> None:
        super().__init__(f"{noise} characters and no '/' that begins a telegram")
        self.noise = noise


class TruncatedTelegram(TelegramError):
    """The line fell silent in mid-telegram."""


class MalformedTelegram(TelegramError):
    """Every character came through, and they do not make a telegram."""


class ParityError(TelegramError):
    """A character came through with wrong parity; `index` counts from the `/`, which is 0."""

    def __init__(self, index: int, raw: bytes) -> None:
        super().__init__(f"character {index} of the telegram has wrong parity", raw)
        self.index = index


@dataclass(frozen=True)
class Identification:
    """Who answers: the line that opens a telegram."""

    manufacturer: str
    """Three letters, `KAM` for Kamstrup."""
    baud: str
    """The baud rate character; a blank means mode A."""
    text: str
    """The type number, `685-382-OK-10` for instance."""

    def __str__(self) -> str:
        return self.manufacturer + self.baud + self.text


@dataclass(frozen=True)
class DataSet:
    """One register as it was sent."""

    code: str
    """EDIS or OBIS code, `1.20` or `1.8.0` for instance."""
    value: str
    """Characters between bracket and `*`, decimal comma or point as sent."""
    unit: str = ""
    """Empty where the meter sends none."""

    def __str__(self) -> str:
        return f"{self.code}({self.value}{'*' if self.unit else ''}{self.unit})"


@dataclass(frozen=True)
class Telegram:
    """One answer of a meter, its block check verified."""

    identification: Identification
    data_sets: tuple[DataSet, ...]
    """In the order they were sent, unknown codes among them."""
    check: Check
    """Which form of block check matched. Where both forms give the same character it is called "sum7"."""
    raw: bytes
    """All characters from the `/` to the last, parity removed."""

    @property
    def type_text(self) -> str:
        """The meter's type number as the identification gives it."""
        return self.identification.text.strip()
