"""Percentage error and its uncertainty, against formulae worked by hand and the figures of a Monte Carlo run of them."""

from __future__ import annotations

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy import (
    Budget,
    budget,
    percentage_error,
    periods_needed,
    pulse_train,
    ripple_amplitude_s,
)
from bench.load_points import at, inductive
from bench.profile import STANDARD, Profile
from drivers.load import OFF, Load
from reference_meter import TypeNumber

ONE = TypeNumber.parse("685-181-OK-50")
TWO = TypeNumber.parse("685-281-OK-50")
THREE = TypeNumber.parse("685-321-OK-50")

HALF = inductive(0.5)


def random_part(load: Load, periods: int, *, quantum_wh: float = 0.0, jitter_s: float = 0.0) -> Budget:
    profile = Profile(
        quantum_wh=quantum_wh, edge_jitter_s=jitter_s, quantum_measured="here", edge_jitter_measured="here"
    )
    return budget(load, periods, reference_percent=0.0, circuit_percent=0.0, circuit_mrad=0.0, profile=profile)


def slow(period_s: float) -> Load:
    """Three balanced phases, so that no ripple disturbs, with pulses so far apart."""
    return at(THREE, 3600.0 / period_s / 690.0)


# ---------------------------------------------------------------- the error itself


def test_ten_periods_over_exactly_ten_watt_hours_are_no_error() -> None:
    assert percentage_error(10, 36_000.0) == 0.0


def test_a_meter_that_counts_too_much_has_a_positive_error() -> None:
    assert percentage_error(10, 36_000.0 / 1.025) == pytest.approx(2.5)
    assert percentage_error(10, 36_000.0 / 0.975) == pytest.approx(-2.5)


@given(st.integers(1, 1000), st.floats(-50.0, 50.0))
def test_the_error_is_the_meters_energy_over_the_energy_that_passed(pulses: int, percent: float) -> None:
    assert percentage_error(pulses, pulses * 3600.0 / (1 + percent / 100)) == pytest.approx(percent, abs=1e-9)


# ---------------------------------------------------------------- uncertainty by cause


@pytest.mark.parametrize(
    ("load", "milliseconds"),
    [
        (at(ONE, 5.0), 1.592),
        (at(ONE, 5.0, HALF), 3.183),
        (at(TWO, 5.0), 0.796),
        (at(THREE, 5.0), 0.0),
        (at(THREE, 5.0, HALF), 0.0),
        (at(THREE, 5.0, only="L2"), 1.592),
        (at(ONE, 0.002), 1.592),  # 0.46 W swing as far
    ],
)
def test_the_swing_of_the_power_moves_an_edge_by_so_much(load: Load, milliseconds: float) -> None:
    assert ripple_amplitude_s(load) * 1e3 == pytest.approx(milliseconds, abs=0.0005)


def test_a_load_without_power_has_no_swing() -> None:
    assert ripple_amplitude_s(OFF) == 0.0


@pytest.mark.parametrize(
    ("periods", "period_s", "jitter_ms", "percent"),
    [
        # √2 σ / (n T); the simulation of the same gave 0.00226, 0.02264, 0.00903, 0.01354, 0.01441, 0.01641 %
        (1, 62.6, 1.0, 0.00226),
        (2, 3.13, 1.0, 0.02259),
        (5, 3.13, 1.0, 0.00904),
        (10, 1.043, 1.0, 0.01356),
        (50, 0.1957, 1.0, 0.01445),
        (200, 0.0435, 1.0, 0.01626),
        (200, 0.0435, 0.05, 0.00081),
    ],
)
def test_jitter_of_the_two_edges(periods: int, period_s: float, jitter_ms: float, percent: float) -> None:
    found = random_part(slow(period_s), periods, jitter_s=jitter_ms * 1e-3)
    assert found.timing == pytest.approx(percent, abs=0.000_005)
    assert found.random == pytest.approx(found.timing)


@pytest.mark.parametrize(
    ("load", "quantum_wh", "periods", "percent"),
    [
        # q √(m/6) / n; the simulation gave at most these, but for 0.4813 % at the first
        (at(ONE, 5.0), 0.010137, 1, 0.4138),
        (at(ONE, 5.0), 0.010137, 5, 0.0828),
        (at(THREE, 5.0), 0.01, 1, 0.7071),
        (at(THREE, 5.0), 0.01, 20, 0.0354),
        (at(THREE, 5.0), 0.05, 5, 0.7071),
        (at(THREE, 5.0, only="L3"), 0.01, 1, 0.4082),
    ],
)
def test_the_meters_own_energy_steps(load: Load, quantum_wh: float, periods: int, percent: float) -> None:
    assert random_part(load, periods, quantum_wh=quantum_wh).quantum == pytest.approx(percent, abs=0.000_05)


