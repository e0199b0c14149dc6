"""The generic SCPI source against its simulated far end: angles, refusals, the order of switching off, round trips."""

from __future__ import annotations

import asyncio
import math
from cmath import rect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, PowerSource, Reading
from drivers.scpi_source import ScpiSource
from drivers.simulated.scpi_server import Manner, ScpiServer
from drivers.simulated.scpi_source_server import ScpiSourceServer
from drivers.simulated.simulated_time import run_simulated
from drivers.visa import Revoked, VisaPort

Simulated = Callable[..., Any]

POINT = symmetrical(230.0, (5.0, 10.0, 80.0), phi_deg=60.0)


class World:
    """Terminals that follow the setting at once and are measured without error."""

    def __init__(self) -> None:
        self.loads: list[Load] = []
        self.times: list[float] = []
        self.lines: list[str] = []
        self.stuck_at: Load | None = None
        self.falls_after = 0.0

    def change(self, load: Load) -> None:
        self.loads.append(load)
        self.times.append(asyncio.get_running_loop().time())

    @property
    def load(self) -> Load:
        if self.stuck_at is not None:
            return self.stuck_at
        if self.falls_after and asyncio.get_running_loop().time() < self.times[-1] + self.falls_after:
            return self.loads[-2]
        return self.loads[-1] if self.loads else OFF

    def measured(self) -> Reading:
        load = self.load
        return Reading(math.nan, load.u, load.i, load.power, load.frequency)


class Listening(ScpiSourceServer):
    """A simulated source that keeps the lines it heard."""

    def __init__(self, world: World, capabilities: Capabilities) -> None:
        self._world = world
        super().__init__(world.change, world.measured, capabilities)

    def execute(self, line: str) -> Any:
        self._world.lines.append(line)
        return super().execute(line)


@asynccontextmanager
async def opened(
    capabilities: Capabilities | None = None, true_limits: Capabilities | None = None
) -> AsyncIterator[tuple[ScpiSource, World, ScpiServer]]:
    declared = capabilities or Capabilities()
    world = World()
    server = ScpiServer(Listening(world, true_limits or declared))
    await server.start()
    source = ScpiSource(VisaPort(server.resource, "power source"), declared)
    contract: PowerSource = source
    try:
        await contract.open()
        world.lines.clear()
        yield source, world, server
    finally:
        await contract.close()
        await server.stop()


def far_end(server: ScpiServer) -> ScpiSourceServer:
    assert isinstance(server.instrument, ScpiSourceServer)
    return server.instrument


def same(load: Load, other: Load) -> bool:
    pairs = zip((*load.u, *load.i), (*other.u, *other.i), strict=True)
    return all(abs(a - b) <= 1e-8 for a, b in pairs) and load.frequency == pytest.approx(other.frequency, abs=1e-9)


def test_a_source_found_on_is_switched_off_when_it_is_opened(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _):
            await source.apply(POINT)
            await source.close()
            assert same(world.loads[-1], POINT), "closing switches nothing"
            await source.open()
            assert world.loads[-1] == OFF
            assert source.identity == "BENCH,SIMULATED SOURCE,0001,1.0"

    simulated(main)


def test_errors_left_in_the_queue_by_others_are_gone_after_opening(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, server):
            await source.close()
            far_end(server).execute("NONSENSE 1;OUTP MAYBE")
            await source.open()
            await source.apply(POINT)

    simulated(main)


@settings(max_examples=25, deadline=None)
@given(
    volts=st.tuples(*[st.floats(0, 300)] * 3),
    amperes=st.tuples(*[st.floats(0, 120)] * 3),
    degrees=st.tuples(*[st.floats(-400, 400)] * 6),
    frequency=st.floats(45, 65),
)
def test_any_load_reaches_the_world_and_comes_back_with_its_angles(
    volts: tuple[float, float, float],
    amperes: tuple[float, float, float],
    degrees: tuple[float, ...],
    frequency: float,
) -> None:
    degrees = (0.0, *degrees[1:])  # U_L1 is the reference
    u = [rect(v, math.radians(a)) for v, a in zip(volts, degrees[:3], strict=True)]
    i = [rect(a, math.radians(b)) for a, b in zip(amperes, degrees[3:], strict=True)]
    load = Load((u[0], u[1], u[2]), (i[0], i[1], i[2]), frequency)

    async def main() -> None:
        async with opened() as (source, world, _):
            await source.apply(load)
            assert same(world.loads[-1] if world.loads else OFF, load)
            reading = await source.read()
            assert all(abs(a - b) < 1e-6 for a, b in zip((*reading.u, *reading.i), (*load.u, *load.i), strict=True))
            assert reading.power == pytest.approx(load.power, rel=1e-7, abs=1e-5)

    run_simulated(main)


def test_the_dialect_has_l2_at_240_degrees_and_counts_a_lagging_current_positive(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _):
            await source.apply(POINT)
            sent = world.lines[0].split(";")
            assert sent[0] == ":FREQ 50"
            assert sent[3:5] == [":VOLT2 230", ":VOLT2:PHAS 240"]
            assert sent[7:9] == [":CURR1 5", ":CURR1:PHAS 60"]
            assert world.loads[-1].power == pytest.approx(POINT.power)

    simulated(main)


