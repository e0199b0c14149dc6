"""Dialects by name: each makes a source that works against the server of the same name; unknown names are answered with the known."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drivers.load import OFF, symmetrical
from drivers.power_source import Capabilities, InstrumentError
from drivers.simulated.instrument_servers import make_server, make_standard_server
from drivers.source_dialects import (
    SOURCE_DIALECTS,
    STANDARD_DIALECTS,
    default_capabilities,
    make_source,
    make_standard,
)
from tests.drivers.following_world import FollowingWorld, assert_same

Simulated = Callable[..., Any]


@pytest.mark.parametrize("dialect", SOURCE_DIALECTS)
def test_each_dialect_makes_a_load_settles_in_its_time_and_goes_off_with_the_defaults(
    simulated: Simulated, dialect: str
) -> None:
    capabilities = default_capabilities(dialect)
    load = symmetrical(230.0, 5.0 if capabilities.separate_current else 0.0, phi_deg=60.0)

    async def main() -> None:
        world = FollowingWorld()
        server = make_server(dialect, world.change, world.measured)
        await server.start()
        source = make_source(dialect, server.resource)
        try:
            await source.open()
            assert source.identity
            await source.apply(load)
            await asyncio.sleep(capabilities.ramp)
            before = asyncio.get_running_loop().time()
            reading = await source.read()
            latency = asyncio.get_running_loop().time() - before
            assert_same(world.load, load, volts=0.01, amperes=0.001, angle_deg=0.01, hertz=0.01)
            assert_same(reading, load, volts=0.02, amperes=0.004, angle_deg=0.1, hertz=0.01)
            assert latency <= capabilities.readback_latency + 0.1
            assert await source.off() is not None
            assert world.load == OFF
        finally:
            await source.close()
            await server.stop()

    simulated(main)


@pytest.mark.parametrize("dialect", STANDARD_DIALECTS)
def test_each_dialect_of_a_standard_measures(simulated: Simulated, dialect: str) -> None:
    async def main() -> None:
        world = FollowingWorld()
        world.change(symmetrical(230.0, 5.0))
        server = make_standard_server(dialect, world.measured)
        await server.start()
        standard = make_standard(dialect, server.resource, accuracy_percent=0.05)
        try:
            await standard.open()
            assert (await standard.read()).total_power == pytest.approx(3450.0)
            assert standard.accuracy_percent == 0.05
        finally:
            await standard.close()
            await server.stop()

    simulated(main)


def test_the_stations_own_capabilities_take_the_place_of_the_dialects() -> None:
    own = replace(default_capabilities("zera"), i_max=60.0)
    assert make_source("zera", "ASRL/dev/ttyUSB0::INSTR", own).capabilities == own
    assert make_source("zera", "ASRL/dev/ttyUSB0::INSTR").capabilities == default_capabilities("zera")
    assert default_capabilities("generic-scpi") == Capabilities()


def test_a_dialect_that_is_not_known_is_answered_with_those_that_are() -> None:
    known = "known are ametek, fluke-6105a, generic-scpi, zera, zera-fg30x; did you mean 'fluke-6105a'"
    for ask in (
        lambda: make_source("fluke", "TCPIP::1::1::SOCKET"),
        lambda: default_capabilities("fluke"),
        lambda: make_server("fluke", lambda load: None, FollowingWorld().measured),
    ):
        with pytest.raises(InstrumentError, match=known):
            ask()
    for ask_standard in (
        lambda: make_standard("radian", "TCPIP::1::1::SOCKET", 0.05),
        lambda: make_standard_server("radian", FollowingWorld().measured),
    ):
        with pytest.raises(InstrumentError, match="known are generic-scpi, yokogawa-wt300"):
            ask_standard()


@pytest.mark.parametrize("dialect", SOURCE_DIALECTS)
def test_capabilities_leave_time_for_the_ramp_and_name_what_they_lack(dialect: str) -> None:
    capabilities = default_capabilities(dialect)
    assert capabilities.ramp < capabilities.settle
    assert not capabilities.watchdog, "none was found in any manual; a station that has one says so"


def test_the_smallest_current_is_a_reason_and_zero_is_none() -> None:
    capabilities = Capabilities(u_min=30.0, i_min=0.05)
    assert capabilities.refusals(symmetrical(230.0, (0.05, 0.0, 10.0))) == []
    assert capabilities.refusals(symmetrical(10.0, (0.02, 0.0, 0.0), phases=1)) == [
        "10.0 V on L1 is below the source's smallest 30 V",
        "0.02 A on L1 is below the source's smallest 0.05 A",
    ]


def test_the_table_of_dialects_loads_no_visa() -> None:
    code = "import sys, drivers.source_dialects; sys.exit('pyvisa' in sys.modules or 'serial' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