@pytest.mark.parametrize(
    ("load", "periods", "percent"),
    [
        # a / (n T): 0.8135 % at Imax of a one-phase meter, 0.0508 % at Ib and at PF 0.5 alike
        (at(ONE, 80.0), 1, 0.8135),
        (at(ONE, 80.0), 25, 0.0325),
        (at(ONE, 5.0), 1, 0.0508),
        (at(ONE, 5.0, HALF), 1, 0.0508),
        (at(ONE, 0.25), 1, 0.0025),
    ],
)
def test_ripple_over_whole_periods(load: Load, periods: int, percent: float) -> None:
    assert random_part(load, periods).ripple == pytest.approx(percent, abs=0.000_06)


def test_declared_half_widths_are_rectangular_and_the_phase_error_counts_by_the_tangent() -> None:
    declared = {"reference_percent": 0.05, "circuit_percent": 0.02, "circuit_mrad": 0.2}
    straight = budget(at(THREE, 5.0), 5, **declared, profile=STANDARD)
    assert straight.reference == pytest.approx(0.05 / math.sqrt(3))
    assert straight.circuit == pytest.approx(0.02 / math.sqrt(3))
    for only in (None, "L1", "L2", "L3"):  # tan 60° = 1.732, whichever phase it is
        lagging = budget(at(THREE, 5.0, HALF, only), 5, **declared, profile=STANDARD)
        assert lagging.circuit == pytest.approx(math.hypot(0.02, 0.2e-3 * math.sqrt(3) * 100) / math.sqrt(3))


def test_a_phase_without_current_has_no_phase_error_and_of_several_the_largest_counts() -> None:
    def circuit(*phi_deg: float | None) -> float:
        u = at(THREE, 5.0).u
        i = [
            0j if phi is None else volts / 46 * cmath.rect(1.0, math.radians(-phi))
            for volts, phi in zip(u, phi_deg, strict=True)
        ]
        load = Load(u, (i[0], i[1], i[2]))
        return budget(
            load, 1, reference_percent=0.0, circuit_percent=0.0, circuit_mrad=1.0, profile=STANDARD
        ).circuit * math.sqrt(3)

    assert circuit(0.0, None, None) == pytest.approx(0.0, abs=1e-12)
    assert circuit(0.0, 60.0, 45.0) == pytest.approx(0.1 * math.sqrt(3))
    assert circuit(30.0, 0.0, -60.0) == pytest.approx(0.1 * math.sqrt(3))


def test_what_is_not_said_of_corrections_and_temperature_is_nothing() -> None:
    assert random_part(at(THREE, 5.0), 5).systematic == pytest.approx(0.0, abs=1e-12)


def test_independent_causes_add_by_their_squares() -> None:
    parts = Budget(reference=0.3, circuit=0.4, timing=0.0, quantum=0.0, ripple=1.2)
    assert parts.random == pytest.approx(1.2)
    assert parts.systematic == pytest.approx(0.5)
    assert parts.combined == pytest.approx(1.3)


@given(st.integers(1, 500))
def test_every_random_part_falls_as_one_over_the_periods(periods: int) -> None:
    for load in (at(ONE, 80.0), at(THREE, 5.0, HALF), at(TWO, 0.25)):
        one, many = (
            random_part(load, 1, quantum_wh=0.002, jitter_s=5e-5),
            random_part(load, periods, quantum_wh=0.002, jitter_s=5e-5),
        )
        assert many.random == pytest.approx(one.random / periods)


# ---------------------------------------------------------------- how many periods

PERIODS = [
    # Fewest periods for a random part of 0.1, 0.05, 1/30 and 0.01 %, by quantum 0, 0.002 and 0.01 Wh
    (at(ONE, 80.0), [[9, 17, 25, 82], [9, 17, 25, 82], [10, 19, 28, 92]]),
    (at(ONE, 80.0, HALF), [[9, 17, 25, 82], [9, 17, 25, 82], [10, 19, 28, 92]]),
    (at(ONE, 5.0), [[1, 2, 2, 6], [1, 2, 3, 10], [5, 9, 13, 42]]),
    (at(ONE, 5.0, HALF), [[1, 2, 2, 6], [1, 2, 3, 10], [5, 9, 13, 42]]),
    (at(ONE, 0.25), [[1, 1, 1, 1], [1, 2, 3, 9], [5, 9, 13, 41]]),
    (at(THREE, 5.0), [[1, 1, 1, 1], [2, 3, 5, 15], [8, 15, 22, 71]]),
    (at(THREE, 5.0, HALF), [[1, 1, 1, 1], [2, 3, 5, 15], [8, 15, 22, 71]]),
    (at(THREE, 5.0, only="L1"), [[1, 2, 2, 6], [1, 2, 3, 10], [5, 9, 13, 42]]),
    (at(THREE, 0.25), [[1, 1, 1, 1], [2, 3, 5, 15], [8, 15, 22, 71]]),
]


