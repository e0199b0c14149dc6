"""Pulse input, pulse output 2, modules, configuration, password and seal, by hand. R53 to R71."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from reference_meter import (
    HOUR,
    NO_VOLTAGE,
    SECOND,
    Assumptions,
    Configuration,
    InputMode,
    KilowattHour,
    NotFitted,
    Output2,
    Power,
    ReferenceMeter,
    Registers,
    Sealed,
    TypeNumber,
    WrongPassword,
)
from reference_meter.events import Event, InputCounted, Output2Pulse
from reference_meter.modules import MODULES
from reference_meter.readout import MODE_A_BAUD

IDLE = Power((0, 0, 0))
MS = 1_000_000


def meter(mode: InputMode = InputMode.QUICK, constant: str = "1", **choice: Any) -> ReferenceMeter:
    m = ReferenceMeter(
        "685-382-RK-50",
        configuration=Configuration(input_mode=mode, pulse_constant=Fraction(constant)),
        assumptions=Assumptions(**choice),
    )
    m.advance(IDLE, SECOND)
    return m


def closure(m: ReferenceMeter, closed_ns: int, open_ns: int = 50 * MS) -> list[Event]:
    m.close_contact()
    events = m.advance(IDLE, closed_ns)
    m.open_contact()
    return events + m.advance(IDLE, open_ns)


def counts(events: list[Event]) -> list[int]:
    return [e.units for e in events if isinstance(e, InputCounted)]


def test_a_quick_input_counts_a_closure_of_30_ms_in_that_moment() -> None:
    m = meter()
    start = m.time_ns
    assert closure(m, 30 * MS) == [InputCounted(start + 30 * MS, 1)]
    assert closure(m, 30 * MS - 1) == []
    assert m.registers.pulse_input == 1


def test_a_normal_input_counts_a_closure_of_more_than_1_s() -> None:
    m = meter(InputMode.NORMAL)
    assert closure(m, SECOND) == []
    start = m.time_ns
    assert closure(m, SECOND + 1) == [InputCounted(start + SECOND + 1, 1)]


def test_a_long_closure_counts_once() -> None:
    m = meter()
    assert counts(closure(m, 10 * SECOND)) == [1]


def test_a_quick_input_follows_16_hz_and_a_normal_one_half_a_hertz() -> None:
    quick = meter()
    for _ in range(16):
        closure(quick, 31 * MS, 31_500_000)
    assert quick.registers.pulse_input == 16
    normal = meter(InputMode.NORMAL)
    for _ in range(5):
        closure(normal, 1100 * MS, 900 * MS)
    assert normal.registers.pulse_input == 5


def test_bounce_does_not_end_a_closure() -> None:
    m = meter()
    assert counts(closure(m, 20 * MS, MS - 1)) == []
    assert counts(closure(m, 20 * MS, MS)) == [1]
    assert counts(closure(m, 40 * MS)) == [2]


def test_bounce_after_the_count_does_not_count_again() -> None:
    m = meter()
    assert counts(closure(m, 40 * MS, MS - 1)) == [1]
    assert counts(closure(m, 40 * MS)) == []


def test_a_closure_whose_30_ms_pass_within_the_bounce_counts_when_it_goes_on() -> None:
    m = meter()
    closure(m, 29_500_000, MS - 1)
    m.close_contact()
    assert counts(m.advance(IDLE, 1)) == [1]


def test_without_bounce_every_opening_ends_a_closure() -> None:
    m = meter(input_bounce_ns=0)
    assert counts(closure(m, 20 * MS, 1) + closure(m, 20 * MS, 1)) == []


def test_closing_or_opening_twice_is_once() -> None:
    m = meter()
    m.close_contact()
    m.advance(IDLE, 20 * MS)
    m.close_contact()
    assert counts(m.advance(IDLE, 10 * MS)) == [1]
    m.open_contact()
    m.advance(IDLE, 10 * MS)
    m.open_contact()
    assert counts(closure(m, 30 * MS)) == [2]


@pytest.mark.parametrize(
    ("constant", "pulses", "units", "carry"),
    [
        ("0.25", 3, 12, 0),
        ("1000", 2500, 2, 500_000),
        ("0.3", 1, 3, 100),
        ("0.3", 3, 10, 0),
        ("2.5", 4, 1, 1500),
        ("1", 7, 7, 0),
    ],
)
def test_the_register_is_pulses_over_the_constant_exactly(constant: str, pulses: int, units: int, carry: int) -> None:
    m = meter(constant=constant)
    for _ in range(pulses):
        closure(m, 30 * MS, MS)
    assert (m.registers.pulse_input, m.registers.pulse_input_carry) == (units, carry)
    assert m.readout().data_sets[5].value == f"{units:07}"
    assert m.readout().data_sets[5].unit == ""


def test_the_pulse_input_goes_from_9999999_to_0() -> None:
    m = ReferenceMeter(
        "685-382-RK-50",
        registers=Registers(pulse_input=9_999_999),
        configuration=Configuration(input_mode=InputMode.QUICK),
    )
    m.advance(IDLE, SECOND)
    assert counts(closure(m, SECOND)) == [0]


@pytest.mark.parametrize("constant", ["0.249", "1000.001", "0.2501", "-1"])
def test_other_pulse_constants_are_refused(constant: str) -> None:
    with pytest.raises(ValueError, match="pulse constant"):
        Configuration(pulse_constant=Fraction(constant))


def test_the_pulse_input_falls_back_to_the_last_save_and_a_closed_contact_begins_anew() -> None:
    m = meter()
    closure(m, SECOND)
    m.advance(IDLE, HOUR)
    closure(m, SECOND)
    m.close_contact()
    m.advance(IDLE, 20 * MS)
    m.advance(NO_VOLTAGE, SECOND)
    assert m.registers.pulse_input == 1
    start = m.time_ns
    assert counts(m.advance(IDLE, 29 * MS)) == []
    assert InputCounted(start + 30 * MS, 2) in m.advance(IDLE, MS)


def test_a_contact_that_moves_without_voltage_counts_nothing() -> None:
    m = meter()
    m.advance(NO_VOLTAGE, SECOND)
    m.close_contact()
    assert counts(m.advance(NO_VOLTAGE, SECOND)) == []
    m.open_contact()
    assert counts(m.advance(IDLE, SECOND)) == []


def test_the_pulse_input_needs_its_module() -> None:
    m = ReferenceMeter("685-382-OK-50")
    with pytest.raises(NotFitted, match="no pulse input module; fitted is OK"):
        m.close_contact()
    with pytest.raises(NotFitted):
        m.open_contact()


def test_output_2_gives_60_ms_a_kwh_or_30_ms_a_watt_hour() -> None:
    load = Power.of_watts(12_000)
    slow = ReferenceMeter("685-382-RK-50")
    fast = ReferenceMeter("685-382-RK-50", configuration=Configuration(output_2=Output2.THOUSAND_PER_KWH))
    per_kwh = [e for e in slow.advance(load, HOUR) if isinstance(e, Output2Pulse)]
    assert per_kwh == [Output2Pulse(300 * SECOND * n, 60 * MS) for n in range(1, 13)]
    events = fast.advance(load, SECOND)
    assert [e for e in events if isinstance(e, Output2Pulse)] == [
        Output2Pulse(300 * MS * n, 30 * MS) for n in range(1, 4)
    ]


def test_output_2_needs_its_module() -> None:
    m = ReferenceMeter("685-382-MK-50")
    assert not any(isinstance(e, Output2Pulse) for e in m.advance(Power.of_watts(12_000), HOUR))


def test_with_a_least_pause_on_s0_output_2_still_follows_the_watt_hour() -> None:
    m = ReferenceMeter(
        "685-322-RK-50",
        configuration=Configuration(output_2=Output2.THOUSAND_PER_KWH),
        assumptions=Assumptions(s0_min_pause_ns=30 * MS),
    )
    events = m.advance(Power.of_watts(27_600, 27_600, 27_600), SECOND)
    assert sum(isinstance(e, Output2Pulse) for e in events) == 23
    assert m.pulse_count == 16


def test_the_module_letters_of_the_ordering_details() -> None:
    assert list(MODULES) == ["OK", "SK", "RK", "QR", "MK", "EK", "HK", "WK", "FK", "YN", "PO", "IK"]
    assert [c for c, m in MODULES.items() if m.tariff_input] == ["EK", "WK", "FK"]
    assert [c for c, m in MODULES.items() if m.pulse_input and m.output_2] == ["RK"]
    assert [c for c, m in MODULES.items() if m.modem] == ["HK", "YN"]
    assert [c for c, m in MODULES.items() if m.serial] == ["RK", "FK"]
    assert MODE_A_BAUD == 300


def test_fitting_a_module_changes_no_register_and_the_seal_stays_whole() -> None:
    m = ReferenceMeter("685-382-OK-50", registers=Registers(total_kwh=3, watt_hours=777, pulse_input=9))
    m.advance(Power.of_watts(321), 1000 * SECOND)
    before = m.registers
    for code in MODULES:
        m.fit(code)
        assert m.registers == before
    assert m.sealed
    assert str(m.type_number) == "685-382-OK-50"


def test_a_fitted_module_works_and_a_removed_one_does_not() -> None:
    m = ReferenceMeter("685-382-OK-50")
    m.fit("WK")
    m.select_tariff(2)
    m.advance(Power.of_watts(1000), HOUR)
    assert m.tariff_kwh == (0, 1)
    m.fit("OK")
    m.advance(Power.of_watts(1000), HOUR)
    assert m.tariff_kwh == (1, 1)
    m.fit("RK")
    m.close_contact()
    m.fit("OK")
    assert counts(m.advance(IDLE, HOUR)) == []
    with pytest.raises(ValueError, match="there is no module 'XX'"):
        m.fit("XX")


def test_configuring_leaves_the_measurement_alone() -> None:
    m, untouched = ReferenceMeter("685-382-RK-50"), ReferenceMeter("685-382-RK-50")
    load = Power.of_watts(1234)
    for each in (m, untouched):
        each.advance(load, 1111 * SECOND)
    m.configure("123456", Configuration(preceding_zeroes=False, meter_number=5, output_2=Output2.THOUSAND_PER_KWH))
    assert m.registers == untouched.registers
    for each in (m, untouched):
        each.advance(load, 1111 * SECOND)
    assert m.registers == untouched.registers
    assert m.readout().data_sets[0].value == "00000005"


def test_a_new_pulse_constant_leaves_the_register_as_it_is() -> None:
    m = meter(constant="10")
    for _ in range(15):
        closure(m, SECOND)
    m.configure("123456", Configuration(input_mode=InputMode.QUICK, pulse_constant=Fraction(2)))
    assert (m.registers.pulse_input, m.registers.pulse_input_carry) == (1, 5000)
    closure(m, SECOND)
    assert (m.registers.pulse_input, m.registers.pulse_input_carry) == (1 + 3, 0)


@pytest.mark.parametrize("password", ["654321", "", "12345", "0123456", "١٢٣٤٥٦"])
def test_a_wrong_password_changes_nothing_and_is_not_repeated(password: str) -> None:
    m = ReferenceMeter("685-382-OK-50")
    before = m.configuration
    with pytest.raises(WrongPassword) as refused:
        m.configure(password, Configuration(meter_number=1))
    assert m.configuration is before
    assert "123456" not in str(refused.value)


def test_leading_zeroes_of_the_password_count() -> None:
    m = ReferenceMeter("685-382-OK-50", password="000042")
    with pytest.raises(WrongPassword):
        m.configure("42", Configuration())
    m.configure("000042", Configuration(meter_number=1))
    for password in ("12345", "1234567", "12345a", "١٢٣٤٥٦"):
        with pytest.raises(ValueError, match="6 decimal digits"):
            ReferenceMeter("685-382-OK-50", password=password)


@pytest.mark.parametrize(
    ("field", "value"), [("meter_number", 100_000_000), ("customer_data", -1), ("customer_data", 10**8)]
)
def test_numbers_of_more_than_8_digits_are_refused(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}; it has at most 8 digits"):
        Configuration(**{field: value})  # type: ignore[arg-type]  # one field at a time
    assert Configuration(meter_number=99_999_999, customer_data=0).meter_number == 99_999_999


def test_legal_data_need_a_broken_seal_and_a_modified_print() -> None:
    m = ReferenceMeter("685-382-OK-50")
    with pytest.raises(Sealed, match="the verification seal is whole"):
        m.write_legal(registers=Registers(total_kwh=1))
    with pytest.raises(Sealed, match="lies behind the verification seal"):
        m.modify_print()
    m.break_seal()
    assert not m.sealed
    with pytest.raises(Sealed, match="the main print is not modified"):
        m.write_legal(registers=Registers(total_kwh=1))
    assert m.total_kwh == 0
    m.modify_print()
    m.write_legal(registers=Registers(total_kwh=1, hours=8))
    assert (m.total_kwh, m.hours) == (1, 8)


def test_a_rewritten_meter_keeps_what_was_written_and_measures_as_its_new_type() -> None:
    m = ReferenceMeter("685-382-OK-50")
    m.advance(Power.of_watts(1000, 1000, 1000), HOUR)
    m.break_seal()
    m.modify_print()
    m.write_legal(type_number=TypeNumber.parse("685-182-OK-50"), registers=Registers(total_kwh=70, hours=5, hour_ns=7))
    m.advance(NO_VOLTAGE, 1)
    assert (m.total_kwh, m.hours) == (70, 5)
    m.advance(Power.of_watts(1000, 1000, 1000), HOUR)
    assert m.total_kwh == 71
    assert m.phases_connected == (True, False, False)
    assert m.readout().identification == "KAM 685-182-OK-50"


def test_listed_kwh_carry_the_tariff_and_the_register_after_the_step() -> None:
    m = ReferenceMeter("685-382-FK-50", registers=Registers(total_kwh=9_999_998))
    m.select_tariff(2)
    kwh = [e for e in m.advance(Power.of_watts(3000), HOUR) if isinstance(e, KilowattHour)]
    assert kwh == [KilowattHour(1200 * SECOND * n, total, 2) for n, total in ((1, 9_999_999), (2, 0), (3, 1))]
