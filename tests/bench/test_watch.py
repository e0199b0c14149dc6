"""The watch: it reads the reference, feeds energy and board, and stops a run whose load is not what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.board import Board
from bench.line import Line
from bench.reference_energy import ReferenceEnergy
from bench.station import PositionDescription
from bench.steps import Blocked
from bench.watch import CHANGE_PERIOD_S, TOLERANCE, Watch
from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Reading

Run = Callable[..., Any]

IB = symmetrical(230.0, 5.0)
LATENCY_S = 0.02


@dataclass
class ReadLine:
    """A line of which only the reference is there; it reads `truth`."""

    truth: Load = IB
    standard: object | None = "a reference standard"
    fixtures: list[Any] = field(default_factory=list)

    async def read(self) -> Reading:
        load = self.truth
        await asyncio.sleep(LATENCY_S)
        now = asyncio.get_running_loop().time()
        return Reading(now, load.u, load.i, load.power, load.frequency)


@dataclass
class Scene:
    """A watch at work on a line."""

    line: ReadLine = field(default_factory=ReadLine)
    watch: Watch = field(default_factory=lambda: Watch(Board(2), ReferenceEnergy()))
    noted: list[float] = field(default_factory=list)

    async def follow(self) -> None:
        await self.watch.follow(cast(Line, self.line), lambda reading, _: self.noted.append(reading.time))

    async def for_a_while(self, seconds: float) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.follow()


def test_while_the_load_changes_it_reads_fast_and_neither_checks_nor_counts(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene(ReadLine(truth=symmetrical(113.0, 99.0)))
        scene.watch.change()
        await scene.for_a_while(1.0)
        gaps = [after - before for before, after in pairwise(scene.noted)]
        assert gaps == pytest.approx([CHANGE_PERIOD_S + LATENCY_S] * 8)
        assert scene.watch.energy.power == 0.0

    simulated(main)


def test_a_steady_load_is_read_every_period_and_its_energy_counted(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        scene.watch.steady(IB, 1.0)
        await scene.for_a_while(10.5)
        assert len(scene.noted) == 11
        assert scene.watch.energy.between(scene.noted[0], scene.noted[-1]) == pytest.approx(
            3450.0 * (scene.noted[-1] - scene.noted[0])
        )

    simulated(main)


def test_who_needs_a_reading_sooner_gets_it(simulated: Run) -> None:
    async def main() -> float:
        scene = Scene()
        scene.watch.steady(IB, 60.0)
        following = asyncio.create_task(scene.follow())
        await asyncio.sleep(5.0)
        await scene.watch.energy.covers(5.0)
        following.cancel()
        return asyncio.get_running_loop().time()

    assert simulated(main) == pytest.approx(5.0 + LATENCY_S)


def a_scene_with_leads() -> Scene:
    """Position 2 loses 46 mV a A: 0.1 % of 230 V at 5 A."""
    positions = [PositionDescription(1, "GPIO4", ""), PositionDescription(2, "GPIO5", "", lead_milliohm=46.0)]
    s0 = SimpleNamespace(pulses=[])
    return Scene(ReadLine(fixtures=[SimpleNamespace(number=p.number, s0=s0, description=p) for p in positions]))


def test_a_corrected_position_has_an_energy_of_its_own_and_the_other_shares_what_was_measured(simulated: Run) -> None:
    async def main() -> None:
        scene = a_scene_with_leads()
        scene.watch.steady(IB, 1.0)
        await scene.for_a_while(3.5)
        assert scene.watch.at(1) is scene.watch.energy
        assert scene.watch.at(2).power == pytest.approx(3450.0 * 0.999)
        assert scene.watch.energy.power == pytest.approx(3450.0)

    simulated(main)


def test_who_needs_a_corrected_reading_sooner_gets_it_as_well(simulated: Run) -> None:
    async def main() -> float:
        scene = a_scene_with_leads()
        scene.watch.steady(IB, 60.0)
        following = asyncio.create_task(scene.follow())
        await asyncio.sleep(5.0)
        await scene.watch.at(2).covers(5.0)
        following.cancel()
        return asyncio.get_running_loop().time()

    assert simulated(main) == pytest.approx(5.0 + LATENCY_S)


def test_a_new_load_starts_the_corrected_energy_anew(simulated: Run) -> None:
    async def main() -> None:
        scene = a_scene_with_leads()
        scene.watch.steady(IB, 1.0)
        following = asyncio.create_task(scene.follow())
        await asyncio.sleep(3.5)
        scene.watch.steady(IB, 1.0)
        await asyncio.sleep(3.0)
        with pytest.raises(ValueError, match="no reference reading covers 2"):
            scene.watch.at(2).between(2.0, 5.0)
        following.cancel()

    simulated(main)


def test_a_reading_under_way_when_the_load_changes_belongs_to_neither_load(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene()
        scene.watch.steady(IB, 1.0)
        following = asyncio.create_task(scene.follow())
        await asyncio.sleep(LATENCY_S / 2)
        scene.line.truth = double = symmetrical(230.0, 10.0)
        scene.watch.steady(double, 1.0)
        await asyncio.sleep(LATENCY_S)
        assert len(scene.noted) == 1
        assert scene.watch.energy.power == 0.0
        await asyncio.sleep(2.0)
        assert scene.watch.energy.power == pytest.approx(6900.0)
        following.cancel()

    simulated(main)


@pytest.mark.parametrize(
    ("asked", "measured", "words"),
    [
        (
            IB,
            symmetrical(230.0, (5.0, 4.8, 5.0)),
            "L2: the source was asked for 5 A and the reference standard reads 4.8 A",
        ),
        (IB, symmetrical(220.0, 5.0), "L1: the source was asked for 230 V and the reference standard reads 220 V"),
        (symmetrical(230.0, 0.0), symmetrical(230.0, (0.0, 0.0, 0.002)), "L3: the source was asked for 0 A"),
        (IB, OFF, "L1: the source was asked for 230 V"),
    ],
)
def test_a_load_that_is_not_what_was_asked_blocks_the_run_and_says_where(
    simulated: Run, asked: Load, measured: Load, words: str
) -> None:
    async def main() -> None:
        scene = Scene(ReadLine(truth=measured))
        scene.watch.steady(asked, 1.0)
        with pytest.raises(Blocked, match=f"{words}.*Check the source's output, its range and the wiring"):
            await scene.follow()
        assert scene.watch.energy.power == 0.0  # and none of it counts

    simulated(main)


def test_without_a_standard_it_is_the_sources_own_readback_that_is_named(simulated: Run) -> None:
    async def main() -> None:
        scene = Scene(ReadLine(truth=OFF, standard=None))
        scene.watch.steady(IB, 1.0)
        with pytest.raises(Blocked, match="the source's readback reads 0 V"):
            await scene.follow()

    simulated(main)


@pytest.mark.parametrize("share", [1 - 0.99 * TOLERANCE, 1 + 0.99 * TOLERANCE])
def test_what_any_source_may_be_off_by_is_no_fault(simulated: Run, share: float) -> None:
    async def main() -> None:
        scene = Scene(ReadLine(truth=symmetrical(230.0 * share, 5.0 * share)))
        scene.watch.steady(IB, 1.0)
        await scene.for_a_while(3.0)
        assert scene.watch.energy.power > 0.0

    simulated(main)


def test_the_board_shows_the_load_as_measured_and_the_pulses_of_each_position(simulated: Run) -> None:
    async def main() -> None:
        pulses = [SimpleNamespace(width_ms=29.0), SimpleNamespace(width_ms=30.5)]
        fixtures = [
            SimpleNamespace(
                number=number,
                s0=SimpleNamespace(pulses=seen),
                description=PositionDescription(number, f"GPIO{number}", ""),
            )
            for number, seen in ((1, []), (2, pulses))
        ]
        scene = Scene(ReadLine(fixtures=fixtures))
        scene.watch.steady(IB, 1.0)
        await scene.for_a_while(2.5)
        glance = scene.watch.board.glance
        assert glance.volts == pytest.approx((230.0, 230.0, 230.0))
        assert glance.amperes == pytest.approx((5.0, 5.0, 5.0))
        assert glance.watts == pytest.approx((1150.0, 1150.0, 1150.0))
        assert glance.elapsed == scene.noted[-1]
        assert [(each.pulses, each.width_ms) for each in glance.positions] == [(0, None), (2, 30.5)]

    simulated(main)


def test_without_l1_the_angles_count_from_the_first_phase_that_has_voltage(simulated: Run) -> None:
    asked = Load((0j, *IB.u[1:]), (0j, *IB.i[1:]))
    turned = Load((0j, IB.u[0], IB.u[1]), (0j, IB.i[0], IB.i[1]))
    crossed = Load((0j, IB.u[2], IB.u[1]), (0j, IB.i[2], IB.i[1]))

    async def main() -> None:
        scene = Scene(ReadLine(truth=turned))
        scene.watch.steady(asked, 1.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5.0):
                await scene.follow()
        scene = Scene(ReadLine(truth=crossed))
        scene.watch.steady(asked, 1.0)
        with pytest.raises(Blocked, match="L3: the voltage stands"):
            await scene.follow()

    simulated(main)


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        (Load((IB.u[0], IB.u[2], IB.u[1]), (IB.i[0], IB.i[2], IB.i[1])), r"L2: the voltage stands -120° from"),
        (Load(IB.u, (IB.i[0], -IB.i[1], IB.i[2])), r"L2: the current stands [-+]180° from"),
    ],
)
def test_crossed_phases_and_a_reversed_current_are_the_wirings_fault(truth: Load, said: str, simulated: Run) -> None:
    async def main() -> None:
        scene = Scene(ReadLine(truth=truth))
        scene.watch.steady(IB, 1.0)
        with pytest.raises(Blocked, match=said):
            await scene.follow()

    simulated(main)
