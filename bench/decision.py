"""When an error is decided: the guard band, and how sure one must be of the side on which the error lies. Pure functions.

A meter is accepted up to A = limit − U. The run of pulses ends as soon as the random part, three times over, no longer reaches
from the error across A; else it goes on, and after the most periods the error itself decides (docs/decisions/0140).
"""

from __future__ import annotations

import math

SURE = 3.0
"""So many standard deviations of the random part decide before the last pulse: 0.13 % of wrong decisions a side."""


def guard(expanded: float, factor: float = 1.0, tighten_above: float | None = None) -> float:
    """What the limit is narrowed by on each side: U, `factor` times, and once more what of it lies above `tighten_above`."""
    beyond = 0.0 if tighten_above is None else max(0.0, expanded - tighten_above)
    return factor * expanded + beyond


def decided(
    error: float,
    systematic: float,
    random: float,
    random_at_last: float,
    limit: float,
    coverage_factor: float,
    guard_factor: float = 1.0,
    tighten_above: float | None = None,
) -> bool:
    """Whether more periods could hardly change what becomes of the meter; all in %, limits symmetrical.

    `systematic` and `random` are standard uncertainties now, `random_at_last` is what the most periods would leave of the random one.
    """

    def accept_limit(part: float) -> float:
        return limit - guard(coverage_factor * math.hypot(systematic, part), guard_factor, tighten_above)

    size, doubt = abs(error), max(SURE, coverage_factor) * random
    # Accepted against the A of now, with which the record judges; rejected against the widest A that is still to come.
    return size + doubt <= accept_limit(random) or size - doubt > accept_limit(random_at_last)
