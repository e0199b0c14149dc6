"""Starting: at the starting current the meter starts and continues to register."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.error_calculator import NoPulse
from bench.load_points import pulse_period, starting
from bench.measurements import Declared, at_least, at_most
from bench.norms import EDITIONS
from bench.position import Position
from bench.steps import Step
from drivers.load import Load
from sequences.parking import LEFT_WH


@dataclass(frozen=True)
class Starting(Step):
    """0.004 Ib (class 1) or 0.005 Ib (class 2), power factor 1: the pulses of the profile come in time (IEC 62053-21:2003, 8.3.3)."""

    parked: bool = False
    """Whether the meters were parked before it."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "starting"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Starting current"

    @property
    def load(self) -> Load:
        """The starting current at Un."""
        return starting(self.meter)

    def measurements(self) -> tuple[Declared, ...]:
        """The pulses, and how long they took."""
        source = EDITIONS[self.profile.edition].starting_source
        return (at_least("pulses", self.profile.starting_pulses, source), at_most("time", self.longest(), source, "s"))

    def duration(self) -> float:
        """A period a pulse; of the first, what parking has left."""
        return (self.profile.starting_pulses - (1.0 - LEFT_WH if self.parked else 0.0)) * self._period

    def longest(self) -> float:
        """1.5 nominal periods a pulse (OIML R 46), parked or not."""
        return self.profile.starting_pulses * self.profile.starting_periods * self._period

    async def run(self, at: Position) -> None:
        """Wait for the pulses; too few in the time is the meter's failure."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), at.s0.count
        wanted = self.profile.starting_pulses
        if at.mute:
            raise NoPulse("no S0 pulse under larger loads either, so none was waited for. Is the S0 wire connected?")
        try:
            async with asyncio.timeout(self.longest()):
                for pulse in range(wanted):
                    await at.s0.wait_for(before + pulse + 1)
                    at.show((pulse + 1) / wanted)
        except TimeoutError:
            pass  # the count below says it
        at.record("pulses", float(at.s0.count - before))
        at.record("time", loop.time() - began)

    @property
    def _period(self) -> float:
        return pulse_period(self.load)
