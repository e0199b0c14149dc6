"""The source owner and its clients in one loop and in simulated time: one holder, a lease, a latched trip."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bench.owner_client import RemoteHandle, RemoteOwner
from bench.owner_memory import OwnerMemory
from bench.owner_server import OwnerServer
from bench.safety import LEASE_S, RENEWAL_S, StillEnergised, Tripped
from drivers.load import OFF, Load, symmetrical
from drivers.power_source import InstrumentError, LoadRefused, Reading
from drivers.simulated.instrument_servers import make_server
from drivers.simulated.simulated_time import SimulatedTimeLoop
from drivers.source_dialects import make_source
from drivers.visa import Revoked
from tests.bench.test_safety import MemorySource

Run = Callable[..., Any]
IB = symmetrical(230.0, 5.0)


class Scene:
    """A served source and what its clients were told."""

    def __init__(self, latency: float = 0.02, memory: OwnerMemory | None = None) -> None:
        self.source = MemorySource(latency)
        self.server = OwnerServer(self.source, memory=memory)
        self.trips: list[str] = []
        self.offs: list[Reading] = []
        self._clients: list[RemoteOwner] = []

    async def client(self) -> RemoteOwner:
        client = RemoteOwner(self.server.connect_in_loop(), self.trips.append)
        await client.open()
        self._clients.append(client)
        return client

    def lent(self, client: RemoteOwner) -> Any:
        return client.energised(self.offs.append)

    async def close(self) -> None:
        for client in self._clients:
            await client.close()
        await self.server.stop()


def scene(simulated: Run, play: Callable[[Scene], Awaitable[None]], **how: Any) -> None:
    async def main() -> None:
        a_scene = Scene(**how)
        await a_scene.server.open()
        try:
            await play(a_scene)
        finally:
            await a_scene.close()

    simulated(main)


async def renew_for(handle: RemoteHandle, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        handle.renew()
        await asyncio.sleep(RENEWAL_S)


def test_a_run_sets_a_load_reads_it_and_leaves_the_source_off(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        assert client.identity == "MEMORY,SOURCE,0,1"
        assert client.capabilities == scene.source.capabilities
        async with scene.lent(client) as handle:
            await handle.apply(IB)
            await renew_for(handle, 600.0)
            assert (await handle.read()).total_power == pytest.approx(3450.0)
            assert (await client.read()).u == IB.u
        assert scene.source.load == OFF
        assert [reading.total_power for reading in scene.offs] == [0.0]
        for late in (handle.apply(IB), handle.read()):
            with pytest.raises(Revoked):
                await late
        async with scene.lent(client) as handle:
            await handle.apply(IB)
        assert scene.trips == []

    scene(simulated, play)


def test_a_reading_has_the_time_at_which_it_was_taken(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        await asyncio.sleep(12.5)
        assert (await client.read()).time == asyncio.get_running_loop().time()

    scene(simulated, play)


def test_an_error_of_the_source_arrives_as_what_it_is(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        async with scene.lent(client) as handle:
            with pytest.raises(LoadRefused, match="above the source's 100 A"):
                await handle.apply(symmetrical(230.0, 101.0))
            await handle.apply(IB)

    scene(simulated, play)


def test_a_second_client_is_refused_with_the_process_of_the_first(simulated: Run) -> None:
    import os

    async def play(scene: Scene) -> None:
        first, second = await scene.client(), await scene.client()
        async with scene.lent(first) as handle:
            await handle.apply(IB)
            with pytest.raises(InstrumentError, match=rf"the source is lent to process {os.getpid()}"):
                async with scene.lent(second):
                    pass
            with pytest.raises(StillEnergised, match="lent to process"):
                await second.off()
            assert scene.source.load == IB, "who does not hold it does not switch it"
        async with scene.lent(second) as handle:
            await handle.apply(IB)

    scene(simulated, play)


def test_a_client_that_hangs_up_loses_the_source_at_once_and_trips_it(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        first, second = await scene.client(), await scene.client()
        lent = scene.lent(first)
        await (await lent.__aenter__()).apply(IB)
        await asyncio.sleep(0.2)
        assert first._link is not None
        gone = asyncio.get_running_loop().time()
        first._link._writer.close()
        await asyncio.sleep(LEASE_S / 2)
        assert scene.source.done[2] == "off"
        assert scene.source.log[2][1] == pytest.approx(gone + scene.source.latency)
        assert "which held the source, has gone" in str(second.trip)
        with pytest.raises(Tripped, match=r"has gone.*until a person re-arms it"):
            async with scene.lent(second):
                pass
        second.rearm("4711")
        async with scene.lent(second) as handle:
            await handle.apply(IB)
            assert scene.source.load == IB
        await lent.__aexit__(None, None, None)  # the first one's block ends too, over a new connection

    scene(simulated, play)


def test_a_client_that_stops_renewing_loses_the_source_with_its_lease_and_cannot_energise_again(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        async with scene.lent(client) as handle:
            await handle.apply(IB)
            await renew_for(handle, 1.0)
            last = asyncio.get_running_loop().time() - RENEWAL_S
            await asyncio.sleep(5.0)
            assert scene.source.done[2] == "off"
            assert scene.source.log[2][1] == pytest.approx(last + LEASE_S + scene.source.latency)
            with pytest.raises(Revoked, match="nobody renewed"):
                await handle.apply(IB)
            handle._why = ""  # a client that was stopped has not heard of it yet
            with pytest.raises(Revoked, match="the lease has ended"):
                await handle.apply(IB)
            handle.renew()
            await asyncio.sleep(1.0)
        with pytest.raises(Tripped, match="nobody renewed"):
            async with scene.lent(client):
                pass
        assert scene.source.done.count("apply") == 1
        assert scene.trips == ["nobody renewed the lease for 0.5 s"]

    scene(simulated, play)


@pytest.mark.parametrize(
    "words",
    [b":OUTP ON\n", b'{"say":"Read","id":1}\n' * 20, b"x" * 70000, b'{"say":"Tripped","reason":"x"}\n', b'{"say":'],
    ids=["a raw command", "too much at once", "a line without end", "the owner's own words", "half a message"],
)
def test_garbage_from_the_holder_trips(simulated: Run, words: bytes) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()

        async def run() -> None:
            async with scene.lent(client) as handle:
                await handle.apply(IB)
                assert client._link is not None
                client._link._writer.write(words)
                if not words.endswith(b"\n"):
                    client._link._writer.write_eof()
                await asyncio.sleep(LEASE_S / 2)
                assert scene.source.load == OFF
                await handle.apply(IB)

        with pytest.raises(Revoked, match="has gone"):
            await run()
        assert scene.server._owner.trip is not None
        assert "which held the source, sent garbage" in scene.server._owner.trip

    scene(simulated, play)


def test_garbage_from_somebody_else_disturbs_nobody(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        holder = await scene.client()
        _, writer = await scene.server.connect_in_loop()()
        async with scene.lent(holder) as handle:
            await handle.apply(IB)
            writer.write(b":OUTP ON\n")
            await renew_for(handle, 5.0)
            assert scene.source.load == IB
        writer.close()
        assert scene.trips == []

    scene(simulated, play)


def test_beats_do_not_wait_for_a_question_under_way(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        async with scene.lent(client) as handle:
            applying = asyncio.create_task(handle.apply(IB))  # takes 3 s, six leases
            await renew_for(handle, 4.0)
            await applying
        assert scene.trips == []

    scene(simulated, play, latency=3.0)


def test_a_worker_thread_that_hangs_for_2_s_trips_nothing(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedTimeLoop)
        import threading

        disk = threading.Event()
        async with scene.lent(client) as handle:
            await handle.apply(IB)
            commit = loop.run_in_executor(None, disk.wait)
            waiting = loop.worker_waits()
            await renew_for(handle, 2.0)
            disk.set()
            waiting.end()
            await commit
            assert scene.source.load == IB
        assert scene.trips == []

    scene(simulated, play)


def test_re_arming_needs_a_badge_and_is_told_to_everybody(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        one, other = await scene.client(), await scene.client()
        scene.server.trip("the door was opened")
        await asyncio.sleep(1.0)
        assert [each.trip for each in (one, other)] == ["the door was opened"] * 2
        with pytest.raises(InstrumentError, match="needs the badge of a person"):
            await one.rearm_now(" ")
        assert [each.trip for each in (one, other)] == ["the door was opened"] * 2
        await one.rearm_now("4711")
        await asyncio.sleep(0)
        assert [each.trip for each in (one, other)] == [None, None]

    scene(simulated, play)


def test_whoever_connects_after_a_trip_is_told_of_it(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        scene.server.trip("the door was opened")
        await asyncio.sleep(1.0)
        await scene.client()
        assert scene.trips == ["the door was opened"]

    scene(simulated, play)


def test_stopping_the_owner_under_a_run_switches_off_and_tells_the_run(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        lent = scene.lent(client)
        await (await lent.__aenter__()).apply(IB)
        await scene.server.stop()
        assert scene.source.load == OFF
        assert scene.source.done[-1] == "close"
        assert "off" in scene.source.done[2:]
        await asyncio.sleep(0.1)
        assert scene.trips[0] == "the source owner was stopped while the source was lent"
        scene.server.stop = stopped  # type: ignore[method-assign]  # once is enough
        with pytest.raises(StillEnergised):
            await lent.__aexit__(None, None, None)

    async def stopped() -> None:
        pass

    scene(simulated, play)


def test_an_owner_that_goes_away_under_a_run_is_noticed_at_once(simulated: Run, tmp_path: Path) -> None:
    async def main() -> None:
        from bench.owner_client import at_socket
        from bench.owner_protocol import PROTOCOL, Done, Welcome, decode, encode
        from drivers.power_source import Capabilities

        async def owner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(encode(Welcome(PROTOCOL, 77, "X", Capabilities(), "")))
            request: Any = decode(await reader.readline())
            writer.write(encode(Done(request.id, 1)))
            await asyncio.sleep(3.0)
            server.close()
            (tmp_path / "s").unlink()
            writer.close()

        server = await asyncio.start_unix_server(owner, tmp_path / "s")
        trips: list[tuple[float, str]] = []
        client = RemoteOwner(
            at_socket(tmp_path / "s"), lambda reason: trips.append((asyncio.get_running_loop().time(), reason))
        )
        await client.open()

        async def run() -> None:
            async with client.energised(lambda _: None) as handle:
                await asyncio.sleep(4.0)
                handle.renew()

        with pytest.raises(StillEnergised, match=r"may still be on, touch nothing and .*: no source owner answers at "):
            await run()
        assert trips == [(3.0, "the source owner (process 77) has gone and the source may still be on")]
        await client.close()

    simulated(main)


def test_a_run_that_is_cancelled_while_it_borrows_leaves_nothing_lent(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()

        async def run() -> None:
            async with scene.lent(client) as handle:
                await handle.apply(IB)

        task = asyncio.create_task(run())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(2.0)
        assert scene.trips == []
        assert scene.source.load == OFF
        async with scene.lent(client):
            pass

    scene(simulated, play)


def test_a_source_that_is_not_proven_off_is_lent_to_nobody_until_it_is(simulated: Run) -> None:
    async def play(scene: Scene) -> None:
        client = await scene.client()
        scene.source.off_fails = ["no answer.", "no answer.", "still no answer."]
        with pytest.raises(StillEnergised, match="no answer"):
            async with scene.lent(client) as handle:
                await handle.apply(IB)
        await asyncio.sleep(1.0)
        with pytest.raises(Tripped):
            async with scene.lent(client):
                pass
        scene.source.off_fails = ["dead still."]
        with pytest.raises(StillEnergised, match="dead still"):
            await client.rearm_now("4711")
        scene.source.off_fails = []
        await client.rearm_now("4711")
        async with scene.lent(client):
            pass

    scene(simulated, play)


# ---------------------------------------------------------------- what outlives the owner


def test_an_owner_that_died_while_it_lent_the_source_comes_back_tripped(simulated: Run, tmp_path: Path) -> None:
    async def dies() -> None:
        memory = OwnerMemory(tmp_path / "memory")
        a_scene = Scene(memory=memory)
        await a_scene.server.open()
        client = await a_scene.client()
        await a_scene.lent(client).__aenter__()
        memory.close()  # what the kernel does for a process that is killed
        a_scene.server._memory = None
        await a_scene.close()

    simulated(dies)

    def comes_back(expected: bool) -> None:
        memory = OwnerMemory(tmp_path / "memory")

        async def play(scene: Scene) -> None:
            client = await scene.client()
            if expected:
                assert "the source owner ended while process" in str(client.trip)
                with pytest.raises(Tripped):
                    async with scene.lent(client):
                        pass
                await client.rearm_now("4711")
            async with scene.lent(client) as handle:
                await handle.apply(IB)

        scene(simulated, play, memory=memory)
        memory.close()

    comes_back(True)
    comes_back(False)


def test_a_socket_has_one_owner(tmp_path: Path) -> None:
    first = OwnerMemory(tmp_path / "memory")
    with pytest.raises(InstrumentError, match="another source owner holds"):
        OwnerMemory(tmp_path / "memory")
    first.keep("x" * 10)
    first.keep("short")
    first.close()
    second = OwnerMemory(tmp_path / "memory")
    assert second.trip == "short"
    second.close()


# ---------------------------------------------------------------- on the real drivers


@pytest.mark.parametrize("dialect", ["generic-scpi", "zera", "fluke-6105a"])
def test_a_load_half_set_when_the_source_trips_does_not_end_on(simulated: Run, dialect: str) -> None:
    """The owner switches off between two lines of a load: the rest of the load must not follow the switching off."""

    async def main() -> None:
        told: list[Load] = []
        far = make_server(dialect, told.append, lambda: _measured(told[-1] if told else OFF))
        await far.start()
        server = OwnerServer(make_source(dialect, far.resource))
        await server.open()
        client = RemoteOwner(server.connect_in_loop(), lambda _: None)
        await client.open()
        far.late_by = 0.05
        halves = 0
        for tenth in range(1, 12, 2):
            async with client.energised(lambda _: None) as handle:
                applying = asyncio.create_task(handle.apply(IB))
                await asyncio.sleep(0.025 * tenth)
                halves += not applying.done()
                server.trip("the door was opened")
                try:
                    await applying
                except Revoked:
                    pass
                await asyncio.sleep(5.0)
                assert not told or told[-1].total_power == 0.0 == max(map(abs, told[-1].u))
            await client.rearm_now("4711")
        assert halves > 1
        await client.close()
        await server.stop()
        await far.stop()

    simulated(main)


def _measured(load: Load) -> Reading:
    return Reading(0.0, load.u, load.i, load.power, 50.0)
