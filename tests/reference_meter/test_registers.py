"""Register 2, kWh, tariffs, trip and hours, by hand. R4, R12 to R17, R25, R51."""

from __future__ import annotations

import dataclasses
import json

import pytest

from reference_meter import (
    HOUR,
    SECOND,
    Assumptions,
    KilowattHour,
    NotFitted,
    Power,
    ReferenceMeter,
    Registers,
    S0Pulse,
)
from reference_meter.events import TariffChanged

KW = Power.of_watts(1000)
WH = 3_600_000_000  # ns that 1000 W take for 1 Wh


def test_the_1000th_pulse_steps_the_kwh_register_and_empties_register_2() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(watt_hours=998, total_kwh=41, tariff_1_kwh=41))
    assert m.advance(KW, WH)[1:] == [S0Pulse(WH, 1)]
    assert (m.watt_hours, m.total_kwh) == (999, 41)
    assert m.advance(KW, WH) == [S0Pulse(2 * WH, 2), KilowattHour(2 * WH, 42, 1)]
    assert (m.watt_hours, m.total_kwh, m.tariff_kwh) == (0, 42, (42, 0))


def test_s0_pulses_are_1000_times_the_kwh_and_register_2() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(watt_hours=123, total_kwh=5))
    m.advance(Power.of_watts(12_345), 3 * HOUR)
    assert m.pulse_count == 1000 * (m.total_kwh - 5) + m.watt_hours - 123 == 37_035


def test_listed_or_not_the_count_is_the_same() -> None:
    listed, silent = ReferenceMeter("685-322-OK-50"), ReferenceMeter("685-322-OK-50")
    load = Power.of_watts(27_000, 27_000, 27_001)
    events = listed.advance(load, 600 * SECOND)
    silent.advance(load, 600 * SECOND, pulses=False)
    assert listed.registers == silent.registers
    assert sum(isinstance(e, S0Pulse) for e in events) == listed.pulse_count == silent.pulse_count == 13_500
    assert [e.total_kwh for e in events if isinstance(e, KilowattHour)] == list(range(1, 14))


def test_the_kwh_register_goes_from_9999999_to_0() -> None:
    full = Registers(total_kwh=9_999_999, tariff_1_kwh=9_999_999, watt_hours=999, hours=9_999_999, hour_ns=HOUR - WH)
    m = ReferenceMeter("685-382-OK-50", registers=full)
    assert KilowattHour(WH, 0, 1) in m.advance(KW, WH)
    assert (m.total_kwh, m.tariff_kwh, m.hours) == (0, (0, 0), 0)


def test_the_trip_recorder_goes_from_99999_99_to_0() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(trip_wh=99_999_999))
    m.advance(KW, WH)
    assert m.registers.trip_wh == 0


def test_a_whole_kwh_goes_to_the_tariff_active_at_its_last_watt_hour() -> None:
    m = ReferenceMeter("685-382-WK-50", registers=Registers(watt_hours=998))
    m.advance(KW, WH)
    m.select_tariff(2)
    assert m.active_tariff == 1
    assert m.advance(KW, WH - 1) == []
    assert m.active_tariff == 1
    assert m.advance(KW, 1) == [TariffChanged(2 * WH, 2), S0Pulse(2 * WH, 2), KilowattHour(2 * WH, 1, 2)]
    assert m.tariff_kwh == (0, 1)


def test_a_tariff_that_is_switched_back_before_the_next_watt_hour_never_was_active() -> None:
    m = ReferenceMeter("685-382-WK-50")
    m.select_tariff(2)
    m.select_tariff(1)
    m.advance(KW, HOUR)
    assert (m.active_tariff, m.tariff_kwh) == (1, (1, 0))


def test_with_a_remainder_a_tariff_each_counts_its_own_watt_hours() -> None:
    m = ReferenceMeter("685-382-WK-50", assumptions=Assumptions(tariff_remainder="per_tariff"))
    m.advance(KW, 700 * WH)
    m.select_tariff(2)
    m.advance(KW, 600 * WH)
    assert (m.total_kwh, m.tariff_kwh) == (1, (0, 0))
    assert m.registers.tariff_watt_hours == (700, 600)
    m.advance(KW, 400 * WH)
    assert (m.total_kwh, m.tariff_kwh, m.watt_hours) == (1, (0, 1), 700)


def test_t1_and_t2_are_the_total_for_ever() -> None:
    m = ReferenceMeter("685-382-FK-50")
    for number in range(50):
        m.select_tariff(2 if number % 2 else 1)
        m.advance(Power.of_watts(9_731), 777 * SECOND)
        assert sum(m.tariff_kwh) == m.total_kwh
    assert min(m.tariff_kwh) > 40


def test_without_a_tariff_module_tariff_1_is_always_active() -> None:
    m = ReferenceMeter("685-382-OK-50")
    m.select_tariff(1)
    with pytest.raises(NotFitted, match="685-382-OK-50 has no tariff module"):
        m.select_tariff(2)
    with pytest.raises(ValueError, match="there is no tariff 3"):
        m.select_tariff(3)  # type: ignore[arg-type]  # what a careless caller passes


def test_hours_count_only_while_a_phase_of_the_meter_has_voltage() -> None:
    m = ReferenceMeter("685-182-OK-50")
    nothing = (0, 0, 0)
    m.advance(Power(nothing, (True, False, False)), HOUR)
    assert m.hours == 1
    m.advance(Power(nothing, (False, True, True)), 5 * HOUR)
    assert m.hours == 1
    assert m.time_ns == 6 * HOUR


def test_saved_registers_survive_json_and_make_a_meter_that_goes_on() -> None:
    one = ReferenceMeter("685-382-OK-50")
    load = Power.of_watts(1234, 567, 89)
    one.advance(load, 5000 * SECOND)
    saved = json.loads(json.dumps(dataclasses.asdict(one.registers)))
    saved["phase_remainders"] = tuple(saved["phase_remainders"])
    saved["tariff_watt_hours"] = tuple(saved["tariff_watt_hours"])
    two = ReferenceMeter("685-382-OK-50", registers=Registers(**saved))
    assert two.registers == one.registers
    assert two.next_pulse(load) == one.next_pulse(load)
    one.advance(load, 5000 * SECOND)
    two.advance(load, 5000 * SECOND)
    assert two.registers == one.registers


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("total_kwh", 10_000_000),
        ("watt_hours", 1000),
        ("hours", -1),
        ("trip_wh", 100_000_000),
        ("peak_w", -1),
        ("hour_ns", HOUR),
    ],
)
def test_registers_a_meter_cannot_hold_are_refused(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}; it (must lie from 0 to [0-9]*9|cannot be negative)$"):
        Registers(**{field: value})  # type: ignore[arg-type]  # one field at a time
