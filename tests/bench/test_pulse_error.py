"""The error over a run of pulses and the energy around a window, reckoned from the edges and readings of the record."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy import Budget
from bench.load_points import at
from bench.profile import STANDARD, Profile
from bench.pulse_error import ErrorResult, Point, energy_between, error_over, whole_ns
from bench.record import ErrorBasis, TerminalPower
from reference_meter import TypeNumber

SECOND_A_PULSE = at(TypeNumber.parse("685-321-OK-50"), 3600.0 / 690.0)
STEADY = ErrorBasis(0, 0.0, 0.0, 0.0, 0.0, 0.0, tuple(TerminalPower(t, 3600.0, 3600.0) for t in (-1.0, 3.0, 9.0)))
RESULT = ErrorResult(
    error_percent=0.2,
    expanded_percent=0.1,
    periods=5,
    seconds=5.0,
    missing=0,
    doubled=0,
    budget=Budget(reference=0.03, circuit=0.0, timing=0.03, quantum=0.0, ripple=0.0),
    random_percent=0.04,
    scatters=1.0,
    agrees=True,
    least_squares_percent=0.2,
    uncorrected_percent=0.2,
)


def over(*seconds: float, quantum_wh: float = 0.0, jitter_s: float = 50e-6) -> ErrorResult:
    """The error of edges at these seconds while 3600 W flow, a watt-hour a second."""
    profile = Profile(
        quantum_wh=quantum_wh, edge_jitter_s=jitter_s, quantum_measured="here", edge_jitter_measured="here"
    )
    return error_over([whole_ns(each) for each in seconds], STEADY, SECOND_A_PULSE, profile)


# ---------------------------------------------------------------- the error


def test_edges_that_scatter_as_modelled_keep_the_modelled_uncertainty() -> None:
    result = over(0.0, 1.0, 2.0, 3.0, 4.0)
    assert (result.error_percent, result.periods, result.seconds) == (pytest.approx(0.0, abs=1e-9), 4, 4.0)
    assert result.agrees
    assert result.whole
    assert result.random_percent == pytest.approx(math.sqrt(2) * 50e-6 / 4 * 100)
    assert result.expanded_percent == pytest.approx(2 * result.random_percent)


def test_edges_that_scatter_more_are_believed_as_far_as_so_few_tell_it() -> None:
    # 0, 3003/3000 s, 2 s: the middle edge is 3 J late, the line leaves √6 J; the model lets an edge be 0.18 J off.
    result = over(0.0, 3603 / 3600, 2.0)
    assert not result.agrees
    assert result.scatters == pytest.approx(math.sqrt(6) / 0.18, rel=1e-4)
    # One degree of freedom: 6.5 times; two edges of it, over two periods.
    assert result.random_percent == pytest.approx(math.sqrt(2) * 6.5 * math.sqrt(6) / 3600 / 2 * 100, rel=1e-4)


def test_no_edge_is_known_better_than_a_millionth_of_a_watt_hour() -> None:
    result = over(0.0, 3600.0036 / 3600, 2.0, jitter_s=0.0)
    assert result.scatters == pytest.approx(math.sqrt(6) / 3 * 3.6e-3 / 3600 / 1e-6, rel=1e-3)
    assert result.agrees


@pytest.mark.parametrize(("edges", "missing", "doubled"), [((0, 1, 2, 4, 5), 1, 0), ((0, 1, 1.01, 2, 3), 0, 1)])
def test_what_a_lost_or_doubled_pulse_does_to_the_line_is_no_scatter(
    edges: tuple[float, ...], missing: int, doubled: int
) -> None:
    result = over(*edges)
    assert (result.missing, result.doubled, result.whole) == (missing, doubled, False)
    assert result.scatters > 10.0
    assert result.agrees


def test_scatter_beyond_the_model_leaves_two_standard_deviations_unexplained() -> None:
    assert RESULT.unexplained_percent == 0.0
    # √(0.05² − 0.03²) = 0.04
    assert replace(RESULT, agrees=False, random_percent=0.05).unexplained_percent == pytest.approx(0.08)
    assert replace(RESULT, agrees=False, random_percent=0.02).unexplained_percent == 0.0


# ---------------------------------------------------------------- when it is decided


def point(profile: Profile = STANDARD) -> Point:
    return Point(SECOND_A_PULSE, 1.0, 5, 20, profile)


def test_a_limit_is_tightened_above_a_fifth_of_it_where_the_profile_says_so() -> None:
    assert point().tighten_above is None
    assert point(Profile(uncertainty_rule="tighten")).tighten_above == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("error", "periods", "answer"),
    [
        (0.779, 5, True),
        (0.781, 5, False),
        # 20 periods leave a quarter of the random part: A rises to 1 − 2 √(0.03² + 0.01²) = 0.9368 %
        (1.056, 5, False),
        (1.058, 5, True),
        # beyond the most periods nothing more is left of it than now: A stays 0.9 %
        (1.0199, 22, False),
        (1.0201, 22, True),
    ],
)
def test_a_point_is_decided_by_what_the_most_periods_would_leave(error: float, periods: int, answer: bool) -> None:
    assert point().decided(replace(RESULT, error_percent=error, periods=periods)) is answer


def test_a_train_that_is_not_whole_is_decided_and_one_that_scatters_is_not() -> None:
    between = replace(RESULT, error_percent=0.85)
    assert not point().decided(between)
    assert point().decided(replace(between, missing=1))
    assert point().decided(replace(between, doubled=1))
    assert not point().decided(replace(RESULT, agrees=False))


@pytest.mark.parametrize(("periods", "answer"), [(19, False), (20, True), (21, True)])
def test_a_point_ends_with_the_most_periods(periods: int, answer: bool) -> None:
    assert point().ended(replace(RESULT, error_percent=0.85, periods=periods)) is answer


# ---------------------------------------------------------------- energy


def test_the_energy_of_a_ramp_by_hand() -> None:
    # 100 W rising by 10 W/s: from 2 s to 5 s the mean is 135 W, so 405 J.
    assert energy_between([0.0, 4.0, 10.0], [100.0, 140.0, 200.0], 2.0, 5.0) == pytest.approx(405.0)


def test_the_power_between_two_readings_is_that_of_these_two() -> None:
    # 100 W rising to 140 W at 4 s, then steady: from 5 s to 6 s 140 J, from 3 s to 5 s 135 J and 140 J.
    times, watts = [0.0, 4.0, 10.0], [100.0, 140.0, 140.0]
    assert energy_between(times, watts, 5.0, 6.0) == pytest.approx(140.0)
    assert energy_between(times, watts, 3.0, 5.0) == pytest.approx(275.0)


def test_an_edge_a_nanosecond_outside_its_reading_counts_from_the_reading() -> None:
    assert energy_between([1.0, 3.0], [50.0, 50.0], 1.0 - 1e-9, 3.0 + 1e-9) == 100.0


@given(
    st.lists(st.floats(0.0, 1e5), min_size=6, max_size=12),
    st.integers(0, 3),
    st.integers(0, 3),
    st.floats(2.01, 2.99),
    st.floats(3.01, 3.99),
)
def test_readings_further_away_change_no_bit(
    watts: list[float], before: int, after: int, start: float, end: float
) -> None:
    times = [float(k) for k in range(len(watts))]
    low, high = max(0, 2 - before), 5 + after
    whole = energy_between(times, watts, start, end)
    assert energy_between(times[low:high], watts[low:high], start, end) == whole


def test_a_time_is_kept_to_the_nanosecond() -> None:
    assert whole_ns(12.0000000014) == 12_000_000_001
