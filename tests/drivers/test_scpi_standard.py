"""The reference standard against its simulated far end: digits, angles, time of a reading, nonsense refused."""

from __future__ import annotations

import asyncio
import math
from cmath import rect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from drivers.load import Load, symmetrical
from drivers.power_source import InstrumentError, Reading
from drivers.reference_standard import ReferenceStandard
from drivers.scpi_standard import ScpiStandard, reading_of
from drivers.simulated.scpi_server import Manner, ScpiServer
from drivers.simulated.scpi_standard_server import ScpiStandardServer, measurement
from drivers.visa import Answer, VisaPort

Simulated = Callable[..., Any]


def seen(load: Load) -> Reading:
    return Reading(0.0, load.u, load.i, load.power, load.frequency)


@asynccontextmanager
async def opened(reading: Reading, latency: float = 0.1) -> AsyncIterator[tuple[ReferenceStandard, ScpiServer]]:
    server = ScpiServer(ScpiStandardServer(lambda: reading, latency))
    await server.start()
    standard = ScpiStandard(VisaPort(server.resource, "reference standard"), latency=latency)
    try:
        await standard.open()
        yield standard, server
    finally:
        await standard.close()
        await server.stop()


def test_power_keeps_nine_digits_on_its_way_to_the_bench(simulated: Simulated) -> None:
    load = symmetrical(230.123456789, (0.0123456789, 5.12345678, 119.876543), phi_deg=-37.0)

    async def main() -> None:
        async with opened(seen(load)) as (standard, _):
            reading = await standard.read()
            assert reading.power == pytest.approx(load.power, rel=1e-9)
            assert [abs(a - b) / abs(b) < 1e-9 for a, b in zip(reading.u, load.u, strict=True)] == [True] * 3
            assert [abs(a - b) / abs(b) < 1e-9 for a, b in zip(reading.i, load.i, strict=True)] == [True] * 3
            assert standard.identity == "BENCH,SIMULATED STANDARD,0001,1.0"
            assert (standard.accuracy_percent, standard.readback_period) == (0.02, 1.0)

    simulated(main)


def test_angles_are_told_against_the_voltage_of_l1() -> None:
    turned = rect(1.0, math.radians(25.0))
    load = symmetrical(230.0, 5.0, phi_deg=60.0)
    u = [v * turned for v in load.u]
    i = [a * turned for a in load.i]
    reading = reading_of(
        Answer(measurement(Reading(0.0, (u[0], u[1], u[2]), (i[0], i[1], i[2]), load.power, 50.0)), 0.0, 0.0), 0.0
    )
    assert all(abs(a - b) < 1e-6 for a, b in zip((*reading.u, *reading.i), (*load.u, *load.i), strict=True))


def test_the_values_hold_at_the_question_and_the_answer_takes_its_declared_latency(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(seen(symmetrical(230.0, 5.0)), latency=0.25) as (standard, _):
            await asyncio.sleep(3)
            reading = await standard.read()
            assert reading.time == pytest.approx(3.0)
            assert asyncio.get_running_loop().time() == pytest.approx(3.25)

    simulated(main)


def test_a_reading_is_never_older_than_its_question() -> None:
    text = measurement(seen(symmetrical(230.0, 5.0)))
    assert reading_of(Answer(text, 10.0, 10.01), latency=0.3).time == 10.0


@pytest.mark.parametrize("index", range(16))
@pytest.mark.parametrize("value", ["9.91E37", "-9.9E+37", "nan", "inf", "----", ""])
def test_a_field_that_is_no_measurement_makes_the_whole_answer_none(index: int, value: str) -> None:
    fields = measurement(seen(symmetrical(230.0, 5.0))).split(",")
    fields[index] = value
    with pytest.raises(ValueError, match=r"finite|could not convert"):
        reading_of(Answer(",".join(fields), 0.0, 0.0), 0.0)


def test_an_answer_cut_short_is_refused() -> None:
    text = measurement(seen(symmetrical(230.0, 5.0)))
    with pytest.raises(ValueError, match="16 finite numbers"):
        reading_of(Answer(text.rpartition(",")[0], 0.0, 0.0), 0.0)


def test_rubbish_is_an_error_to_act_on_and_the_next_reading_is_good(simulated: Simulated) -> None:
    async def main() -> None:
        async with opened(seen(symmetrical(230.0, 5.0))) as (standard, server):
            server.manner = Manner.GARBLED
            with pytest.raises(InstrumentError, match=r"reference standard .* answered ':MEAS:ALL\?' with '#@!"):
                await standard.read()
            server.manner = Manner.PROPER
            assert (await standard.read()).total_power == pytest.approx(3450.0)

    simulated(main)
