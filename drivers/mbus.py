"""An M-Bus master on a level converter's serial port: reads the module of one meter by its primary or its secondary address.

One converter may carry several meters; whoever reads has the bus for himself. The codec is pyMeterBus, in `drivers.mbus_frames`.
"""

from __future__ import annotations

import asyncio

from drivers.mbus_frames import (
    ANSWER_WITHIN_S,
    BAUD,
    CHARACTER_S,
    GAP_S,
    LONGEST_FRAME,
    SELECTED,
    Acknowledged,
    Collision,
    FrameError,
    MBusReading,
    NoFrame,
    answer_in,
    ping,
    primary_address_of,
    request,
    select,
)
from drivers.module_line import ModuleError, ModuleGarbled, ModuleLine, ModuleSilence

_ATTEMPTS = 3
"""A master repeats a frame up to twice. EN 13757-2, 5.7."""


class MBusCollision(ModuleError):
    """More than one slave answered."""


class MBusWrongMeter(ModuleError):
    """Another meter answered than the one that was addressed."""


class MBusMaster:
    """Reads slaves on an open line. Use `mbus_line` to open one."""

    def __init__(self, line: ModuleLine) -> None:
        self._line = line

    async def read_primary(self, meter_number: str) -> MBusReading:
        """Reset the link of, and read, the meter at the primary address that follows from its number. Raises `ModuleError`."""
        address = primary_address_of(meter_number)
        await self._acknowledged(ping(address), f"primary address {address}")
        return self._of(meter_number, await self._read(address, f"primary address {address}"))

    async def read_secondary(self, meter_number: str) -> MBusReading:
        """Select the meter by its number and read it. Raises `ModuleError`."""
        to = f"secondary address {meter_number}"
        await self._acknowledged(select(meter_number), to)
        return self._of(meter_number, await self._read(SELECTED, to))

    async def _acknowledged(self, frame: bytes, to: str) -> None:
        if not isinstance(await self._ask(frame, to), Acknowledged):
            raise ModuleGarbled(self._line.say(f"the slave at {to} sent a frame where E5 was due."))

    async def _read(self, address: int, to: str) -> MBusReading:
        answer = await self._ask(request(address), to)
        if isinstance(answer, Acknowledged):
            raise ModuleGarbled(self._line.say(f"the slave at {to} has no registers to send: it answered E5."))
        return answer

    def _of(self, meter_number: str, reading: MBusReading) -> MBusReading:
        if reading.identification != f"{int(meter_number):08}":
            raise MBusWrongMeter(
                self._line.say(
                    f"M-Bus meter {reading.identification} answered where {meter_number} was addressed. "
                    "Are two cables swapped, or was the module taken from another meter?"
                )
            )
        return reading

    async def _ask(self, frame: bytes, to: str) -> Acknowledged | MBusReading:
        """Ask, and ask again where nothing or nothing usable came. Raises `ModuleError` for the last of the answers."""
        for attempt in range(_ATTEMPTS):
            heard = await self._exchange(frame)
            try:
                return answer_in(heard, frame)
            except FrameError as fault:
                if attempt == _ATTEMPTS - 1:
                    raise self._in_words(fault, to) from fault
        raise AssertionError("every attempt returns or raises")

    async def _exchange(self, frame: bytes) -> bytes:
        """Everything that comes back until the line is silent, or has spoken longer than any frame."""
        loop = asyncio.get_running_loop()
        self._line.forget()
        self._line.send(frame)
        until = loop.time() + len(frame) * CHARACTER_S + ANSWER_WITHIN_S
        heard = await self._line.hear(until)
        while more := await self._line.hear(loop.time() + GAP_S):
            heard += more
            if len(heard) > len(frame) + LONGEST_FRAME:
                break
        return heard

    def _in_words(self, fault: FrameError, to: str) -> ModuleError:
        url = self._line.url
        if isinstance(fault, NoFrame):
            return ModuleSilence(
                self._line.say(
                    f"no answer from {to} on the M-Bus at {url} within {ANSWER_WITHIN_S} s, {_ATTEMPTS} times. "
                    "Are both wires in the module's terminals, and is the level converter on?"
                )
            )
        if isinstance(fault, Collision):
            return MBusCollision(
                self._line.say(
                    f"several slaves answered {to} on the M-Bus at {url} ({fault}). Give each meter of a bus its own number."
                )
            )
        return ModuleGarbled(
            self._line.say(
                f"the answer of {to} on the M-Bus at {url} cannot be used: {fault}. Do two meters share the address, or is a wire loose?"
            )
        )


def mbus_line(url: str, name: str) -> ModuleLine:
    """The port of a level converter, 2400 baud 8E1."""
    return ModuleLine(url, name, "M-Bus level converter", baud=BAUD, parity="E")
