"""Starting: at the starting current the meter starts and continues to register."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass

from bench.error_calculator import NoPulse
from bench.load_points import pulse_period, starting
from bench.measurements import Declared, at_least, at_most, noted, within
from bench.norms import EDITIONS, PULSE_WIDTH_MS, PULSE_WIDTH_SOURCE
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
        """The pulses, the longest wait for one of them, and their width: the output works at this load, too."""
        source = EDITIONS[self.profile.edition].starting_source
        return (
            at_least("pulses", self.profile.starting_pulses, source),
            at_most("longest wait", self._patience, source, "s"),
            within("mean width", *PULSE_WIDTH_MS, "ms", PULSE_WIDTH_SOURCE),
            noted("time", "s"),
        )

    def duration(self) -> float:
        """A period a pulse; of the first, what parking has left."""
        return (self.profile.starting_pulses - (1.0 - LEFT_WH if self.parked else 0.0)) * self._period

    def longest(self) -> float:
        """1.5 nominal periods a pulse (OIML R 46), parked or not."""
        return self.profile.starting_pulses * self._patience

    async def run(self, at: Position) -> None:
        """Wait for one pulse after the other. One that does not come in its time is the meter's failure, and the last to be waited for."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), at.s0.count
        wanted = self.profile.starting_pulses
        if at.mute:
            raise NoPulse("no S0 pulse under larger loads either, so none was waited for. Is the S0 wire connected?")
        waits = []
        try:
            for pulse in range(wanted):
                since = loop.time()
                async with asyncio.timeout(self._patience):
                    await at.s0.wait_for(before + pulse + 1)
                waits.append(loop.time() - since)
                at.show((pulse + 1) / wanted)
        except TimeoutError:
            waits.append(self._patience)
        pulses = at.s0.pulses[before:]
        at.record("pulses", float(len(pulses)))
        at.record("longest wait", max(waits))
        at.record("time", loop.time() - began)
        if not pulses:
            at.leave_out("the width of the pulses: none came", "mean width")
            return
        offset, _ = at.s0_offset_ms
        at.record("mean width", statistics.fmean(pulse.width_ms for pulse in pulses) - offset)

    @property
    def _patience(self) -> float:
        """So long one pulse is waited for, s."""
        return self.profile.starting_periods * self._period

    @property
    def _period(self) -> float:
        return pulse_period(self.load)
