"""What is stored when, and what a power failure leaves, by hand. R25 to R33."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reference_meter import (
    HOUR,
    NO_VOLTAGE,
    SECOND,
    WATT_HOUR,
    Assumptions,
    Configuration,
    InputMode,
    MemoryImage,
    Option,
    Output2,
    Power,
    ReferenceMeter,
    Registers,
    TypeNumber,
    Unit,
)
from reference_meter.events import Event, HourStored, MonthStored, PowerFailed, PowerReturned, Stored
from reference_meter.image import SIZE, Contents

KW = Power.of_watts(1000)
MINUTE = 60 * SECOND


def test_every_full_hour_stores_four_values() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(total_kwh=7, pulse_input=5, hours=10))
    assert m.hourly is None
    stored = [e for e in m.advance(Power.of_watts(2500), 2 * HOUR) if isinstance(e, HourStored)]
    assert stored == [HourStored(HOUR, Stored(9, 2500, 5, 11)), HourStored(2 * HOUR, Stored(12, 2500, 5, 12))]
    assert m.hourly == Stored(12, 2500, 5, 12)


def test_a_kwh_completed_in_the_last_instant_of_an_hour_belongs_to_it() -> None:
    m = ReferenceMeter("685-382-OK-50")
    m.advance(KW, HOUR)
    assert m.hourly == Stored(1, 1000, 0, 1)


def test_36_months_are_kept_and_the_oldest_is_overwritten() -> None:
    three_years = tuple(Stored(73 * n, 100, 0, 730 * n) for n in range(1, 37))
    full = Contents(
        *(
            TypeNumber.parse("685-382-OK-50"),
            0,
            "123456",
            Configuration(),
            Registers(total_kwh=73 * 36, hours=730 * 36),
        ),
        hourly=None,
        months=three_years,
    )
    m = ReferenceMeter.from_image(full.pack())
    assert m.months == three_years
    events = m.advance(Power.of_watts(100), 2 * 730 * HOUR, pulses=False)
    assert sum(isinstance(e, MonthStored) for e in events) == 2
    assert m.months == (*three_years[2:], Stored(73 * 37, 100, 0, 730 * 37), Stored(73 * 38, 100, 0, 730 * 38))
    assert ReferenceMeter.from_image(m.image()).months == m.months
    assert m.image().read(0x0384, 0x039B) == 24 * b"\xff"  # never written in a real meter of 57,037 h


def test_a_power_failure_loses_what_is_short_of_a_kwh_and_nothing_else_that_is_metered() -> None:
    start = Registers(
        total_kwh=41, tariff_1_kwh=40, tariff_2_kwh=1, watt_hours=998, hours=3, hour_ns=HOUR // 2, trip_wh=55_000
    )
    m = ReferenceMeter("685-382-OK-50", registers=start)
    m.advance(KW, 500 * 3_600_000_000 + SECOND)  # half an hour: kWh 42 after 2 Wh, the hour after 500 Wh
    assert (m.total_kwh, m.watt_hours, m.hours) == (42, 498, 4)
    failed = m.advance(NO_VOLTAGE, HOUR)
    assert failed == [PowerFailed(500 * 3_600_000_000 + SECOND, 498)]
    after = m.registers
    assert (after.total_kwh, after.tariff_1_kwh, after.tariff_2_kwh, after.watt_hours, after.remainder) == (
        42,
        41,
        1,
        0,
        0,
    )
    assert (after.hours, after.hour_ns, after.window_energy, after.window_discarded) == (4, 0, 0, False)
    assert after.trip_wh == 55_002
    assert m.advance(KW, 1) == [PowerReturned(m.time_ns - 1)]


def test_hours_and_window_fall_back_to_the_last_kwh_when_that_is_later_than_the_hour() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(watt_hours=900))
    m.advance(KW, 10 * MINUTE)  # kWh after 6 min
    m.advance(NO_VOLTAGE, 1)
    assert m.registers.hour_ns == 6 * MINUTE
    assert m.registers.window_energy == 100 * WATT_HOUR


@pytest.mark.parametrize("pulses", [True, False])
def test_the_last_of_several_kwh_of_one_step_is_the_save_point(pulses: bool) -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(watt_hours=900))
    m.advance(Power.of_watts(10_000), 756 * SECOND, pulses=pulses)  # kWh after 36 s, 396 s and 756 s
    assert (m.total_kwh, m.watt_hours) == (3, 0)
    m.advance(NO_VOLTAGE, 1)
    assert (m.total_kwh, m.watt_hours, m.registers.hour_ns) == (3, 0, 756 * SECOND)
    assert m.registers.trip_wh == 2100


def test_a_kwh_in_the_last_instant_before_the_failure_is_saved() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(watt_hours=999))
    m.advance(KW, 3_600_000_000)
    m.advance(NO_VOLTAGE, 1)
    assert (m.total_kwh, m.registers.hour_ns) == (1, 3_600_000_000)


def test_a_peak_of_the_hour_under_way_is_lost_with_it() -> None:
    m = ReferenceMeter("685-382-OK-50")
    m.advance(Power.of_watts(400), HOUR)
    m.advance(Power.of_watts(800), HOUR // 4)
    assert m.registers.peak_w == 800
    m.advance(NO_VOLTAGE, 1)
    assert m.registers.peak_w == 400


def test_a_month_that_is_over_does_not_come_back() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(hours=729, peak_w=900))
    m.advance(Power.of_watts(10), HOUR)
    m.advance(NO_VOLTAGE, 1)
    assert (m.registers.peak_w, m.registers.last_peak_w, m.hours) == (0, 900, 730)
    assert len(m.months) == 1


def test_a_meter_that_saves_at_the_failure_loses_nothing() -> None:
    m = ReferenceMeter("685-382-OK-50", assumptions=Assumptions(power_fail_save=True))
    m.advance(Power.of_watts(777), 1234 * SECOND)
    before = m.registers
    assert m.advance(NO_VOLTAGE, HOUR) == [PowerFailed(1234 * SECOND, 0)]
    assert m.registers == before
    assert ReferenceMeter.from_image(m.image()).registers == before


def test_a_meter_that_never_had_voltage_loses_nothing() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(watt_hours=500))
    assert m.advance(NO_VOLTAGE, HOUR) == []
    m.advance(KW, 1)
    assert m.watt_hours == 500


def test_without_voltage_nothing_counts() -> None:
    m = ReferenceMeter("685-382-OK-50")
    stopped = Power((10**9, 10**9, 10**9), (False, False, False))
    events: list[Event] = m.advance(stopped, 100 * HOUR)
    assert events == []
    assert m.next_pulse(stopped) is None
    assert m.registers == Registers()


def test_the_memory_of_a_running_meter_is_what_a_power_failure_would_leave() -> None:
    m = ReferenceMeter("685-382-RK-50", registers=Registers(watt_hours=700, hours=5))
    m.advance(Power.of_watts(2300), 5000 * SECOND)
    asleep = ReferenceMeter.from_image(m.image())
    m.advance(NO_VOLTAGE, 1)
    assert asleep.registers == m.registers
    assert asleep.hourly == m.hourly


def test_an_image_keeps_everything_that_was_configured() -> None:
    configuration = Configuration(
        options=frozenset({Option.TRIP, Option.CALL}),
        preceding_zeroes=False,
        meter_number=1234,
        customer_data=87_654_321,
        input_mode=InputMode.QUICK,
        pulse_constant=Fraction("999.999"),
        input_unit=Unit.LITRE,
        output_2=Output2.THOUSAND_PER_KWH,
    )
    m = ReferenceMeter("685-161-RK-35", configuration=configuration, password="000042", production_number=0x89ABCDEF)
    again = ReferenceMeter.from_image(MemoryImage(bytes(m.image())))
    assert (str(again.type_number), again.production_number) == ("685-161-RK-35", 0x89ABCDEF)
    assert again.configuration == configuration
    assert again.hourly is None
    assert again.months == ()
    again.configure("000042", Configuration())


def test_an_image_of_another_size_or_of_a_real_meter_is_refused() -> None:
    with pytest.raises(ValueError, match="has 2047 bytes, not 3"):
        MemoryImage(b"abc")
    with pytest.raises(ValueError, match="holds no configuration"):
        ReferenceMeter.from_image(MemoryImage(b"685382OK10".ljust(SIZE, b"\xff")))


@pytest.mark.parametrize(("first", "last"), [(0, 5), (6, 5), (1, SIZE + 1)])
def test_addresses_outside_the_memory_are_refused(first: int, last: int) -> None:
    image = ReferenceMeter("685-382-OK-50").image()
    with pytest.raises(ValueError, match="is not within 0x0001 to 0x07FF"):
        image.read(first, last)
    assert len(image.read(1, SIZE)) == SIZE


def test_the_tariff_in_force_survives_a_power_failure_and_pulses_that_waited_do_not() -> None:
    m = ReferenceMeter("685-322-WK-50", assumptions=Assumptions(s0_min_pause_ns=30_000_000))
    m.select_tariff(2)
    m.advance(Power.of_watts(82_800), SECOND)
    assert m.pulse_count == 16
    m.advance(NO_VOLTAGE, SECOND)
    m.advance(Power.of_watts(0), SECOND)
    assert m.pulse_count == 16
    assert m.active_tariff == 2
