"""What a decision rule costs and lets through: yield and consumer's risk of a production whose errors are normally distributed. Pure.

A meter has the true error x from N(μ, σ); the bench finds y = x + N(0, u) and accepts |y| ≤ A; the limit of the norm is T. So

    yield           = P(|y| ≤ A),             y from N(μ, √(σ² + u²))
    consumer's risk = P(|x| > T and |y| ≤ A), the share of all meters that are delivered although they are bad

(JCGM 106:2012, 9.5, global risk; ILAC-G8:09/2019 for the guard band A = T − U).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_REACH = 9.0
"""So many standard deviations hold all of a normal distribution that double precision sees."""
_PARTS = 2000
"""Parts of Simpson's rule, even: with 9 σ in them the rule is exact to twelve digits."""


@dataclass(frozen=True)
class Production:
    """The errors of the meters that are made, %."""

    mean: float
    deviation: float


TYPICAL = Production(0.05, 0.30)
"""The production reckoned with where nobody knows a better one."""


def expected_yield(production: Production, accept: float, u: float) -> float:
    """Share of the meters that are accepted; `accept` is A in %, `u` the standard uncertainty in %."""
    if accept < 0.0:
        return 0.0
    spread = math.hypot(production.deviation, u)
    return _between(-accept, accept, production.mean, spread)


def consumers_risk(production: Production, limit: float, accept: float, u: float) -> float:
    """Share of all meters that lie beyond `limit` (T, %) and are accepted all the same."""
    if accept < 0.0:
        return 0.0
    mean, sigma = production.mean, production.deviation
    low, high = mean - _REACH * sigma, mean + _REACH * sigma

    def accepted(x: float) -> float:
        density = math.exp(-(((x - mean) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))
        return density * _between(-accept, accept, x, u)

    # No meter further than this beyond the accept limit is accepted: the rule's parts are spent where something is.
    reach = accept + _REACH * u
    above = _integral(accepted, max(low, limit), min(high, reach))
    return above + _integral(accepted, max(low, -reach), min(high, -limit))


def _between(low: float, high: float, mean: float, spread: float) -> float:
    """Probability of N(mean, spread) between two values, both inclusive."""
    if spread == 0.0:
        return 1.0 if low <= mean <= high else 0.0
    return (math.erf((high - mean) / spread / math.sqrt(2)) - math.erf((low - mean) / spread / math.sqrt(2))) / 2


def _integral(f: Callable[[float], float], low: float, high: float) -> float:
    """Simpson's rule; 0 where there is nothing between."""
    if high <= low:
        return 0.0
    width = (high - low) / _PARTS
    inner = math.fsum((4 if k % 2 else 2) * f(low + k * width) for k in range(1, _PARTS))
    return (f(low) + inner + f(high)) * width / 3
