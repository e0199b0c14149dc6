"""The AMETEK dialect against its simulated far end: voltage only, coupling, ranges chosen at rest, the slow fall."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from drivers.ametek_source import AMETEK, AmetekSource
from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, PowerSource
from drivers.simulated.ametek_server import AmetekServer
from drivers.simulated.scpi_server import Manner, Reply, ScpiServer
from drivers.simulated.simulated_time import run_simulated
from drivers.visa import VisaPort
from tests.drivers.following_world import FollowingWorld, assert_same, loads, settle

Simulated = Callable[..., Any]


class Listening(AmetekServer):
    """A simulated source that keeps the lines it heard."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.lines: list[str] = []
        super().__init__(*args, **named)

    def execute(self, line: str) -> Reply:
        self.lines.append(line)
        return super().execute(line)


@asynccontextmanager
async def opened(
    capabilities: Capabilities = AMETEK, true_limits: Capabilities | None = None
) -> AsyncIterator[tuple[PowerSource, FollowingWorld, Listening, ScpiServer]]:
    world = FollowingWorld()
    far_end = Listening(world.change, world.measured, true_limits or capabilities)
    server = ScpiServer(far_end)
    await server.start()
    source: PowerSource = AmetekSource(VisaPort(server.resource, "power source"), capabilities)
    try:
        await source.open()
        far_end.lines.clear()
        yield source, world, far_end, server
    finally:
        await source.close()
        await server.stop()


@settings(max_examples=15, deadline=None)
@given(load=loads(u=(0.1, 300.0), i=(0.0, 0.0)))
def test_any_voltages_reach_the_world_and_come_back_with_their_angles(load: Load) -> None:
    async def main() -> None:
        async with opened() as (source, world, _, _):
            await source.apply(load)
            await settle(AMETEK.ramp)
            assert_same(world.load, load, volts=0.006, amperes=0.0, angle_deg=0.006, hertz=0.0006)
            reading = await source.read()
            assert_same(reading, load, volts=0.007, amperes=0.0, angle_deg=0.006, hertz=0.0006)
            assert reading.power == (0.0, 0.0, 0.0)

    run_simulated(main)


def test_each_phase_is_selected_uncoupled_and_l2_is_ahead_by_240_degrees(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(symmetrical(230.0, 0.0))
            assert far_end.lines[0].startswith(
                ":INST:COUP NONE;:FREQ 50;:INST:NSEL 1;:PHAS 0;:VOLT 230;:INST:NSEL 2;:PHAS 240;"
            )
            await settle(1.0)
            assert_same(world.load, symmetrical(230.0, 0.0), 1e-9, 0.0, 1e-9, 1e-9)

    simulated(main)


def test_any_current_is_refused_before_anything_is_sent(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, far_end, _):
            with pytest.raises(LoadRefused, match="current is wanted and the source has no current circuit of its own"):
                await source.apply(symmetrical(230.0, 5.0))
            with pytest.raises(LoadRefused, match=r"310.0 V on L1 is above the source's 300 V"):
                await source.apply(symmetrical(310.0, 0.0))
            assert far_end.lines == []

    simulated(main)


def test_the_range_is_chosen_once_with_the_output_off(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            for volts in (100.0, 230.0, 60.0):
                await source.apply(symmetrical(volts, 0.0))
                await settle(1.0)
            assert not any("RANG" in line for line in far_end.lines)
            assert OFF not in world.loads

    simulated(main)


def test_a_range_changed_under_load_by_somebody_else_interrupts_the_voltage(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(symmetrical(100.0, 0.0))
            await settle(1.0)
            far_end.execute("VOLT:RANG 150")
            assert world.load == OFF
            assert abs((await source.read()).u[0]) < 1.0
            await settle(0.5)
            assert abs(world.load.u[0]) == 100.0

    simulated(main)


def test_a_single_phase_source_is_never_asked_for_another_phase(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(replace(AMETEK, phases=1)) as (source, world, far_end, _):
            await source.apply(symmetrical(230.0, 0.0, phases=1))
            await settle(1.0)
            reading = await source.read()
            assert abs(reading.u[0]) == pytest.approx(230.0)
            assert reading.u[1:] == (0j, 0j)
            assert not any("NSEL 2" in line for line in far_end.lines)
            await source.off()
            assert world.load == OFF

    simulated(main)


def test_a_voltage_the_instrument_refuses_is_not_followed_by_the_output(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(true_limits=replace(AMETEK, u_max=150.0)) as (source, world, far_end, _):
            with pytest.raises(InstrumentError, match=r"refused .*VOLT 230.*-222,.Data out of range;VOLT"):
                await source.apply(symmetrical(230.0, 0.0))
            assert world.loads == []
            assert not far_end.output

    simulated(main)


def test_an_output_that_opened_by_itself_is_not_closed_again(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(symmetrical(230.0, 0.0))
            far_end.trip()
            with pytest.raises(InstrumentError, match="switched its output off by itself"):
                await source.apply(symmetrical(230.0, 0.0))
            assert world.load == OFF

    simulated(main)


def test_switching_off_means_all_phases_whatever_was_selected_and_waits_for_the_fall(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(symmetrical(230.0, 0.0))
            await settle(1.0)
            world.forget()
            reading = await source.off()
            assert far_end.lines[-1].startswith(":INST:NSEL 1;:MEAS:VOLT:AC?")
            assert [round(abs(load.u[2])) for load in world.loads] == [230, 172, 115, 58, 0]
            assert all(abs(u) < 1.0 for u in reading.u)

    simulated(main)


def test_a_voltage_that_stays_is_an_error_that_keeps_hands_away(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _, _):
            world.stuck_at = Load((0j, 0j, 12 + 0j), (0j, 0j, 0j))
            with pytest.raises(InstrumentError, match=r"still live after switching off .*L3 12.0 V.*keep clear"):
                await source.off()

    simulated(main)


@pytest.mark.parametrize(
    ("manner", "sentence"),
    [
        (Manner.SILENT, "no answer"),
        (Manner.GARBLED, "another instrument"),
        (Manner.REPEATING, "nobody had asked|asked for"),
    ],
)
def test_a_source_that_cannot_be_heard_is_not_reported_off(simulated: Simulated, manner: Manner, sentence: str) -> None:
    async def main() -> None:
        async with opened() as (source, _, _, server):
            await source.apply(symmetrical(230.0, 0.0))
            server.manner = manner
            with pytest.raises(InstrumentError, match=sentence):
                await source.off()

    simulated(main)
