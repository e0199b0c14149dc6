from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from drivers.bypass import Bypass
from drivers.s0 import Pulse, S0Input
from drivers.simulated.pins import SimulatedPinFactory


def test_a_pulse_carries_the_exact_times_of_its_edges_and_active_is_low(simulated: Callable[..., Any]) -> None:
    async def main() -> list[Pulse]:
        factory = SimulatedPinFactory(asyncio.get_running_loop().time)
        s0 = S0Input(4, pin_factory=factory)
        pulses: list[Pulse] = []
        s0.listen(pulses.append)
        pin = factory.pin(4)
        pin.edge(1.25, False)
        pin.edge(1.28, True)
        s0.close()
        assert s0.anomalies == 0
        return pulses

    (pulse,) = simulated(main)
    assert (pulse.rise, pulse.fall) == (1.25, 1.28)
    assert pulse.width_ms == pytest.approx(30.0)


def test_equal_levels_in_a_row_and_time_running_backwards_are_counted(simulated: Callable[..., Any]) -> None:
    async def main() -> int:
        factory = SimulatedPinFactory(asyncio.get_running_loop().time)
        s0 = S0Input(4, pin_factory=factory)
        pin = factory.pin(4)
        pin.edge(1.0, False)
        pin.edge(1.5, False)
        pin.edge(1.2, True)
        s0.close()
        return s0.anomalies

    assert simulated(main) == 2


def test_a_listener_that_raises_is_kept_as_an_error_and_does_not_silence_the_input(
    simulated: Callable[..., Any],
) -> None:
    async def main() -> tuple[int, str]:
        factory = SimulatedPinFactory(asyncio.get_running_loop().time)
        s0 = S0Input(4, pin_factory=factory)
        seen: list[Pulse] = []

        def listener(pulse: Pulse) -> None:
            seen.append(pulse)
            if len(seen) == 1:
                raise RuntimeError("first pulse")

        s0.listen(listener)
        pin = factory.pin(4)
        for k in range(2):
            pin.edge(k + 0.0, False)
            pin.edge(k + 0.03, True)
        s0.close()
        return len(seen), str(s0.error)

    assert simulated(main) == (2, "first pulse")


def test_the_bypass_tells_the_world_and_drops_out_when_closed(simulated: Callable[..., Any]) -> None:
    async def main() -> list[bool]:
        factory = SimulatedPinFactory(asyncio.get_running_loop().time)
        levels: list[bool] = []
        factory.pin(17).on_output = levels.append
        bypass = Bypass(17, pin_factory=factory)
        bypass.take_out()
        assert bypass.out
        bypass.close()
        return levels

    assert simulated(main) == [True, False]
