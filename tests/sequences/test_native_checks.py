"""What is made of the numbers and registers that a meter tells natively."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.fixture import Snapshot
from drivers.mode_a_registers import Registers
from sequences.read_out import disagreements
from sequences.sign_on import which_number

FIRST = Snapshot(10.0, 10.3, 0, 0, Registers(total_kwh=7, trip_wh=7120, hours=3, power_w=0, peak_w=900))
LAST = Snapshot(1810.0, 1810.3, 0, 0, Registers(total_kwh=9, trip_wh=9110, hours=4, power_w=0, peak_w=7000))


def test_registers_that_the_load_explains_agree() -> None:
    assert disagreements(FIRST, LAST, 9, 1985, 80.0) == []


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"total_kwh": 10}, "total 10 kWh, mode A told 9 kWh"),
        ({"trip_wh": 9210}, "trip gained 2090 Wh, 1985 Wh passed"),
        ({"power_w": 1}, "power 1 W without current"),
        ({"hours": 5}, "2 h gained in 0.50 h"),
        ({"hours": 2}, "-1 h gained in 0.50 h"),
        ({"peak_w": 899}, "peak 899 W, 900 to 8261 W possible"),
        ({"peak_w": 8300}, "peak 8300 W, 900 to 8261 W possible"),
    ],
)
def test_each_register_that_it_does_not_explain_is_named(odd: dict[str, int], words: str) -> None:
    last = replace(LAST, registers=replace(LAST.registers, **odd))  # type: ignore[arg-type]  # one field, an int
    assert disagreements(FIRST, last, 9, 1985, 80.0) == [words]


def test_a_trip_counter_that_rolled_over_agrees() -> None:
    first = replace(FIRST, registers=replace(FIRST.registers, trip_wh=99_999_000))
    last = replace(LAST, registers=replace(LAST.registers, trip_wh=990))
    assert disagreements(first, last, 9, 1985, 80.0) == []


@pytest.mark.parametrize(
    ("scanned", "found"),
    [
        ("", "none scanned"),
        ("10001093", "production number"),
        ("010865272", "meter number"),
        ("21480001", "neither number of the meter"),
    ],
)
def test_the_scanned_number_is_looked_for_in_both_of_the_meter_s(scanned: str, found: str) -> None:
    assert which_number(scanned, "10001093", "10865272") == found
    assert which_number("1", "", "") == "neither number of the meter"
