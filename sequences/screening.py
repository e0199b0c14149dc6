"""No-load and starting as a screening: minutes instead of the norm's time, on meters that were parked before a pulse.

A parked meter has at most 0.1 Wh to go. No pulse in 0.1 of the norm's time proves less power than one pulse in all of it, which is
more than the norm asks; but the norm's procedure it is not, and a fault that comes only with time stays hidden.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from bench.measurements import Declared, at_least, at_most, noted
from bench.norms import EDITIONS
from bench.position import Position
from sequences.no_load import NoLoad
from sequences.parking import MOST_LEFT_WH, WHILE_PARKED
from sequences.starting import Starting


@dataclass(frozen=True)
class NoLoadScreen(NoLoad):
    """Voltage and no current, as in the no-load test, for 0.1 of its time: no pulse at all."""

    screens: ClassVar[str] = "no-load over the whole time of the norm"

    @property
    def name(self) -> str:
        """Name in the record."""
        return "no-load-screen"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "No-load screen"

    def follows(self) -> tuple[str, ...]:
        """On a meter that may have a whole pulse to go it proves nothing."""
        return ("parking",)

    def measurements(self) -> tuple[Declared, ...]:
        """No pulse."""
        source = f"screening, parked before a pulse; voltage of {EDITIONS[self.profile.edition].no_load_source}"
        return (at_most("pulses", 0, source), noted("voltage", "V", source))

    async def run(self, at: Position) -> None:
        """Count pulses since the meter was parked: one that creeps may have given its pulse while others were parked."""
        found = [each.value for each in at.earlier["parking"].measurements if each.name == WHILE_PARKED]
        before = at.s0.count - sum(value for value in found if isinstance(value, float))
        await at.wait(self.duration())
        at.record("pulses", at.s0.count - before)
        at.record("voltage", abs(self.load.u[0]), note=self.remark())

    def duration(self) -> float:
        """As long as one pulse in the norm's time takes for the rest of a pulse."""
        return MOST_LEFT_WH * super().duration()


@dataclass(frozen=True)
class StartingScreen(Starting):
    """The starting current on parked meters: the one pulse they were parked before comes."""

    screens: ClassVar[str] = "starting: that the meter continues to register"

    @property
    def name(self) -> str:
        """Name in the record."""
        return "starting-screen"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Starting screen"

    def follows(self) -> tuple[str, ...]:
        """A pulse that comes later than a parked one says nothing."""
        return ("parking",)

    def measurements(self) -> tuple[Declared, ...]:
        """The pulse, and how long it took."""
        source = f"screening, parked before a pulse; current of {EDITIONS[self.profile.edition].starting_source}"
        return (at_least("pulses", 1, source), at_most("time", self.longest(), source, "s"))

    def duration(self) -> float:
        """The most that is left of a pulse."""
        return MOST_LEFT_WH * self._period

    def longest(self) -> float:
        """As much longer as the profile lets a whole pulse take."""
        return self.profile.starting_periods * self.duration()

    async def run(self, at: Position) -> None:
        """Wait for the pulse; none in the time is the meter's failure."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), at.s0.count
        try:
            async with asyncio.timeout(self.longest()):
                await at.s0.wait_for(before + 1)
        except TimeoutError:
            pass  # the count below says it
        at.record("pulses", float(at.s0.count - before))
        at.record("time", loop.time() - began)
