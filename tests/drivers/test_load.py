"""The electrical load: angles, powers, and what it is called."""

from __future__ import annotations

import cmath
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.load import OFF, PHASE_NAMES, SYSTEM_ANGLES_DEG, Load, symmetrical

NONE = (0j, 0j, 0j)


def test_the_voltages_stand_at_0_minus_120_and_plus_120_degrees() -> None:
    load = symmetrical(230.0, 5.0)
    assert [math.degrees(cmath.phase(u)) for u in load.u] == pytest.approx(list(SYSTEM_ANGLES_DEG))
    assert abs(sum(load.u)) == pytest.approx(0.0, abs=1e-9)


def test_an_inductive_current_lags_and_power_is_u_i_cos_phi() -> None:
    load = symmetrical(230.0, 5.0, phi_deg=60.0)
    assert math.degrees(cmath.phase(load.i[0])) == pytest.approx(-60.0)
    assert load.power == pytest.approx((575.0, 575.0, 575.0))
    assert load.total_power == pytest.approx(1725.0)


def test_a_current_against_its_voltage_is_negative_power() -> None:
    assert symmetrical(230.0, 1.0, phi_deg=180.0).total_power == pytest.approx(-690.0)


def test_off_is_off() -> None:
    assert OFF.total_power == 0.0
    assert not OFF.has_current
    assert OFF.without_current() == OFF
    assert str(OFF) == "off"


def test_no_voltage_and_no_current_stand_on_a_phase_that_is_not_there() -> None:
    load = symmetrical(230.0, (1.0, 2.0, 3.0), phases=2)
    assert (load.u[2], load.i[2]) == (0j, 0j)
    assert load.largest_current == pytest.approx(2.0)


BALANCED = symmetrical(230.0, 5.0)


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (symmetrical(230.0, 5.0, 60.0), "L1–L3 230.0 V 5 A φ +60°"),
        (symmetrical(230.0, 0.0), "L1–L3 230.0 V"),
        (symmetrical(230.0, (0.0, 5.0, 0.0)), "L1 230.0 V, L2 230.0 V 5 A φ +0°, L3 230.0 V"),
        (symmetrical(230.0, 80.0, phases=1), "L1 230.0 V 80 A φ +0°"),
        (symmetrical(230.0, 0.25, -36.87, phases=2), "L1–L2 230.0 V 0.25 A φ -37°"),
        (Load(NONE, (3 + 0j, 0j, 0j)), "L1 0.0 V 3 A φ +0°"),
        (Load((230 + 0j, 0j, 230 + 0j), NONE), "L1 230.0 V, L3 230.0 V"),
        (replace(symmetrical(230.0, 0.0), frequency=51.0), "L1–L3 230.0 V, 51 Hz"),
        (Load((BALANCED.u[0], BALANCED.u[2], BALANCED.u[1]), NONE), "L1–L3 230.0 V, order L1 L3 L2"),
    ],
)
def test_a_load_says_what_it_is_with_equal_phases_together(load: Load, words: str) -> None:
    assert str(load) == words


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_load_that_is_no_number_is_refused(bad: float) -> None:
    for u, i, frequency in (
        ((bad + 0j, 0j, 0j), NONE, 50.0),
        (NONE, (0j, complex(0, bad), 0j), 50.0),
        (NONE, NONE, bad),
    ):
        with pytest.raises(ValueError, match="finite"):
            Load(u, i, frequency)


@given(st.floats(1.0, 400.0), st.floats(1e-3, 200.0), st.floats(-180.0, 180.0), st.integers(1, 3))
def test_a_symmetrical_load_has_the_same_power_on_each_of_its_phases(u: float, i: float, phi: float, n: int) -> None:
    load = symmetrical(u, i, phi, phases=n)
    wanted = u * i * math.cos(math.radians(phi))
    for k in range(len(PHASE_NAMES)):
        assert load.power[k] == pytest.approx(wanted if k < n else 0.0, abs=1e-9 * u * i)
