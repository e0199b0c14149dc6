"""How sure a share is that was counted, and how many are to be expected: intervals and quantiles of the binomial distribution. Pure.

Wilson: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209. Clopper and Pearson: Biometrika 26 (1934) 404. Tries that share a bench are not
independent: the design effect of the clusters (Kish, Survey Sampling, 1965, 8.2) says by how much the interval must be wider.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Z_95 = 1.959964


@dataclass(frozen=True)
class Share:
    """So many of so many, counted in clusters."""

    hits: int
    tries: int
    effective: float
    """Independent tries that would tell as much."""

    @property
    def estimate(self) -> float:
        """The share itself; NaN without tries."""
        return self.hits / self.tries if self.tries else math.nan

    @property
    def wilson(self) -> tuple[float, float]:
        """95 % interval, two-sided, for as many tries as are independent."""
        n, p = self.effective, self.estimate
        if not self.tries:
            return 0.0, 1.0
        middle = (p + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
        half = Z_95 / (1 + Z_95**2 / n) * math.sqrt(p * (1 - p) / n + Z_95**2 / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def clopper_pearson(self) -> tuple[float, float]:
        """95 % interval, two-sided and exact, as if all tries were independent."""
        low = 0.0 if self.hits == 0 else _solve(lambda p: binomial_above(self.hits - 1, self.tries, p) - 0.025)
        high = 1.0 if self.hits == self.tries else _solve(lambda p: 0.025 - binomial_until(self.hits, self.tries, p))
        return low, high


def share(clusters: Sequence[tuple[int, int]]) -> Share:
    """Hits and tries of each cluster, put together."""
    hits, tries = sum(hit for hit, _ in clusters), sum(n for _, n in clusters)
    p = hits / tries if tries else 0.0
    among = len(clusters)
    effect = 1.0
    if among > 1 and 0 < hits < tries:
        spread = math.fsum((hit - p * n) ** 2 for hit, n in clusters) * among / (among - 1)
        effect = max(1.0, spread / (tries * p * (1 - p)))
    return Share(hits, tries, tries / effect)


def binomial_until(most: int, tries: int, p: float) -> float:
    """Probability of at most so many hits."""
    if most >= tries:
        return 1.0
    if most < 0:
        return 0.0
    if p <= 0.0:
        return 1.0
    if p >= 1.0:
        return 0.0
    if most > tries * p:
        return 1.0 - _between(most + 1, tries, tries, p)
    return _between(0, most, tries, p)


def binomial_above(most: int, tries: int, p: float) -> float:
    """Probability of more than so many hits."""
    return 1.0 - binomial_until(most, tries, p)


def quantile(level: float, tries: int, p: float) -> int:
    """The fewest hits that are not exceeded with at least this probability."""
    low, high = -1, tries
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_until(middle, tries, p) >= level:
            high = middle
        else:
            low = middle
    return high


def _between(first: int, last: int, tries: int, p: float) -> float:
    at_all = math.lgamma(tries + 1)
    ln_p, ln_q = math.log(p), math.log1p(-p)
    return math.fsum(
        math.exp(at_all - math.lgamma(k + 1) - math.lgamma(tries - k + 1) + k * ln_p + (tries - k) * ln_q)
        for k in range(first, last + 1)
    )


def _solve(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if rising(middle) < 0.0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
