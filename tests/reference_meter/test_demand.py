"""15-minute averages, the month's peak and last month's, by hand. R19 to R24, R29."""

from __future__ import annotations

from typing import Any

import pytest

from reference_meter import HOUR, NO_VOLTAGE, SECOND, WATT_HOUR, Assumptions, Power, ReferenceMeter, Registers
from reference_meter.events import Event, HourStored, MonthStored, Stored, WindowClosed

MINUTE = 60 * SECOND
W = Power.of_watts


def windows(events: list[Event]) -> list[tuple[int, int, bool]]:
    return [(e.time_ns, e.average_w, e.is_peak) for e in events if isinstance(e, WindowClosed)]


def test_the_average_of_15_minutes_has_sub_watt_hour_resolution() -> None:
    m = ReferenceMeter("685-382-OK-50")
    assert windows(m.advance(W(1559), 15 * MINUTE)) == [(15 * MINUTE, 1559, True)]
    assert m.registers.peak_w == 1559
    assert m.registers.window_energy == 0


def test_the_average_is_cut_off_to_whole_watts() -> None:
    m = ReferenceMeter("685-382-OK-50")
    m.advance(Power((1_559_999_999, 0, 0)), 15 * MINUTE)
    assert m.registers.peak_w == 1559


def test_a_window_averages_what_happened_in_it() -> None:
    m = ReferenceMeter("685-382-OK-50")
    assert windows(m.advance(W(3000), 5 * MINUTE)) == []
    assert m.registers.window_energy == 250 * WATT_HOUR
    assert windows(m.advance(W(600), 25 * MINUTE)) == [(15 * MINUTE, 1400, True), (30 * MINUTE, 600, False)]


def test_an_equal_window_is_no_new_peak_and_a_higher_one_is() -> None:
    m = ReferenceMeter("685-382-OK-50")
    events = m.advance(W(500), 30 * MINUTE) + m.advance(W(501), 15 * MINUTE)
    assert [is_peak for _, _, is_peak in windows(events)] == [True, False, True]
    assert m.registers.peak_w == 501


def test_windows_are_counted_in_operating_time_from_the_hour_counter() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(hours=100, hour_ns=14 * MINUTE))
    assert windows(m.advance(W(900), 16 * MINUTE))[0] == (MINUTE, 60, True)


def test_at_the_end_of_730_hours_the_peak_moves_to_last_month_and_a_new_one_begins() -> None:
    start = Registers(
        hours=729, hour_ns=45 * MINUTE, peak_w=100, last_peak_w=77, total_kwh=12, watt_hours=999, pulse_input=3
    )
    m = ReferenceMeter("685-382-OK-50", registers=start)
    events = m.advance(W(2000), 15 * MINUTE)
    assert [type(e) for e in events[-3:]] == [WindowClosed, HourStored, MonthStored]
    assert {e.time_ns for e in events[-3:]} == {15 * MINUTE}
    assert m.months == (Stored(13, 2000, 3, 730),)
    assert m.hourly == Stored(13, 2000, 3, 730)
    assert (m.registers.peak_w, m.registers.last_peak_w) == (0, 2000)
    m.advance(W(300), 15 * MINUTE)
    assert (m.registers.peak_w, m.registers.last_peak_w) == (300, 2000)
    assert len(m.months) == 1


def test_the_telegram_cuts_the_peak_off_to_100_w() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(peak_w=999_999, last_peak_w=99))
    assert [str(s) for s in m.readout().data_sets[6:]] == ["1.6(000999,9*kW)", "1.6*1(000000,0)"]


@pytest.mark.parametrize(
    ("choice", "average", "is_peak"), [({}, 800, True), ({"window_on_power_fail": "discard"}, 800, False)]
)
def test_a_window_cut_by_a_power_failure_goes_on_or_is_discarded(
    choice: dict[str, Any], average: int, is_peak: bool
) -> None:
    m = ReferenceMeter("685-382-OK-50", assumptions=Assumptions(power_fail_save=True, **choice))
    m.advance(W(2000), 5 * MINUTE)
    m.advance(NO_VOLTAGE, 7 * HOUR)
    events = m.advance(W(200), 10 * MINUTE)
    assert windows(events) == [(7 * HOUR + 15 * MINUTE, average, is_peak)]
    assert m.registers.peak_w == (800 if is_peak else 0)
    assert windows(m.advance(W(100), 15 * MINUTE))[0][1:] == (100, True) if not is_peak else (100, False)


def test_a_failure_at_the_very_end_of_a_window_discards_nothing() -> None:
    m = ReferenceMeter("685-382-OK-50", assumptions=Assumptions(power_fail_save=True, window_on_power_fail="discard"))
    m.advance(W(2000), 15 * MINUTE)
    m.advance(NO_VOLTAGE, HOUR)
    assert not m.registers.window_discarded
    assert windows(m.advance(W(2500), 15 * MINUTE))[0][1:] == (2500, True)


def test_actual_power_is_the_mean_of_the_last_second() -> None:
    m = ReferenceMeter("685-382-OK-50")
    assert m.actual_power_w == 0
    m.advance(W(1000), 10 * SECOND)
    assert m.actual_power_w == 1000
    m.advance(W(3000), SECOND // 4)
    assert m.actual_power_w == 1500
    m.advance(W(5000, 1000), SECOND // 4)
    assert m.actual_power_w == 2750  # 0.5 s of 1000 W, 0.25 s of 3000 W, 0.25 s of 6000 W
    m.advance(W(5000, 1000), SECOND // 2 + SECOND // 4)
    assert m.actual_power_w == 6000
    m.advance(NO_VOLTAGE, SECOND)
    assert m.actual_power_w == 0


def test_actual_power_without_a_window_is_the_power_of_the_instant() -> None:
    m = ReferenceMeter("685-382-OK-50", assumptions=Assumptions(actual_power_window_ns=0))
    m.advance(W(1000), SECOND)
    m.advance(W(7), 1)
    assert m.actual_power_w == 7
