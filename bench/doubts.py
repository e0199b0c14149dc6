"""What speaks against the bench rather than a meter, asked before a finished step is kept: inputs, clock, load, what meters share.

Whatever does voids what the step has measured, for it would be held against meters that are not to blame.
"""

from __future__ import annotations

from collections.abc import Iterable

from bench.clock_slew import ClockWatch
from bench.common_cause import common_cause
from bench.line import Line
from bench.load_doubt import doubt_of_the_load
from bench.record import Outcome
from bench.steps import Blocked, Disturbed, Step
from bench.watch import Watch


class Doubts:
    """The doubts of one run, at the temperature of its record. Raises `Disturbed` for what has passed, `Blocked` for what has not."""

    def __init__(self, line: Line, watch: Watch, clock: ClockWatch, temperature_c: float | None) -> None:
        self._line = line
        self._watch = watch
        self._clock = clock
        self._temperature_c = temperature_c

    async def of_the_load(self, step: Step) -> None:
        """Whether the load stood all the time, as source and standard tell it."""
        await self._watch.absence.checked()
        _block(step, await self._load(step))

    async def of(self, step: Step, began: float, outcomes: Iterable[Outcome]) -> None:
        """Whether all that a step since this loop time has found can be held against the meters."""
        await self._watch.absence.checked()
        slewed = self._clock.slewed(began)
        if slewed:
            raise Disturbed(f"{step.title}: {slewed}; what was measured is void")
        for doubt in (self._line.deaf(), await self._load(step)):
            _block(step, doubt)
        shifted = common_cause(tuple(outcomes))
        if shifted:
            raise Blocked(f"{step.title}: {shifted}. What was measured is void")

    async def _load(self, step: Step) -> str:
        return await doubt_of_the_load(step, self._line, self._watch, self._temperature_c)


def _block(step: Step, doubt: str) -> None:
    if doubt:
        raise Blocked(f"{step.title}: {doubt}; what was measured is void")
