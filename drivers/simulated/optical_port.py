"""The optical port of a simulated meter: it hears the request, waits its reaction time, and answers at 300 baud, character by character.

Reaction time and pace are IEC 62056-21's; the registers are those of the instant at which the request was complete (R86).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from drivers import software_parity
from drivers.iec61107 import CHARACTER_S
from drivers.simulated.serial_line import FarEnd, LineSettings

_REQUEST = re.compile(rb"/\?([0-9A-Za-z ]{0,32})!\r?\n\Z")
_LONGEST_REQUEST = 37
_LF = 0x0A
_GARBLE = bytes((c * 37 + 11) & 0xFF for c in range(0x100))
"""What a character of another baud rate looks like at 300 baud: something else, and the same each time."""


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
    """The meter's clock is off: what it sends is unreadable at 300 baud."""
    corrupt: tuple[int, int] | None = None
    """Index of a character of the answer, 0 is the `/`, and the bits that turn over in it, bit 7 being the parity."""


class SimulatedOpticalPort:
    """A meter's optical port at the far end of `line`.

    `readout` gives its telegram as 7-bit characters, check included, or None while the meter cannot answer.
    """

    def __init__(
        self, line: FarEnd, readout: Callable[[], bytes | None], behaviour: OpticalBehaviour | None = None
    ) -> None:
        self.behaviour = behaviour or OpticalBehaviour()
        self._line = line
        self._readout = readout
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._air_free = 0.0  # loop time at which the last character from the bench has come through
        self._answering = False
        self._closed = False
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
        # The bytes are here at once; their light takes 33 ms each.
        arrived = max(self._loop.time(), self._air_free)
        for sent, character in zip(wire, software_parity.decode(wire) if framing == "8N" else wire, strict=True):
            arrived += CHARACTER_S
            if self.behaviour.echo:
                self._loop.call_at(arrived, self._line.send, bytes([sent]))
            self._received.append(character)
            if character & 0x7F == _LF:
                self._loop.call_at(arrived, self._complete, bytes(self._received))
                self._received.clear()
        del self._received[:-_LONGEST_REQUEST]
        self._air_free = arrived

    def _complete(self, line: bytes) -> None:
        found = _REQUEST.search(line)
        if found is None or self._answering or self._closed or self.behaviour.silent:
            return
        address = found[1].decode("ascii").lstrip("0")
        if address and address != self.behaviour.address.lstrip("0"):
            return
        telegram = self._readout()
        if telegram is None:
            return
        self._wire = self._on_the_wire(telegram)
        self._answering = True
        self._sent = 0
        self._start = self._loop.time() + self.behaviour.reaction
        self._loop.call_at(self._start + CHARACTER_S, self._send_next)

    def _on_the_wire(self, telegram: bytes) -> bytes:
        as_sent = telegram if _framing(self._line.settings) == "7E" else software_parity.encode(telegram)
        wire = bytearray(as_sent)
        if self.behaviour.corrupt is not None:
            index, bits = self.behaviour.corrupt
            if index < len(wire):
                wire[index] ^= bits
        return bytes(wire.translate(_GARBLE) if self.behaviour.garbled else wire)

    def _send_next(self) -> None:
        if self._closed or self.behaviour.silent:
            self._answering = False
            return
        sent = self._sent
        self._line.send(self._wire[sent : sent + 1])
        self._sent = sent = sent + 1
        if sent < len(self._wire):
            self._loop.call_at(self._start + (sent + 1) * CHARACTER_S, self._send_next)
        else:
            self._answering = False


def _framing(settings: LineSettings | None) -> str | None:
    """How the bench sends what a receiver of 300 baud 7E1 can read: "8N" (parity in software) or "7E"; None where it cannot."""
    if settings is None or settings.baud != 300:
        return None
    framing = f"{settings.data_bits}{settings.parity}"
    return framing if framing in ("8N", "7E") else None
