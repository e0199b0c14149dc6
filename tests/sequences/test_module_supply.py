"""The S0 supply module: how long its pulses are waited for, and a station that cannot see its 24 V."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from bench.module_ports import ModulePorts
from bench.position import Position
from bench.station import PositionDescription
from reference_meter import TypeNumber
from sequences.module_supply import S0Supply
from tests.sequences.standing import Standing, channel_of

SK = TypeNumber.parse("685-381-SK-50")
PERIOD = 3600.0 / 55_200.0
"""Three phases of 80 A at 230 V: 65.217 ms a pulse, 1.3 s for twenty."""
Simulated = Callable[[Callable[[], Any]], Any]


def supplied(simulated: Simulated, rises: Sequence[float]) -> tuple[Standing, float]:
    """A station without the contact, and the seconds that the part took."""

    async def main() -> tuple[Standing, float]:
        seen = Standing(channel_of(rises), module=ModulePorts(PositionDescription(3, "GPIO17", "/dev/ttyUSB0")))
        await S0Supply(SK).run(cast(Position, seen))
        return seen, asyncio.get_running_loop().time()

    found: tuple[Standing, float] = simulated(main)
    return found


def test_where_no_contact_sees_the_supply_the_pulses_are_judged_alone(simulated: Simulated) -> None:
    seen, seconds = supplied(simulated, [PERIOD * k for k in range(1, 40)])
    assert (seen.values, seen.left_out) == ({"pulses": 20.0}, ["supply voltage"])
    assert "position 3 has no contact for the supply voltage" in seen.why
    assert seconds == pytest.approx(20 * PERIOD + 0.03)


def test_pulses_that_come_too_slowly_are_waited_for_a_fifth_longer_and_2_s(simulated: Simulated) -> None:
    # 20 x 65.217 ms x 1.2 + 2 s = 3.565 s: of pulses a second apart three have ended by then.
    seen, seconds = supplied(simulated, [1.0 * k for k in range(1, 40)])
    assert seen.values == {"pulses": 3.0}
    assert seconds == pytest.approx(3.565, abs=0.001)


def test_a_module_that_sends_no_pulse_on_is_given_up_after_three_periods_and_2_s(simulated: Simulated) -> None:
    seen, seconds = supplied(simulated, [])
    assert seen.values == {"pulses": 0.0}
    assert seconds == pytest.approx(3 * PERIOD + 2.0)
