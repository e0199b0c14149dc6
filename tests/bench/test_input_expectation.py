"""What closures of a contact must add to the pulse input's register."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bench.input_expectation import Gain, expected_gain
from drivers.contact import Closure
from reference_meter import Configuration, InputMode, NotFitted, TypeNumber

RK = TypeNumber.parse("685-382-RK-50")
QUICK = Configuration(input_mode=InputMode.QUICK)


def closures(*lengths: float, gap: float = 1.0, start: float = 100.0) -> list[Closure]:
    found = []
    for length in lengths:
        found.append(Closure(start, start + length))
        start += length + gap
    return found


def test_a_closure_longer_than_a_second_counts_and_a_shorter_one_does_not() -> None:
    assert expected_gain(RK, Configuration(), closures(1.2, 0.5, 1.2, 0.9), 0.001) == Gain(2, 2)


def test_a_closure_of_one_second_leaves_two_answers() -> None:
    assert expected_gain(RK, Configuration(), closures(1.0), 0.001) == Gain(0, 1)


def test_quick_closures_count_from_30_ms() -> None:
    assert expected_gain(RK, QUICK, closures(0.035, 0.02, 0.04, gap=0.03), 0.001) == Gain(2, 2)


def test_bounce_at_the_beginning_is_one_closure() -> None:
    bouncing = [Closure(1.0, 1.0005), Closure(1.001, 1.0015), Closure(1.002, 2.2)]
    assert expected_gain(RK, Configuration(), bouncing, 0.0001) == Gain(1, 1)


def test_the_fraction_of_a_unit_that_nobody_can_read_leaves_two_answers() -> None:
    ten = Configuration(input_mode=InputMode.QUICK, pulse_constant=Fraction(10))
    assert expected_gain(RK, ten, closures(*[0.05] * 10), 0.001) == Gain(1, 1)
    assert expected_gain(RK, ten, closures(*[0.05] * 3), 0.001) == Gain(0, 1)
    assert expected_gain(RK, ten, [], 0.001) == Gain(0, 0)


def test_a_quarter_pulse_a_unit_adds_four_units_each() -> None:
    quarter = Configuration(pulse_constant=Fraction(1, 4))
    assert expected_gain(RK, quarter, closures(1.2, 1.2), 0.001) == Gain(8, 8)


def test_a_meter_without_the_input_is_refused() -> None:
    with pytest.raises(NotFitted):
        expected_gain(TypeNumber.parse("685-382-OK-50"), Configuration(), closures(1.2), 0.001)
