"""The part of a power source that no dialect changes: refuse, set, look whether the output is still on, switch off until it is dead.

A dialect says which lines make a load, which lines switch off, and how its output is read.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence

from drivers.load import PHASE_NAMES, Load
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, Reading, SelfReported, Unanswered
from drivers.visa import Overtaken, Revoked, VisaPort

_DEAD_VOLTS = 1.0
_DEAD_AMPERES = 0.01
"""Below these an output counts as off."""

_FALL_POLL_S = 0.1
"""Seconds between readings while the output falls."""


class DialectSource(ABC):
    """A power source on a VISA port, in whatever dialect."""

    _output = ":OUTP"
    """The header that switches the output, with ` ON`, ` OFF` and `?` behind it."""

    def __init__(self, port: VisaPort, capabilities: Capabilities) -> None:
        """`capabilities` are the station's: what the instrument can make, how long it settles, how long a reading takes."""
        self._port = port
        self._capabilities = capabilities
        self._on = False
        self._setting: asyncio.Task[object] | None = None
        self._overtaken: asyncio.Task[object] | None = None
        self._switching = asyncio.Lock()
        self._found = ""

    @property
    def identity(self) -> str:
        """Maker, model, serial number and firmware as the instrument gave them."""
        return self._port.identity

    @property
    def found(self) -> str:
        """What it held in its error queue when it was opened, in one sentence; empty when nothing."""
        return self._found

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""
        return self._capabilities

    async def open(self) -> None:
        """Connect, identify, empty the error queue, and make sure the output is off."""
        await self._port.open()
        await self._greet()
        await self.off()

    async def apply(self, load: Load) -> None:
        """Set the load and switch the output on; the output stays off, or as it was, when a setting is refused.

        Raises `LoadRefused` with all reasons before anything is sent, `SelfReported` when the instrument has an error of its
        own to tell, and `InstrumentError` when it refuses a setting or has switched its output off by itself.
        """
        refusals = self._capabilities.refusals(load)
        if refusals:
            raise LoadRefused(f"the {self._port.instrument} cannot make this load: {'; '.join(refusals)}")
        was_on, self._on = self._on, False
        self._setting = asyncio.current_task()
        try:
            await self._set(load, was_on)
            self._check_not_overtaken()
        except Overtaken:
            self._check_not_overtaken()
            raise
        finally:
            self._setting = self._overtaken = None
        self._on = True

    async def read(self) -> Reading:
        """Read the output back. Raises `SelfReported` when the instrument has an error of its own to tell."""
        reading = await self._measure()
        await self._check_errors()
        return reading

    async def off(self) -> Reading:
        """Currents to zero, then voltages and output off, before all else; read back until dead, for the settling time at most.

        A load half set is left so: none of its lines follows, and whoever waits for an answer waits no longer. Where the
        instrument does not confirm it, everything is done once more, on a connection of its own: commands first, then questions.
        Raises `InstrumentError` when the readback is not zero.
        """
        self._on = False
        self._overtaken = self._setting
        async with self._switching:
            reading, trouble = await self._switch_off_twice()
        if not _is_dead(reading):
            live = ", ".join(
                f"{name} {abs(u):.1f} V {abs(i):.3g} A"
                for name, u, i in zip(PHASE_NAMES, reading.u, reading.i, strict=True)
            )
            raise InstrumentError(
                f"{self._name} is still live after switching off ({live}): keep clear and open the contactor"
                + (f"; at first {trouble}" if trouble else "")
            )
        return reading

    async def _switch_off_twice(self) -> tuple[Reading, str]:
        """The readback, and what was wrong at first."""
        try:
            return await self._switch_off(), ""
        except Revoked:
            raise
        except InstrumentError as error:
            self._port.mistrust()
            first = error
        try:
            return await self._switch_off(), str(first)
        except Unanswered as error:
            if isinstance(first, Unanswered):
                raise first from error  # it is the same trouble twice
            raise Unanswered(f"{first}; then {error}") from error
        except InstrumentError as error:
            raise InstrumentError("; then ".join(dict.fromkeys([str(first), str(error)]))) from error

    async def _switch_off(self) -> Reading:
        *before, last = self._off_lines()
        await self._port.urge([*before, last])
        await self._forget_errors()
        # Once more, now that it is in step: what is confirmed is that the instrument has taken this line.
        await self._send(last)
        return await self._read_until_dead()

    async def close(self) -> None:
        """Let the connection go. Does not switch anything."""
        await self._port.close()

    # ------------------------------------------------------------------ what a dialect says

    async def _greet(self) -> None:
        """What comes between identifying and switching off. What is in the error queue is from before, and is told once."""
        held = await self._port.drain_errors()
        self._found = (
            f"{self._name} held {_several(held)} when it was opened; its error queue was emptied" if held else ""
        )

    async def _forget_errors(self) -> None:
        """Empty the error queue of what was not asked for: a query that was interrupted is an error (IEEE 488.2, 6.3.2.3)."""
        await self._port.drain_errors()

    async def _check_errors(self) -> None:
        """Raise `SelfReported` for what stands in the error queue: each setting empties it of its own."""
        errors = await self._port.drain_errors()
        if errors:
            raise SelfReported(f"{self._name} reports {_several(errors)}; look at its display")

    @abstractmethod
    async def _measure(self) -> Reading:
        """Read the output back, whatever stands in the error queue."""

    @abstractmethod
    def _load_lines(self, load: Load) -> Sequence[str]:
        """The lines that set `load`, without the output."""

    @abstractmethod
    def _off_lines(self) -> Sequence[str]:
        """The lines that switch off: currents first."""

    async def _send(self, line: str) -> None:
        """Send one line of settings. Raises `InstrumentError` when the instrument refuses it."""
        self._check_not_overtaken()
        await self._port.command(line)

    def _check_not_overtaken(self) -> None:
        """The port carries lines out in turn: what this task asks from now on would come after the switching off."""
        if self._overtaken is not None and asyncio.current_task() is self._overtaken:
            raise Revoked(f"{self._name} was switched off while the load was being set")

    async def _set(self, load: Load, was_on: bool) -> None:
        *first, last = self._load_lines(load)
        for line in first:
            await self._send(line)
        self._check_not_overtaken()
        is_on = await self._port.command(f"{last};{self._output}?") == "1"
        if was_on and not is_on:
            raise InstrumentError(f"{self._name} has switched its output off by itself; its display names the reason")
        if not is_on:
            # On a line of its own: a refused setting must not be followed by the output.
            await self._send(f"{self._output} ON")

    # ------------------------------------------------------------------ what all of them share

    @property
    def _name(self) -> str:
        return f"the {self._port.instrument} at {self._port.resource}"

    @property
    def _phases(self) -> range:
        """Numbers of the phases the source has: 1 is L1."""
        return range(1, self._capabilities.phases + 1)

    async def _read_until_dead(self) -> Reading:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._capabilities.settle
        while True:
            reading = await self._measure()
            if _is_dead(reading) or loop.time() >= until:
                return reading
            await asyncio.sleep(min(_FALL_POLL_S, until - loop.time()))


def _several(errors: Sequence[str]) -> str:
    """The oldest, and how many came after it: those it has brought about."""
    return errors[0] + (f" and {len(errors) - 1} more" if len(errors) > 1 else "")


def _is_dead(reading: Reading) -> bool:
    return all(abs(u) < _DEAD_VOLTS for u in reading.u) and all(abs(i) < _DEAD_AMPERES for i in reading.i)
