"""The audit: its influences, the limits of variation by class, and what each source and meter can have of it."""

from __future__ import annotations

import cmath
import math

import pytest

from bench.influences import FREQUENCY, REVERSED_SEQUENCE, VOLTAGE, without
from bench.norms import Quantity, variation_limit
from bench.plan import Plan, make_plan
from bench.plan_diff import plan_diff
from bench.plan_text import reckoned_with
from bench.profile import STANDARD, Profile
from drivers.load import symmetrical
from drivers.power_source import Capabilities
from reference_meter import TypeNumber
from sequences.audit import Variation, audit

LOAD = symmetrical(230.0, 5.0, 60.0)
TABLE_8 = [
    # IEC 62053-21:2003, 8.2, table 8: I / Ib, power factor, class 1, class 2
    (Quantity.VOLTAGE, 0.05, 1.0, 0.7, 1.0),
    (Quantity.VOLTAGE, 24.0, 1.0, 0.7, 1.0),
    (Quantity.VOLTAGE, 0.1, 0.5, 1.0, 1.5),
    (Quantity.FREQUENCY, 0.05, 1.0, 0.5, 0.8),
    (Quantity.FREQUENCY, 0.1, 0.5, 0.7, 1.0),
    (Quantity.REVERSED_SEQUENCE, 0.1, 1.0, 1.5, 1.5),
    (Quantity.UNBALANCE, 1.0, 1.0, 2.0, 4.0),
]
NO_LIMIT = [
    (Quantity.VOLTAGE, 0.0499, 1.0),
    (Quantity.VOLTAGE, 0.0999, 0.5),
    (Quantity.FREQUENCY, 0.0499, 1.0),
    (Quantity.REVERSED_SEQUENCE, 1.0, 1.0),
    (Quantity.REVERSED_SEQUENCE, 0.1, 0.5),
    (Quantity.UNBALANCE, 0.1, 1.0),
    (Quantity.VOLTAGE, 1.0, 0.8),
]


def plan(type_number: str, profile: Profile = STANDARD) -> Plan:
    return make_plan("audit", audit, TypeNumber.parse(type_number), profile)


def limits(type_number: str, profile: Profile = STANDARD) -> list[tuple[str, float]]:
    return [(step.name, step.limit.percent) for step in plan(type_number, profile).steps if isinstance(step, Variation)]


@pytest.mark.parametrize(("quantity", "current", "factor", "class_1", "class_2"), TABLE_8)
def test_the_limits_of_variation(
    quantity: Quantity, current: float, factor: float, class_1: float, class_2: float
) -> None:
    assert variation_limit(quantity, 1, current, factor, inductive=True).percent == class_1
    assert variation_limit(quantity, 2, current, factor, inductive=True).percent == class_2
    assert variation_limit(quantity, 2, current, factor, inductive=True).source.startswith("IEC 62053-21:2003, 8.2")


@pytest.mark.parametrize(("quantity", "current", "factor"), NO_LIMIT)
def test_where_the_norm_sets_no_limit_of_variation_there_is_none(
    quantity: Quantity, current: float, factor: float
) -> None:
    with pytest.raises(ValueError, match="sets no limit of variation"):
        variation_limit(quantity, 1, current, factor, inductive=True)


def test_the_influences_of_a_class_1_meter_of_three_phases() -> None:
    assert limits("685-381-OK-50") == [
        *((f"influence-u{sign}10-ib", 0.7) for sign in "+-"),
        *((f"influence-f{sign}2-ib", 0.5) for sign in "+-"),
        *((f"influence-without-{phases}-ib", 2.0) for phases in ("l1", "l2", "l3", "l1-l2", "l1-l3", "l2-l3")),
        *((f"influence-u{sign}10-ib-pf0.5", 1.0) for sign in "+-"),
        *((f"influence-f{sign}2-ib-pf0.5", 0.7) for sign in "+-"),
        ("influence-reversed-0.1ib", 1.5),
    ]


