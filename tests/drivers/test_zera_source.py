"""The ZERA dialects against their simulated far ends: DIN angles, acknowledgements, faults, the order of switching off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, PowerSource
from drivers.simulated.scpi_server import Manner, Reply, ScpiServer
from drivers.simulated.simulated_time import run_simulated
from drivers.simulated.zera_server import ZeraServer
from drivers.visa import Revoked, VisaPort
from drivers.zera_source import FG30X, FG30X_LANGUAGE, MT786, MT786_LANGUAGE, ZeraGeneratorSource, ZeraSource
from tests.drivers.following_world import POINT, FollowingWorld, assert_same, loads, settle, turned

Simulated = Callable[..., Any]


class Listening(ZeraServer):
    """A simulated source that keeps the lines it heard."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.lines: list[str] = []
        super().__init__(*args, **named)

    def execute(self, line: str) -> Reply:
        self.lines.append(line)
        return super().execute(line)


@asynccontextmanager
async def opened(
    generator: bool = False, true_limits: Capabilities | None = None, serial: bool = False
) -> AsyncIterator[tuple[PowerSource, FollowingWorld, Listening, ScpiServer]]:
    world = FollowingWorld()
    far_end = Listening(world.change, world.measured, true_limits, generator=generator)
    server = ScpiServer(far_end)
    port = await server.start()
    resource = f"ASRLsocket://127.0.0.1:{port}::INSTR" if serial else server.resource
    source: PowerSource
    if generator:
        source = ZeraGeneratorSource(VisaPort(resource, "power source", language=FG30X_LANGUAGE))
    else:
        source = ZeraSource(VisaPort(resource, "power source", language=MT786_LANGUAGE))
    try:
        await source.open()
        far_end.lines.clear()
        yield source, world, far_end, server
    finally:
        await source.close()
        await server.stop()


def test_the_commands_are_those_of_the_vendors_own_tests(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, far_end, _):
            await source.apply(symmetrical(230.0, (5.0, 0.0, 0.02), phi_deg=60.0))
            assert far_end.lines == [
                "SFR50.00",
                "SUPAER230.000000.00S230.000120.00T230.000240.00",
                "SIPAAR005.000060.00S000.000120.00T000.020300.00",
                "SUIEEEPAPAAA",
                "SSM",
            ]

    simulated(main)


