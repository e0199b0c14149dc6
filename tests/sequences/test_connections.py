"""What the rates of the pulses say of each phase, and what is said of a position."""

from __future__ import annotations

import cmath
import math

import pytest

from bench.load_points import at
from reference_meter import TypeNumber
from sequences.connections import Phase, backwards, phase_found, rate, sentence


def counted(voltage_deg: float, current_deg: float) -> float:
    """What a meter counts of a full load: reverse power adds nothing (R8)."""
    return max(0.0, math.cos(math.radians(voltage_deg - current_deg)))


@pytest.mark.parametrize("phase_deg", [0.0, -120.0, 120.0])
@pytest.mark.parametrize(
    ("voltage_turned", "current_turned", "found"),
    [
        (0.0, 0.0, Phase.OWN),
        (0.0, 180.0, Phase.BACKWARDS),
        (120.0, 0.0, Phase.ANOTHER),
        (-120.0, 0.0, Phase.ANOTHER),
    ],
)
def test_forwards_and_backwards_tell_how_a_phase_is_connected(
    phase_deg: float, voltage_turned: float, current_turned: float, found: Phase
) -> None:
    voltage, current = phase_deg + voltage_turned, phase_deg + current_turned
    assert phase_found(counted(voltage, current), counted(voltage, current + 180.0)) is found


def test_a_phase_that_counts_too_little_or_not_at_all_is_the_meters_own() -> None:
    assert phase_found(0.3, 0.0) is Phase.OWN
    assert phase_found(0.0, 0.0) is Phase.NOTHING


def test_a_rate_is_that_of_the_intervals_and_needs_two_pulses() -> None:
    assert rate([1.0, 1.5, 2.0, 2.5], 0.5) == pytest.approx(1.0)
    assert rate([1.0, 2.0], 0.5) == pytest.approx(0.5)
    assert rate([1.0], 0.5) == rate([], 0.5) == 0.0


def test_backwards_is_the_same_load_with_its_power_negative() -> None:
    load = at(TypeNumber.parse("685-381-OK-50"), 10.0, only="L2")
    assert backwards(load).u == load.u
    assert backwards(load).total_power == pytest.approx(-load.total_power)
    assert cmath.isclose(backwards(load).i[1], -load.i[1])


def test_what_is_wrong_is_said_with_the_position_the_phases_and_what_to_check() -> None:
    assert sentence(3, {"L1": Phase.OWN, "L2": Phase.NOTHING, "L3": Phase.OWN}) == ""
    assert sentence(3, {"L1": Phase.ANOTHER, "L2": Phase.ANOTHER, "L3": Phase.BACKWARDS}) == (
        "position 3: L1 and L2 counted with the voltage of another phase: its voltage leads are mixed; "
        "the current of L3 flows backwards: its current leads are exchanged. Check the leads and transformers of this position"
    )
