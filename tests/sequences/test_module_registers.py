"""Registers read over a module between two readouts of the optical head: what agrees, and what is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bench.oracle import Expectation
from bench.profile import STANDARD
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from reference_meter.modules import MODULES
from sequences.module import module_test
from sequences.module_part import against_reference
from sequences.module_registers import _apart

BEFORE = Registers("10865272", 9032, (9031, 1), 57_392, 4, Decimal("1.5"), Decimal("2.8"))
AFTER = replace(BEFORE, total_kwh=9033, tariff_kwh=(9032, 1))


@pytest.mark.parametrize("found", [BEFORE, AFTER, replace(AFTER, pulse_input=None, last_peak_kw=None)])
def test_registers_that_stood_or_stepped_in_between_agree(found: Registers) -> None:
    assert _apart(BEFORE, found, AFTER) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"total_kwh": 9034}, "total kwh: 9034, 9032 before and 9033 after"),
        ({"total_kwh": 9033}, "T1 and T2 do not add up to the total"),
        ({"tariff_kwh": (9030, 2)}, "tariff kwh: 9030 and 2, 9031 and 1 before and 9032 and 1 after"),
        ({"hours": 57_391}, "hours: 57391, 57392 before and 57392 after"),
        ({"peak_kw": Decimal("1.6")}, "peak kw: 1.6, 1.5 before and 1.5 after"),
        ({"pulse_input": 5}, "pulse input: 5, 4 before and 4 after"),
        ({"hours": None}, "hours is not told"),
    ],
)
def test_a_register_that_lies_outside_is_named(wrong: dict[str, Any], named: str) -> None:
    assert _apart(BEFORE, replace(BEFORE, **wrong), AFTER)[:1] == [named]


def test_a_register_that_rolls_over_in_between_agrees() -> None:
    before, after = replace(BEFORE, hours=9_999_999), replace(AFTER, hours=0)
    assert _apart(before, replace(BEFORE, hours=9_999_999), after) == []
    assert _apart(before, replace(BEFORE, hours=0), after) == []
    assert _apart(before, replace(BEFORE, hours=5), after) == ["hours: 5, 9999999 before and 0 after"]


def test_a_total_is_held_against_the_reference_meter_of_both_moments() -> None:
    before, after = Expectation(100, 101), Expectation(103, 104)
    assert [against_reference(before, after, kwh)[0] == "agrees" for kwh in (99, 100, 102, 104, 105)] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert against_reference(before, after, 105) == ("105 kWh, 100 to 104 expected",) * 2


@pytest.mark.parametrize("code", MODULES)
def test_the_type_number_alone_chooses_the_step(code: str) -> None:
    steps = module_test(TypeNumber.parse(f"685-382-{code}-50"), STANDARD)
    assert [step.name for step in steps] == ([] if code == "OK" else ["module"])
    for step in steps:
        assert step.title == f"Module {code}: {MODULES[code].name}"
        assert len({each.name for each in step.measurements()}) == len(step.measurements()) > 0
        assert step.longest() >= step.duration() > 0
