"""The optical port of a simulated meter: it hears a request, waits its reaction time, and answers at the pace of its baud rate.

Mode A at 300 baud comes character by character, native at 1200 in the portions in which a UART hands them on. Reaction time and pace are
IEC 62056-21's; what is told is that of the instant at which the request was complete (R86).
"""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from drivers import software_parity
from drivers.iec61107 import CHARACTER_S as MODE_A_CHARACTER_S
from drivers.iec61107 import NAK
from drivers.native_frames import CHARACTER_S as NATIVE_CHARACTER_S
from drivers.native_frames import Frame, FrameError, decode
from drivers.simulated.serial_line import FarEnd, LineSettings

_REQUEST = re.compile(rb"/\?([0-9A-Za-z ]{0,32})!\r?\n\Z")
_LONGEST_REQUEST = 128
_LF, _CR = 0x0A, 0x0D
_GARBLE = bytes((c * 37 + 11) & 0xFF for c in range(0x100))
"""What a character of another baud rate or framing looks like: something else, and the same each time."""
_PORTION = 8
"""A 16550 UART tells of what has come when its buffer holds so many characters."""


@dataclass
class OpticalBehaviour:
    """How the port behaves; may be changed while it works."""

    reaction: float = 0.2
    """Seconds from the last character of the request to the first of the answer: 0.2 to 1.5."""
    address: str = ""
    """Answers to this address besides none; leading zeros do not count."""
    silent: bool = False
    """Does not answer, and falls silent in mid-answer: no supply, or its light is covered."""
    echo: bool = False
    """The head hears its own light."""
    garbled: bool = False
    """The meter's clock is off: what it sends is unreadable."""
    corrupt: tuple[int, int] | None = None
    """Index of a character of the answer, 0 is the `/` or the `H`, and the bits that turn over in it; bit 7 is the parity of mode A."""
    deaf_for: int = 0
    """So many requests go unheard."""
    odd_parity: bool = False
    """Mode A comes with the parity bit the wrong way round."""
    stops_after: int | None = None
    """Falls silent after so many characters of an answer."""
    wrong_native_check: bool = False
    """The check sum of its native answers is wrong."""
    repeats: bool = False
    """Sends the data block of its last mode A answer again on NAK, and nothing turns over in it."""


@dataclass(frozen=True)
class _Framing:
    """How the bench's end is set, as far as the meter can make sense of it."""

    native: bool
    software_parity: bool
    """The eighth bit of mode A is the parity."""

    @property
    def character_s(self) -> float:
        return NATIVE_CHARACTER_S if self.native else MODE_A_CHARACTER_S

    @property
    def portion(self) -> int:
        return _PORTION if self.native else 1


