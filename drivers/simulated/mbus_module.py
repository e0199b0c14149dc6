"""Simulated M-Bus modules: slaves on the far end of one level converter, each answering the frame of a real module 68 50 005.

Slaves that answer together disturb each other as on the wire: a space of one covers a mark of the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import zip_longest

from drivers.mbus_frames import BAUD, CHARACTER_S, SELECTED, primary_address_of
from drivers.simulated.serial_line import FarEnd, LineSettings

_REACTION_S = 0.03
"""From the last character of a request to the first of the answer: between 11 bit times and 0.19 s (EN 13757-2, 5.7)."""
_ACKNOWLEDGEMENT = b"\xe5"
_ANYONE = (0xFE, 0xFF)
"""Broadcast with answer, and without."""


class SimulatedMBusSlave:
    """One module, without its wire.

    `number` gives the meter number, `user_data` the answer from its CI field on for an access number; None while it is dead.
    """

    def __init__(self, number: Callable[[], int], user_data: Callable[[int], bytes | None]) -> None:
        self._number = number
        self._user_data = user_data
        self._selected = False
        self.access_number = 0
        """Rises with each answer, modulo 256."""

    @property
    def address(self) -> int:
        """Its primary address."""
        return primary_address_of(f"{self._number():08}")

    def answer(self, frame: bytes) -> bytes | None:
        """What it says to one frame of the master."""
        data = self._user_data(self.access_number)
        if data is None:
            return None
        if frame[0] == 0x68:
            return self._selection(frame)
        control, address = frame[1], frame[2]
        mine = address in (self.address, _ANYONE[0]) or (address == SELECTED and self._selected)
        if control == 0x40 and address == SELECTED:
            self._selected = False  # SND_NKE to the network layer ends a selection
        if not mine:
            return None
        if control == 0x40:
            return _ACKNOWLEDGEMENT
        if control & 0xCF != 0x4B:  # REQ_UD2, with either frame count bit
            return None
        self.access_number = (self.access_number + 1) % 256
        return _long_frame(bytes((0x08, self.address)) + data)

    def _selection(self, frame: bytes) -> bytes | None:
        if frame[5] != SELECTED or frame[6] != 0x52 or len(frame) != 17:
            return None
        wanted = frame[7:11][::-1].hex()
        have = f"{self._number():08}"
        self._selected = all(w in ("f", h) for w, h in zip(wanted, have, strict=True))
        return _ACKNOWLEDGEMENT if self._selected else None


class SimulatedMBus:
    """A level converter's wire with its slaves. It hears only what is sent 2400 baud 8E1."""

    def __init__(self, line: FarEnd) -> None:
        self.slaves: list[SimulatedMBusSlave] = []
        """Those on the wire now."""
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        line.listen(self._hear)

    def close(self) -> None:
        """Unplug the converter."""
        self._line.close()

    def _hear(self, wire: bytes) -> None:
        if not _can_be_heard(self._line.settings):
            return
        self._received += wire
        while (frame := self._next_frame()) is not None:
            self._loop.call_later(len(frame) * CHARACTER_S, self._complete, frame)

    def _next_frame(self) -> bytes | None:
        received = self._received
        while received and received[0] not in (0x10, 0x68):
            del received[0]
        if len(received) < 5:
            return None
        length = 5 if received[0] == 0x10 else received[1] + 6
        if len(received) < length:
            return None
        frame = bytes(received[:length])
        del received[:length]
        return frame

    def _complete(self, frame: bytes) -> None:
        checked = frame[1:3] if frame[0] == 0x10 else frame[4:-2]
        if sum(checked) & 0xFF != frame[-2] or frame[-1] != 0x16:
            return
        answers = [each for each in (slave.answer(frame) for slave in self.slaves) if each is not None]
        if answers:
            wire = bytes(_together(characters) for characters in zip_longest(*answers, fillvalue=0xFF))
            for place in range(len(wire)):
                self._loop.call_later(_REACTION_S + (place + 1) * CHARACTER_S, self._line.send, wire[place : place + 1])


def _together(characters: tuple[int, ...]) -> int:
    """What a receiver makes of characters sent in the same instant: a space, 0, wins."""
    heard = 0xFF
    for character in characters:
        heard &= character
    return heard


def _long_frame(user_data: bytes) -> bytes:
    """Start, length twice, start, the user data from the C field on, check sum, stop. EN 13757-2, format class FT 1.2."""
    length = len(user_data)
    return bytes((0x68, length, length, 0x68)) + user_data + bytes((sum(user_data) & 0xFF, 0x16))


def _can_be_heard(settings: LineSettings | None) -> bool:
    if settings is None or (settings.baud, settings.data_bits) != (BAUD, 8):
        return False
    return settings.parity == "E" or settings.dtr is None  # a pty carries no parity
