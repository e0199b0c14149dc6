"""The frames of the optical port's native protocol at 1200 baud, without any I/O: `@` to the meter, `H` from it, hex digits, check, CR.

Captured from a 685-382-OK-10 (github.com/casperbang/KMP382-driver, MeterProtocolKMP382.cs): every byte of address, command, data and check
travels as two upper-case hex digits, and all bytes together sum up to 0 modulo 256.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

CHARACTER_S = 12 / 1200
"""One character in s: start bit, eight data bits, parity bit and two stop bits at 1200 baud."""
LONGEST_FRAME = 600
"""Characters after which a frame that does not end is given up; more than 256 bytes never came from a meter."""
ADDRESS = 0xFE
"""The address of every captured frame: whoever hears it."""

Way = Literal["@", "H"]
"""Start character: `@` to the meter, `H` from the meter."""

_CR = b"\r"
_FRAME = re.compile(rb"([@H])((?:[0-9A-F]{2}){3,})\r")


class FrameError(Exception):
    """What arrived is no frame. `raw` holds its characters from the start character on."""

    def __init__(self, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.raw = raw


class NoFrame(FrameError):
    """No frame began; `noise` counts the characters that arrived besides NULs and the echo of the request."""

    def __init__(self, noise: int) -> None:
        super().__init__(f"{noise} characters and no 'H' that begins a frame")
        self.noise = noise


class TruncatedFrame(FrameError):
    """The line fell silent in mid-frame."""


class MalformedFrame(FrameError):
    """What came between start character and CR is not pairs of hex digits, or has no end."""


class CheckSumError(FrameError):
    """The bytes of the frame do not sum up to 0: a character was turned on its way."""


class WrongAnswer(FrameError):
    """A whole frame that does not answer what was asked."""


@dataclass(frozen=True)
class Frame:
    """One frame, its check verified."""

    command: int
    data: bytes = b""
    address: int = ADDRESS

    def encode(self, way: Way) -> bytes:
        """The frame's characters, CR included."""
        content = bytes((self.address, self.command)) + self.data
        return way.encode("ascii") + (content + bytes((-sum(content) & 0xFF,))).hex().upper().encode("ascii") + _CR


@dataclass(frozen=True)
class ReceivedFrame:
    """A frame of the meter and the characters it came in."""

    frame: Frame
    raw: bytes
    """From the `H` to the CR."""


def decode(characters: bytes, way: Way) -> Frame:
    """The frame that these characters are, from start character to CR. Raises `FrameError`."""
    match = _FRAME.fullmatch(characters)
    if match is None or match[1] != way.encode("ascii"):
        raise MalformedFrame(f"{characters!r} is no frame", characters)
    content = bytes.fromhex(match[2].decode("ascii"))
    if sum(content) & 0xFF:
        raise CheckSumError(
            f"the check byte is 0x{content[-1]:02X}; the frame gives 0x{-sum(content[:-1]) & 0xFF:02X}", characters
        )
    return Frame(content[1], content[2:-1], content[0])


class NativeDecoder:
    """Makes a meter's frame of characters as they come, in pieces of any size. Noise and the echo of the request are skipped."""

    def __init__(self) -> None:
        self._raw = bytearray()  # from the `H`
        self._noise = 0
        self._echo = False
        self._answer: ReceivedFrame | None = None
        self._error: FrameError | None = None

    @property
    def begun(self) -> bool:
        """Whether a meter has begun to answer."""
        return bool(self._raw)

    def feed(self, characters: bytes) -> ReceivedFrame | None:
        """Take the next characters; the frame once it is complete, else None. Raises `FrameError`, and again ever after."""
        for character in characters:
            if self._answer is not None or self._error is not None:
                break
            self._take(character)
        if self._error is not None:
            raise self._error
        return self._answer

    def end(self) -> ReceivedFrame:
        """The line has fallen silent. Raises `FrameError` unless a frame has come."""
        if self._answer is None and self._error is None:
            raw = bytes(self._raw)
            self._error = (
                TruncatedFrame(f"the frame stopped after {len(raw)} characters", raw) if raw else NoFrame(self._noise)
            )
        if self._answer is None:
            assert self._error is not None
            raise self._error
        return self._answer

    def _take(self, character: int) -> None:
        if not self._raw and character != ord("H"):
            self._skip(character)
            return
        self._raw.append(character)
        if character == _CR[0]:
            raw = bytes(self._raw)
            try:
                self._answer = ReceivedFrame(decode(raw, "H"), raw)
            except FrameError as fault:
                self._error = fault
        elif len(self._raw) > LONGEST_FRAME:
            self._error = MalformedFrame(f"no end after {LONGEST_FRAME} characters", bytes(self._raw))

    def _skip(self, character: int) -> None:
        if character == ord("@"):
            self._echo = True
        elif character == _CR[0]:
            self._echo = False
        elif not self._echo and character:
            self._noise += 1
