"""How many good meters the guard band must cost: the prediction that the overkill of a production is held against. Pure.

A meter of true error x at every point is found at y_p = x + z_p U_p / 2 and accepted where |y_p| ≤ L_p − U_p: L_p the norm's limit,
U_p the expanded uncertainty (k = 2) that the record states there, z_p normal. What the points of one meter have in common is not in the
record, so two predictions are made: all z_p the same, which rejects fewest, and all independent, which rejects most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_REACH = 8.0
_PARTS = 1200


@dataclass(frozen=True)
class Guarded:
    """One point: limit of the norm and the expanded uncertainty stated, %."""

    limit: float
    uncertainty: float

    @property
    def accept(self) -> float:
        """Limit − U."""
        return self.limit - self.uncertainty


@dataclass(frozen=True)
class Overkill:
    """Share of all meters that are good by the norm and rejected, at least and at most."""

    fewest: float
    most: float


def overkill(mean: float, deviation: float, points: Sequence[Guarded]) -> Overkill:
    """The prediction for a production N(mean, deviation), %."""
    tightest = min(each.limit for each in points)

    def density(x: float) -> float:
        return math.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * math.sqrt(2 * math.pi))

    def together(x: float) -> float:
        """P(rejected) with one z for all points: accepted where the z of every point lies in its interval."""
        low = max((-each.accept - x) / (each.uncertainty / 2) for each in points)
        high = min((each.accept - x) / (each.uncertainty / 2) for each in points)
        return 1.0 - max(0.0, _normal(high) - _normal(low))

    def apart(x: float) -> float:
        accepted = 1.0
        for each in points:
            half = each.uncertainty / 2
            accepted *= _normal((each.accept - x) / half) - _normal((-each.accept - x) / half)
        return 1.0 - accepted

    low = max(-tightest, mean - _REACH * deviation)
    high = min(tightest, mean + _REACH * deviation)
    return Overkill(
        _integral(lambda x: density(x) * together(x), low, high), _integral(lambda x: density(x) * apart(x), low, high)
    )


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _integral(f: Callable[[float], float], low: float, high: float) -> float:
    """By the midpoint rule."""
    width = (high - low) / _PARTS
    return math.fsum(f(low + (k + 0.5) * width) for k in range(_PARTS)) * width
