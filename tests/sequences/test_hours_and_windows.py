"""What hours counter and peak may show, worked by hand from pulses and the times of readouts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bench.fixture import Snapshot
from drivers.mode_a_registers import Registers
from sequences.hours_and_windows import Span, hour_length, peak_by_pulses, peak_told

MINUTE = 60.0


def reading(minute: float, hours: int, **more: Any) -> Snapshot:
    """A readout that takes 2 s, so many minutes after the start."""
    at = minute * MINUTE
    return Snapshot(at, at + 2.0, 0, 0, Registers(hours=hours, **more))


def pulses(watts: float, start_min: float, end_min: float) -> list[float]:
    """One pulse a watt-hour."""
    period = 3600.0 / watts
    return [start_min * MINUTE + k * period for k in range(round((end_min - start_min) * MINUTE / period))]


# ---------------------------------------------------------------- hours


def test_two_steps_of_the_hours_counter_bracket_the_hour() -> None:
    # Steps between minute 19 and 20, and between 79 and 80: 3600 s, one readout's interval more or less.
    readings = [reading(19, 4), reading(20, 5), reading(79, 5), reading(80, 6)]
    assert hour_length(readings) == Span(59 * MINUTE - 2.0, 61 * MINUTE + 2.0)


def test_a_counter_that_stands_makes_the_hour_longer_than_the_time_that_passed() -> None:
    assert hour_length([reading(0, 7), reading(130, 7)]).low == 130 * MINUTE - 2.0


def test_a_counter_that_runs_backwards_fits_no_hour() -> None:
    length = hour_length([reading(0, 7), reading(10, 6)])
    assert not length.low < 3600.0


def test_readings_without_hours_say_nothing() -> None:
    nothing = [Snapshot(0.0, 1.0, 0, 0, Registers(total_kwh=1)), reading(10, 3)]
    assert hour_length(nothing).low == 0.0


def test_a_gain_of_one_hour_bounds_its_length_from_below_and_of_two_from_above_too() -> None:
    one = hour_length([reading(0, 3), reading(50, 4)])
    assert (one.low, one.high) == ((3000.0 - 2.0) / 2, float("inf"))
    two = hour_length([reading(0, 3), reading(120, 5)])
    assert (two.low, two.high) == ((7200.0 - 2.0) / 3, 7200.0 + 2.0)
    none = hour_length([reading(0, 3), reading(50, 3)])
    assert (none.low, none.high) == (3000.0 - 2.0, float("inf"))


def test_spans_meet_where_they_touch() -> None:
    assert Span(1, 2).meets(Span(2, 3))
    assert Span(2, 3).meets(Span(1, 2))
    assert not Span(1, 2).meets(Span(2.001, 3))
    assert not Span(2.001, 3).meets(Span(1, 2))


# ---------------------------------------------------------------- the peak


@pytest.mark.parametrize("start_min", [0.0, 3.7, 14.9])
def test_half_an_hour_sets_the_peak_whenever_the_windows_begin(start_min: float) -> None:
    # 8000 W are 2000 Wh in a window; one pulse more or less are 4 W, and one may lie on either edge.
    rises = pulses(8000.0, start_min + 20.0, start_min + 51.0)
    peak = peak_by_pulses(rises, start_min, 80 * MINUTE, Span(0, 0))
    assert 7992 <= peak.low <= 8000 <= peak.high <= 8008
    assert peak.high - peak.low <= 16


def test_seven_minutes_of_twice_the_power_do_not_reach_it() -> None:
    rises = pulses(8000.0, 20.0, 51.0) + pulses(16_000.0, 67.0, 74.0)
    peak = peak_by_pulses(rises, 0.0, 81 * MINUTE, Span(0, 0))
    assert peak.high <= 8008


def test_what_was_higher_before_stays() -> None:
    assert peak_by_pulses(pulses(8000.0, 20.0, 51.0), 0.0, 80 * MINUTE, Span(9000, 9099)) == Span(9000, 9099)


def test_a_window_that_is_not_over_counts_for_nothing() -> None:
    assert peak_by_pulses(pulses(8000.0, 0.0, 14.0), 0.0, 14 * MINUTE, Span(0, 0)) == Span(0, 0)


def test_mode_a_tells_the_peak_to_a_hundred_watts() -> None:
    assert peak_told(Registers(peak_kw=Decimal("6.8"))) == Span(6800, 6899)
    assert peak_told(Registers(peak_w=6897, peak_kw=Decimal("6.8"))) == Span(6897, 6897)
    assert peak_told(Registers()) is None


def test_a_plateau_of_22_minutes_may_fill_a_window_or_no_more_than_11_minutes_of_one() -> None:
    # 8000 W from minute 20 to 42. Windows that begin at minute 31 hold 11 minutes of it, 1467 Wh; others 2000 Wh.
    rises = [1200.0 + 0.45 * k for k in range(round(22 * 60 / 0.45))]
    peak = peak_by_pulses(rises, 0.0, 60 * 60.0, Span(0, 0))
    assert peak == Span((1467 - 1) * 4, (2000 + 1) * 4)
    assert peak_by_pulses([], 0.0, 40 * 60.0, Span(0, 0)) == Span(0, 4)


def test_a_steady_load_gives_its_power_to_a_watt_hour_a_window() -> None:
    # A pulse each second is 3600 W and 900 Wh in a quarter of an hour; one Wh more or less is 4 W.
    rises = [0.5 + k for k in range(3600)]
    assert peak_by_pulses(rises, 0.0, 3600.0, Span(0, 0)) == Span(3596, 3604)


def test_a_quarter_of_an_hour_of_load_fills_the_window_that_begins_with_it_to_half_a_minute() -> None:
    # 900 Wh from minute 20.5 to 35.5; windows 7.5 minutes apart hold half of it, 450 Wh.
    rises = [20.5 * MINUTE + 0.5 + k for k in range(900)]
    assert peak_by_pulses(rises, 0.0, 60 * MINUTE, Span(0, 0)) == Span(449 * 4, 901 * 4)
    later = [rise + 30.0 for rise in rises]
    assert peak_by_pulses(later, 0.0, 60 * MINUTE, Span(0, 0)) == Span(449 * 4, 901 * 4)


def test_pulses_before_the_start_are_in_the_peak_that_stood_there_already() -> None:
    rises = pulses(8000.0, 0.0, 30.0)
    assert peak_by_pulses(rises, 30 * MINUTE, 75 * MINUTE, Span(500, 500)) == Span(500, 500)


def test_a_window_is_over_when_its_quarter_of_an_hour_is() -> None:
    rises = [0.5 + k for k in range(900)]
    assert peak_by_pulses(rises, 0.0, 899.9, Span(0, 0)) == Span(0, 0)
    assert peak_by_pulses(rises, 0.0, 900.0, Span(0, 0)) == Span(0, 3604)
