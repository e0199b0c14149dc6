"""Gauge study: how much of the scatter of a measurement is the bench's own, by analysis of variance (AIAG MSA, 4th edition, chapter III B).

Every part is measured by every operator, or at every position, equally often. Pure arithmetic.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

Trials = Sequence[Sequence[Sequence[float]]]
"""`[operator][part][trial]`; an operator may as well be a position."""

STUDY_WIDTH = 6.0
"""Standard deviations that hold 99.73 % of a normal scatter."""


@dataclass(frozen=True)
class GaugeStudy:
    """Standard deviations in the unit of the measurement."""

    repeatability: float
    """The same part, operator and set-up once more (equipment variation)."""
    operator: float
    """From operator to operator, or from position to position (appraiser variation)."""
    interaction: float
    """What an operator does to one part and not to another; 0 where the data show none."""
    part: float
    """From part to part: what the measurement is for."""

    @property
    def reproducibility(self) -> float:
        """Operators and what they do to single parts."""
        return math.hypot(self.operator, self.interaction)

    @property
    def gauge(self) -> float:
        """Repeatability and reproducibility together: the bench (gauge R&R)."""
        return math.hypot(self.repeatability, self.reproducibility)

    @property
    def total(self) -> float:
        """Bench and parts."""
        return math.hypot(self.gauge, self.part)

    @property
    def percent_of_study(self) -> float:
        """The bench's share of the total scatter, %; below 10 good, above 30 unfit."""
        return 100.0 * self.gauge / self.total if self.total else 0.0

    def percent_of_tolerance(self, width: float) -> float:
        """Six standard deviations of the bench over the width of the limits, %."""
        return 100.0 * STUDY_WIDTH * self.gauge / width

    @property
    def distinct_categories(self) -> int | None:
        """How many classes of parts the bench tells apart; five are wanted. None where it adds no scatter at all."""
        return int(math.sqrt(2) * self.part / self.gauge) if self.gauge else None


def gauge_study(trials: Trials) -> GaugeStudy:
    """Two-way crossed analysis of variance with random effects.

    The interaction is pooled with the repeatability where its mean square is not the larger one, because its variance would then
    come out at or below nothing. Raises `ValueError` for fewer than two operators, parts or trials, and for an unequal number of them.
    """
    o, p, r = len(trials), len(trials[0]) if trials else 0, len(trials[0][0]) if trials and trials[0] else 0
    if min(o, p, r) < 2:
        raise ValueError(f"{o} operators, {p} parts and {r} trials: a gauge study needs two of each at least")
    if any(len(parts) != p or any(len(cell) != r for cell in parts) for parts in trials):
        raise ValueError("a gauge study needs the same number of trials of every part by every operator")
    grand = fmean(itertools.chain.from_iterable(itertools.chain.from_iterable(trials)))
    of_operator = [fmean(itertools.chain.from_iterable(parts)) for parts in trials]
    of_part = [fmean(x for parts in trials for x in parts[k]) for k in range(p)]
    cells = [[fmean(cell) for cell in parts] for parts in trials]

    squares_operator = p * r * sum((mean - grand) ** 2 for mean in of_operator)
    squares_part = o * r * sum((mean - grand) ** 2 for mean in of_part)
    squares_within = sum((x - cells[i][k]) ** 2 for i in range(o) for k in range(p) for x in trials[i][k])
    squares_interaction = r * sum(
        (cells[i][k] - of_operator[i] - of_part[k] + grand) ** 2 for i in range(o) for k in range(p)
    )
    freedom_interaction, freedom_within = (o - 1) * (p - 1), o * p * (r - 1)
    within = squares_within / freedom_within
    between = squares_interaction / freedom_interaction
    if between <= within:
        within = between = (squares_within + squares_interaction) / (freedom_within + freedom_interaction)
    return GaugeStudy(
        repeatability=math.sqrt(within),
        operator=_deviation(squares_operator / (o - 1) - between, p * r),
        interaction=_deviation(between - within, r),
        part=_deviation(squares_part / (p - 1) - between, o * r),
    )


def _deviation(excess: float, count: int) -> float:
    return math.sqrt(max(0.0, excess / count))
