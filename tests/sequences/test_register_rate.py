"""What readings in quanta say of a register's rate: never less than the truth, and little more."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fixture import Snapshot
from drivers.mode_a_registers import Registers
from sequences.register_rate import Rates, Reading, StepFinder, rates, trip_readings


def shown(start: int, pulses: int, rate: float = 1.0) -> int:
    return math.floor(start + rate * pulses) // 10 * 10


@given(
    st.integers(0, 999),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30),
    st.floats(0.5, 2.0),
)
def test_the_true_rate_is_always_among_those_allowed(
    start: int, counts: list[tuple[int, int, int]], rate: float
) -> None:
    readings = [
        Reading(max(0, pulses - less), pulses + more, shown(start, pulses, rate)) for pulses, less, more in counts
    ]
    found = rates(readings)
    assert found.lowest <= rate * (1 + 1e-12)
    assert rate <= found.highest * (1 + 1e-12)


@given(st.integers(0, 999), st.sampled_from([-0.006, 0.006]))
def test_readings_at_every_pulse_of_a_step_at_both_ends_of_1000_find_six_tenths_of_a_per_cent(
    start: int, slip: float
) -> None:
    counts = [*range(10), *range(1000, 1010)]
    exact = rates([Reading(n, n, shown(start, n)) for n in counts])
    assert exact.allow_one
    assert exact.detects_above_percent < 0.5
    assert not rates([Reading(n, n, shown(start, n, 1 + slip)) for n in counts]).allow_one


def test_readings_that_contradict_each_other_allow_no_rate() -> None:
    jumped = rates([Reading(0, 0, 0), Reading(100, 100, 100), Reading(101, 101, 200), Reading(1000, 1000, 1000)])
    assert not jumped.allow_one
    assert str(jumped) == "no steady rate fits the readings"
    assert str(Rates(0.9987, 1.0015)) == "-0.13 to +0.15 %"


def test_one_reading_or_none_says_nothing() -> None:
    assert rates([]) == Rates(0.0, math.inf)
    assert rates([Reading(5, 5, 100)]).allow_one


@given(st.integers(0, 10_000), st.integers(0, 5), st.integers(1, 40))
def test_the_step_is_found_in_few_readings_whatever_the_request_lags(start: int, lag: int, pause: int) -> None:
    finder = StepFinder()
    pulses = readings = 0
    while not finder.done:
        aimed = finder.aim(pulses)
        pulses = (pulses if aimed is None else aimed) + lag
        finder.saw(pulses, shown(start, pulses))
        pulses += pause
        readings += 1
    assert readings <= 6


def test_a_register_that_runs_away_is_given_up() -> None:
    finder = StepFinder()
    for reading in range(20):
        if finder.done:
            break
        finder.saw(100 * reading, 140 * reading)
    assert finder.done


@pytest.mark.parametrize("start", [0, 99_999_950])
def test_the_trip_counter_goes_on_round_its_seven_digits(start: int) -> None:
    snapshots = [
        Snapshot(float(n), n + 0.3, n, n, Registers(trip_wh=(start + 10 * n) % 100_000_000)) for n in (0, 3, 8)
    ]
    found = trip_readings([*snapshots, Snapshot(9.0, 9.3, 0, 0, Registers(total_kwh=1))], round)
    assert [each.wh for each in found] == [0, 30, 80]


def test_a_slower_reaction_widens_what_may_have_been_counted() -> None:
    snapshots = [
        Snapshot(10.0, 10.3, 0, 0, Registers(trip_wh=0)),
        Snapshot(20.0, 21.3, 0, 0, Registers(trip_wh=10)),
    ]
    first, second = trip_readings(snapshots, lambda time: math.floor(time * 10))
    assert (first.fewest, first.most) == (99, 100)
    assert (second.fewest, second.most) == (199, 210)
