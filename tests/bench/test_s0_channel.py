"""The pulses of one position, and the waits for the next ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench.s0_channel import S0Channel
from drivers.s0 import S0Input
from drivers.simulated.pins import SimulatedPin, SimulatedPinFactory

Run = Callable[..., Any]


def wired() -> tuple[S0Channel, SimulatedPin, S0Input]:
    """A channel on GPIO4 of the running loop."""
    factory = SimulatedPinFactory(asyncio.get_running_loop().time)
    s0 = S0Input(4, pin_factory=factory)
    return S0Channel(s0), factory.pin(4), s0


def pulse(pin: SimulatedPin, rise: float, width: float = 0.03) -> None:
    pin.edge(rise, False)
    pin.edge(rise + width, True)


def test_pulses_are_kept_in_their_order_and_counted(simulated: Run) -> None:
    async def main() -> None:
        channel, pin, s0 = wired()
        for rise in (1.0, 2.0, 3.5):
            pulse(pin, rise)
        assert channel.count == 3
        assert [each.rise for each in channel.pulses] == [1.0, 2.0, 3.5]
        assert channel.anomalies == 0
        s0.close()

    simulated(main)


def test_the_count_at_an_instant_takes_a_pulse_that_begins_just_then(simulated: Run) -> None:
    async def main() -> None:
        channel, pin, s0 = wired()
        for rise in (1.0, 2.0):
            pulse(pin, rise)
        assert [channel.count_until(time) for time in (0.999, 1.0, 1.5, 2.0, 9.0)] == [0, 1, 1, 2, 2]
        s0.close()

    simulated(main)


def test_waiters_wake_in_the_order_of_their_counts_and_at_the_end_of_their_pulse(simulated: Run) -> None:
    async def main() -> list[tuple[int, float]]:
        channel, pin, s0 = wired()
        loop = asyncio.get_running_loop()
        woken: list[tuple[int, float]] = []

        async def wait(count: int) -> None:
            await channel.wait_for(count)
            woken.append((count, loop.time()))

        for k in range(1, 4):
            loop.call_at(k * 1.0, pin.edge, k * 1.0, False)
            loop.call_at(k * 1.0 + 0.03, pin.edge, k * 1.0 + 0.03, True)
        async with asyncio.TaskGroup() as group:
            for count in (3, 1, 2, 1):
                group.create_task(wait(count))
        s0.close()
        return woken

    assert simulated(main) == [(1, 1.03), (1, 1.03), (2, 2.03), (3, 3.03)]


def test_a_count_that_is_there_already_is_not_waited_for(simulated: Run) -> None:
    async def main() -> None:
        channel, pin, s0 = wired()
        pulse(pin, 0.0)
        await channel.wait_for(1)
        assert asyncio.get_running_loop().time() == 0.0
        s0.close()

    simulated(main)


def test_a_wait_that_was_given_up_does_not_disturb_the_others(simulated: Run) -> None:
    async def main() -> None:
        channel, pin, s0 = wired()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await channel.wait_for(1)
        waiting = asyncio.create_task(channel.wait_for(1))
        await asyncio.sleep(0)
        pulse(pin, 1.0)
        await waiting
        s0.close()

    simulated(main)


def test_a_new_run_begins_at_zero(simulated: Run) -> None:
    async def main() -> None:
        channel, pin, s0 = wired()
        pulse(pin, 1.0)
        channel.restart()
        assert (channel.count, channel.count_until(9.0)) == (0, 0)
        pulse(pin, 2.0)
        assert [each.rise for each in channel.pulses] == [2.0]
        s0.close()

    simulated(main)


def test_impossible_edges_are_counted_beside_the_pulses(simulated: Run) -> None:
    async def main() -> None:
        channel, pin, s0 = wired()
        pulse(pin, 1.0)
        pin.edge(1.5, True)  # equal levels: an edge was lost
        pulse(pin, 2.0)
        assert (channel.count, channel.anomalies) == (2, 1)
        s0.close()

    simulated(main)


def test_whoever_waits_while_pulses_flow_gives_up_once_none_has_come_for_so_long(simulated: Run) -> None:
    async def main() -> tuple[float, int, float]:
        channel, pin, s0 = wired()
        loop = asyncio.get_running_loop()
        for rise in (1.0, 2.5, 4.0):
            loop.call_at(rise + 0.03, pulse, pin, rise)
        await channel.wait_while_flowing(2, 2.0)
        second = loop.time()
        with pytest.raises(TimeoutError):
            await channel.wait_while_flowing(9, 2.0)
        gave_up = loop.time()
        await channel.wait_while_flowing(3, 0.1)
        assert loop.time() == gave_up, "what has come already is not waited for"
        s0.close()
        return second, channel.count, gave_up

    second, count, gave_up = simulated(main)
    assert second == pytest.approx(2.53)
    assert count == 3
    assert 6.03 <= gave_up <= 8.1, "within twice the patience after the last one"
