"""The percentage error over a run of pulses, from nothing but what the record keeps: edges in ns, readings, and the basis of the budget.

The error calculator reckons with this while the meter runs, and a replay years later: the same figures give the same bits.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bench.accuracy import Budget, budget, decided, percentage_error, pulse_train
from bench.norms import PULSE_ENERGY_J
from bench.profile import Profile
from bench.record import ErrorBasis
from drivers.load import Load

_NS = 1_000_000_000


@dataclass(frozen=True)
class ErrorResult:
    """One finished determination of the percentage error."""

    error_percent: float
    expanded_percent: float
    """k·u in %."""
    periods: int
    seconds: float
    missing: int
    """Pulses that the intervals say are missing."""
    doubled: int
    """Pulses too many."""
    budget: Budget
    uncorrected_percent: float
    """The error against the energy as the reference measured it, without the position's corrections."""
    guard_factor: float = 1.0
    """How many expanded uncertainties must fit between the error and its limit."""

    def finished(self, most: int, limit_percent: float) -> bool:
        """Whether it is decided against the limit, or the most periods are used up."""
        return (
            decided(self.error_percent, self.expanded_percent, limit_percent, self.guard_factor) or self.periods >= most
        )


def whole_ns(seconds: float) -> int:
    """A time as the record keeps it."""
    return round(seconds * _NS)


def error_over(rises_ns: Sequence[int], basis: ErrorBasis, load: Load, profile: Profile) -> ErrorResult:
    """The error from the first of these edges to the last, which readings of `basis` cover."""
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
    train = pulse_train(rises, PULSE_ENERGY_J / load.total_power)
    corrected = energy_between(times, [each.corrected for each in basis.readings], start, end)
    measured = energy_between(times, [each.measured for each in basis.readings], start, end)
    return ErrorResult(
        error_percent=percentage_error(periods, corrected),
        expanded_percent=profile.coverage_factor * parts.combined,
        periods=periods,
        seconds=end - start,
        missing=train.missing,
        doubled=train.doubled,
        budget=parts,
        uncorrected_percent=percentage_error(periods, measured),
        guard_factor=profile.guard_factor,
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
