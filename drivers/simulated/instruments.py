"""The simulated instruments of a line, source and standard, and the faults of the bench that sit in them or between them and the meters.

Some are there when the source is switched on, others begin after the bench has energised it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from drivers.load import OFF, Load
from drivers.power_source import Capabilities, Reading
from drivers.simulated.declared import STANDARD_LATENCY_S
from drivers.simulated.faults import LINE, FaultError, PlacedFault, begins_later, seconds, size
from drivers.simulated.instrument_servers import make_server
from drivers.simulated.scpi_instrument import ScpiInstrument
from drivers.simulated.scpi_server import Manner, ScpiServer
from drivers.simulated.scpi_standard_server import ScpiStandardServer
from drivers.simulated.world import World

LATE_S = 5.0
"""By how much an instrument with this fault answers late."""

RANGE_CHANGE_S = 1.5
"""How long nothing comes out while a range relay switches."""

DRIFTED = 1.01
"""What a source or a standard with this fault reads of the true power."""


class SimulatedInstruments:
    """Source and standard on this world. `faults` are those of the whole line; `own_time` says whether its clock is simulated.

    Raises `FaultError` for a fault that this source or this clock cannot have.
    """

    def __init__(
        self, world: World, dialect: str, capabilities: Capabilities, faults: Sequence[PlacedFault], *, own_time: bool
    ) -> None:
        self._world = world
        self._faults = [placed for placed in faults if placed.position == LINE]
        self._to_come: list[PlacedFault] = []
        self.source_reads = world.source_reads
        """What the source would read back."""
        self.standard_reads = world.standard_reads
        """What the standard would read."""
        self.source = make_server(dialect, self._source_is_set, lambda: self.source_reads(), capabilities)
        self._check(dialect, own_time)
        self.standard = ScpiServer(ScpiStandardServer(lambda: self.standard_reads(), STANDARD_LATENCY_S))
        self.clocks: Callable[[], tuple[int, int]] | None = None
        """The clock that a time server keeps right and the one that runs by the crystal, ns; None where both are one."""

    async def start(self) -> None:
        """They listen from now on."""
        for placed in self._faults:
            if not begins_later(placed):
                self._prepare(placed)
        # From here on the source is energised by the bench.
        self._to_come = [placed for placed in self._faults if begins_later(placed)]
        await self.source.start()
        await self.standard.start()

    async def stop(self) -> None:
        """Pull their plugs."""
        await self.source.stop()
        await self.standard.stop()

    def _source_is_set(self, load: Load) -> None:
        self._world.source_is_set(load)
        if load != OFF:
            coming, self._to_come = self._to_come, []
            for placed in coming:
                asyncio.get_running_loop().call_later(seconds(placed), self._spoil, placed)

    def _check(self, dialect: str, own_time: bool) -> None:
        for placed in self._faults:
            if placed.fault.name == "crystal" and not own_time:
                raise FaultError("fault crystal: the clock of a world apart is this computer's own; try --simulated")
            if placed.fault.name == "source-error-queue" and not isinstance(self.source.instrument, ScpiInstrument):
                raise FaultError(
                    f"fault {placed.fault.name}: a source of dialect {dialect} has no error queue; try source-error"
                )

    def _prepare(self, placed: PlacedFault) -> None:
        """A fault of the source that is there when it is switched on."""
        instrument: Any = self.source.instrument
        match placed.fault.name:
            case "source-power-up":
                instrument.wake_up_wrong()
            case "source-locked":
                instrument.locked = True
            case "source-error-queue":
                instrument.fill_queue()
            case "transformer-ratio":
                self._world.transformers_off = 1.0 + size(placed) / 100.0
            case "lead-drop":
                self._world.more_lead_ohm = size(placed) * 1e-3
            case "crystal":
                self._world.run_crystal(size(placed))
                self.clocks = _clocks_apart(size(placed))

    def _spoil(self, placed: PlacedFault) -> None:
        """A fault of the bench begins. A cable that is pulled goes unnoticed by the instrument: it stays as it is."""
        instrument, _, kind = placed.fault.name.partition("-")
        server = self.source if instrument == "source" else self.standard
        match kind:
            case "silent":
                server.manner = Manner.SILENT
            case "garbage":
                server.manner = Manner.GARBLED
            case "late":
                server.late_by = LATE_S
            case "unplugged":
                server.unplug()
            case "error":
                instrument_itself: Any = server.instrument
                instrument_itself.reports_an_error()
            case "range-change":
                ranging: Any = server.instrument
                ranging.changes_range()
                self._world.drop_out(RANGE_CHANGE_S)
            case "frozen":
                frozen = self._world.standard_reads()
                self.standard_reads = lambda: frozen
            case "drift" if instrument == "source":
                self.source_reads = lambda: _more(self._world.source_reads(), DRIFTED)
            case "drift":
                self.standard_reads = lambda: _more(self._world.standard_reads(), DRIFTED)


def _clocks_apart(ppm: float) -> Callable[[], tuple[int, int]]:
    """A time server's clock, and one by a crystal that runs so much too fast, ns."""
    loop = asyncio.get_running_loop()

    def read() -> tuple[int, int]:
        ns = round(loop.time() * 1e9)
        return ns, round(ns * (1.0 + ppm * 1e-6))

    return read


def _more(reading: Reading, factor: float) -> Reading:
    """The same with so many times the power, by the current alone."""
    p, i = reading.power, reading.i
    return replace(
        reading, i=(i[0] * factor, i[1] * factor, i[2] * factor), power=(p[0] * factor, p[1] * factor, p[2] * factor)
    )
