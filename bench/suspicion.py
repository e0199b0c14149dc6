"""What a run suspects the bench of without being able to prove it: meters that stand together off centre though none of them failed,
and bad meters where too few were tested to tell them from a bench that is off. Pure, from the record alone.

Nothing of it changes a verdict or an ending.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from bench.common_cause import FEWEST, Shift, shifts_of, stand_together
from bench.record import Run, Step

_KNOWN = "golden"
"""Purpose and sequence of the runs that test the bench by meters that are known."""


@dataclass(frozen=True)
class Suspicion:
    """What speaks against the bench in one step."""

    step: str
    """Name of the step."""
    title: str
    positions: tuple[int, ...]
    """The meters that it is about."""
    measured: int
    """How many meters the step has measured."""
    percent: float
    """The middle of their errors."""
    sentence: str
    """What it is and what to do."""


def suspicions(run: Run) -> tuple[Suspicion, ...]:
    """Of a whole run, in the order of its steps."""
    return tuple(_found(run))


def suspicion(run: Run, step: Step) -> Suspicion | None:
    """What this step of the run has added, if anything."""
    if not shifts_of(step.outcomes):
        return None  # most steps measure no error, and the run need not be gone through for them
    return next((each for each in _found(run) if each.step == step.name), None)


def remarked(run: Run, step: Step) -> Step:
    """The step with the suspicion in the notes of the meters that it is about; `run` holds the step."""
    found = suspicion(run, step)
    if found is None:
        return step
    outcomes = [
        replace(each, note="; ".join(filter(None, (each.note, found.sentence))))
        if each.position in found.positions
        else each
        for each in step.outcomes
    ]
    return replace(step, outcomes=tuple(outcomes))


def suspicion_lines(run: Run) -> list[str]:
    """The same for whoever reads the verdicts: each sentence once, the strongest, and at which points."""
    together = [each for each in suspicions(run) if len(each.positions) >= FEWEST]
    few = [each for each in suspicions(run) if len(each.positions) < FEWEST]
    lines = [each.sentence for each in few]
    if together:
        most = max(together, key=lambda each: (len(each.positions), abs(each.percent)))
        others = [each.title for each in together if each is not most]
        lines.append(f"{most.sentence} ({'; also '.join(filter(None, (most.title, ', '.join(others))))})")
    return [f"suspicion: {each}" for each in lines]


def _found(run: Run) -> Iterator[Suspicion]:
    said = False
    for step in run.steps:
        shifts = shifts_of(step.outcomes)
        if near := stand_together(shifts):
            yield _suspicion(step, near, shifts, _together(near, shifts))
        bad = [each for each in shifts if each.failed]
        # A run of known meters is itself what would be asked for.
        if bad and len(run.meters) < FEWEST and not said and _KNOWN not in (run.purpose, run.sequence):
            said = True
            yield _suspicion(step, bad, shifts, _too_few(len(run.meters)))


def _suspicion(step: Step, about: Sequence[Shift], shifts: Sequence[Shift], sentence: str) -> Suspicion:
    positions = tuple(sorted(each.position for each in about))
    return Suspicion(step.name, step.title, positions, len(shifts), median(each.percent for each in about), sentence)


def _together(near: Sequence[Shift], shifts: Sequence[Shift]) -> str:
    percent = median(each.percent for each in near)
    return (
        f"{len(near)} of {len(shifts)} positions stand together at {percent:+.2f} %: "
        "have the golden meter tested before these leave"
    )


def _too_few(meters: int) -> str:
    return (
        f"with {'one position' if meters == 1 else 'two positions'} a shift of the bench looks like bad meters: "
        "have the golden meter tested"
    )