def test_a_load_change_costs_one_round_trip_and_the_first_one_two(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _):
            await source.apply(POINT)
            assert len(world.lines) == 2
            await source.apply(symmetrical(230.0, 5.0))
            assert len(world.lines) == 3
            assert len(world.loads) == 2, "the world never sees half a load"

    simulated(main)


def test_a_load_beyond_the_source_is_refused_with_every_reason_and_nothing_is_sent(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(Capabilities(phases=1, u_max=250.0, i_max=60.0)) as (source, world, _):
            with pytest.raises(LoadRefused) as refused:
                await source.apply(replace(symmetrical(260.0, 80.0), frequency=400.0))
            for reason in (
                "260.0 V on L1 is above",
                "80 A on L1 is above",
                "phase L2 is wanted and the source has 1",
                "400 Hz",
            ):
                assert reason in str(refused.value)
            assert world.lines == []

    simulated(main)


def test_a_setting_the_instrument_refuses_is_not_followed_by_the_output(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(Capabilities(i_max=120.0), Capabilities(i_max=60.0)) as (source, world, server):
            with pytest.raises(InstrumentError, match=r"refused .*CURR3 80.*-222,.Data out of range;CURR"):
                await source.apply(POINT)
            assert world.loads == []
            assert not far_end(server).setting.output

    simulated(main)


def test_an_output_that_went_off_by_itself_is_not_switched_on_again(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, server):
            await source.apply(POINT)
            far_end(server).trip()
            with pytest.raises(
                InstrumentError, match="switched its output off by itself; its display names the reason"
            ):
                await source.apply(symmetrical(230.0, 5.0))
            assert world.loads[-1] == OFF

    simulated(main)


def test_currents_go_to_zero_before_voltages_go_off(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _):
            await source.apply(POINT)
            reading = await source.off()
            assert [load.has_current for load in world.loads] == [True, False, False]
            assert same(world.loads[1], POINT.without_current())
            assert world.loads[2] == OFF
            assert reading.total_power == 0.0

    simulated(main)


def test_within_a_line_currents_come_first_when_a_voltage_goes(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _):
            await source.apply(POINT)
            await source.apply(OFF)
            headers = [part.split()[0] for part in world.lines[-1].split(";")]
            assert headers.index(":CURR3") < headers.index(":VOLT1")

    simulated(main)


def test_an_output_that_does_not_fall_is_an_error_that_keeps_hands_away(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(Capabilities(settle=2.0)) as (source, world, _):
            for stuck in (symmetrical(1.1, 0.0), symmetrical(0.0, (0.0, 0.02, 0.0))):
                world.stuck_at = stuck
                with pytest.raises(InstrumentError, match=r"still live after switching off .*keep clear"):
                    await source.off()
            world.stuck_at = symmetrical(0.9, 0.009)
            await source.off()

    simulated(main)


def test_an_output_may_take_its_settling_time_to_fall(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(Capabilities(settle=2.0)) as (source, world, _):
            await source.apply(POINT)
            world.falls_after = 1.5
            await source.off()
            assert 1.5 <= asyncio.get_running_loop().time() - world.times[-1] < 1.7

    simulated(main)


def test_a_line_that_is_refused_does_not_keep_the_rest_of_switching_off_from_being_sent(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, server):
            await source.apply(POINT)
            server.hang_up()  # the first line of switching off will find the connection closed
            await source.off()
            assert world.loads[-1] == OFF

    simulated(main)


def test_a_silent_source_is_not_reported_off(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, server):
            await source.apply(POINT)
            server.manner = Manner.SILENT
            with pytest.raises(InstrumentError, match="no answer from the power source"):
                await source.off()
            assert same(world.loads[-1], POINT)

    simulated(main)


def test_a_revoked_source_cannot_be_switched(simulated: Simulated) -> None:
    async def main() -> None:
        world = World()
        server = ScpiServer(Listening(world, Capabilities()))
        await server.start()
        port = VisaPort(server.resource, "power source")
        source = ScpiSource(port, Capabilities())
        await source.open()
        world.lines.clear()
        port.revoke("the run is over")
        for late in (source.apply(POINT), source.off(), source.read()):
            with pytest.raises(Revoked):
                await late
        assert world.lines == []
        await source.close()
        await server.stop()

    simulated(main)


def test_a_reading_holds_at_the_question_when_the_instrument_takes_its_declared_latency(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(Capabilities(readback_latency=0.3)) as (source, _, server):
            await asyncio.sleep(10.0 - asyncio.get_running_loop().time())
            assert (await source.read()).time == pytest.approx(10.0)
            server.late_by = 0.2  # a slower way there and back: half of it before the measurement, half after
            await asyncio.sleep(20.0 - asyncio.get_running_loop().time())
            assert (await source.read()).time == pytest.approx(20.1)

    simulated(main)


def test_reset_switches_the_output_off_and_forgets_every_setting(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, server):
            await source.apply(POINT)
            far_end(server).execute("*RST")
            assert world.loads[-1] == OFF
            far_end(server).execute(":OUTP ON")
            assert world.loads[-1].total_power == 0.0

    simulated(main)