class SimulatedOpticalPort:
    """A meter's optical port at the far end of `line`.

    `readout` gives its telegram as 7-bit characters, check included, or None while the meter cannot answer. `native` gives the answer to a
    native request, or None where there is none; a meter without it does not know that protocol.
    """

    def __init__(
        self,
        line: FarEnd,
        readout: Callable[[], bytes | None],
        behaviour: OpticalBehaviour | None = None,
        native: Callable[[Frame], Frame | None] | None = None,
    ) -> None:
        self.behaviour = behaviour or OpticalBehaviour()
        self._line = line
        self._readout = readout
        self._native = native
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._air_free = 0.0  # loop time at which the last character from the bench has come through
        self._answering: _Framing | None = None
        self._closed = False
        self._answer = b""  # the last, as it should have been
        self._wire = b""
        self._start = 0.0  # loop time at which the first character of the answer begins
        self._sent = 0
        line.listen(self._hear)

    def close(self) -> None:
        """Send nothing more, and close the line."""
        self._closed = True
        self._line.close()

    def _hear(self, wire: bytes) -> None:
        framing = _framing(self._line.settings)
        if framing is None:
            return
        # The bytes are here at once; their light takes its time each.
        arrived = max(self._loop.time(), self._air_free)
        heard = software_parity.decode(wire) if framing.software_parity else wire
        for sent, character in zip(wire, heard, strict=True):
            arrived += framing.character_s
            if self.behaviour.echo:
                self._loop.call_at(arrived, self._line.send, bytes([sent]))
            self._received.append(character)
            if character == NAK[0] and not framing.native and self.behaviour.repeats:
                self._loop.call_at(arrived, self._repeat, framing)
            if character & 0x7F == (_CR if framing.native else _LF):
                self._loop.call_at(arrived, self._complete, bytes(self._received), framing)
                self._received.clear()
        del self._received[:-_LONGEST_REQUEST]
        self._air_free = arrived

    def _complete(self, line: bytes, framing: _Framing) -> None:
        if self._answering or self._closed or self.behaviour.silent:
            return
        answer = self._answer_natively(line) if framing.native else self._answer_mode_a(line)
        if answer is None:
            return
        if self.behaviour.deaf_for:
            self.behaviour.deaf_for -= 1
            return
        self._answer = answer
        self._begin(self._on_the_wire(answer, framing), framing)

    def _repeat(self, framing: _Framing) -> None:
        if not (self._answering or self._closed or self.behaviour.silent):
            block = self._answer[self._answer.find(b"\x02") :]
            self._begin(software_parity.encode(block) if framing.software_parity else block, framing)

    def _begin(self, wire: bytes, framing: _Framing) -> None:
        self._wire = wire
        self._answering = framing
        self._sent = 0
        self._start = self._loop.time() + self.behaviour.reaction
        self._send_later()

    def _answer_mode_a(self, line: bytes) -> bytes | None:
        found = _REQUEST.search(line)
        if found is None:
            return None
        address = found[1].decode("ascii").lstrip("0")
        return self._readout() if not address or address == self.behaviour.address.lstrip("0") else None

    def _answer_natively(self, line: bytes) -> bytes | None:
        try:
            request = decode(line[line.rfind(b"@") :], "@")
        except FrameError:
            return None
        answer = None if self._native is None else self._native(request)
        return None if answer is None else answer.encode("H")

    def _on_the_wire(self, answer: bytes, framing: _Framing) -> bytes:
        wire = bytearray(software_parity.encode(answer) if framing.software_parity else answer)
        if self.behaviour.odd_parity and framing.software_parity:
            wire = bytearray(character ^ 0x80 for character in wire)
        if self.behaviour.wrong_native_check and framing.native:
            wire[-2] = ord("0") if wire[-2] != ord("0") else ord("1")
        wire = wire[: self.behaviour.stops_after]
        if self.behaviour.corrupt is not None:
            index, bits = self.behaviour.corrupt
            if index < len(wire):
                wire[index] ^= bits
        return bytes(wire.translate(_GARBLE) if self.behaviour.garbled else wire)

    def _send_later(self) -> None:
        framing = self._answering
        assert framing is not None
        portion = self._wire[self._sent : self._sent + framing.portion]
        self._loop.call_at(self._start + (self._sent + len(portion)) * framing.character_s, self._send, portion)

    def _send(self, portion: bytes) -> None:
        if self._closed or self.behaviour.silent:
            self._answering = None
            return
        self._line.send(portion if _framing(self._line.settings) == self._answering else portion.translate(_GARBLE))
        self._sent += len(portion)
        if self._sent < len(self._wire):
            self._send_later()
        else:
            self._answering = None


@functools.cache
def _framing(settings: LineSettings | None) -> _Framing | None:
    """What the meter hears of a bench that is set so: 300 baud as 7E1 or 8N1, 1200 baud as 8E2, or 8N1 where the line carries no parity.

    None where it hears nothing it could read. A receiver looks at the first stop bit only.
    """
    if settings is None:
        return None
    framing = f"{settings.baud} {settings.data_bits}{settings.parity}"
    without_parity = settings.dtr is None
    return {
        "300 8N": _Framing(native=False, software_parity=True),
        "300 7E": _Framing(native=False, software_parity=False),
        "1200 8E": _Framing(native=True, software_parity=False),
        "1200 8N": _Framing(native=True, software_parity=False) if without_parity else None,
    }.get(framing)
