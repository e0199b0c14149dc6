"""The physics of the simulated line: what the source delivers, what reaches each meter, and what instruments read of it."""

from __future__ import annotations

import asyncio
import cmath
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from drivers.load import OFF, Load, symmetrical
from drivers.simulated.physics import MeterPhysics, draw
from drivers.simulated.simulated_time import SimulatedTimeLoop
from drivers.simulated.world import Accuracies, Place, World
from reference_meter import TypeNumber

Run = Callable[..., Any]

METER = TypeNumber.parse("685-381-OK-50")
SECOND = symmetrical(240.0, 5.0)
"""3600 W: a pulse a second."""
PERFECT = Accuracies(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
SETTLE_S = 2.0

Edges = list[tuple[float, bool]]


def a_world(accuracies: Accuracies = PERFECT, seed: int = 1) -> World:
    world = World(random.Random(seed), accuracies, SETTLE_S)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedTimeLoop)
    loop.add_source(world)
    return world


def exact() -> MeterPhysics:
    return MeterPhysics(
        METER, [0.0] * 3, [0.0] * 3, 0, 0, 0,
        quantum_wh=0.0, width_jitter_ms=0.0, edge_delay_s=0.0, edge_jitter_s=0.0,
    )  # fmt: skip


def mounted(world: World, physics: MeterPhysics | None = None, number: int = 1) -> tuple[Place, Edges]:
    edges: Edges = []
    place = world.add_place(number, physics or exact(), lambda time, level: edges.append((time, level)))
    return place, edges


def rises(edges: Edges) -> list[float]:
    return [time for time, conducting in edges if conducting]


def furthest(one: Load, other: Load) -> float:
    """Largest relative difference of a phasor."""
    pairs = zip(one.u + one.i, other.u + other.i, strict=True)
    return max(abs(a - b) / abs(b) for a, b in pairs if b)


# ---------------------------------------------------------------- the source


