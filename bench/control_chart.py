"""Individuals chart of one figure that should not move: limits from its baseline, and what speaks against the latest value.

Pure arithmetic. Limits by the moving range (ISO 7870-2, individuals), rules 1 to 3 of L. S. Nelson
(Journal of Quality Technology 16, 1984).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

BASELINE = 20
"""So many values fix the limits; before, there is no chart."""

_MOVING_RANGE_OVER_SIGMA = 2.0 / math.sqrt(math.pi)
"""Mean range of two values of a normal scatter over its standard deviation (d2 = 1.128)."""
_ONE_SIDE, _TREND = 9, 6


class Signal(StrEnum):
    """Why the latest value is out of control; the value is how a person reads it."""

    BEYOND = "beyond three standard deviations"
    """Rule 1."""
    ONE_SIDE = "nine in a row on one side of the centre"
    """Rule 2."""
    TREND = "six in a row rising or falling"
    """Rule 3."""


@dataclass(frozen=True)
class ControlLimits:
    """Centre and standard deviation, in the unit of the values."""

    centre: float
    sigma: float

    @property
    def lower(self) -> float:
        """Three standard deviations below the centre."""
        return self.centre - 3.0 * self.sigma

    @property
    def upper(self) -> float:
        """Three standard deviations above the centre."""
        return self.centre + 3.0 * self.sigma


def control_limits(baseline: Sequence[float]) -> ControlLimits:
    """The mean of the baseline, and the scatter from one value to the next. Raises `ValueError` for fewer than two values."""
    if len(baseline) < 2:
        raise ValueError(f"{len(baseline)} values have no moving range: at least 2 are needed")
    ranges = [abs(b - a) for a, b in itertools.pairwise(baseline)]
    return ControlLimits(fmean(baseline), fmean(ranges) / _MOVING_RANGE_OVER_SIGMA)


def signals(values: Sequence[float], limits: ControlLimits) -> tuple[Signal, ...]:
    """What speaks against the last of these values, oldest first; empty while it is in control."""
    found = []
    if values and not limits.lower <= values[-1] <= limits.upper:
        found.append(Signal.BEYOND)
    side = [math.copysign(1.0, each - limits.centre) for each in values[-_ONE_SIDE:] if each != limits.centre]
    if len(side) == _ONE_SIDE and abs(sum(side)) == _ONE_SIDE:
        found.append(Signal.ONE_SIDE)
    steps = [b - a for a, b in itertools.pairwise(values[-_TREND:])]
    if len(steps) == _TREND - 1 and (min(steps) > 0.0 or max(steps) < 0.0):
        found.append(Signal.TREND)
    return tuple(found)
