"""The simulated isolating transformers: physical, individual, and certified within what their certificates state."""

from __future__ import annotations

import asyncio
import cmath
import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from drivers.load import symmetrical
from drivers.simulated.isolating_transformer import (
    CERTIFIED_A,
    PHASE_UNCERTAINTY_MINUTES,
    RATIO_UNCERTAINTY_PERCENT,
    IsolatingTransformer,
    draw_transformer,
)
from drivers.simulated.line import SimulatedLine
from drivers.simulated.world import Wiring
from tests.drivers.test_world import SETTLE_S, a_world, exact

Run = Callable[..., Any]


def test_its_errors_shrink_as_the_current_rises() -> None:
    one = IsolatingTransformer(-0.3, 15.0)
    assert (abs(one.gain(1.0)) - 1) * 100 == pytest.approx(-0.3)
    assert cmath.phase(one.gain(1.0)) * 1e3 == pytest.approx(15.0)
    for low, high in pairwise(CERTIFIED_A):
        assert abs(one.gain(high) - 1) < abs(one.gain(low) - 1)
    assert cmath.phase(one.gain(100.0)) * 1e3 < 2.5
    assert one.gain(0.0) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_certificate_lies_within_its_stated_uncertainty_of_the_truth(seed: int) -> None:
    rng = random.Random(seed)
    one = draw_transformer(rng)
    for current, ratio_percent, minutes in one.certificate(rng):
        truth = one.gain(current)
        assert abs(ratio_percent - (abs(truth) - 1) * 100) <= RATIO_UNCERTAINTY_PERCENT * (1 + 1e-9)
        assert abs(minutes - math.degrees(cmath.phase(truth)) * 60) <= PHASE_UNCERTAINTY_MINUTES * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_uncorrected_it_costs_more_than_half_a_class_1_limit_at_half_inductive(seed: int) -> None:
    truth = draw_transformer(random.Random(seed)).gain(5.0)
    load = symmetrical(230.0, 5.0, 60.0)
    there = (load.u[0] * (load.i[0] * truth).conjugate()).real
    assert (there / load.power[0] - 1) * 100 > 0.7


def test_each_position_and_phase_has_a_transformer_of_its_own_and_a_seed_makes_it_again(simulated: Run) -> None:
    async def certificates(seed: int) -> list[Any]:
        line = SimulatedLine(2, seed)
        try:
            return [certificate for number in (1, 2) for certificate in line.certificates(number)]
        finally:
            await line.stop()

    first = simulated(lambda: certificates(1))
    assert len({str(each) for each in first}) == 6
    assert simulated(lambda: certificates(1)) == first
    assert simulated(lambda: certificates(2)) != first


def test_a_meter_behind_a_transformer_and_a_lead_sees_what_they_leave(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        edges: list[float] = []
        turn = IsolatingTransformer(-1.0, 20.0)
        wiring = Wiring((turn, turn, turn), lead_ohm=0.02)
        world.add_place(1, exact(), lambda time, conducting: edges.append(time) if conducting else None, wiring)
        world.source_is_set(symmetrical(240.0, 10.0, 60.0))
        await asyncio.sleep(SETTLE_S)
        truth = world.truth
        watts = 0.0
        for u, i in zip(truth.u, truth.i, strict=True):
            through = i * turn.gain(abs(i))
            watts += ((u - 0.02 * through) * through.conjugate()).real
        await asyncio.sleep(2.5)
        seen = [3600.0 / (after - before) for before, after in pairwise(edges)][-1]
        assert seen == pytest.approx(watts, rel=1e-3)
        assert abs(watts / truth.total_power - 1) > 5e-3

    simulated(main)