def test_the_output_reaches_its_setting_within_the_settling_time(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        world.source_is_set(SECOND)
        assert world.truth == OFF
        await asyncio.sleep(SETTLE_S)
        assert furthest(world.truth, SECOND) < 1e-3

    simulated(main)


@pytest.mark.parametrize("after", [0.0, 0.1, 0.5, 1.0, 5.0, 100.0])
def test_off_is_off_at_once_and_stays_off_whatever_was_under_way(simulated: Run, after: float) -> None:
    async def main() -> None:
        world = a_world()
        place, edges = mounted(world)
        world.source_is_set(SECOND)
        await asyncio.sleep(after)
        world.source_is_set(OFF)
        assert world.truth == OFF
        assert place.meter.next_pulse() is None
        given = len(edges)
        for _ in range(50):
            await asyncio.sleep(1.0)
            assert world.truth == OFF
        assert len(rises(edges)) <= (given + 1) // 2 + 1  # the edges of a pulse that had begun still come
        assert world.standard_reads().total_power == world.source_reads().total_power == 0.0

    simulated(main)


def test_a_second_setting_takes_the_place_of_the_first_before_it_was_reached(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        world.source_is_set(symmetrical(240.0, 80.0))
        await asyncio.sleep(0.2)
        world.source_is_set(SECOND)
        await asyncio.sleep(SETTLE_S)
        assert furthest(world.truth, SECOND) < 1e-3

    simulated(main)


# ---------------------------------------------------------------- what reaches a meter


def test_a_meter_without_errors_on_a_perfect_line_gives_the_exact_pulse_rate(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        _, edges = mounted(world)
        world.source_is_set(SECOND)
        await asyncio.sleep(SETTLE_S)
        begun, energy, last = len(rises(edges)), 0.0, asyncio.get_running_loop().time()
        for _ in range(2000):
            power = world.truth.total_power
            await asyncio.sleep(0.5)
            now = asyncio.get_running_loop().time()
            energy += power * (now - last)
            last = now
        assert abs((len(rises(edges)) - begun) - energy / 3600.0) <= 1.01
        steady = [after - before for before, after in pairwise(rises(edges)[5:])]
        assert steady == pytest.approx([1.0] * len(steady), abs=1e-3)  # 0.02 % of wandering, 0.5 mrad of turn

    simulated(main)


def test_a_bypassed_meter_gives_none_and_its_neighbour_goes_on(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        (place, edges), (_, others) = mounted(world, number=1), mounted(world, number=2)
        world.bypass(place, True)
        world.source_is_set(SECOND)
        await asyncio.sleep(100.0)
        assert edges == []
        assert len(rises(others)) > 95
        world.bypass(place, False)
        await asyncio.sleep(10.0)
        assert len(rises(edges)) in (9, 10, 11)

    simulated(main)


def test_a_bypassed_meter_keeps_its_voltage_and_answers(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        place, _ = mounted(world)
        world.bypass(place, True)
        world.source_is_set(SECOND)
        await asyncio.sleep(5.0)
        assert place.meter.readout(asyncio.get_running_loop().time()) is not None

    simulated(main)


def test_a_pulse_predicted_before_a_change_of_load_is_void(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        place, edges = mounted(world)
        world.source_is_set(SECOND)
        await asyncio.sleep(10.0)
        last = rises(edges)[-1]
        loop = asyncio.get_running_loop()
        await asyncio.sleep(last + 1.5 - loop.time())
        last, seen = rises(edges)[-1], len(rises(edges))
        world.bypass(place, True)  # half a watt-hour after the last pulse
        await asyncio.sleep(7.0)
        assert len(rises(edges)) == seen
        world.bypass(place, False)
        await asyncio.sleep(1.0)
        assert rises(edges)[seen] == pytest.approx(last + 8.0, abs=2e-3)

    simulated(main)


def test_meters_taken_off_the_line_send_no_more_edges(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        _, edges = mounted(world)
        world.source_is_set(SECOND)
        await asyncio.sleep(5.0)
        world.clear_places()
        given = len(edges)
        await asyncio.sleep(20.0)
        assert len(edges) == given
        assert world.next_time() is None

    simulated(main)


@pytest.mark.parametrize("seed", range(8))
def test_edges_strictly_alternate_in_time_on_a_line_with_all_its_errors(simulated: Run, seed: int) -> None:
    async def main() -> None:
        world = a_world(Accuracies(), seed)
        physics = draw(TypeNumber.parse("685-321-OK-50"), random.Random(seed))
        physics.doubled_every, physics.lost_every = 7, 11
        physics.width_ms = 26.0 if seed % 2 else 40.0
        place, edges = mounted(world, physics)
        world.source_is_set(symmetrical(230.0, 120.0))
        for k in range(40):  # change the load in the middle of pulses, too
            await asyncio.sleep(0.5 + 0.013 * k)
            if k % 4 == 3:
                world.bypass(place, not place.bypassed)
        assert len(edges) > 200
        assert [conducting for _, conducting in edges[:2]] == [True, False]
        for (before, was), (after, is_) in pairwise(edges):
            assert was is not is_
            assert before < after

    simulated(main)


# ---------------------------------------------------------------- what instruments see


def test_every_instrument_reads_inside_its_declared_accuracy_for_every_seed(simulated: Run) -> None:
    async def main() -> None:
        declared = Accuracies()
        worst = 0.0
        for seed in range(400):
            world = World(random.Random(seed), declared, SETTLE_S)
            world._deliver(symmetrical(230.0, 5.0, 60.0))
            truth = world.truth.total_power
            for _ in range(5):
                standard, source = world.standard_reads().total_power, world.source_reads().total_power
                worst = max(worst, abs(standard / truth - 1) * 100)
                assert worst <= declared.standard_percent * (1 + 1e-9)
                assert abs(source / truth - 1) * 100 <= declared.source_readback_percent * (1 + 1e-9)
        assert worst > 0.9 * declared.standard_percent  # and uses the room it has

    simulated(main)


def test_a_standard_at_the_edge_of_its_accuracy_reads_no_value_twice(simulated: Run) -> None:
    async def main() -> None:
        world = a_world(Accuracies())
        world._standard_gain = 1.0 + Accuracies().standard_percent / 100.0
        world.source_is_set(SECOND)
        await asyncio.sleep(10.0)
        assert len({world.standard_reads().power for _ in range(50)}) == 50

    simulated(main)


def test_every_wire_and_the_clock_lie_inside_their_declared_accuracy_for_every_seed(simulated: Run) -> None:
    async def main() -> None:
        declared = Accuracies()
        for seed in range(400):
            world = World(random.Random(seed), declared, SETTLE_S)
            place, _ = mounted(world)
            assert abs(abs(place.ratio) - 1) * 100 <= declared.circuit_percent
            assert abs(cmath.phase(place.ratio)) * 1e3 <= declared.circuit_mrad
            assert abs(world._clock - 1) * 1e6 <= declared.crystal_ppm

    simulated(main)


def test_a_reading_is_of_one_piece_volts_times_amperes_are_its_watts(simulated: Run) -> None:
    async def main() -> None:
        world = a_world(Accuracies(), 3)
        world.source_is_set(symmetrical(230.0, 5.0, 60.0))
        await asyncio.sleep(5.0)
        reading = world.standard_reads()
        assert reading.time == 5.0
        assert Load(reading.u, reading.i).power == pytest.approx(reading.power)
        assert reading.frequency == 50.0

    simulated(main)


def test_the_same_seed_is_the_same_world_and_another_is_another(simulated: Run) -> None:
    def lived(seed: int) -> tuple[Edges, float]:
        async def main() -> tuple[Edges, float]:
            world = a_world(Accuracies(), seed)
            _, edges = mounted(world, draw(METER, random.Random(seed)))
            world.source_is_set(SECOND)
            await asyncio.sleep(30.0)
            return edges, world.standard_reads().total_power

        found: tuple[Edges, float] = simulated(main)
        return found

    assert lived(1) == lived(1)
    assert lived(1) != lived(2)


def test_an_open_main_contactor_leaves_the_meters_dead_and_the_source_alive(simulated: Run) -> None:
    async def main() -> None:
        world = a_world()
        changes: list[tuple[Load, Load]] = []
        world.changed = lambda: changes.append((world.truth, world.beyond_contactor))
        place, edges = mounted(world)
        world.contact(False)
        world.source_is_set(SECOND)
        await asyncio.sleep(10.0)
        assert edges == []
        assert place.meter.readout(10.0) is None
        assert world.source_reads().total_power == pytest.approx(3600.0, rel=1e-3)
        assert world.standard_reads().total_power == 0.0
        world.contact(True)
        await asyncio.sleep(10.0)
        assert len(rises(edges)) in (9, 10)
        assert place.meter.readout(20.0) is not None
        world.contact(False)
        assert changes[-1] == (world.truth, OFF)
        assert world.truth != OFF

    simulated(main)


def test_a_standard_at_the_end_of_its_declared_accuracy_does_not_repeat_itself(simulated: Run) -> None:
    async def scene() -> None:
        world = a_world(Accuracies())
        world.source_is_set(SECOND)
        await asyncio.sleep(SETTLE_S)
        world._standard_gain = 1.0 + Accuracies().standard_percent / 100
        watts = [world.standard_reads().total_power for _ in range(50)]
        assert len(set(watts)) == 50

    simulated(scene)
