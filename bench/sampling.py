"""Sampling by attributes: how likely a plan accepts a lot, and the smallest plan that keeps both sides' risks. Pure functions.

No table of a norm is copied: the plans are reckoned from the two points of the operating characteristic that IEC 62058-11:2008, 5.10
and 5.11, asks the parties to agree on. The lot is finite, so the hypergeometric distribution holds, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

SMALLEST_LOT = 50
"""IEC 62058-11:2008, 1: the norm's sampling is for lots of 50 and above."""


@dataclass(frozen=True)
class Quality:
    """The two points that producer and consumer agree on; shares of non-conforming meters and probabilities, 0 to 1."""

    acceptable: float = 0.01
    """A lot this good is accepted, but for the producer's risk (AQL)."""
    limiting: float = 0.05
    """A lot this bad is rejected, but for the consumer's risk (LQ)."""
    producers_risk: float = 0.05
    consumers_risk: float = 0.10

    def __post_init__(self) -> None:
        if not 0.0 < self.acceptable < self.limiting < 1.0:
            raise ValueError(
                f"the acceptable share {self.acceptable:g} lies above 0 and below the limiting {self.limiting:g}, that below 1"
            )
        if not (0.0 < self.producers_risk < 0.5 and 0.0 < self.consumers_risk < 0.5):
            raise ValueError("a risk lies above 0 and below 0.5")


@dataclass(frozen=True)
class SamplingPlan:
    """Inspect `first` meters; accept at `accept` non-conforming or fewer, reject above `accept_both`.

    In between inspect `second` more, and accept at `accept_both` or fewer in both samples. A single plan has no second sample.
    """

    first: int
    accept: int
    second: int = 0
    accept_both: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.accept < self.first or self.second < 0:
            raise ValueError(f"a sample of {self.first} cannot accept {self.accept} non-conforming meters")
        if self.second and self.accept_both <= self.accept:
            raise ValueError("a second sample is of use only if both together may hold more non-conforming meters")

    @property
    def largest(self) -> int:
        """The non-conforming meters with which a lot may still be accepted."""
        return self.accept_both if self.second else self.accept

    def __str__(self) -> str:
        text = f"{self.first} meters, accept at {self.accept}, reject at {self.largest + 1} non-conforming"
        if self.second:
            text += f"; between them {self.second} more, accept at {self.accept_both} in both samples"
        return text


def acceptance_probability(plan: SamplingPlan, lot: int, nonconforming: int) -> float:
    """The operating characteristic: how likely a lot of this size with so many non-conforming meters is accepted."""
    accepted = math.fsum(_drawn(lot, nonconforming, plan.first, k) for k in range(plan.accept + 1))
    if not plan.second:
        return accepted
    both = [
        _drawn(lot, nonconforming, plan.first, k)
        * math.fsum(
            _drawn(lot - plan.first, nonconforming - k, plan.second, more) for more in range(plan.accept_both - k + 1)
        )
        for k in range(plan.accept + 1, plan.accept_both + 1)
        if k <= nonconforming
    ]
    return accepted + math.fsum(both)


def meets(plan: SamplingPlan, lot: int, quality: Quality) -> bool:
    """Whether both risks are kept: the producer's at the acceptable share, the consumer's at the limiting one."""
    good, _ = _numbers(lot, quality)
    return _protects(plan, lot, quality) and acceptance_probability(plan, lot, good) >= 1.0 - quality.producers_risk


def single_plan(lot: int, quality: Quality) -> SamplingPlan:
    """The single plan with the smallest sample. Raises `ValueError` where only 100 % inspection does."""
    for accept in range(lot):

        def protects(first: int, accept: int = accept) -> bool:
            return _protects(SamplingPlan(first, accept), lot, quality)

        first = _smallest(accept + 1, lot - 1, protects)
        if first is None:
            break
        plan = SamplingPlan(first, accept)
        if meets(plan, lot, quality):
            return plan
    raise ValueError(f"no sample of a lot of {lot} keeps both risks: inspect 100 %")


def double_plan(lot: int, quality: Quality) -> SamplingPlan:
    """The double plan of two equal samples whose first is the smallest. Raises `ValueError` where none is smaller than the single plan."""
    single = single_plan(lot, quality)
    found: list[SamplingPlan] = []
    for both in range(1, single.accept + 3):
        for accept in range(both):

            def protects(first: int, accept: int = accept, both: int = both) -> bool:
                return _protects(SamplingPlan(first, accept, first, both), lot, quality)

            first = _smallest(both + 1, min(single.first - 1, lot // 2), protects)
            if first is not None and meets(plan := SamplingPlan(first, accept, first, both), lot, quality):
                found.append(plan)
    if not found:
        raise ValueError(f"no double plan for a lot of {lot} begins with fewer meters than the single one ({single})")
    return min(found, key=lambda plan: (plan.first, plan.accept_both, plan.accept))


def _protects(plan: SamplingPlan, lot: int, quality: Quality) -> bool:
    """Whether the consumer's risk is kept."""
    return acceptance_probability(plan, lot, _numbers(lot, quality)[1]) <= quality.consumers_risk


def _numbers(lot: int, quality: Quality) -> tuple[int, int]:
    """Non-conforming meters in a lot of the acceptable and of the limiting share: whole ones, to the safe side of both."""
    return math.floor(lot * quality.acceptable + 1e-9), math.ceil(lot * quality.limiting - 1e-9)


def _smallest(low: int, high: int, fits: Callable[[int], bool]) -> int | None:
    """The smallest number from `low` to `high` that fits, where all larger ones do."""
    reach = low
    while reach < high and not fits(reach):
        low, reach = reach + 1, min(2 * reach, high)
    if low > high or not fits(reach):
        return None
    while low < reach:
        middle = (low + reach) // 2
        low, reach = (low, middle) if fits(middle) else (middle + 1, reach)
    return low


@cache
def _drawn(lot: int, nonconforming: int, sample: int, found: int) -> float:
    """How likely a sample holds exactly `found` non-conforming meters (hypergeometric)."""
    if not 0 <= found <= min(nonconforming, sample) or sample - found > lot - nonconforming:
        return 0.0
    ways = math.comb(nonconforming, found) * math.comb(lot - nonconforming, sample - found)
    return ways / math.comb(lot, sample)
