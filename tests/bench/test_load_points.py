"""Load points in the field's words against phasors worked by hand."""

from __future__ import annotations

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.load_points import PowerFactor, at, inductive, no_load, starting, voltage_only
from drivers.load import OFF, Load
from reference_meter import TypeNumber

THREE = TypeNumber.parse("685-381-OK-50")
TWO = TypeNumber.parse("685-282-OK-50")
ONE = TypeNumber.parse("685-161-OK-50")


def degrees(phasor: complex) -> float:
    return math.degrees(cmath.phase(phasor))


def test_ib_on_three_phases_is_3450_w_and_imax_55200_w() -> None:
    assert at(THREE, THREE.i_b).power == pytest.approx((1150.0, 1150.0, 1150.0))
    assert at(THREE, THREE.i_max).total_power == pytest.approx(55_200.0)


def test_pf_half_inductive_lags_by_60_degrees_on_every_phase_and_halves_the_power() -> None:
    load = at(THREE, 5.0, inductive(0.5))
    assert load.total_power == pytest.approx(1725.0)
    for k, angle in enumerate((-60.0, 180.0, 60.0)):
        assert cmath.rect(1.0, math.radians(angle)) == pytest.approx(load.i[k] / 5.0)


def test_a_capacitive_power_factor_leads() -> None:
    load = at(ONE, 10.0, PowerFactor(0.8, inductive=False))
    assert degrees(load.i[0]) == pytest.approx(36.87, abs=0.005)
    assert load.total_power == pytest.approx(1840.0)


def test_one_phase_alone_keeps_all_voltages_applied() -> None:
    load = at(THREE, 5.0, only="L2")
    assert [abs(u) for u in load.u] == pytest.approx([230.0, 230.0, 230.0])
    assert [abs(i) for i in load.i] == pytest.approx([0.0, 5.0, 0.0])
    assert load.total_power == pytest.approx(1150.0)


@pytest.mark.parametrize(("meter", "present"), [(ONE, 1), (TWO, 2), (THREE, 3)])
def test_a_meter_gets_the_phases_it_has_and_no_other(meter: TypeNumber, present: int) -> None:
    load = at(meter, 1.0)
    assert [abs(u) > 0 for u in load.u] == [k < present for k in range(3)]
    assert [abs(i) > 0 for i in load.i] == [k < present for k in range(3)]


def test_voltage_alone_and_no_load_carry_no_current() -> None:
    assert voltage_only(THREE) == no_load(THREE, 1.0)
    load = no_load(THREE, 1.15)
    assert [abs(u) for u in load.u] == pytest.approx([264.5, 264.5, 264.5])
    assert not load.has_current
    assert load.total_power == 0.0


@pytest.mark.parametrize(
    ("text", "milliamperes", "watts"),
    [
        ("685-181", 20, 4.60), ("685-182", 25, 5.75), ("685-161", 40, 9.20), ("685-162", 50, 11.50),
        ("685-281", 20, 9.20), ("685-262", 50, 23.00), ("685-381", 20, 13.80), ("685-382", 25, 17.25),
        ("685-361", 40, 27.60), ("685-362", 50, 34.50),
    ],
)  # fmt: skip
def test_the_starting_current_and_its_power(text: str, milliamperes: int, watts: float) -> None:
    load = starting(TypeNumber.parse(text + "-OK-50"))
    assert load.largest_current * 1000 == pytest.approx(milliamperes)
    assert load.total_power == pytest.approx(watts)


def test_a_power_factor_names_its_side_and_unity_needs_no_words() -> None:
    assert [str(each) for each in (PowerFactor(), inductive(0.5), PowerFactor(0.8, inductive=False))] == [
        "",
        "PF 0.5 ind",
        "PF 0.8 cap",
    ]


@given(st.floats(0.001, 120.0), st.floats(0.0, 1.0), st.booleans())
def test_every_point_has_the_power_of_its_current_and_power_factor(current: float, cos_phi: float, lags: bool) -> None:
    load: Load = at(THREE, current, PowerFactor(cos_phi, lags))
    assert load.total_power == pytest.approx(3 * 230.0 * current * cos_phi, abs=1e-9 * current * 690)
    assert load.without_current() == voltage_only(THREE)
    assert load != OFF
