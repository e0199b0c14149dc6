"""Sessions over a socket, on a scripted engine in simulated time: many clients, bad clients, and an engine that goes or falls silent."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import session_protocol as say
from bench.facts import Acted, Fact
from bench.remote_session import SILENCE_S, RemoteSession, connect
from bench.session import PositionState, Refused, RunRequest, SourceState, Unreachable
from bench.session_server import BEAT_PERIODS, GLANCE_PERIOD_S, MOST_AT_ONCE, SessionServer
from drivers.simulated.simulated_time import run_simulated
from tests.tui.scripted_session import ScriptedSession

REQUEST = RunRequest("eol", "685-382-OK-50", {1: "A", 2: "B"})


class Served:
    """A scripted engine behind a socket."""

    def __init__(self, path: Path, engine: ScriptedSession, server: SessionServer) -> None:
        self.path = path
        self.server = server
        self.engine = engine
        self._opened: list[RemoteSession] = []

    async def session(self) -> RemoteSession:
        self._opened.append(await connect(self.path))
        return self._opened[-1]

    async def raw(self, limit: int = say.LONGEST_ANSWER) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(self.path, limit=limit)

    def acts(self, number: int, what: str = "nothing") -> None:
        for _ in range(number):
            self.engine.tell(Acted, who="4711", what=what)

    async def close(self) -> None:
        for session in self._opened:
            await session.close()


@asynccontextmanager
async def served(path: Path) -> AsyncIterator[Served]:
    engine = ScriptedSession()
    server = SessionServer(engine)
    await server.listen(path)
    made = Served(path, engine, server)
    try:
        yield made
    finally:
        await made.close()
        engine.vanish("closed")  # every stream of facts ends
        await server.close()


@pytest.fixture
def play(simulated: Callable[..., Any], tmp_path: Path) -> Callable[[Callable[[Served], Awaitable[None]]], None]:
    def run(scene: Callable[[Served], Awaitable[None]]) -> None:
        async def main() -> None:
            async with served(tmp_path / "engine.sock") as made:
                await scene(made)

        simulated(main)

    return run


Play = Callable[[Callable[[Served], Awaitable[None]]], None]


async def take(session: RemoteSession, number: int, after: int = 0) -> list[Fact]:
    found: list[Fact] = []
    async for fact in session.facts(after):
        found.append(fact)
        if len(found) == number:
            break
    return found


# ---------------------------------------------------------------------- commands, facts, glances


def test_commands_arrive_with_their_badge_and_refusals_come_back_as_they_are(play: Play) -> None:
    async def scene(here: Served) -> None:
        session = await here.session()
        assert session.card == here.engine.card
        assert await session.start(REQUEST, "4711") == "run-1"
        assert here.engine.requests == [REQUEST]
        await session.answer("p1", "yes", "0815")
        await session.rearm("4711")
        session.set_speed(60.0)
        await session.abort("4711")
        assert sorted(here.engine.commands[:3]) == [
            ("answer", "p1", "yes", "0815"),
            ("rearm", "4711"),
            ("start", "4711"),
        ]
        here.engine.refuse = "a run is under way"
        with pytest.raises(Refused, match=r"^a run is under way$") as refused:
            await session.start(REQUEST, "4711")
        assert not isinstance(refused.value, Unreachable)

    play(scene)


def test_a_defect_of_the_engine_is_told_to_whoever_asked_and_logged(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(badge: str) -> None:
        raise ZeroDivisionError("by zero")

    async def scene(here: Served) -> None:
        monkeypatch.setattr(here.engine, "rearm", fail)
        session = await here.session()
        with pytest.raises(Unreachable, match=r"the engine failed .*ZeroDivisionError.*see its log"):
            await session.rearm("4711")
        assert await session.start(REQUEST, "4711") == "run-1"

    play(scene)
    gc.collect()
    assert "ZeroDivisionError" in caplog.text


def test_a_profile_is_named_to_the_engine_by_its_whole_path(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/usr")

    async def scene(here: Served) -> None:
        await (await here.session()).start(RunRequest("eol", "685", profile="plant.toml"), "4711")
        assert here.engine.requests[0].profile == "/usr/plant.toml"

    play(scene)


def test_bytes_that_are_no_text_are_refused_and_the_session_goes_on(play: Play) -> None:
    async def scene(here: Served) -> None:
        session = await here.session()
        with pytest.raises(Refused, match=r"hold.* bytes that are no text"):
            await session.start(REQUEST, "47\udcff11")
        assert await session.start(REQUEST, "4711") == "run-1"

    play(scene)


def test_a_speed_that_cannot_be_is_refused_before_it_is_sent(play: Play) -> None:
    async def scene(here: Served) -> None:
        session = await here.session()
        for speed in (0.0, float("nan")):
            with pytest.raises(Refused, match="must be above 0"):
                session.set_speed(speed)
        await session.abort("4711")
        assert here.engine.commands == [("abort", "4711")]

    play(scene)


def test_two_clients_see_the_same_facts_and_one_that_comes_late_asks_for_what_it_missed(play: Play) -> None:
    async def scene(here: Served) -> None:
        first, second = await here.session(), await here.session()
        both = asyncio.gather(take(first, 5), take(second, 5))
        here.acts(5)
        told, again = await both
        assert told == again == here.engine._facts
        assert await take(await here.session(), 2, after=3) == told[3:]

    play(scene)


def test_a_stream_that_is_left_ends_at_the_engine_too(play: Play) -> None:
    async def scene(here: Served) -> None:
        session = await here.session()
        here.acts(1)
        for _ in range(3 * MOST_AT_ONCE):
            assert len(await take(session, 1)) == 1

    play(scene)


def test_the_glance_is_never_older_than_an_answer_or_a_fact(play: Play) -> None:
    async def scene(here: Served) -> None:
        session = await here.session()
        await session.start(REQUEST, "4711")
        assert session.glance() == here.engine.glance()
        assert session.glance().source is SourceState.ENERGISED
        here.engine.safe()
        await take(session, 2)
        assert session.glance() == here.engine.glance()
        assert session.glance().source is SourceState.SAFE

    play(scene)


def test_glances_come_at_most_ten_times_a_second_the_latest_one_and_a_sign_of_life_each_second(play: Play) -> None:
    async def scene(here: Served) -> None:
        reader, writer = await here.raw()
        await reader.readline()
        loop = asyncio.get_running_loop()

        async def next_glance() -> tuple[float, say.Message]:
            line = await reader.readline()
            return loop.time(), say.decode(line)

        began = loop.time()
        for pulses in range(1000):
            here.engine.position(1, state=PositionState.RUNNING, pulses=pulses)
        at, glanced = await next_glance()
        assert at - began <= GLANCE_PERIOD_S + 1e-9
        assert glanced == say.Glanced(here.engine.glance())
        at, glanced = await next_glance()
        assert at - began == pytest.approx(BEAT_PERIODS * GLANCE_PERIOD_S)
        assert glanced == say.Glanced(here.engine.glance())
        writer.close()

    play(scene)


# ---------------------------------------------------------------------- bad clients


def test_a_client_that_never_reads_holds_up_nobody_misses_glances_and_no_fact(play: Play) -> None:
    async def scene(here: Served) -> None:
        reader, writer = await here.raw(limit=1024)
        writer.write(say.encode(say.Follow(1, 0)))
        other = await here.session()
        glances = 0
        for k in range(1, 101):
            here.acts(10, "x" * 2000)
            here.engine.line(elapsed=float(k))
            await asyncio.sleep(GLANCE_PERIOD_S)
            assert len(await take(other, 10, after=10 * (k - 1))) == 10
        kept = max(client._writer.transport.get_write_buffer_size() for client in here.server._clients)
        assert kept < 100_000, "of two megabytes that it was told"
        reader._limit = say.LONGEST_ANSWER  # type: ignore[attr-defined]  # now it reads
        numbers: list[int] = []
        while len(numbers) < 1000:
            message = say.decode(await reader.readline())
            if isinstance(message, say.Told):
                numbers.append(message.fact.number)
            elif isinstance(message, say.Glanced):
                glances += 1
                assert glances < 100, "those of a hundred changes that it had no room for were left out"
        assert numbers == list(range(1, 1001))
        writer.close()

    play(scene)


@pytest.mark.parametrize(
    "garbage",
    [
        b":OUTP ON\n",
        b"x" * (2 * say.LONGEST_REQUEST),
        say.encode(say.Done(1)),
        say.encode(say.Follow(1, 0)) * 2,
        b"".join(say.encode(say.Follow(k, 0)) for k in range(1, MOST_AT_ONCE + 2)),
    ],
    ids=["no message", "endless line", "not its to say", "the same number twice", "too much at once"],
)
def test_a_client_that_sends_garbage_is_told_so_and_cut_off_and_no_other_is(play: Play, garbage: bytes) -> None:
    async def scene(here: Served) -> None:
        other = await here.session()
        reader, writer = await here.raw()
        await reader.readline()
        writer.write(garbage)
        said = [say.decode(line) async for line in reader]
        assert isinstance(said[-1], say.Failed)
        assert said[-1].sentence.startswith("the engine hung up: ")
        writer.close()
        assert await other.start(REQUEST, "4711") == "run-1"

    play(scene)


@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b"\n", say.encode(say.Abort(1, "")), b'{"say":']), max_size=6)
)
def test_whatever_a_client_sends_the_next_one_is_served(chunks: list[bytes]) -> None:
    async def main() -> None:
        # A short name of its own for each example: a Unix socket in Linux' abstract namespace would have no file mode.
        near, far = socket.socketpair()
        engine = ScriptedSession()
        server = SessionServer(engine)
        serving = asyncio.create_task(
            server._serve(*await asyncio.open_unix_connection(sock=far, limit=say.LONGEST_REQUEST))
        )
        reader, writer = await asyncio.open_unix_connection(sock=near)
        writer.write(b"".join(chunks))
        with suppress(ConnectionError):
            writer.write_eof()
            await reader.read()
        writer.close()
        await serving
        assert {command for command, *_ in engine.commands} <= {"abort"}

    run_simulated(main)


def test_a_client_that_goes_leaves_what_it_asked_for_to_be_carried_out(play: Play) -> None:
    async def scene(here: Served) -> None:
        here.engine.start_waits = asyncio.Event()
        _, writer = await here.raw()
        writer.write(say.encode(say.Start(1, REQUEST, "4711")))
        await asyncio.sleep(1.0)
        assert here.engine.requests == [REQUEST]
        assert not here.engine.glance().running
        writer.close()
        await asyncio.sleep(1.0)
        here.engine.start_waits.set()
        await asyncio.sleep(1.0)
        assert here.engine.glance().running

    play(scene)


def test_closing_a_session_leaves_the_engine_and_its_run_alone(play: Play) -> None:
    async def scene(here: Served) -> None:
        session = await here.session()
        await session.start(REQUEST, "4711")
        following = asyncio.ensure_future(take(session, 100))
        await asyncio.sleep(1.0)
        await session.close()
        await session.close()
        assert len(await following) == 1, "the stream ends without an error"
        with pytest.raises(Unreachable, match="this session was closed"):
            await session.abort("4711")
        await asyncio.sleep(1.0)
        assert here.engine.commands == [("start", "4711")]
        assert (await here.session()).glance().running

    play(scene)


# ---------------------------------------------------------------------- engines that go


async def _lost(path: Path, manner: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> None:
    """An engine that greets, hears, and then behaves in a `manner`."""
    engine = ScriptedSession()
    engine.energised()
    hung_up = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(say.encode(say.Greeting(say.PROTOCOL, 7, engine.card, engine.glance())))
        await reader.readline()
        await manner(writer)
        await hung_up.wait()
        writer.close()

    listening = await asyncio.start_unix_server(serve, path)
    session = await connect(path)
    assert session.glance().source is SourceState.ENERGISED
    pending = [asyncio.ensure_future(work) for work in (session.abort("4711"), session.rearm("4711"), take(session, 1))]
    told = await asyncio.gather(*pending, return_exceptions=True)
    assert {type(each) for each in told} == {Unreachable}
    (sentence,) = {str(each) for each in told}
    assert "the engine (process 7)" in sentence
    assert "nobody here knows whether the source is on" in sentence
    glance = session.glance()
    assert (glance.source, glance.running, glance.message) == (SourceState.UNKNOWN, False, sentence)
    assert glance.revision > engine.glance().revision
    for work in (session.abort("4711"), take(session, 1)):
        with pytest.raises(Unreachable, match="process 7"):
            await work
    with pytest.raises(Unreachable, match="process 7"):
        session.set_speed(1.0)
    await session.close()
    hung_up.set()
    listening.close()
    await asyncio.sleep(0.1)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _babble(writer: asyncio.StreamWriter) -> None:
    writer.write(b"Segmentation fault\n")


async def _stand_still(writer: asyncio.StreamWriter) -> None:
    """Its process was stopped: the connection stands and nothing comes."""


@pytest.mark.parametrize("manner", [_hang_up, _babble, _stand_still])
def test_an_engine_that_goes_ends_every_call_and_stream_with_one_sentence(
    simulated: Callable[..., Any], tmp_path: Path, manner: Callable[[asyncio.StreamWriter], Awaitable[None]]
) -> None:
    simulated(lambda: _lost(tmp_path / "engine.sock", manner))


def test_an_idle_engine_is_not_taken_for_a_dead_one(play: Play) -> None:
    async def scene(here: Served) -> None:
        session = await here.session()
        await asyncio.sleep(10 * SILENCE_S)
        assert await session.start(REQUEST, "4711") == "run-1"

    play(scene)


def test_after_the_engine_was_started_again_a_new_session_works(simulated: Callable[..., Any], tmp_path: Path) -> None:
    async def main() -> None:
        path = tmp_path / "engine.sock"
        async with served(path) as here:
            old = await connect(path)
        with pytest.raises(Unreachable):
            await old.start(REQUEST, "4711")
        with pytest.raises(Unreachable, match=r"no engine answers at .*systemctl status bench-engine"):
            await connect(path)
        async with served(path) as here:
            assert await (await here.session()).start(REQUEST, "4711") == "run-1"
        await old.close()

    simulated(main)


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        ({"say": "Greeting", "protocol": 99, "pid": 7}, "process 7.* speaks version 99 .*restart bench-engine"),
        ({"say": "Welcome", "protocol": 1}, "did not say that it is an engine"),
        (None, "did not say that it is an engine .*no greeting|no message"),
    ],
)
def test_who_does_not_greet_as_an_engine_of_this_version_is_no_engine(
    simulated: Callable[..., Any], tmp_path: Path, greeting: dict[str, Any] | None, words: str
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if greeting is not None:
            writer.write(json.dumps(greeting).encode() + b"\n")
        writer.close()

    async def main() -> None:
        listening = await asyncio.start_unix_server(serve, tmp_path / "engine.sock")
        with pytest.raises(Unreachable, match=words):
            await connect(tmp_path / "engine.sock")
        listening.close()
        await asyncio.sleep(0.1)

    simulated(main)


def test_the_socket_is_for_the_user_and_the_group_and_goes_with_the_server(
    simulated: Callable[..., Any], tmp_path: Path
) -> None:
    async def main() -> None:
        async with served(tmp_path / "engine.sock") as here:
            assert here.path.stat().st_mode & 0o777 == 0o660
        assert not here.path.exists()
        with pytest.raises(Unreachable, match=r"the socket .* cannot be made"):
            await SessionServer(ScriptedSession()).listen(tmp_path / "nowhere" / "engine.sock")

    simulated(main)
