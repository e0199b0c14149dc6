"""A whole run whose source belongs to an owner behind a socket: the engine cannot tell, until the owner trips or goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.engine import Engine
from bench.fact_log import FactLog
from bench.facts import Safe, Tripped
from bench.journal_writer import JournalWriter
from bench.line import Line, source_of
from bench.owner_client import RemoteOwner
from bench.owner_server import OwnerServer
from bench.places import journal_path, make_home
from bench.record import Run as RunRecord
from bench.sequences import sequence_names
from bench.session import RunRequest, SourceState, StationCard
from bench.simulated_operator import SimulatedOperator
from bench.simulated_station import describe, simulated_line
from bench.simulation import Simulation
from bench.verdict import Ending, Verdict
from drivers.load import OFF, symmetrical
from reference_meter import Configuration, TypeNumber

Run = Callable[..., Any]
REQUEST = RunRequest("eol", "685-381-OK-50")


class Scene:
    """An engine on a simulated line, and the owner of its source behind a socket in the same loop."""

    engine: Engine
    server: OwnerServer
    listening: asyncio.Server

    async def open(self, path: Path) -> None:
        self.world = simulated_line(2, 1, ())
        await self.world.start()
        station = replace(describe(self.world), owner_socket=str(path))
        self.server = OwnerServer(source_of(station.source))
        await self.server.open()
        self.listening = await asyncio.start_unix_server(self.server.serve, path)
        make_home()

        async def mount(meter: TypeNumber, run: int, serials: Mapping[int, str], configuration: Configuration) -> None:
            await self.world.mount(meter, run, serials, configuration)

        self.facts = FactLog()
        self.engine = Engine(
            Line(station, self.world.pin_factory),
            JournalWriter(journal_path(simulated=True)),
            self.facts,
            StationCard("apart", 2, True, sequence_names()),
            Simulation(1, "2", mount),
            SimulatedOperator(self.world),
        )
        self.told: list[Any] = []
        self.facts.subscribe(self.told.append)
        await self.engine.open()

    async def start(self, request: RunRequest = REQUEST) -> asyncio.Task[RunRecord]:
        prepared = await self.engine.prepare(request, "4711")
        return asyncio.create_task(self.engine.execute(prepared))

    async def close(self) -> None:
        await self.engine.close()
        await self.server.stop()
        self.listening.close()
        await self.world.stop()

    @property
    def truth(self) -> Any:
        return self.world._world.truth


@pytest.fixture
def played(simulated: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setenv("BENCH_HOME", str(tmp_path / "home"))

    def play(scene: Callable[[Scene], Awaitable[None]]) -> None:
        async def main() -> None:
            a_scene = Scene()
            await a_scene.open(tmp_path / "s")
            try:
                await scene(a_scene)
            finally:
                await a_scene.close()

        simulated(main)

    return play


def test_a_run_through_the_owner_passes_and_leaves_the_source_off(played: Run) -> None:
    async def scene(scene: Scene) -> None:
        run = await (await scene.start())
        assert run.ending is Ending.COMPLETE
        assert {run.verdict(meter.position) for meter in run.meters} <= {Verdict.PASS, Verdict.MARGINAL}
        assert run.instruments[0].identity == "BENCH,SIMULATED SOURCE,0001,1.0"
        assert scene.truth == OFF
        assert scene.engine.board.glance.source is SourceState.SAFE

    played(scene)


def test_a_no_load_test_of_43_minutes_trips_nothing(played: Run) -> None:
    async def scene(scene: Scene) -> None:
        run = await (await scene.start(RunRequest("no-load", "685-161-OK-50")))
        assert run.ending is Ending.COMPLETE
        (no_load,) = (step for step in run.steps if step.name == "no-load")
        assert no_load.closed - no_load.opened == pytest.approx(43.48 * 60, abs=1.0)
        assert not any(isinstance(fact, Tripped) for fact in scene.told)

    played(scene)


def test_a_trip_of_the_owner_ends_the_run_and_the_screen_re_arms_it(played: Run) -> None:
    async def scene(scene: Scene) -> None:
        testing = await scene.start()
        await asyncio.sleep(20.0)
        scene.server.trip("the door was opened")
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert run.reason.startswith("the source owner tripped: the door was opened")
        assert [fact.reason for fact in scene.told if isinstance(fact, Tripped)] == ["the door was opened"]
        assert sum(isinstance(fact, Safe) for fact in scene.told) == 1
        assert scene.engine.board.glance.source is SourceState.TRIPPED
        again = await (await scene.start())
        assert again.ending is Ending.BLOCKED
        assert "until a person re-arms it" in again.reason
        scene.engine.rearm("4711")
        assert (await (await scene.start())).ending is Ending.COMPLETE

    played(scene)


def test_an_abort_switches_off_through_the_owner_and_trips_nothing(played: Run) -> None:
    async def scene(scene: Scene) -> None:
        testing = await scene.start()
        await asyncio.sleep(20.0)
        await scene.engine.abort("4711")
        assert scene.truth == OFF
        assert (await testing).ending is Ending.ABORTED
        assert (await (await scene.start())).ending is Ending.COMPLETE

    played(scene)


def test_an_owner_that_is_killed_ends_the_run_blocked_and_the_source_unknown(played: Run) -> None:
    async def scene(scene: Scene) -> None:
        testing = await scene.start()
        await asyncio.sleep(20.0)
        (client,) = scene.server._clients
        scene.listening.close()
        trip = scene.server.trip
        scene.server.trip = lambda reason: None  # type: ignore[method-assign]  # a dead process does nothing
        instant = asyncio.get_running_loop().time()
        client.writer.transport.abort()
        run = await testing
        assert asyncio.get_running_loop().time() - instant < 0.1
        assert run.ending is Ending.BLOCKED
        assert "has gone and the source may still be on" in run.reason
        assert "touch nothing and switch it off at the instrument or by the emergency stop" in run.reason
        assert scene.engine.board.glance.source is SourceState.UNKNOWN
        assert not any(isinstance(fact, Safe) for fact in scene.told)
        scene.server.trip = trip  # type: ignore[method-assign]

    played(scene)


@pytest.mark.parametrize("wakes_after", [0.4, 0.8, 1.2, 1.6, 2.0])
def test_who_slept_through_a_trip_learns_of_it_before_the_source_is_given_back(
    simulated: Run, wakes_after: float
) -> None:
    """Else a step whose source was off for half its time would count."""

    async def main() -> None:
        world = simulated_line(1, 1, (), "zera-fg30x")  # slow to switch off: a second of ramp, 0.4 s a reading
        await world.start()
        server = OwnerServer(source_of(describe(world).source))
        await server.open()
        trips: list[str] = []
        owner = RemoteOwner(server.connect_in_loop(), trips.append)
        await owner.open()
        async with owner.energised(lambda _: None) as handle:
            await handle.apply(symmetrical(230.0, 5.0))
            server.trip("nobody renewed the lease for 0.5 s")
            await asyncio.sleep(wakes_after)
        assert trips == ["nobody renewed the lease for 0.5 s"]
        await owner.close()
        await server.stop()
        await world.stop()

    simulated(main)
