"""IEC 61107 (now IEC 62056-21) mode A, without any I/O: the request, the telegram a meter answers with, and its registers.

The 382 departs from the standard's text: decimal comma, `!` glued to the last data set, a 7-bit sum as block check. All are read.
Sources: data sheet, Optical reading; the telegram of a 685-382-OK-10 in github.com/casperbang/KMP382-driver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import xor
from typing import Literal

Check = Literal["sum7", "xor", "none"]
"""How the block check character matched: as sum modulo 128, as the standard's exclusive or, or there was none."""

CHARACTER_S = 10 / 300
"""One character in s: start bit, seven data bits, parity bit and stop bit at 300 baud. IEC 62056-21, mode A."""
FIRST_CHARACTER_WITHIN_S = 2.2
"""A meter reacts within 1.5 s of the request; the reader may wait up to 2.2 s. IEC 62056-21, reaction times."""
GAP_S = 1.5
"""Two characters of a telegram are never so far apart, s. IEC 62056-21, reaction times."""
LONGEST_TELEGRAM = 1024
"""Characters after which a telegram that does not end is given up; the 382 sends 167."""

_NUL, _STX, _ETX, _LF = b"\0\x02\x03\n"
_IDENTIFICATION = re.compile(rb"/([A-Za-z]{3})([ -~])([ -~]*)\r?\n")
_BEGUN = re.compile(rb"/[^/?][^/]*\Z")
_DATA_SET = re.compile(r"([^()/!]*)\(([^()/!*]*)(?:\*([^()/!]*))?\)")


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


@dataclass(frozen=True)
class Registers:
    """The registers of a telegram under the meter's names for them; None where it has none."""

    customer_number: str | None = None
    total_kwh: int | None = None
    """Accumulated energy, kWh."""
    tariff_kwh: tuple[int, int] | None = None
    """Energy of T1 and T2, kWh."""
    hours: int | None = None
    """Operating hours."""
    pulse_input: int | None = None
    """Pulse input in its configured unit."""
    peak_kw: Decimal | None = None
    """Highest 15-minute power of this month, kW."""
    last_peak_kw: Decimal | None = None
    """Highest 15-minute power of last month, kW."""
    production_number: str | None = None
    """Mode A does not tell it."""


def request(address: str = "") -> bytes:
    """The request message. Without an address every meter answers. IEC 62056-21, request message."""
    if not re.fullmatch(r"[0-9A-Za-z ]{0,32}", address):
        raise ValueError(f"the address {address!r} is not up to 32 digits, letters and blanks")
    return f"/?{address}!\r\n".encode("ascii")


def encode(identification: str, block: str, check: Literal["sum7", "xor"] = "sum7") -> bytes:
    """The telegram as a meter sends it: `identification` follows the `/`, `block` is the data sets up to and with the `!`."""
    checked = block.encode("ascii") + b"\r\n" + bytes([_ETX])
    character = _sum7(checked) if check == "sum7" else reduce(xor, checked)
    return b"/" + identification.encode("ascii") + b"\r\n" + bytes([_STX]) + checked + bytes([character])


class ModeADecoder:
    """Makes a telegram of characters as they come, in pieces of any size.

    Noise before the `/` and the echo of the request are skipped. A character above 0x7F is one that came with wrong parity.
    A telegram without STX has no end but silence: `end` decides it.
    """

    def __init__(self) -> None:
        self._line = bytearray()  # noise, echo or identification, until its LF
        self._noise = 0
        self._raw = bytearray()  # from the `/` of an identification that has been read
        self._block = 0  # index in `_raw` of the first character of the data block
        self._count = 0
        self._take: Callable[[int], None] = self._take_opening
        self._telegram: Telegram | None = None
        self._error: TelegramError | None = None

    @property
    def begun(self) -> bool:
        """Whether a meter has begun to answer: a `/` was followed by something other than the `?` of an echo."""
        return bool(self._raw) or _BEGUN.search(self._line) is not None

    def feed(self, characters: bytes) -> Telegram | None:
        """Take the next characters; the telegram once it is complete, else None. Raises `TelegramError`, and again ever after."""
        for character in characters:
            if self._telegram is not None or self._error is not None:
                break
            self._count += 1
            if self._count > LONGEST_TELEGRAM:
                self._malformed(f"no end after {LONGEST_TELEGRAM} characters")
            else:
                self._take(character)
        if self._error is not None:
            raise self._error
        return self._telegram

    def end(self) -> Telegram:
        """The line has fallen silent: the telegram, if what arrived is one. Raises `TelegramError`."""
        if self._telegram is None and self._error is None:
            if self._take == self._take_unframed and b"!" in self._raw:
                self._finish(self._raw[self._block :], "none")
            elif self.begun:
                raw = bytes(self._raw or self._line[self._line.rfind(b"/") :])
                self._error = TruncatedTelegram(f"the telegram stopped after {len(raw)} characters", raw)
            else:
                self._discard_line()
                self._error = NoTelegram(self._noise)
        if self._telegram is None:
            assert self._error is not None
            raise self._error
        return self._telegram

    def _take_opening(self, character: int) -> None:
        self._line.append(character)
        if character == _LF:
            if self.begun:
                self._identify(self._line[self._line.rfind(b"/") :])
            else:
                self._discard_line()

    def _discard_line(self) -> None:
        noise, _, _ = self._line.partition(b"/?")
        self._noise += len(noise.translate(None, b"\0\r\n"))
        self._line.clear()

    def _identify(self, line: bytearray) -> None:
        self._raw = line
        self._take = self._take_first
        wrong = next((index for index, character in enumerate(line) if character > 0x7F), None)
        if wrong is not None:
            self._error = ParityError(wrong, bytes(line))
        elif not _IDENTIFICATION.fullmatch(line):
            self._malformed(f"{bytes(line)!r} is no identification line")

    def _take_first(self, character: int) -> None:
        if self._append(character) and character != _NUL:
            self._take = self._take_framed if character == _STX else self._take_unframed
            self._block = len(self._raw) - (character != _STX)

    def _take_framed(self, character: int) -> None:
        if self._append(character) and character == _ETX:
            self._take = self._take_check

    def _take_unframed(self, character: int) -> None:
        if self._append(character) and character == _ETX:
            self._malformed("the data block has an end (ETX) and no start (STX)")

    def _take_check(self, received: int) -> None:
        if not self._append(received):
            return
        checked = self._raw[self._block : -1]
        exclusive_or, sum7 = reduce(xor, checked), _sum7(checked)
        if received not in (exclusive_or, sum7):
            self._error = BlockCheckError(received, exclusive_or, sum7, bytes(self._raw))
        else:
            self._finish(checked[:-1], "sum7" if received == sum7 else "xor")

    def _append(self, character: int) -> bool:
        self._raw.append(character)
        if character > 0x7F:
            self._error = ParityError(len(self._raw) - 1, bytes(self._raw))
        return character <= 0x7F

    def _finish(self, block: bytearray, check: Check) -> None:
        opening = _IDENTIFICATION.match(self._raw)
        assert opening is not None
        identification = Identification(*(part.decode("ascii") for part in opening.groups()))
        try:
            telegram = Telegram(identification, _data_sets(block.decode("ascii")), check, bytes(self._raw))
            registers(telegram)  # a telegram that is handed out has registers that can be told
        except MalformedTelegram as fault:
            self._malformed(str(fault))
        else:
            self._telegram = telegram

    def _malformed(self, message: str) -> None:
        self._error = MalformedTelegram(message, bytes(self._raw))


