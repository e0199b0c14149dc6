"""The circuit during one run: which load stands, and which meters carry its current.

Contactors are switched at zero current only, and a load counts as standing when it has settled and one reading has confirmed it.
"""

from __future__ import annotations

import asyncio

from bench.fixture import Fixture
from bench.heartbeat import Heartbeat
from bench.line import Line
from bench.load_points import OFF
from bench.norms import PULSE_ENERGY_J
from bench.owner import Handle
from bench.steps import OutOfCircuit
from bench.watch import Watch
from drivers.load import Load

CONTACTOR_S = 0.1
"""A contactor has switched after this time."""


class Circuit:
    """The energised line of one run. `settle` is how long a new load settles, s."""

    def __init__(self, line: Line, watch: Watch, source: Handle, beat: Heartbeat, settle: float) -> None:
        self._line = line
        self._watch = watch
        self._source = source
        self._beat = beat
        self._settle = settle
        self.load: Load = OFF
        """The load that stands."""
        self.since = 0.0
        """Loop time at which it was applied, its ramp over; nothing is settled then."""

    async def set_load(self, load: Load, *, anew: bool = False) -> None:
        """Set a load and let it settle. The load that stands is left alone unless `anew`."""
        if load == self.load and not anew:
            return
        await self._apply(load)
        await asyncio.sleep(self._settle)
        await self._stands(load)

    async def _apply(self, load: Load) -> None:
        self._beat.within(self._settle * 1.2 + 5.0)
        self._watch.change()
        await self._source.apply(load)
        self.since = asyncio.get_running_loop().time() + self._line.owner.capabilities.ramp
        self.load = load

    async def _stands(self, load: Load) -> None:
        self._watch.steady(load, _period(load, self._line.readback_period))
        await self._watch.energy.covers(asyncio.get_running_loop().time())

    async def carry_current(self, positions: frozenset[int], load: Load) -> None:
        """Let exactly these positions carry current, where contactors can decide it, then bring `load` back."""
        await self._zero_current()
        for fixture in self._line.fixtures:
            if fixture.bypass is not None:
                fixture.bypass.put_in() if fixture.number in positions else fixture.bypass.take_out()
        await asyncio.sleep(CONTACTOR_S)
        await self.set_load(load, anew=True)

    async def rest(self, positions: frozenset[int]) -> None:
        """No current at all; the contactors of `positions` stand ready for the next load."""
        await self._zero_current()
        for fixture in self._line.fixtures:
            if fixture.bypass is not None and fixture.number in positions:
                fixture.bypass.put_in()
        await asyncio.sleep(CONTACTOR_S)

    def out_of_circuit(self, live: frozenset[int], limit: float, usual: Load | None = None) -> OutOfCircuit:
        """For one step at the `live` positions: who carries which current. `usual` is the load of the step, else the one that stands.

        What follows a change of load has `limit` seconds.
        """
        usual = usual or self.load

        async def out_of_circuit(numbers: frozenset[int], load: Load | None = None) -> bool:
            if self._line.owner.capabilities.refusals(load or usual):
                return False
            if numbers >= live:
                await self.rest(live)
            else:
                await self.carry_current(live - numbers, load or usual)
            self._beat.within(limit)
            return True

        return out_of_circuit

    async def take_out(self, fixture: Fixture) -> bool:
        """Take one meter out of the current circuit for good; False where its position has no contactor."""
        if fixture.bypass is None:
            return False
        await self._zero_current()
        fixture.bypass.take_out()
        await asyncio.sleep(CONTACTOR_S)
        return True

    async def _zero_current(self) -> None:
        """No current, as readings in a row have shown: a contactor need not wait until the voltages, too, have settled."""
        if not self.load.has_current:
            return
        load = self.load.without_current()
        await self._apply(load)
        try:
            async with asyncio.timeout(self._settle):
                await self._watch.currentless.wait()
        except TimeoutError:
            pass  # the reading below says what flows
        await self._stands(load)


def _period(load: Load, steady: float) -> float:
    """Seconds between readings: the reference's own period, longer where pulses are minutes apart or nothing flows."""
    power = load.total_power
    if power <= 0.0:
        return max(steady, 5.0)
    return max(steady, min(5.0, PULSE_ENERGY_J / power / 20.0))
