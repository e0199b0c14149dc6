"""The percentage error over a run of pulses, from nothing but what the record keeps: edges in ns, readings, and the basis of the budget.

The error calculator reckons with this while the meter runs, and a replay years later: the same figures give the same bits.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.accuracy import Budget, budget, percentage_error, pulse_train
from bench.decision import decided
from bench.edge_fit import energy_at, fit
from bench.load_points import pulse_period
from bench.norms import UNCERTAINTY_SHARE
from bench.profile import Profile
from bench.record import ErrorBasis
from drivers.load import Load

_NS = 1_000_000_000

_RESOLUTION_WH = 1e-6
"""No edge is known better: 1 ns and the times of the readings, at any load of the meter."""


@dataclass(frozen=True)
class ErrorResult:
    """One determination of the percentage error, from the first edge to the last."""

    error_percent: float
    """The error that is judged: whole periods against the energy from the first edge to the last."""
    expanded_percent: float
    """k·u in %, u with the scatter that was observed where the model does not explain it."""
    periods: int
    seconds: float
    missing: int
    """Pulses that the intervals say are missing."""
    doubled: int
    """Pulses too many."""
    budget: Budget
    """As modelled."""
    random_percent: float
    """The random part that counts, standard uncertainty: the modelled one, or the observed one where the edges scatter more."""
    scatters: float
    """How far the edges scatter about their line over how far the model lets them, as a ratio of standard deviations."""
    agrees: bool
    """Whether the scatter agrees with the model (χ² at 1 %)."""
    least_squares_percent: float
    """The error by the line through all edges."""
    uncorrected_percent: float
    """The error against the energy as the reference measured it, without the position's corrections."""
    first_try: ErrorResult | None = None
    """What the planned periods gave, where they did not decide and the run of pulses went on."""

    @property
    def unexplained_percent(self) -> float:
        """What scatter beyond the model leaves uncertain of the error, two standard deviations in %; 0 where it agrees."""
        return 0.0 if self.agrees else 2 * math.sqrt(max(0.0, self.random_percent**2 - self.budget.random**2))

    @property
    def whole(self) -> bool:
        """Whether no pulse is missing and none came twice."""
        return not (self.missing or self.doubled)


@dataclass(frozen=True)
class Point:
    """One load point as it is to be judged: how many periods, against which limit, by which profile."""

    load: Load
    limit_percent: float
    fewest: int
    """Whole periods of the first try."""
    most: int
    """Whole periods of both tries together."""
    profile: Profile

    @property
    def tighten_above(self) -> float | None:
        """U in % above which the limit is tightened; None where it is not."""
        return self.limit_percent * UNCERTAINTY_SHARE if self.profile.uncertainty_rule == "tighten" else None

    @property
    def looked_at_from(self) -> int:
        """Periods after which the error is looked at for the first time."""
        if not self.profile.early_stop:
            return self.fewest
        return min(self.fewest, self.profile.fewest_periods(pulse_period(self.load)))

    def decided(self, result: ErrorResult) -> bool:
        """Whether more periods could hardly change the verdict: it is three sigma sure, and the scatter is what was expected.

        No more pulses mend a train in which one is missing.
        """
        if not result.whole:
            return True
        return result.agrees and decided(
            result.error_percent,
            result.budget.systematic,
            result.random_percent,
            result.random_percent * min(1.0, result.periods / self.most),
            self.limit_percent,
            self.profile.coverage_factor,
            self.profile.guard_factor,
            self.tighten_above,
        )

    def ended(self, result: ErrorResult) -> bool:
        """Whether it is decided, or the most periods are used up."""
        return result.periods >= self.most or self.decided(result)


class Looks:
    """The looks at one point, pulse after pulse, until it is decided: those of the error calculator and those of a replay alike."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self._first_try: ErrorResult | None = None

    def look(self, rises_ns: Sequence[int], basis: ErrorBasis) -> ErrorResult:
        """The error over all of these edges. After the planned periods the first try is over; what follows is the second."""
        result = error_over(rises_ns, basis, self.point.load, self.point.profile)
        result = replace(result, first_try=self._first_try)
        if result.periods == self.point.fewest and not self.point.ended(result):
            self._first_try = result
        return result


def whole_ns(seconds: float) -> int:
    """A time as the record keeps it."""
    return round(seconds * _NS)


def error_over(rises_ns: Sequence[int], basis: ErrorBasis, load: Load, profile: Profile) -> ErrorResult:
    """The error from the first of these edges to the last, at least two, which readings of `basis` cover."""
    rises = [rise / _NS for rise in rises_ns]
    start, end, periods = rises[0], rises[-1], len(rises) - 1
    times = [each.time for each in basis.readings]
    parts = budget(
        load,
        periods,
        reference_percent=basis.reference_percent,
        circuit_percent=basis.circuit_percent,
        circuit_mrad=basis.circuit_mrad,
        profile=profile,
        correction_percent=basis.correction_percent,
        temperature_percent=basis.temperature_percent,
    )
    train = pulse_train(rises, pulse_period(load))
    watts = [each.corrected for each in basis.readings]
    corrected = energy_between(times, watts, start, end)
    measured = energy_between(times, [each.measured for each in basis.readings], start, end)
    line = fit(energy_at(times, watts, rises))
    # The random part of first to last edge is that of two edges (√2 σ / n), so it tells that of one.
    modelled_wh = max(parts.random / 100.0 * periods / math.sqrt(2), _RESOLUTION_WH)
    # What a missing pulse does to the line is no scatter.
    agrees = bool(train.missing or train.doubled) or line.agrees(modelled_wh)
    random = parts.random if agrees else math.sqrt(2) * line.stated_wh / periods * 100.0
    return ErrorResult(
        error_percent=percentage_error(periods, corrected),
        expanded_percent=profile.coverage_factor * math.hypot(parts.systematic, random),
        periods=periods,
        seconds=end - start,
        missing=train.missing,
        doubled=train.doubled,
        budget=parts,
        random_percent=random,
        scatters=line.scatter_wh / modelled_wh,
        agrees=agrees,
        least_squares_percent=line.error_percent,
        uncorrected_percent=percentage_error(periods, measured),
    )


def energy_between(times: Sequence[float], watts: Sequence[float], start: float, end: float) -> float:
    """Energy in J by the trapezoid, from readings around the window alone: which others there are changes no bit of it.

    An edge is rounded to 1 ns, so it may lie so much outside the reading that covers it: the end of the readings then counts.
    """
    start, end = max(start, times[0]), min(end, times[-1])
    inside = [k for k in range(bisect_right(times, start), len(times)) if times[k] < end]
    points = [(start, _at(times, watts, start)), *((times[k], watts[k]) for k in inside), (end, _at(times, watts, end))]
    return sum((p + q) / 2 * (t - s) for (s, p), (t, q) in itertools.pairwise(points))


def _at(times: Sequence[float], watts: Sequence[float], time: float) -> float:
    k = bisect_right(times, time) - 1
    if times[k] == time:
        return watts[k]
    return watts[k] + (watts[k + 1] - watts[k]) / (times[k + 1] - times[k]) * (time - times[k])