def test_an_fg30x_leaves_the_s_away_and_is_told_not_to_subtract_dc(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(generator=True) as (source, _, far_end, _):
            await source.apply(symmetrical(230.0, 5.0))
            assert far_end.lines[0] == "FR50.00"
            assert far_end.lines[3:] == ["UIEEEPPPAAA", "SM"]
            await source.open()
            assert far_end.lines[5:8] == ["TS", "DS1", "UIAAAAAAAAA"]

    simulated(main)


@settings(max_examples=15, deadline=None)
@given(load=loads(u=(20.0, 500.0), i=(0.001, 120.0)))
def test_any_load_reaches_the_world_of_an_mt786_and_comes_back_with_its_angles(load: Load) -> None:
    async def main() -> None:
        async with opened() as (source, world, _, _):
            await source.apply(load)
            await settle(MT786.ramp)
            wanted = turned(load)
            assert_same(world.load, wanted, volts=0.6e-3, amperes=0.6e-3, angle_deg=0.006, hertz=0.006)
            reading = await source.read()
            assert_same(reading, wanted, volts=0.6e-3, amperes=0.6e-3, angle_deg=0.006, hertz=0.006)
            assert reading.power == pytest.approx(world.load.power, rel=1e-6, abs=1e-3)

    run_simulated(main)


@settings(max_examples=10, deadline=None)
@given(load=loads(u=(30.0, 320.0), i=(0.001, 120.0), f=(45.0, 65.0)))
def test_any_load_reaches_the_world_of_an_fg30x_and_comes_back_within_its_counts(load: Load) -> None:
    async def main() -> None:
        async with opened(generator=True) as (source, world, _, _):
            await source.apply(load)
            await settle(FG30X.ramp)
            wanted = turned(load)
            assert_same(world.load, wanted, volts=0.6e-3, amperes=0.6e-3, angle_deg=0.006, hertz=0.006)
            reading = await source.read()
            assert_same(reading, world.load, volts=320 / 20e3, amperes=120 / 20e3, angle_deg=0.06, hertz=0.006)
            assert reading.power == pytest.approx(world.load.power, abs=0.051)

    run_simulated(main)


def test_a_serial_port_carries_the_same_lines_as_a_socket(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(serial=True) as (source, world, _, _):
            assert source.identity == "ZERA,MT786,,05.52"
            await source.apply(POINT)
            await settle(MT786.ramp)
            assert (await source.read()).power == pytest.approx(POINT.power, rel=1e-3)
            await source.off()
            assert world.load == OFF

    simulated(main)


@pytest.mark.parametrize("generator", [False, True])
def test_an_echo_changes_nothing(simulated: Simulated, generator: bool) -> None:
    async def main() -> None:
        async with opened(generator) as (source, world, far_end, _):
            far_end.echo = True
            await source.open()
            assert source.identity == ("ZERA,FG301,,299" if generator else "ZERA,MT786,,05.52")
            await source.apply(POINT)
            await settle(2.0)
            assert (await source.read()).total_power == pytest.approx(POINT.total_power, rel=1e-3)
            await source.off()
            assert world.load == OFF

    simulated(main)


def test_a_load_beyond_the_source_is_refused_with_every_reason_and_nothing_is_sent(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, far_end, _):
            with pytest.raises(LoadRefused) as refused:
                await source.apply(replace(symmetrical(10.0, (0.0004, 0.0, 130.0)), frequency=66.0))
            for reason in ("10.0 V on L1 is below", "0.0004 A on L1 is below", "130 A on L3 is above", "66 Hz"):
                assert reason in str(refused.value)
            assert far_end.lines == []

    simulated(main)


def test_a_setting_that_is_refused_leaves_the_output_as_it_was(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(true_limits=replace(MT786, i_max=60.0)) as (source, world, far_end, _):
            with pytest.raises(InstrumentError, match=r"refused 'SIPAA.*': SIPNAK"):
                await source.apply(POINT)
            assert world.loads == []
            assert not any(line.startswith("SUI") for line in far_end.lines)

    simulated(main)


def test_an_acknowledgement_that_is_lost_is_an_error_and_switching_off_still_works(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            far_end.loses = "SOKUI"
            with pytest.raises(InstrumentError, match=r"no answer from the power source .*'SUIEEEPPPAAA' within 2 s"):
                await source.apply(POINT)
            await settle(MT786.ramp)
            assert world.load.has_current, "it was carried out: only off() makes it safe"
            far_end.lines.clear()
            await source.off()
            assert far_end.lines[:2] == ["SUIAAAAAAAAA", "AAV"], "no voltage is known to be on, so none is named"
            assert world.load == OFF

    simulated(main)


def test_a_fault_of_an_amplifier_is_named_and_the_load_is_not_taken_for_applied(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(POINT)
            await settle(MT786.ramp)
            far_end.faults = "802C" + "00000000" + "00000001"
            with pytest.raises(
                InstrumentError, match=r"an amplifier has failed, I3: fault, I1: fault, U3: fault, U1: unknown fault"
            ):
                await source.apply(symmetrical(230.0, 5.0))
            await source.off()
            assert world.load == OFF

    simulated(main)


def test_switching_off_after_a_refused_switch_switches_no_voltage_on(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            carried_out = far_end._set
            far_end._set = lambda command: "UINAK" if command.startswith("UIEEE") else carried_out(command)  # type: ignore[method-assign]
            with pytest.raises(InstrumentError, match="refused 'SUIEEEPPPAAA': SUINAK"):
                await source.apply(POINT)
            far_end._set = carried_out  # type: ignore[method-assign]
            await source.off()
            assert world.loads == []

    simulated(main)


def test_switching_off_while_a_load_is_being_set_is_the_last_word(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            setting = asyncio.ensure_future(source.apply(POINT))
            await asyncio.sleep(0.35)  # the switches are on their way by now, and the amplifiers take 0.3 s
            assert far_end.lines[-1] == "SUIEEEPPPAAA"
            await source.off()
            with pytest.raises(Revoked):
                await setting
            await settle(MT786.ramp)
            world.forget()
            await source.off()
            assert world.loads[1:] == []
            assert world.load == OFF

    simulated(main)


def test_currents_go_before_voltages_and_the_fall_is_waited_for(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(POINT)
            await settle(MT786.ramp)
            world.forget()
            far_end.lines.clear()
            reading = await source.off()
            assert far_end.lines[:2] == ["SUIEEEAAAAAA", "SUIAAAAAAAAA"]
            assert [load.has_current for load in world.loads] == [True, *[False] * 5]
            assert all(world.loads[1].u)
            assert world.loads[-1] == OFF
            assert reading.total_power == 0.0
            assert world.times[-1] - world.times[1] >= MT786.ramp

    simulated(main)


def test_a_source_found_on_is_switched_off_at_once_without_switching_any_voltage_on(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, far_end, _):
            await source.apply(symmetrical(230.0, 5.0, phases=1))
            await source.close()
            far_end.lines.clear()
            await source.open()
            assert {line for line in far_end.lines if line.startswith("SUI")} == {"SUIAAAAAAAAA"}
            assert world.load == OFF

    simulated(main)


def test_an_output_that_does_not_fall_is_an_error_that_keeps_hands_away(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, world, _, _):
            world.stuck_at = symmetrical(0.0, (0.0, 0.02, 0.0))
            with pytest.raises(InstrumentError, match=r"still live after switching off .*L2 0.0 V 0.02 A.*keep clear"):
                await source.off()

    simulated(main)


@pytest.mark.parametrize(
    ("manner", "sentence"),
    [
        (Manner.SILENT, "no answer from the power source"),
        (Manner.GARBLED, "another instrument answer"),
        (Manner.HANGING_UP, "closed the connection"),
    ],
)
def test_a_source_that_cannot_be_heard_is_not_reported_off(simulated: Simulated, manner: Manner, sentence: str) -> None:
    async def main() -> None:
        async with opened() as (source, _, _, server):
            await source.apply(POINT)
            server.manner = manner
            with pytest.raises(InstrumentError, match=sentence):
                await source.off()

    simulated(main)


def test_an_answer_of_another_shape_is_not_a_reading(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, far_end, _):
            far_end._mt786_measures = lambda line: "0;230.0\rAMEACK"  # type: ignore[method-assign]
            with pytest.raises(InstrumentError, match=r"answered 'AME0;1;.*: values .* expected"):
                await source.read()
            far_end._mt786_measures = lambda line: "AMENAK"  # type: ignore[method-assign]
            with pytest.raises(InstrumentError, match="AMENAK"):
                await source.read()

    simulated(main)


def test_a_revoked_source_cannot_be_switched(simulated: Simulated) -> None:
    async def main() -> None:
        server = ScpiServer(far_end := Listening(lambda load: None, FollowingWorld().measured))
        await server.start()
        port = VisaPort(server.resource, "power source", language=MT786_LANGUAGE)
        source = ZeraSource(port)
        await source.open()
        far_end.lines.clear()
        port.revoke("the run is over")
        for late in (source.apply(POINT), source.off(), source.read()):
            with pytest.raises(Revoked):
                await late
        assert far_end.lines == []
        await source.close()
        await server.stop()

    simulated(main)


def test_a_reading_takes_the_time_of_its_characters_at_9600_baud(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened() as (source, _, _, _):
            before = asyncio.get_running_loop().time()
            await source.read()
            assert 0.2 < asyncio.get_running_loop().time() - before < MT786.readback_latency + 0.1

    simulated(main)
