"""Whether the errors of one step have one cause: positions that are off together point at what they share. Pure.

A reference that drifts, transformers of another ratio or leads that lose voltage shift every meter alike; meters fail one by one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.record import Outcome
from bench.verdict import Verdict

FEWEST = 3
"""So many must be off together; and more than half of all that were measured, so that a few bad meters of one kind stay theirs."""

PRODUCTION_PERCENT = (0.05, 0.30)
"""Mean and standard deviation of the errors of a production that is in order."""
CHANCE = 1e-4 / 20
"""So improbable must it be that good meters stand together: at ten accuracy points, on either side, once in 10,000 runs."""


@dataclass(frozen=True)
class Shift:
    """The error of one position in one step."""

    position: int
    percent: float
    expanded_percent: float
    limit_percent: float
    failed: bool


def alike(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    """Those that are off together: at least `FEWEST`, and more than half of all that were measured; else none.

    They lie on one side of zero, beyond half the limit, and within half the limit of one another's middle: good meters scatter less
    than that, and whatever they share moves all of them.
    """
    for sign in (1.0, -1.0):
        beyond = [each for each in shifts if sign * each.percent > each.limit_percent / 2]
        if not beyond:
            continue
        middle = median(each.percent for each in beyond)
        near = [each for each in beyond if abs(each.percent - middle) <= each.limit_percent / 2 + each.expanded_percent]
        if len(near) >= FEWEST and 2 * len(near) > len(shifts):
            return tuple(near)
    return ()


def shifted_together(shifts: Sequence[Shift]) -> tuple[int, ...]:
    """The positions whose errors have one cause that made one of them fail; empty where none failed or each is off in its own way."""
    near = alike(shifts)
    return tuple(sorted(each.position for each in near)) if any(each.failed for each in near) else ()


def stand_together(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    """Those that are off together, none of them failed, where chance alone would hardly do it to a production in order; else none."""
    near = alike(shifts)
    if not near or any(each.failed for each in near):
        return ()
    nearest = min((each.percent for each in near), key=abs)
    return near if chance(nearest, len(near), len(shifts)) < CHANCE else ()


def chance(percent: float, together: int, measured: int) -> float:
    """The probability that so many or more of the meters measured lie at least so far off on that side, by the scatter of their making."""
    mean, deviation = PRODUCTION_PERCENT
    beyond = math.erfc((abs(percent) - math.copysign(mean, percent)) / (deviation * math.sqrt(2.0))) / 2.0
    nearer = range(measured - together + 1)
    return sum(math.comb(measured, k) * beyond ** (measured - k) * (1.0 - beyond) ** k for k in nearer)


def common_cause(outcomes: Sequence[Outcome]) -> str:
    """What speaks against the reference in the outcomes of one step, in words; else nothing."""
    shifts = shifts_of(outcomes)
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


def shifts_of(outcomes: Sequence[Outcome]) -> list[Shift]:
    """The errors that were measured in one step; what is void counts for nothing."""
    return [
        Shift(outcome.position, each.value, each.uncertainty, each.upper, each.verdict is Verdict.FAIL)
        for outcome in outcomes
        for each in outcome.measurements
        if not outcome.void
        and each.name == "error"
        and isinstance(each.value, float)
        and each.uncertainty is not None
        and each.upper is not None
    ]