@pytest.mark.parametrize(("load", "by_quantum"), PERIODS, ids=[str(load) for load, _ in PERIODS])
def test_the_periods_that_an_uncertainty_costs(load: Load, by_quantum: list[list[int]]) -> None:
    for quantum, wanted in zip((0.0, 0.002, 0.01), by_quantum, strict=True):
        profile = Profile(quantum_wh=quantum, quantum_measured="here")
        for percent, periods in zip((0.1, 0.05, 1 / 30, 0.01), wanted, strict=True):
            assert random_part(load, periods, quantum_wh=quantum, jitter_s=5e-5).random <= percent * (1 + 1e-6)
            assert periods == 1 or random_part(load, periods - 1, quantum_wh=quantum, jitter_s=5e-5).random > percent
            least = 2 if load.largest_current == 0.25 else 5  # 62.6 and 20.9 s a pulse; else below 15 s
            assert periods_needed(load, percent * 30, profile) == max(least, periods)


def test_the_standard_profile_asks_for_at_least_five_periods_and_two_slow_ones() -> None:
    exact = Profile(quantum_wh=0.0, quantum_measured="here")
    assert periods_needed(at(THREE, 5.0), 1.0, exact) == 5
    assert periods_needed(at(ONE, 0.25), 1.5, exact) == 2
    assert periods_needed(at(ONE, 80.0), 1.0, STANDARD) == 25


@given(st.sampled_from([ONE, TWO, THREE]), st.floats(0.25, 80.0), st.floats(0.1, 3.0), st.floats(0.0, 0.02))
def test_the_periods_are_enough_and_one_fewer_would_not_be(
    meter: TypeNumber, current: float, limit: float, quantum: float
) -> None:
    load = at(meter, current)
    profile = Profile(quantum_wh=quantum, quantum_measured="here")
    periods = periods_needed(load, limit, profile)
    aim = limit / 30 * (1 + 1e-6)
    assert random_part(load, periods, quantum_wh=quantum, jitter_s=profile.edge_jitter_s).random <= aim
    if periods > profile.fewest_periods(3600.0 / load.total_power):
        assert random_part(load, periods - 1, quantum_wh=quantum, jitter_s=profile.edge_jitter_s).random > limit / 30


def test_an_uncertainty_that_just_suffices_costs_no_period_more() -> None:
    load = at(THREE, 5.0)
    one = budget(load, 1, reference_percent=0.0, circuit_percent=0.0, circuit_mrad=0.0, profile=STANDARD).random
    assert [periods_needed(load, 30 * one / periods, STANDARD) for periods in (6, 7, 10)] == [6, 7, 10]


# ---------------------------------------------------------------- the pulse train


def test_an_even_train_is_whole() -> None:
    train = pulse_train([0.1 * k for k in range(100)], 0.1)
    assert (train.missing, train.doubled) == (0, 0)


def test_a_gap_counts_the_pulses_that_fit_into_it_and_a_short_interval_is_a_double() -> None:
    train = pulse_train([0.0, 1.0, 4.02, 5.0, 5.03, 6.0], 1.0)
    assert (train.missing, train.doubled) == (2, 1)


@pytest.mark.parametrize(
    ("interval", "missing", "doubled"),
    [(0.49, 0, 1), (0.5, 0, 0), (0.53, 0, 0), (1.5, 0, 0), (1.51, 1, 0), (2.51, 2, 0)],
)
def test_an_interval_of_half_or_one_and_a_half_periods_is_still_one(
    interval: float, missing: int, doubled: int
) -> None:
    train = pulse_train([0.0, interval], 1.0)
    assert (train.missing, train.doubled) == (missing, doubled)


def test_every_gap_and_every_double_counts() -> None:
    train = pulse_train([0.0, 2.0, 4.0, 4.25, 4.5, 6.5], 1.0)
    assert (train.missing, train.doubled) == (3, 2)


def test_fewer_than_two_pulses_say_nothing() -> None:
    assert (pulse_train([], 1.0).missing, pulse_train([5.0], 1.0).doubled) == (0, 0)


@given(st.integers(3, 60), st.data(), st.floats(0.04, 60.0), st.floats(-0.2, 0.2))
def test_one_lost_pulse_inside_a_train_is_one_missing_at_any_rate_a_meter_may_have(
    pulses: int, data: st.DataObject, period: float, error: float
) -> None:
    rises = [k * period * (1 + error) for k in range(pulses)]
    del rises[data.draw(st.integers(1, pulses - 2))]
    assert pulse_train(rises, period).missing == 1
    assert pulse_train(rises, period).doubled == 0