def _sum7(characters: bytes | bytearray) -> int:
    return sum(characters) & 0x7F


def _data_sets(block: str) -> tuple[DataSet, ...]:
    body, mark, rest = block.partition("!")
    if not mark or rest.strip("\r\n"):
        raise MalformedTelegram("the data block does not end with '!'")
    found: list[DataSet] = []
    for line in re.split(r"\r?\n", body):
        matches = list(_DATA_SET.finditer(line))
        if "".join(each.group() for each in matches) != line or not line.isprintable():
            raise MalformedTelegram(f"{line!r} is no line of data sets")
        found += (DataSet(code, value, unit or "") for code, value, unit in (each.groups() for each in matches))
    if not found:
        raise MalformedTelegram("the data block is empty")
    return tuple(found)


def registers(telegram: Telegram) -> Registers:
    """Name the registers: by the EDIS codes of the 685 (captured), by the OBIS codes of the 382C (github.com/madspeterbach/kamstrup-382C).

    Raises `MalformedTelegram` for a register that is sent twice, has an unexpected unit, or is no number.
    """
    customer_number = _find(telegram, None, "0.0", "0.0.0")
    tariff_1, tariff_2 = _whole(telegram, "kWh", "1.20.1", "1.8.1"), _whole(telegram, "kWh", "1.20.2", "1.8.2")
    return Registers(
        customer_number=None if customer_number is None else customer_number.value,
        total_kwh=_whole(telegram, "kWh", "1.20", "1.8.0"),
        tariff_kwh=None if tariff_1 is None or tariff_2 is None else (tariff_1, tariff_2),
        hours=_whole(telegram, "h", "1.31", "96.8.0"),
        pulse_input=_whole(telegram, None, "1.26", "0.128.1"),
        peak_kw=_decimal(telegram, "kW", "1.6", "1.6.0"),
        last_peak_kw=_decimal(telegram, "kW", "1.6*1", "1.6.0*1"),
    )


def _find(telegram: Telegram, unit: str | None, *codes: str) -> DataSet | None:
    found = [each for each in telegram.data_sets if each.code in codes]
    if len(found) > 1:
        raise MalformedTelegram(f"{found[0]} and {found[1]} are the same register", telegram.raw)
    if found and unit is not None and found[0].unit not in ("", unit):
        raise MalformedTelegram(f"{found[0]} is not in {unit}", telegram.raw)
    return found[0] if found else None


def _whole(telegram: Telegram, unit: str | None, *codes: str) -> int | None:
    found = _find(telegram, unit, *codes)
    if found is not None and not re.fullmatch("[0-9]+", found.value):
        raise MalformedTelegram(f"{found} is no whole number", telegram.raw)
    return None if found is None else int(found.value)


def _decimal(telegram: Telegram, unit: str, *codes: str) -> Decimal | None:
    found = _find(telegram, unit, *codes)
    if found is not None and not re.fullmatch(r"[0-9]+([.,][0-9]+)?", found.value):
        raise MalformedTelegram(f"{found} is no number", telegram.raw)
    return None if found is None else Decimal(found.value.replace(",", "."))
