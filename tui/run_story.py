"""What the facts of a run add up to, for the eyes of the operator: steps and verdicts, failures, readback, the end.

A frozen value; each fact makes the next one out of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.facts import Fact, Failure, RunClosed, RunOpened, Safe, StepClosed, Suspected, Tripped
from bench.verdict import Verdict


@dataclass(frozen=True)
class StepMark:
    """How a step of the plan ended at one position."""

    title: str
    verdict: Verdict | None = None
    """None until it has ended, and where the position took no part."""
    void: bool = False


@dataclass(frozen=True)
class RunStory:
    """All that has been told of the last run."""

    run: str = ""
    steps: tuple[str, ...] = ()
    screens: tuple[str, ...] = ()
    """The norm's tests that the run does not prove, because it screens."""
    ended: tuple[StepClosed, ...] = ()
    suspected: tuple[Suspected, ...] = ()
    safe: Safe | None = None
    """The last readback of this run that found the source off."""
    trip: Tripped | None = None
    closed: RunClosed | None = None

    def told(self, fact: Fact) -> RunStory:
        """The story with one more fact."""
        match fact:
            case RunOpened():
                return RunStory(run=fact.run, steps=fact.steps, screens=fact.screens)
            case StepClosed():
                return replace(self, ended=(*self.ended, fact))
            case Suspected():
                return replace(self, suspected=(*self.suspected, fact))
            case Tripped():
                return replace(self, trip=fact)
            case Safe():
                return replace(self, safe=fact)
            case RunClosed():
                return replace(self, closed=fact)
        return self

    def failures(self) -> Iterator[tuple[int, Failure]]:
        """Position and failed measurement, in the order of the run; void steps count for nothing."""
        if self.closed is not None:
            for result in self.closed.positions:
                for failed in result.failed:
                    yield result.position, failed
            return
        for step in self.ended:
            if not step.void:
                yield from step.failed

    @property
    def suspicion(self) -> str:
        """What speaks against the bench at most of the meters, and what to do; empty where nothing does."""
        return max(self.suspected, key=lambda each: len(each.positions)).sentence if self.suspected else ""

    def marks(self, position: int) -> tuple[StepMark, ...]:
        """The plan's steps as they stand at `position`."""
        ended = {step.title: step for step in self.ended}
        return tuple(_mark(title, ended.get(title), position) for title in self.steps)


def _mark(title: str, ended: StepClosed | None, position: int) -> StepMark:
    if ended is None or position not in ended.positions:
        return StepMark(title)
    return StepMark(title, ended.verdicts[ended.positions.index(position)], ended.void)
