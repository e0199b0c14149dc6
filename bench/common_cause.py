"""Whether the errors of one step have one cause: positions that are off together point at what they share. Pure.

A reference that drifts, transformers of another ratio or leads that lose voltage shift every meter alike; meters fail one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.record import Outcome
from bench.verdict import Verdict

FEWEST = 3
"""So many must be off together; and more than half of all that were measured, so that a few bad meters of one kind stay theirs."""


@dataclass(frozen=True)
class Shift:
    """The error of one position in one step."""

    position: int
    percent: float
    expanded_percent: float
    limit_percent: float
    failed: bool


def shifted_together(shifts: Sequence[Shift]) -> tuple[int, ...]:
    """The positions whose errors have one cause; empty where none failed or each is off in its own way.

    They lie on one side of zero, beyond half the limit, and within half the limit of one another's middle: good meters scatter less
    than that, and whatever they share moves all of them.
    """
    for sign in (1.0, -1.0):
        beyond = [each for each in shifts if sign * each.percent > each.limit_percent / 2]
        if not beyond:
            continue
        middle = median(each.percent for each in beyond)
        alike = [
            each for each in beyond if abs(each.percent - middle) <= each.limit_percent / 2 + each.expanded_percent
        ]
        if len(alike) >= FEWEST and 2 * len(alike) > len(shifts) and any(each.failed for each in alike):
            return tuple(sorted(each.position for each in alike))
    return ()


def common_cause(outcomes: Sequence[Outcome]) -> str:
    """What speaks against the reference in the outcomes of one step, in words; else nothing."""
    shifts = [shift for outcome in outcomes for shift in _shifts(outcome)]
    together = shifted_together(shifts)
    return together_in_words(together, shifts) if together else ""


def together_in_words(together: Sequence[int], shifts: Sequence[Shift]) -> str:
    """What is off together, by how much, and what to do."""
    middle = median(each.percent for each in shifts if each.position in together)
    names = ", ".join(map(str, together[:-1]))
    return (
        f"positions {names} and {together[-1]} are off together by about {middle:+.2f} %: what they share is likelier than as many bad "
        "meters. Check the reference, the transformers and the leads with the golden meter; if they are right, test these meters "
        f"{FEWEST - 1} at a time, and each is judged by itself"
    )


def _shifts(outcome: Outcome) -> list[Shift]:
    return [
        Shift(outcome.position, each.value, each.uncertainty, each.upper, each.verdict is Verdict.FAIL)
        for each in outcome.measurements
        if each.name == "error"
        and isinstance(each.value, float)
        and each.uncertainty is not None
        and each.upper is not None
    ]