def test_two_phases_have_no_sequence_and_one_phase_no_unbalance() -> None:
    names = [name for name, _ in limits("685-222-OK-50")]
    assert [name for name in names if "without" in name] == ["influence-without-l1-ib", "influence-without-l2-ib"]
    assert "influence-reversed-0.1ib" not in names
    assert dict(limits("685-222-OK-50"))["influence-without-l1-ib"] == 4.0
    assert [name for name, _ in limits("685-112-OK-50") if "without" in name or "reversed" in name] == []


def test_a_profile_tightens_the_limits_of_variation_too() -> None:
    assert dict(limits("685-381-OK-50", Profile(limit_factor=0.5)))["influence-u+10-ib"] == 0.35


def test_no_yield_is_told_for_a_variation() -> None:
    tight = plan("685-381-OK-50", Profile(limit_factor=0.5)).as_text()
    lines = plan_diff(plan("685-381-OK-50").as_text(), tight, reckoned_with(None))
    assert "influence-u+10-ib  variation: limit ±0.7 % → ±0.35 %" in lines
    assert any(line.startswith("accuracy-ib  error: limit ±1 % → ±0.5 %; accepted up to") for line in lines)


def test_each_variation_comes_after_the_point_it_is_compared_with() -> None:
    names = [step.name for step in plan("685-381-OK-50").steps]
    for step in plan("685-381-OK-50").steps:
        if isinstance(step, Variation):
            assert names.index(step.point.name) < names.index(step.name)


def test_a_variation_is_as_uncertain_as_both_errors_together() -> None:
    steps = {step.name: step for step in plan("685-381-OK-50").steps}
    step = steps["influence-u+10-ib"]
    assert isinstance(step, Variation)
    parts = step.planned_budget(0.05, 0.02, 0.0, 0.01)
    # Rectangular half-widths: 0.05 / √3 = 0.0289 % and 0.02 / √3 = 0.0115 %, each of them twice.
    assert parts.reference == pytest.approx(0.0289 * math.sqrt(2), abs=1e-4)
    assert parts.circuit == pytest.approx(0.0115 * math.sqrt(2), abs=1e-4)
    assert parts.correction == pytest.approx(0.0141, abs=1e-4)
    # Two edges of 50 µs: over 7 periods of 0.9486 s at 253 V, and over 5 of 1.0435 s at 230 V.
    under, before = (math.sqrt(2) * 50e-6 / seconds * 100 for seconds in (7 * 0.9486, 5 * 1.0435))
    assert parts.timing == pytest.approx(math.hypot(under, before), rel=1e-3)


def test_a_source_that_cannot_leave_50_hz_or_exceed_230_v_is_refused() -> None:
    refused = plan("685-381-OK-50").refusals(Capabilities(frequency_min=49.5, frequency_max=50.5, u_max=240.0))
    assert len(refused) == 4 + 2 * 3
    assert "Influence f +2 % at Ib: 51 Hz is outside the source's 49.5 to 50.5 Hz" in refused
    assert "Influence U +10 % at Ib PF 0.5 ind: 253.0 V on L3 is above the source's 240 V" in refused


def test_an_influence_changes_one_quantity_and_no_angle_between_voltage_and_current() -> None:
    for influence in (*VOLTAGE, *FREQUENCY, REVERSED_SEQUENCE, without("L1"), without("L1", "L3")):
        load = influence.on(LOAD)
        turned = [math.degrees(cmath.phase(u / i)) for u, i in zip(load.u, load.i, strict=True) if u]
        assert turned == pytest.approx([60.0] * (3 - len(influence.missing)))
        assert {round(abs(i), 9) for i in load.i if i} == {5.0}
        assert {round(abs(u), 9) for u in load.u if u} == {round(230.0 * influence.voltage, 9)}
    assert [each.on(LOAD).frequency for each in FREQUENCY] == [51.0, 49.0]
    assert math.degrees(cmath.phase(REVERSED_SEQUENCE.on(LOAD).u[1])) == pytest.approx(120.0)
    assert without("L1", "L3").on(LOAD).u[1] == LOAD.u[1]
