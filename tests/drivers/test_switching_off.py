"""Switching off waits for nothing: not for a reading under way, not for a late answer, not for a line that is out of step."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from drivers.load import OFF, symmetrical
from drivers.power_source import InstrumentError, PowerSource
from drivers.simulated.instrument_servers import make_server
from drivers.simulated.scpi_server import Instrument, Manner, Reply, ScpiServer
from drivers.source_dialects import SOURCE_DIALECTS, default_capabilities, make_source
from drivers.visa import Overtaken, Revoked
from tests.drivers.following_world import FollowingWorld

Simulated = Callable[..., Any]

AT_ONCE_S = 0.05
"""From the decision to the command at the instrument."""

every_dialect = pytest.mark.parametrize("dialect", SOURCE_DIALECTS)


class Listening:
    """An instrument that keeps when it heard which line."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self.end = instrument.end
        self.heard: list[tuple[float, str]] = []

    def execute(self, line: str) -> Reply:
        self.heard.append((now(), line))
        return self._instrument.execute(line)

    def interrupted(self) -> bool:
        return self._instrument.interrupted()

    def off_at(self) -> float:
        """When it was first told to switch off."""
        return next(at for at, line in self.heard if re.search("OUTP OFF|STAT OFF|UI[AE]{3}AAA", line))


class Scene:
    def __init__(self, source: PowerSource, server: ScpiServer, far_end: Listening, world: FollowingWorld) -> None:
        self.source = source
        self.server = server
        self.far_end = far_end
        self.world = world


def now() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def energised(dialect: str) -> AsyncIterator[Scene]:
    """A source that is on and settled, with everything it heard so far forgotten."""
    world = FollowingWorld()
    server = make_server(dialect, world.change, world.measured)
    server.instrument = far_end = Listening(server.instrument)
    await server.start()
    source = make_source(dialect, server.resource)
    try:
        await source.open()
        await source.apply(symmetrical(230.0, 5.0 if default_capabilities(dialect).separate_current else 0.0))
        await asyncio.sleep(source.capabilities.settle)
        assert world.load != OFF
        far_end.heard.clear()
        yield Scene(source, server, far_end, world)
    finally:
        await source.close()
        await server.stop()


@every_dialect
@pytest.mark.parametrize("into_s", [0.001, 0.01, 0.019])
def test_off_overtakes_a_reading_under_way(simulated: Simulated, dialect: str, into_s: float) -> None:
    async def main() -> None:
        async with energised(dialect) as scene:
            readings = [asyncio.ensure_future(scene.source.read()) for _ in range(3)]
            await asyncio.sleep(into_s)
            decided = now()
            reading = await scene.source.off()
            assert scene.far_end.off_at() - decided <= AT_ONCE_S
            assert reading.total_power == 0.0
            assert scene.world.load == OFF
            ended = await asyncio.gather(*readings, return_exceptions=True)
            assert [type(each) for each in ended].count(Overtaken) == 1, "the others had no question open"

    simulated(main)


@every_dialect
def test_off_overtakes_a_load_that_is_being_set(simulated: Simulated, dialect: str) -> None:
    async def main() -> None:
        async with energised(dialect) as scene:
            setting = asyncio.ensure_future(
                scene.source.apply(symmetrical(120.0, 60.0 if scene.source.capabilities.separate_current else 0.0))
            )
            await asyncio.sleep(0.001)
            decided = now()
            await scene.source.off()
            assert scene.far_end.off_at() - decided <= AT_ONCE_S
            (ended,) = await asyncio.gather(setting, return_exceptions=True)
            assert ended is None or isinstance(ended, Revoked)
            await asyncio.sleep(5.0)
            assert scene.world.load == OFF

    simulated(main)


@every_dialect
def test_an_instrument_that_is_deaf_while_it_measures_is_told_again_on_a_connection_of_its_own(
    simulated: Simulated, dialect: str
) -> None:
    async def main() -> None:
        async with energised(dialect) as scene:
            scene.server.manner = Manner.DEAF
            reading = asyncio.ensure_future(scene.source.read())
            await asyncio.sleep(0.001)
            await scene.source.off()
            assert scene.world.load == OFF
            with pytest.raises(Overtaken):
                await reading

    simulated(main)


@every_dialect
@pytest.mark.parametrize("manner", [Manner.GARBLED, Manner.REPEATING, Manner.DEAF])
def test_a_source_that_cannot_be_understood_goes_off_all_the_same(
    simulated: Simulated, dialect: str, manner: Manner
) -> None:
    async def main() -> None:
        async with energised(dialect) as scene:
            scene.server.manner = manner
            await asyncio.gather(scene.source.read(), return_exceptions=True)
            decided = now()
            await asyncio.gather(scene.source.off(), return_exceptions=True)
            assert scene.far_end.off_at() - decided <= AT_ONCE_S
            await asyncio.sleep(5.0)
            assert scene.world.load == OFF

    simulated(main)


@every_dialect
def test_a_source_that_answers_too_late_goes_off_and_is_not_called_off(simulated: Simulated, dialect: str) -> None:
    async def main() -> None:
        async with energised(dialect) as scene:
            scene.server.late_by = 5.0
            with pytest.raises(InstrumentError, match="no answer"):
                await scene.source.read()
            decided = now()
            with pytest.raises(InstrumentError, match="no answer"):
                await scene.source.off()
            assert scene.far_end.off_at() - decided <= AT_ONCE_S
            assert now() - decided < 5.0, "two deadlines, and no more"
            assert scene.world.load == OFF

    simulated(main)


@every_dialect
def test_two_that_switch_off_at_once_both_read_it_back(simulated: Simulated, dialect: str) -> None:
    async def main() -> None:
        async with energised(dialect) as scene:
            readings = await asyncio.gather(scene.source.off(), scene.source.off())
            assert [each.total_power for each in readings] == [0.0, 0.0]
            assert scene.world.load == OFF

    simulated(main)


def test_off_overtakes_a_reading_on_an_ordinary_loop() -> None:
    async def main() -> None:
        async with energised("generic-scpi") as scene:
            reading = asyncio.ensure_future(scene.source.read())
            await asyncio.sleep(0)
            await scene.source.off()
            assert scene.world.load == OFF
            with pytest.raises(Overtaken):
                await reading

    asyncio.run(main())
