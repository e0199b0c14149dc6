"""What a person sees and what the arrow key does. R32, R34 to R52."""

from __future__ import annotations

from typing import Any

import pytest

from reference_meter import (
    NO_VOLTAGE,
    SECOND,
    WATT_HOUR,
    Assumptions,
    Configuration,
    DisplayPicture,
    Event,
    Option,
    Page,
    Power,
    ReferenceMeter,
    Registers,
    Unit,
)
from reference_meter.events import CallProvoked, HourStored, TripReset

IDLE = Power((0, 0, 0))
STATE = Registers(
    total_kwh=4711, tariff_1_kwh=4000, tariff_2_kwh=711, hours=812, trip_wh=9_032_339, peak_w=1559, pulse_input=77
)
NUMBERS = Configuration(meter_number=10_865_272, customer_data=42)


def running(
    type_number: str = "685-382-OK-50", configuration: Configuration = NUMBERS, **choice: Any
) -> ReferenceMeter:
    m = ReferenceMeter(type_number, registers=STATE, configuration=configuration, assumptions=Assumptions(**choice))
    m.advance(IDLE, SECOND)
    return m


def shown(m: ReferenceMeter) -> Page:
    return m.page


def step(m: ReferenceMeter, times: int = 1) -> None:
    for _ in range(times):
        m.press()
        m.advance(IDLE, SECOND // 5)
        m.release()


def step_to(m: ReferenceMeter, page: Page) -> DisplayPicture:
    while m.page is not page:
        step(m)
    return m.display()


def hold(m: ReferenceMeter, duration_ns: int) -> list[Event]:
    m.press()
    return m.advance(IDLE, duration_ns) + m.release()


def test_accumulated_energy_is_shown_with_seven_digits_and_its_unit() -> None:
    picture = running().display()
    assert picture == DisplayPicture(
        " 0004711", 0, "kWh", (False, False), (True, True, True), (False, False, False), Page.TOTAL
    )
    assert picture.text == "0004711 kWh"


def test_all_pages_in_the_order_of_the_data_sheet_and_then_the_first_again() -> None:
    m = running("685-382-WK-50")
    seen = []
    for _ in Page:
        seen.append((m.page, m.display().text))
        step(m)
    assert seen == [
        (Page.TOTAL, "0004711 kWh"),
        (Page.TARIFF_1, "0004000 T1"),
        (Page.TARIFF_2, "0000711 T2"),
        (Page.POWER, "0 W"),
        (Page.HOURS, "812 HRS"),
        (Page.TRIP, "09032.33 kWh"),
        (Page.PEAK, "1559 WP"),
        (Page.METER_NUMBER, "10865272 NUM"),
        (Page.PULSE_INPUT, "77 -"),
        (Page.CUSTOMER_DATA, "42"),
        (Page.TEST, "88888888 888"),
        (Page.CALL, "CALL"),
    ]
    assert shown(m) is Page.TOTAL


def test_only_chosen_pages_are_stepped_through_and_the_display_test_always() -> None:
    chosen = Configuration(options=frozenset({Option.HOURS, Option.PEAK}))
    assert running(configuration=chosen).pages == (Page.TOTAL, Page.HOURS, Page.PEAK, Page.TEST)
    assert running(configuration=chosen, display_test="never").pages == (Page.TOTAL, Page.HOURS, Page.PEAK)
    assert running(configuration=Configuration(options=frozenset())).pages == (Page.TOTAL, Page.TEST)


@pytest.mark.parametrize("option", list(Option))
def test_each_option_selects_its_own_pages(option: Option) -> None:
    m = running("685-382-WK-50", Configuration(options=frozenset({option})))
    expected = {
        Option.TARIFFS: (Page.TARIFF_1, Page.TARIFF_2),
        Option.ACTUAL_POWER: (Page.POWER,),
        Option.HOURS: (Page.HOURS,),
        Option.TRIP: (Page.TRIP,),
        Option.PEAK: (Page.PEAK,),
        Option.METER_NUMBER: (Page.METER_NUMBER,),
        Option.PULSE_INPUT: (Page.PULSE_INPUT,),
        Option.CUSTOMER_DATA: (Page.CUSTOMER_DATA,),
        Option.CALL: (Page.CALL,),
    }
    assert set(m.pages) == {Page.TOTAL, Page.TEST, *expected[option]}


def test_tariff_pages_and_the_tariff_sign_need_a_tariff_module() -> None:
    plain, two_tariffs = running(), running("685-382-EK-50")
    assert Page.TARIFF_1 not in plain.pages
    assert Page.TARIFF_2 not in plain.pages
    assert plain.display().tariffs == (False, False)
    assert two_tariffs.display().tariffs == (True, False)
    two_tariffs.select_tariff(2)
    two_tariffs.advance(Power.of_watts(1000), 4 * SECOND)
    assert two_tariffs.display().tariffs == (False, True)


def test_the_display_changes_when_the_button_is_released() -> None:
    m = running()
    m.press()
    m.press()
    assert shown(m) is Page.TOTAL
    m.release()
    assert shown(m) is Page.POWER
    m.release()
    assert shown(m) is Page.POWER


def test_on_a_tariff_page_the_unit_shifts_between_t_and_kwh() -> None:
    m = running("685-382-WK-50")
    step(m)
    units = []
    for _ in range(5):
        units.append(m.display().unit)
        m.advance(IDLE, 2 * SECOND - 1)
        units.append(m.display().unit)
        m.advance(IDLE, 1)
    assert units == ["T1 ", "T1 ", "kWh", "kWh", "T1 ", "T1 ", "kWh", "kWh", "T1 ", "T1 "]
    step(m)
    assert m.display().unit == "T2 "


def test_two_minutes_after_the_last_release_accumulated_energy_returns() -> None:
    m = running()
    step(m, 2)
    m.advance(IDLE, 120 * SECOND - 1)
    assert shown(m) is Page.HOURS
    m.advance(IDLE, 1)
    assert shown(m) is Page.TOTAL
    assert m.page_age_ns == 0


def test_each_activation_begins_the_two_minutes_anew_and_a_held_button_suspends_them() -> None:
    m = running()
    step(m)
    m.advance(IDLE, 100 * SECOND)
    m.press()
    m.advance(IDLE, 1000 * SECOND)
    assert shown(m) is Page.POWER
    m.release()
    m.advance(IDLE, 119 * SECOND)
    assert shown(m) is Page.HOURS


def test_the_two_minutes_may_also_count_from_the_press() -> None:
    m = running(fall_back_from="press")
    m.press()
    m.advance(IDLE, 2 * SECOND)
    m.release()
    m.advance(IDLE, 118 * SECOND - 1)
    assert shown(m) is Page.POWER
    m.advance(IDLE, 1)
    assert shown(m) is Page.TOTAL
    step(m)
    m.press()
    m.advance(IDLE, 120 * SECOND)
    assert shown(m) is Page.TOTAL


def test_six_seconds_on_the_trip_page_reset_the_trip_recorder_while_still_held() -> None:
    m = running()
    step_to(m, Page.TRIP)
    start = m.time_ns
    m.press()
    assert m.advance(IDLE, 6 * SECOND - 1) == []
    assert m.registers.trip_wh == 9_032_339
    assert m.advance(IDLE, 10 * SECOND) == [TripReset(start + 6 * SECOND, 9_032_339)]
    assert m.display().text == "00000.00 kWh"
    assert m.release() == []
    assert shown(m) is Page.TRIP
    m.advance(IDLE, 120 * SECOND)
    assert shown(m) is Page.TOTAL


def test_the_trip_recorder_may_also_be_reset_at_the_release() -> None:
    m = running(hold_acts="on_release")
    step_to(m, Page.TRIP)
    assert hold(m, 6 * SECOND) == [TripReset(m.time_ns, 9_032_339)]
    assert shown(m) is Page.TRIP
    assert hold(m, 6 * SECOND - 1) == []
    assert shown(m) is Page.PEAK


@pytest.mark.parametrize(("saved", "left"), [(True, 0), (False, 9_032_339)])
def test_a_reset_trip_recorder_stays_reset_over_a_power_failure_if_it_is_saved_at_once(saved: bool, left: int) -> None:
    m = running(trip_reset_saved=saved)
    step_to(m, Page.TRIP)
    hold(m, 6 * SECOND)
    m.advance(NO_VOLTAGE, 1)
    assert m.registers.trip_wh == left


def test_a_shorter_activation_on_the_trip_page_steps() -> None:
    m = running()
    step_to(m, Page.TRIP)
    hold(m, 6 * SECOND - 1)
    assert shown(m) is Page.PEAK
    assert m.registers.trip_wh == 9_032_339


def test_six_seconds_on_another_page_are_an_ordinary_activation() -> None:
    m = running()
    assert hold(m, 20 * SECOND) == []
    assert shown(m) is Page.POWER
    assert hold(m, 20 * SECOND) == []
    assert shown(m) is Page.HOURS


@pytest.mark.parametrize(("module", "calls"), [("HK", True), ("YN", True), ("OK", False), ("MK", False)])
def test_six_seconds_on_the_call_page_make_a_modem_call(module: str, calls: bool) -> None:
    m = running(f"685-382-{module}-50")
    step_to(m, Page.CALL)
    start = m.time_ns
    assert hold(m, 7 * SECOND) == ([CallProvoked(start + 6 * SECOND)] if calls else [])
    assert shown(m) is Page.CALL


def test_energy_goes_on_counting_while_the_button_is_held() -> None:
    m = running()
    step_to(m, Page.TRIP)
    m.press()
    events = m.advance(Power.of_watts(3600), 4000 * SECOND)
    assert [type(e) for e in events if isinstance(e, TripReset | HourStored)] == [TripReset, HourStored]
    assert m.registers.trip_wh == 4000 - 6


def test_call_is_written_with_the_digits_because_it_has_four_letters() -> None:
    picture = step_to(running(), Page.CALL)
    assert (picture.digits, picture.unit) == ("    CALL", "   ")


def test_the_display_test_lights_everything() -> None:
    picture = step_to(running("685-182-OK-50"), Page.TEST)
    assert picture.digits == "88888888"
    assert (picture.tariffs, picture.phases, picture.squares) == ((True, True), (True,) * 3, (True,) * 3)


def test_without_preceding_zeroes_energy_is_short_and_the_telegram_is_not() -> None:
    m = ReferenceMeter(
        "685-382-WK-50",
        registers=Registers(tariff_1_kwh=5, trip_wh=70),
        configuration=Configuration(preceding_zeroes=False),
    )
    m.advance(IDLE, SECOND)
    assert m.display().digits == "       0"
    assert m.readout().data_sets[1].value == "0000000"
    step(m)
    assert m.display().text == "5 T1"
    assert step_to(m, Page.TRIP).text == "0.07 kWh"


def test_the_trip_recorder_shows_whole_hundredths_of_a_kwh() -> None:
    m = running()
    step_to(m, Page.TRIP)
    assert m.display().decimals == 2
    m.advance(Power.of_watts(3600), SECOND)
    assert m.display().text == "09032.34 kWh"
    m.advance(Power.of_watts(3600), 9 * SECOND)
    assert m.display().text == "09032.34 kWh"


@pytest.mark.parametrize(
    ("unit", "text"), [(Unit.NONE, "77 -"), (Unit.KWH, "77 kWh"), (Unit.LITRE, "77 l"), (Unit.CUBIC_METRE, "77 m3")]
)
def test_the_pulse_input_is_shown_in_its_unit(unit: Unit, text: str) -> None:
    assert step_to(running(configuration=Configuration(input_unit=unit)), Page.PULSE_INPUT).text == text


def test_l1_l2_l3_show_the_phases_with_voltage_on_every_page() -> None:
    m = running()
    step(m, 3)
    m.advance(Power((0, 0, 0), (True, False, True)), SECOND)
    assert m.display().phases == (True, False, True)
    one = running("685-182-OK-50")
    assert one.display().phases == (True, False, False)


def test_each_square_changes_with_the_energy_of_its_phase() -> None:
    m = running()
    load = Power.of_watts(1000, 500)  # 0.1 Wh is 0.36 s at 1000 W, 0.72 s at 500 W
    seen = []
    for _ in range(5):
        seen.append(m.display().squares)
        m.advance(load, 360_000_000)
    assert seen == [(n % 2 == 1, n // 2 % 2 == 1, False) for n in range(5)]
    m.advance(Power.of_watts(0, 0, 1000), 360_000_000)
    assert m.display().squares == (True, False, True)


def test_with_a_phase_quantum_the_squares_change_at_the_phase_pulses() -> None:
    m = running(phase_quantum=WATT_HOUR * 2)
    m.advance(Power.of_watts(3600), 2 * SECOND - 1)
    assert m.display().squares == (False, False, False)
    m.advance(Power.of_watts(3600), 1)
    assert m.display().squares == (True, False, False)


def test_without_voltage_the_display_is_dark_and_the_button_dead() -> None:
    m = running()
    step(m)
    m.press()
    m.advance(NO_VOLTAGE, SECOND)
    assert m.display() == DisplayPicture()
    assert m.display().text == ""
    m.press()
    m.advance(IDLE, SECOND)
    assert shown(m) is Page.TOTAL
    m.release()
    assert shown(m) is Page.TOTAL


def test_a_page_that_is_configured_away_gives_way_to_the_total() -> None:
    m = running()
    step(m)
    m.configure("123456", Configuration(options=frozenset({Option.ACTUAL_POWER})))
    assert shown(m) is Page.POWER
    m.configure("123456", Configuration(options=frozenset()))
    assert shown(m) is Page.TOTAL


def test_registers_step_while_another_page_is_shown() -> None:
    m = running()
    step_to(m, Page.PEAK)
    m.advance(Power.of_watts(60_000), 60 * SECOND)
    assert m.display().text == "1559 WP"
    assert m.total_kwh == 4712
