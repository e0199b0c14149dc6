"""What the registers of a meter must show, counted by hand and against a meter whose hidden watt-hours are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.oracle import Expectation, Oracle
from drivers.power_source import Reading
from reference_meter import Power, ReferenceMeter, Registers, TypeNumber

METER = TypeNumber.parse("685-381-OK-50")
VOLTS = (230 + 0j, 230 + 0j, 230 + 0j)
NONE = (0j, 0j, 0j)


def reading(time: float, *watts: float) -> Reading:
    l1, l2, l3 = (*watts, 0.0, 0.0)[:3]
    return Reading(time, VOLTS, NONE, (l1, l2, l3), 50.0)


def oracle(total: int = 100, tariffs: tuple[int, int] = (60, 40)) -> Oracle:
    return Oracle(METER, total_kwh=total, tariff_kwh=tariffs)


def fed(*readings: Reading, total: int = 100) -> Oracle:
    one = oracle(total)
    for each in readings:
        one.advance(each)
    return one


def test_before_any_energy_the_register_may_only_read_what_it_read() -> None:
    assert oracle().expectation(0.0) == Expectation(100, 100)
    assert oracle().pulses == 0


def test_1500_wh_later_it_has_stepped_once_or_twice() -> None:
    one = fed(reading(0.0, 1200.0, 1200.0, 1200.0), reading(1500.0, 1200.0, 1200.0, 1200.0))
    assert one.pulses == 1500
    assert one.expectation(0.0) == Expectation(101, 102)


def test_power_between_two_readings_is_their_mean() -> None:
    assert fed(reading(0.0, 0.0), reading(10.0, 7200.0)).pulses == 10


def test_an_allowance_widens_both_ends() -> None:
    one = fed(reading(0.0, 3600.0), reading(1000.0, 3600.0))
    assert one.expectation(0.0) == Expectation(101, 101)
    assert one.expectation(1.0) == Expectation(100, 102)


def test_nothing_passes_while_the_load_changes() -> None:
    one = fed(reading(0.0, 3600.0), reading(10.0, 3600.0))
    one.pause()
    one.advance(reading(100.0, 36_000.0))
    assert one.pulses == 10
    one.advance(reading(101.0, 36_000.0))
    assert one.pulses == 20


def test_the_register_rolls_over_at_seven_digits() -> None:
    one = fed(reading(0.0, 3600.0), reading(1500.0, 3600.0), total=9_999_999)
    expected = one.expectation(0.0)
    assert expected == Expectation(10_000_000, 10_000_001)
    assert [expected.contains(kwh) for kwh in (9_999_999, 0, 1, 2)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("total", "tariffs", "answer"),
    [
        (100, (60, 40), True),
        (103, (63, 40), True),
        (103, (62, 41), False),  # tariff 2 has counted
        (103, (60, 40), False),  # no tariff has followed
        (99, (59, 40), True),  # seven digits are a circle
    ],
)
def test_without_a_tariff_module_tariff_1_counts_alone(total: int, tariffs: tuple[int, int], answer: bool) -> None:
    assert oracle().tariffs_agree(total, tariffs) is answer


def test_a_tariff_register_that_rolls_over_agrees() -> None:
    one = Oracle(METER, total_kwh=9_999_999, tariff_kwh=(9_999_999, 0))
    assert one.tariffs_agree(1, (1, 0))


def switched() -> Oracle:
    """3 kWh in tariff 1, then 2 kWh in tariff 2."""
    one = Oracle(TypeNumber.parse("685-381-WK-50"), total_kwh=100, tariff_kwh=(60, 40))
    one.advance(reading(0.0, 3600.0))
    one.advance(reading(3000.0, 3600.0))
    one.select_tariff(2)
    one.advance(reading(5000.0, 3600.0))
    one.select_tariff(1)
    return one


@pytest.mark.parametrize(
    ("total", "tariffs", "answer"),
    [
        (105, (63, 42), True),
        (105, (62, 43), True),  # the kWh under way when the tariff changed may be either's (R16)
        (105, (65, 40), False),  # tariff 2 never counted
        (105, (61, 44), False),  # tariff 2 counts for ever
        (105, (63, 41), False),  # a kWh that no tariff counted
    ],
)
def test_after_a_switch_of_tariffs_each_has_counted_its_own(total: int, tariffs: tuple[int, int], answer: bool) -> None:
    assert switched().tariffs_agree(total, tariffs) is answer


@given(st.integers(0, 999), st.lists(st.tuples(st.floats(0.0, 20_000.0), st.floats(0.1, 600.0)), max_size=12))
def test_a_meter_without_error_always_reads_what_is_expected(
    watt_hours: int, course: list[tuple[float, float]]
) -> None:
    meter = ReferenceMeter(METER, registers=Registers(total_kwh=7, tariff_1_kwh=7, watt_hours=watt_hours))
    one, time, before = Oracle(METER, total_kwh=7, tariff_kwh=(7, 0)), 0.0, 0.0
    one.advance(reading(time, before))
    for watts, seconds in course:
        time, passed = time + seconds, seconds
        one.advance(reading(time, watts))
        meter.advance(Power((round((before + watts) / 2 * 1e6), 0, 0)), round(passed * 1e9))
        before = watts
    # The reference meters know the watt-hours only as whole ones, and time only to the last digit of a float.
    assert one.expectation(2.0).contains(meter.total_kwh)
