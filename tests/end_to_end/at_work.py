"""A line at work whose far end the test can touch: the truth, the instruments' manners, the plugs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar, cast

import pytest

import bench.simulated_station
from bench.engine import Engine
from bench.facts import Fact, RunClosed, Safe, StepClosed
from bench.pytest_line import TestLine
from bench.record import Run
from bench.session import RunRequest
from bench.station import Station
from drivers.load import OFF, Load
from drivers.simulated.line import SimulatedLine
from drivers.simulated.scpi_server import ScpiServer
from drivers.simulated.scpi_source_server import ScpiSourceServer
from drivers.simulated.world import World

TYPE = "685-381-OK-50"
LOOK_S = 0.01
"""How often a scene looks whether what it waits for has come, in simulated seconds."""

_F = TypeVar("_F", bound=Fact)


class AtWork:
    """The engine, the far end of its cables, and every fact it told."""

    def __init__(self, engine: Engine, line: SimulatedLine, request: RunRequest) -> None:
        self.engine = engine
        self.request = request
        self.line = line
        self.facts: list[Fact] = []
        engine.facts.subscribe(self.facts.append)

    # ------------------------------------------------------------------ the bench

    async def start(self, *, only: str = "", serials: Mapping[int, str] | None = None) -> asyncio.Task[Run]:
        """Start `eol` of the line's meters; the task ends with the closed record."""
        request = replace(self.request, sequence="eol", only=only, serials=serials or self.request.serials)
        prepared = await self.engine.prepare(request, "4711")
        return asyncio.create_task(self.engine.execute(prepared))

    async def until(self, happened: Callable[[], bool]) -> None:
        """Let simulated time pass until it has happened; an hour is too long."""
        loop = asyncio.get_running_loop()
        latest = loop.time() + 3600.0
        while not happened():
            assert loop.time() < latest, "it never happened"
            await asyncio.sleep(LOOK_S)

    async def until_step(self, title: str) -> None:
        """Until this step, or the load for it, is under way."""
        await self.until(lambda: self.engine.board.glance.step == title)

    async def until_closed(self, step: str) -> None:
        """Until this step is closed."""
        await self.until(lambda: any(fact.step == step for fact in self.told(StepClosed)))

    def told(self, kind: type[_F]) -> list[_F]:
        """The facts of this kind so far."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    # ------------------------------------------------------------------ the world

    @property
    def world(self) -> World:
        """The truth."""
        return self.line._world

    @property
    def source(self) -> ScpiServer:
        """The far end of the source's cable."""
        return self.line._instruments.source

    @property
    def standard(self) -> ScpiServer:
        """The far end of the reference standard's cable."""
        return self.line._instruments.standard

    @property
    def front_panel(self) -> ScpiSourceServer:
        """The simulated source itself."""
        return cast(ScpiSourceServer, self.line._instruments.source.instrument)

    def unplug_head(self, position: int) -> None:
        """Pull the optical head's adapter."""
        self.line._optical[position].close()

    def currents_through(self, position: int) -> list[float]:
        """Every true current, the largest of the phases, that the meter at a position sees from now on, in A."""
        meter = next(place.meter for place in self.world.places if place.number == position)
        set_load, seen = meter.set_load, []

        def record(now: float, load: Load) -> None:
            seen.append(max(abs(i) for i in load.i))
            set_load(now, load)

        meter.set_load = record  # type: ignore[method-assign]  # the world calls it for each change at the terminals
        return seen

    def deliveries(self) -> list[float]:
        """Every true current, the largest of the phases, that the source delivers from now on, in A."""
        deliver, seen = self.world._deliver, []

        def record(load: Load) -> None:
            seen.append(max(abs(i) for i in load.i))
            deliver(load)

        self.world._deliver = record  # type: ignore[method-assign]  # every way to a new output leads through it
        return seen

    def assert_dead(self) -> None:
        """The truth and the source's own front panel say off, whatever the bench believes."""
        assert self.world.truth == OFF
        assert self.front_panel.setting.load == OFF
        assert not self.front_panel.setting.output

    def assert_safe(self) -> None:
        """Dead in truth, and read back by the bench before it closed the run."""
        self.assert_dead()
        kinds = [type(fact) for fact in self.facts]
        assert kinds.count(Safe) == 1
        assert kinds.index(Safe) < kinds.index(RunClosed)
        (safe,) = self.told(Safe)
        assert safe.volts < 1.0
        assert safe.amperes < 0.01


Scene = Callable[[AtWork], Coroutine[Any, Any, None]]


def at_work(line: TestLine, scene: Scene) -> None:
    """Open the line and play the scene in simulated time."""
    if not line.setup.simulated:
        pytest.skip("nobody reaches the far end of a real line's cables")
    with lines_built() as built:

        async def play(engine: Engine) -> None:
            await scene(AtWork(engine, built[0], line.request))

        line.play(play)


@contextmanager
def lines_built() -> Iterator[list[SimulatedLine]]:
    """The simulated lines built inside the block, in any thread."""
    built: list[SimulatedLine] = []

    class Seen(SimulatedLine):
        async def start(self) -> None:
            built.append(self)
            await super().start()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.simulated_station, "SimulatedLine", Seen)
        yield built


@contextmanager
def station_changed(change: Callable[[Station], Station]) -> Iterator[None]:
    """Lines opened inside the block have a station that differs from the default one."""
    described = bench.simulated_station.describe
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.simulated_station, "describe", lambda line: change(described(line)))
        yield


def without_bypass(station: Station) -> Station:
    """No position has a contactor that could take its meter out of the current circuit."""
    return replace(station, positions=tuple(replace(each, bypass_pin=None) for each in station.positions))
