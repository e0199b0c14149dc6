"""The Fluke dialect against its simulated far end: ranges first, angles, channels at rest, gaps, errors, the order of switching off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from drivers.fluke_source import FLUKE_6105A, FlukeSource
from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, PowerSource
from drivers.simulated.fluke_server import FlukeServer
from drivers.simulated.scpi_server import Manner, Reply, ScpiServer
from drivers.simulated.simulated_time import run_simulated
from drivers.visa import VisaPort
from tests.drivers.following_world import POINT, FollowingWorld, assert_same, loads, settle

Simulated = Callable[..., Any]

ALONE = replace(FLUKE_6105A, i_min=0.05, i_max=21.0)
"""6105A without amplifiers."""


class Listening(FlukeServer):
    """A simulated source that keeps the lines it heard."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.lines: list[str] = []
        super().__init__(*args, **named)

    def execute(self, line: str) -> Reply:
        self.lines.append(line)
        return super().execute(line)


@asynccontextmanager
async def opened(
    capabilities: Capabilities = FLUKE_6105A, true_limits: Capabilities | None = None
) -> AsyncIterator[tuple[PowerSource, FollowingWorld, Listening, ScpiServer]]:
    world = FollowingWorld()
    far_end = Listening(world.change, world.measured, true_limits or capabilities)
    server = ScpiServer(far_end)
    await server.start()
    source: PowerSource = FlukeSource(VisaPort(server.resource, "power source"), capabilities)
    try:
        await source.open()
        far_end.lines.clear()
        yield source, world, far_end, server
    finally:
        await source.close()
        await server.stop()


def sent(far_end: Listening, word: str) -> list[str]:
    return [part for line in far_end.lines for part in line.split(";") if word in part]


@settings(max_examples=15, deadline=None)
@given(load=loads(u=(0.5, 650.0), i=(0.001, 120.0)))
def test_any_load_reaches_the_world_and_comes_back_with_its_angles(load: Load) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(load)
            await settle(FLUKE_6105A.ramp)
            assert_same(world.load, load, volts=1e-8, amperes=1e-8, angle_deg=1e-8, hertz=1e-8)
            reading = await source.read()
            assert_same(reading, load, volts=1e-5, amperes=1e-6, angle_deg=1e-5, hertz=1e-6)
            assert reading.power == pytest.approx(load.power, rel=1e-7, abs=1e-4)
            assert far_end.load == world.load

    run_simulated(main)


@settings(max_examples=10, deadline=None)
@given(load=loads(u=(0.5, 650.0), i=(0.05, 21.0)), then=loads(u=(0.5, 650.0), i=(0.05, 21.0)))
def test_any_load_follows_any_other_without_amplifiers(load: Load, then: Load) -> None:
    async def main() -> None:
        async with opened(ALONE) as (source, world, _, _):
            for each in (load, then):
                await source.apply(each)
                await settle(2.0)
                assert_same(world.load, each, volts=1e-8, amperes=1e-8, angle_deg=1e-8, hertz=1e-8)

    run_simulated(main)


def test_l2_is_at_minus_120_and_an_inductive_current_is_behind_its_own_voltage(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, far_end, _):
            await source.apply(POINT)
            assert sent(far_end, "PHAS2:VOLT:MHAR:HARM1 ") == [":SOUR:PHAS2:VOLT:MHAR:HARM1 230,-120"]
            assert sent(far_end, "PHAS3:CURR:MHAR:HARM1 ") == [":SOUR:PHAS3:CURR:MHAR:HARM1 80,-60"]

    simulated(main)


def test_ranges_come_before_amplitudes_and_only_when_they_change(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, far_end, _):
            await source.apply(symmetrical(230.0, 5.0))
            line = next(line for line in far_end.lines if "PHAS1:CURR" in line)
            assert line.startswith(":SOUR:PHAS1:CURR:EAMP:RANG 0,20;:SOUR:PHAS1:CURR:MHAR:HARM1 5,0;")
            far_end.lines.clear()
            await source.apply(symmetrical(230.0, 10.0))
            assert sent(far_end, "RANG") == []
            await source.apply(symmetrical(230.0, 80.0))
            assert sent(far_end, "RANG") == [f":SOUR:PHAS{n}:CURR:EAMP:RANG 0,120" for n in (1, 2, 3)]

    simulated(main)


def test_a_channel_that_changes_its_range_gives_nothing_meanwhile_and_the_others_stay(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _, _):
            await source.apply(symmetrical(230.0, 5.0))
            await settle(FLUKE_6105A.ramp)
            world.forget()
            await source.apply(symmetrical(230.0, 80.0, phases=3))
            await settle(1.0)
            gap = world.loads[1]
            assert gap.i[0] == 0 and abs(gap.i[1]) > 0 and all(gap.u)  # noqa: PT018  # one picture of one moment
            assert_same(world.load, symmetrical(230.0, 80.0), 1e-8, 1e-8, 1e-8, 1e-8)
            assert max(load.largest_current for load in world.loads) <= 80.0 + 1e-9

    simulated(main)


