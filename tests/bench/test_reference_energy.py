"""The reference energy between two instants, by the trapezoid over time-stamped readings."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.reference_energy import ReferenceEnergy
from drivers.power_source import Reading

NONE = (0j, 0j, 0j)


def reading(time: float, *watts: float) -> Reading:
    l1, l2, l3 = (*watts, 0.0, 0.0)[:3]
    return Reading(time, NONE, NONE, (l1, l2, l3), 50.0)


def energy_of(*readings: Reading) -> ReferenceEnergy:
    energy = ReferenceEnergy()
    for each in readings:
        energy.add(each)
    return energy


def test_steady_power_is_power_times_time() -> None:
    energy = energy_of(*(reading(float(k), 1000.0, 100.0, 50.0) for k in range(5)))
    assert energy.between(0.5, 3.25) == pytest.approx(1150.0 * 2.75)
    assert energy.power == 1150.0


def test_a_triangle_worked_by_hand() -> None:
    energy = energy_of(reading(10.0, 0.0), reading(12.0, 100.0), reading(14.0, 0.0))
    assert energy.between(10.0, 14.0) == pytest.approx(200.0)
    assert energy.between(11.0, 12.0) == pytest.approx(75.0)
    assert energy.between(11.0, 13.0) == pytest.approx(150.0)


@given(
    st.floats(-1e4, 1e4),
    st.floats(-50.0, 50.0),
    st.lists(st.floats(0.01, 5.0), min_size=1, max_size=30),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_the_trapezoid_is_exact_for_power_that_runs_linearly(
    base: float, slope: float, gaps: list[float], share: float, other: float
) -> None:
    times = [100.0]
    for gap in gaps:
        times.append(times[-1] + gap)
    energy = energy_of(*(reading(t, base + slope * t) for t in times))
    start, end = sorted(times[0] + part * (times[-1] - times[0]) for part in (share, other))
    exact = (base + slope * (start + end) / 2) * (end - start)
    assert energy.between(start, end) == pytest.approx(exact, rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(0.0, 1e5), min_size=3, max_size=20), st.data())
def test_two_windows_side_by_side_are_one(powers: list[float], data: st.DataObject) -> None:
    energy = energy_of(*(reading(float(k), p) for k, p in enumerate(powers)))
    a, b, c = sorted(data.draw(st.floats(0.0, len(powers) - 1.0)) for _ in range(3))
    assert energy.between(a, b) + energy.between(b, c) == pytest.approx(energy.between(a, c), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("instant", [0.999, 3.001])
def test_what_no_reading_covers_is_refused_and_never_guessed(instant: float) -> None:
    energy = energy_of(reading(1.0, 1.0), reading(3.0, 1.0))
    with pytest.raises(ValueError, match=r"no reference reading covers .*; readings cover 1\.000 to 3\.000 s"):
        energy.between(*sorted((2.0, instant)))


def test_before_the_first_reading_nothing_is_covered() -> None:
    energy = ReferenceEnergy()
    assert energy.power == 0.0
    assert energy.covered_until == -math.inf
    with pytest.raises(ValueError, match="readings cover nothing"):
        energy.between(1.0, 2.0)


def test_no_window_spans_a_change_of_load() -> None:
    energy = energy_of(reading(1.0, 100.0), reading(2.0, 100.0))
    energy.restart()
    energy.add(reading(5.0, 50_000.0))
    energy.add(reading(6.0, 50_000.0))
    assert energy.between(5.0, 6.0) == pytest.approx(50_000.0)
    with pytest.raises(ValueError, match="covers"):
        energy.between(1.5, 5.5)


def test_who_waits_for_an_instant_wakes_with_the_first_reading_at_or_after_it(simulated: Callable[..., Any]) -> None:
    async def main() -> list[tuple[float, float]]:
        energy, loop, woken = ReferenceEnergy(), asyncio.get_running_loop(), []

        async def wait(time: float) -> None:
            await energy.covers(time)
            woken.append((time, loop.time()))

        for k in range(1, 5):
            loop.call_at(float(k), energy.add, reading(float(k), 1.0))
        async with asyncio.TaskGroup() as group:
            for time in (2.5, 0.5, 2.0):
                group.create_task(wait(time))
        return woken

    assert simulated(main) == [(0.5, 1.0), (2.0, 2.0), (2.5, 3.0)]


def test_a_wait_asks_for_a_reading_and_a_covered_instant_does_not(simulated: Callable[..., Any]) -> None:
    async def main() -> None:
        energy = energy_of(reading(0.0, 1.0))
        await energy.covers(0.0)
        assert not energy.wanted.is_set()
        waiting = asyncio.create_task(energy.covers(0.5))
        await asyncio.sleep(0)
        assert energy.wanted.is_set()
        energy.restart()  # the load changes: the wait goes on, for a reading of the new one
        energy.add(reading(1.0, 1.0))
        await waiting

    simulated(main)


def test_a_wait_that_was_given_up_is_forgotten(simulated: Callable[..., Any]) -> None:
    async def main() -> None:
        energy = ReferenceEnergy()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await energy.covers(5.0)
        energy.add(reading(6.0, 1.0))
        assert energy.power == 1.0

    simulated(main)
