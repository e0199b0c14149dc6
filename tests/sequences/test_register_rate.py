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


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("lowest", "highest", "allowed"), [(1.0, 1.2, True), (0.8, 1.0, True), (1.001, 1.2, False), (0.8, 0.999, False)]
)
def test_a_rate_of_one_is_allowed_up_to_either_end(lowest: float, highest: float, allowed: bool) -> None:
    assert Rates(lowest, highest).allow_one is allowed


def test_what_two_ends_detect_and_how_they_read() -> None:
    assert Rates(0.99, 1.02).detects_above_percent == pytest.approx(3.0)
    assert Rates(1.02, 0.99).detects_above_percent == pytest.approx(3.0)
    assert str(Rates(0.99, 1.02)) == "-1.00 to +2.00 %"
    assert str(Rates(1.0, 1.0)) == "+0.00 to +0.00 %"
    assert str(Rates(1.02, 0.99)) == "no steady rate fits the readings"


def test_the_rates_of_two_readings_by_hand() -> None:
    # 1000 Wh more, ±10 Wh, over 999 to 1003 pulses, the watt-hour under way among them.
    found = rates([Reading(0, 1, 0), Reading(1001, 1002, 1000)])
    assert (found.lowest, found.highest) == (pytest.approx(990 / 1003), pytest.approx(1010 / 999))
    assert rates([Reading(0, 1, 0)]).lowest == 0.0
    assert rates([Reading(0, 1, 0)]).highest == math.inf


@pytest.mark.parametrize(("gained", "fits"), [(10, True), (11, False)])
def test_a_register_that_steps_by_more_than_a_quantum_within_no_pulse_keeps_no_rate(gained: int, fits: bool) -> None:
    # The second reading ended one pulse before the first began: not even the watt-hour under way lies between.
    found = rates([Reading(5, 5, 0), Reading(4, 4, gained)])
    assert (found.lowest < math.inf) is fits


@pytest.mark.parametrize("offset", range(10))
@pytest.mark.parametrize("lag", [0, 1, 3])
def test_the_pulse_of_a_step_is_found_in_four_aimed_readings(offset: int, lag: int) -> None:
    """A register that is `offset` Wh ahead of its pulses; each request takes `lag` pulses longer than aimed at."""
    finder, pulses, readings = StepFinder(), 100, 0
    while not finder.done:
        aimed = finder.aim(pulses)
        assert (aimed is None) is (readings == 0)
        assert aimed is None or pulses < aimed <= pulses + 10
        pulses = pulses + 7 if aimed is None else aimed + lag
        finder.saw(pulses, (pulses + offset) // 10 * 10)
        readings += 1
    assert readings <= 1 + 4
    assert finder.aim(pulses) is None


def test_a_register_that_is_never_found_is_read_eight_times() -> None:
    finder = StepFinder()
    for reading in range(8):
        assert not finder.done, reading
        finder.saw(0, 0)
    assert finder.done


@pytest.mark.parametrize(
    ("ahead", "aims"),
    [
        (0, [105, 108, 109]),  # 0 to 4, 0 and 1, 0
        (2, [105, 108, 117]),  # 0 to 4, 2 to 4, 2
        (4, [105, 108, 117, 126]),  # 0 to 4, 2 to 4, 3 and 4, 4
        (7, [105, 113, 122]),  # 5 to 9, 7 to 9, 7
    ],
)
def test_each_look_halves_what_the_register_may_be_ahead_of_its_pulses(ahead: int, aims: list[int]) -> None:
    """After 100 pulses it shows 100 Wh: it is 0 to 9 Wh ahead. At pulse 105 it shows 110 if that is 5 Wh or more, and so on."""
    finder = StepFinder()
    finder.saw(100, 100)
    pulses = 100
    for aim in aims:
        assert not finder.done
        assert finder.aim(pulses) == aim
        pulses = aim
        finder.saw(pulses, (pulses + ahead) // 10 * 10)
    assert finder.done


def test_a_request_that_lagged_by_three_pulses_is_sent_three_pulses_sooner_the_next_time() -> None:
    finder = StepFinder()
    finder.saw(100, 100)
    assert finder.aim(100) == 105
    finder.saw(108, 110)  # 2 to 9 Wh ahead: whether it is 6 shows at pulse 114
    assert finder.aim(108) == 114 - 3


def test_two_steps_within_the_watt_hour_under_way_need_ten_watt_hours_a_pulse() -> None:
    # 20 Wh more at the same count: more than 10 Wh were counted in the pulse that may be under way.
    assert rates([Reading(5, 5, 0), Reading(5, 5, 20)]).lowest == pytest.approx(10.0)


@pytest.mark.parametrize(("early_ms", "fewest"), [(4.9, 100), (5.1, 101)])
def test_a_pulse_up_to_5_ms_before_the_request_ended_may_not_have_been_counted(early_ms: float, fewest: int) -> None:
    pulse = 10.0 - early_ms / 1e3
    snapshots = [Snapshot(10.0, 10.3, 0, 0, Registers(trip_wh=0))]
    (reading,) = trip_readings(snapshots, lambda time: 101 if pulse <= time else 100)
    assert (reading.fewest, reading.most) == (fewest, 101)


@pytest.mark.parametrize(("late_ms", "most"), [(4.9, 101), (5.1, 100)])
def test_a_pulse_up_to_5_ms_after_the_request_ended_may_have_been_counted(late_ms: float, most: int) -> None:
    pulse = 10.0 + late_ms / 1e3
    snapshots = [Snapshot(10.0, 10.3, 0, 0, Registers(trip_wh=0))]
    (reading,) = trip_readings(snapshots, lambda time: 101 if pulse <= time else 100)
    assert (reading.fewest, reading.most) == (100, most)