def test_a_channel_with_nothing_to_give_is_off(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, far_end, _):
            await source.apply(symmetrical(230.0, (5.0, 0.0, 0.0)))
            states = [part for part in sent(far_end, ":STAT O") if "CURR" in part]
            assert states == [f":SOUR:PHAS{n}:CURR:STAT {state}" for n, state in ((1, "ON"), (2, "OFF"), (3, "OFF"))]

    simulated(main)


def test_the_output_rises_on_the_ramp_that_was_asked_for(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _, _):
            await source.apply(symmetrical(230.0, 5.0))
            await settle(FLUKE_6105A.ramp + 0.1)
            assert [round(abs(load.u[0]), 1) for load in world.loads] == [57.5, 115.0, 172.5, 230.0]
            assert world.times[-1] - world.times[0] == pytest.approx(0.75 * FLUKE_6105A.ramp)

    simulated(main)


def test_a_station_file_that_promises_amplifiers_which_are_not_there_is_found_out_on_opening(
    simulated: Simulated,
) -> None:
    async def main() -> None:
        with pytest.raises(
            InstrumentError, match=r"no 52120A on phase L1, and the station file says 3 phases of 120 A"
        ):
            async with opened(FLUKE_6105A, true_limits=ALONE):
                pass
        with pytest.raises(InstrumentError, match="no 6105A on phase L2"):
            async with opened(FLUKE_6105A, true_limits=replace(FLUKE_6105A, phases=1)):
                pass

    simulated(main)


def test_a_load_beyond_the_source_is_refused_with_every_reason_and_nothing_is_sent(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(ALONE) as (source, _, far_end, _):
            with pytest.raises(LoadRefused, match=r"0.02 A on L1 is below .*; 80 A on L3 is above"):
                await source.apply(symmetrical(230.0, (0.02, 0.0, 80.0)))
            assert far_end.lines == []

    simulated(main)


def test_a_setting_the_instrument_refuses_is_not_followed_by_the_output(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(true_limits=replace(FLUKE_6105A, frequency_max=55.0)) as (source, world, far_end, _):
            with pytest.raises(InstrumentError, match=r"refused ':SOUR:FREQ 60.*-222,.Data out of range;FREQ"):
                await source.apply(replace(POINT, frequency=60.0))
            assert world.loads == []
            assert not far_end.output

    simulated(main)


def test_ranges_are_sent_again_when_nothing_is_known_of_them(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, server):
            await source.apply(symmetrical(230.0, 5.0))
            server.manner = Manner.SILENT
            with pytest.raises(InstrumentError, match="no answer"):
                await source.apply(symmetrical(230.0, 80.0))
            server.manner = Manner.PROPER
            far_end.lines.clear()
            await source.apply(symmetrical(230.0, 80.0))
            assert len(sent(far_end, "RANG")) == 6
            await settle(2.0)
            assert_same(world.load, symmetrical(230.0, 80.0), 1e-8, 1e-8, 1e-8, 1e-8)

    simulated(main)


def test_an_output_that_went_off_by_itself_is_not_switched_on_again(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(POINT)
            far_end.trip()
            with pytest.raises(InstrumentError, match="switched its output off by itself"):
                await source.apply(symmetrical(230.0, 5.0))
            assert world.load == OFF

    simulated(main)


def test_currents_go_before_voltages_and_amplitudes_told_of_an_output_at_rest_are_not_live(
    simulated: Simulated,
) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(POINT)
            await settle(FLUKE_6105A.ramp)
            world.forget()
            reading = await source.off()
            assert [(load.has_current, load == OFF) for load in world.loads] == [
                (True, False),
                (False, False),
                (False, True),
            ]
            assert float(far_end.execute(":SOUR:PHAS1:VOLT:AMPL?").text or "nan") == pytest.approx(230.0)
            assert reading.u == (0j, 0j, 0j)

    simulated(main)


def test_an_output_that_stays_on_is_an_error_that_keeps_hands_away(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(POINT)
            far_end.welded = True
            world.stuck_at = POINT
            with pytest.raises(InstrumentError, match=r"still live after switching off \(L1 230.0 V 5 A.*keep clear"):
                await source.off()

    simulated(main)


@pytest.mark.parametrize(
    ("manner", "sentence"),
    [(Manner.SILENT, "no answer"), (Manner.GARBLED, "another instrument|answered"), (Manner.HANGING_UP, "closed the")],
)
def test_a_source_that_cannot_be_heard_is_not_reported_off(simulated: Simulated, manner: Manner, sentence: str) -> None:
    async def main() -> None:
        async with opened() as (source, _, _, server):
            await source.apply(POINT)
            server.manner = manner
            with pytest.raises(InstrumentError, match=sentence):
                await source.off()

    simulated(main)
