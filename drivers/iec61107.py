"""IEC 61107 (now IEC 62056-21) mode A, without any I/O: the request, and the codec of the telegram a meter answers with.

The 382 departs from the standard's text: decimal comma, `!` glued to the last data set, a 7-bit sum as block check. All are read.
Sources: data sheet, Optical reading; the telegram of a 685-382-OK-10 in github.com/casperbang/KMP382-driver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import xor
from typing import Literal

from drivers.mode_a_registers import registers
from drivers.mode_a_telegram import (
    BlockCheckError,
    Check,
    DataSet,
    Identification,
    MalformedTelegram,
    NoTelegram,
    ParityError,
    Telegram,
    TelegramError,
    TruncatedTelegram,
)

CHARACTER_S = 10 / 300
"""One character in s: start bit, seven data bits, parity bit and stop bit at 300 baud. IEC 62056-21, mode A."""
FIRST_CHARACTER_WITHIN_S = 2.2
"""A meter reacts within 1.5 s of the request; the reader may wait up to 2.2 s. IEC 62056-21, reaction times."""
GAP_S = 1.5
"""Two characters of a telegram are never so far apart, s. IEC 62056-21, reaction times."""
LONGEST_TELEGRAM = 1024
"""Characters after which a telegram that does not end is given up; the 382 sends 167."""

NAK = b"\x15"
"""Asks for the data block once more. IEC 62056-21, repeat request."""

_NUL, _STX, _ETX, _LF = b"\0\x02\x03\n"
_IDENTIFICATION = re.compile(rb"/([A-Za-z]{3})([ -~])([ -~]*)\r?\n")
_BEGUN = re.compile(rb"/[^/?][^/]*\Z")
_DATA_SET = re.compile(r"([^()/!]*)\(([^()/!*]*)(?:\*([^()/!]*))?\)")


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


class RepeatDecoder:
    """Reads what follows a NAK: the telegram again, or its data block alone, which belongs to the identification of the one before."""

    def __init__(self, garbled: bytes) -> None:
        """`garbled` are the characters of the telegram before, from its `/` on."""
        self._identification = garbled[: garbled.find(_LF) + 1]
        self._decoder = ModeADecoder()
        self._heard = False

    @property
    def begun(self) -> bool:
        """Whether a meter has begun to answer."""
        return self._decoder.begun

    def feed(self, characters: bytes) -> Telegram | None:
        """As `ModeADecoder.feed`; the echo of the NAK is skipped."""
        if not self._heard:
            characters = characters.lstrip(NAK + bytes([_NUL]))
            self._heard = bool(characters)
            if self._heard and not characters.startswith(b"/"):
                self._decoder.feed(self._identification)
        return self._decoder.feed(characters)

    def end(self) -> Telegram:
        """As `ModeADecoder.end`."""
        return self._decoder.end()


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
