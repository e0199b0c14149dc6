"""The Yokogawa dialect against its simulated far end: items, update intervals, what cannot be measured, refusals."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.load import OFF, Load, symmetrical
from drivers.power_source import InstrumentError, Reading
from drivers.reference_standard import ReferenceStandard
from drivers.simulated.scpi_server import Manner, ScpiServer
from drivers.simulated.simulated_time import run_simulated
from drivers.simulated.yokogawa_server import YokogawaServer
from drivers.visa import VisaPort
from drivers.yokogawa_standard import UPDATE_S, YokogawaStandard

Simulated = Callable[..., Any]
WT310E = "YOKOGAWA,WT310E,C2QB00001V,F1.02"


def seen(load: Load) -> Reading:
    return Reading(0.0, load.u, load.i, load.power, load.frequency)


@asynccontextmanager
async def opened(load: Load, **named: Any) -> AsyncIterator[tuple[ReferenceStandard, YokogawaServer, ScpiServer]]:
    far_end = YokogawaServer(lambda: seen(load), **named)
    server = ScpiServer(far_end)
    await server.start()
    standard = YokogawaStandard(VisaPort(server.resource, "reference standard"), accuracy_percent=0.1)
    try:
        await standard.open()
        yield standard, far_end, server
    finally:
        await standard.close()
        await server.stop()


@settings(max_examples=15, deadline=None)
@given(
    volts=st.floats(20.0, 300.0),
    amperes=st.tuples(*[st.one_of(st.just(0.0), st.floats(0.01, 120.0))] * 3),
    phi=st.floats(-179.0, 179.0),
)
def test_any_load_is_seen_with_its_angles_and_its_power(
    volts: float, amperes: tuple[float, float, float], phi: float
) -> None:
    load = symmetrical(volts, amperes, phi_deg=phi)

    async def main() -> None:
        async with opened(load) as (standard, _, _):
            reading = await standard.read()
            assert reading.power == pytest.approx(load.power, rel=1e-6, abs=1e-9)
            for a, b in zip((*reading.u, *reading.i), (*load.u, *load.i), strict=True):
                assert abs(a - b) <= 3e-6 * max(abs(b), 1.0)
            assert reading.frequency == pytest.approx(50.0)

    run_simulated(main)


def test_a_reading_comes_with_the_end_of_an_update_interval_and_holds_in_its_middle(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(symmetrical(230.0, 5.0)) as (standard, _, _):
            await asyncio.sleep(3.1 - asyncio.get_running_loop().time())
            reading = await standard.read()
            assert asyncio.get_running_loop().time() == pytest.approx(3.25)
            assert reading.time == pytest.approx(3.25 - UPDATE_S / 2)
            await standard.read()
            assert asyncio.get_running_loop().time() == pytest.approx(3.5)

    simulated(main)


def test_what_is_absent_reads_as_nothing(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(OFF) as (standard, far_end, _):
            assert "NAN" in (far_end.execute(":NUM:NORM:VAL?").text or "")
            reading = await standard.read()
            assert reading.u == reading.i == (0j, 0j, 0j)
            assert reading.total_power == 0.0

    simulated(main)


def test_an_over_range_is_an_error_and_never_a_reading(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(symmetrical(230.0, (5.0, 5.0, 60.0)), highest_current=20.0) as (standard, _, _):
            with pytest.raises(InstrumentError, match=r"over range \(I,3\); .*current transformers"):
                await standard.read()

    simulated(main)


def test_a_power_that_is_not_there_is_no_reading(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(symmetrical(230.0, 5.0)) as (standard, far_end, _):
            far_end.execute(":NUM:NORM:NUMBER 3")
            with pytest.raises(InstrumentError, match="13 values expected"):
                await standard.read()
            far_end.execute(":NUM:NORM:NUMBER 13")
            far_end._functions["P"] = lambda reading, k: math.nan
            with pytest.raises(InstrumentError, match="13 finite numbers expected"):
                await standard.read()

    simulated(main)


def test_a_single_element_measures_l1_alone(simulated: Simulated) -> None:
    load = symmetrical(230.0, 5.0)

    async def main() -> None:
        async with opened(load, identity=WT310E) as (standard, _, _):
            reading = await standard.read()
            assert standard.identity == WT310E
            assert (standard.accuracy_percent, standard.readback_period) == (0.1, 1.0)
            assert reading.power == pytest.approx((1150.0, 0.0, 0.0))

    simulated(main)


@pytest.mark.parametrize("identity", ["YOKOGAWA,WT332E,1,F1", "FLUKE,NORMA 4000,1,1", "YOKOGAWA"])
def test_another_model_is_refused_by_name(simulated: Simulated, identity: str) -> None:
    async def main() -> None:
        with pytest.raises(InstrumentError, match=r"knows WT310…, WT330…, WT333…; correct the dialect"):
            async with opened(OFF, identity=identity):
                pass

    simulated(main)


def test_errors_left_by_others_are_gone_and_a_refused_setting_is_named(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(symmetrical(230.0, 5.0)) as (standard, far_end, _):
            far_end.execute("NONSENSE;:RATE 7MS")
            await standard.close()
            await standard.open()
            far_end._elements = 2
            with pytest.raises(InstrumentError, match=r"refused ':NUMERIC:NORMAL:ITEM9 U,3': -222,.*ITEM9"):
                await standard.open()

    simulated(main)


@pytest.mark.parametrize(
    ("manner", "sentence"),
    [
        (Manner.SILENT, "no answer from the reference standard"),
        (Manner.GARBLED, r"answered ':STATUS:EESR.*13 values expected"),
    ],
)
def test_rubbish_and_silence_are_errors_and_the_next_reading_is_good(
    simulated: Simulated, manner: Manner, sentence: str
) -> None:
    async def main() -> None:
        async with opened(symmetrical(230.0, 5.0)) as (standard, _, server):
            server.manner = manner
            with pytest.raises(InstrumentError, match=sentence):
                await standard.read()
            server.manner = Manner.PROPER
            assert (await standard.read()).total_power == pytest.approx(3450.0)

    simulated(main)
