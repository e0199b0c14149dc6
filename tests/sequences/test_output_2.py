"""Pulses on output 2 beside the register's steps and the S0 pulses."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from bench.profile import STANDARD
from reference_meter import TypeNumber
from sequences.output_2 import EachKilowattHour, _beside
from tests.sequences.standing import Standing, channel_of, read

METER = TypeNumber.parse("685-381-OK-50")
"""Three phases of 80 A: 55.2 kW at Imax, a pulse every 65.217 ms."""
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


def beside(steps: int, *rises: float) -> str:
    """The register read at 10.0 to 10.2 s and at 100.0 to 100.2 s, so many steps later, across the roll-over."""
    return _beside([read(10.0, total_kwh=9_999_999), read(100.0, total_kwh=9_999_999 + steps - 10_000_000)], rises)


@pytest.mark.parametrize(
    ("steps", "rises", "fits"),
    [
        (2, (20.0, 90.0), True),
        (1, (20.0, 90.0), False),
        (3, (20.0, 90.0), False),
        # what begins within a readout, or 10 ms beside it, may belong to it or not
        (1, (10.0, 50.0), True),
        (2, (10.1, 50.0), True),
        (1, (10.2, 50.0), True),
        (2, (10.21, 50.0), True),
        (1, (10.21, 50.0), False),
        (1, (50.0, 100.0), True),
        (1, (50.0, 99.99), False),
        (2, (50.0, 100.2), True),
        (2, (9.995, 50.0), True),
        (2, (50.0, 100.205), True),
        (2, (9.985, 50.0), False),
        (2, (50.0, 100.215), False),
    ],
)
def test_a_pulse_on_output_2_comes_with_each_step_as_far_as_readouts_tell(
    steps: int, rises: tuple[float, ...], fits: bool
) -> None:
    assert (beside(steps, *rises) == "one with each kWh") is fits


def on_output_2(simulated: Simulated, *rises: float, s0_every: float = 0.065) -> Standing:
    async def main() -> Standing:
        s0 = channel_of([k * s0_every for k in range(2400)])
        seen = Standing(s0, s0_offset_ms=(0.5, 0.1))
        seen.terminals = SimpleNamespace(output_2=channel_of(rises, 0.06))
        return await seen.runs(EachKilowattHour(METER, STANDARD))

    return simulated(main)


def test_between_two_pulses_of_output_2_lie_a_thousand_of_s0(simulated: Simulated) -> None:
    # S0 pulses begin every 65 ms; the one that completes a kWh begins up to 10 ms after the pulse on output 2.
    for late in (0.0, 0.02, -0.009):
        seen = on_output_2(simulated, 65.0 * 0.5 + late, 65.0 * 1.5 + late)
        assert seen.values["S0 pulses between two"] == 1000.0
    assert on_output_2(simulated, 32.5, 97.5 + 0.065).values["S0 pulses between two"] == 1001.0
    assert (seen.values["pulses observed"], seen.values["pulses"]) == (2.0, "one with each kWh")
    assert (seen.values["mean width"], seen.uncertainties["mean width"]) == (pytest.approx(59.5), pytest.approx(0.2))


def test_a_single_pulse_on_output_2_tells_its_width_and_none_tells_nothing(simulated: Simulated) -> None:
    one = on_output_2(simulated, 30.0)
    assert (one.values["pulses observed"], one.values["mean width"]) == (1.0, pytest.approx(59.5))
    assert "S0 pulses between two" not in one.values
    assert on_output_2(simulated).values == {"pulses observed": 0.0}
