"""The session as a screen uses it, in this process and over a socket: one contract for both. And the real screen on both."""

from __future__ import annotations

import asyncio
import math
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bench.facts import Acted, Fact, PromptAnswered, PromptOpened, RunClosed, RunOpened, Safe, StepClosed
from bench.in_process import InProcessSession, open_session
from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.remote_session import connect
from bench.session import PositionState, Refused, RunRequest, Session, SourceState, Unreachable
from bench.session_server import SessionServer
from bench.verdict import Ending, Verdict
from drivers.load import OFF
from tests.end_to_end.at_work import TYPE, lines_built
from tests.tui.conftest import Operator
from tui.app import BenchApp
from tui.prompt import Prompt

SHORT = RunRequest("eol", TYPE, only="accuracy-ib")
WHOLE = RunRequest("eol", TYPE)


class Door:
    """Opens sessions of one kind, and keeps the engine behind the latest for tests that reach round the session."""

    engine: InProcessSession

    def __init__(self, socket: Path | None) -> None:
        self._socket = socket

    @asynccontextmanager
    async def opened(
        self, *, positions: int = 2, faults: Sequence[str] = (), speed: float = math.inf, answers: bool = True
    ) -> AsyncIterator[Session]:
        self.engine = open_session(
            simulated=True, station=None, positions=positions, seed=1, faults=faults, speed=speed
        )
        answering = asyncio.create_task(answer_everything(self.engine)) if answers else None
        try:
            if self._socket is None:
                yield self.engine
                return
            server = SessionServer(self.engine)
            await server.listen(self._socket)
            session = await connect(self._socket)
            try:
                yield session
            finally:
                await session.close()
                await self.engine.close()
                await server.close()
        finally:
            if answering is not None:
                answering.cancel()
            await self.engine.close()


IN_PROCESS = Door(None)


@pytest.fixture(params=["in process", "over a socket"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Door:
    return IN_PROCESS if request.param == "in process" else Door(tmp_path / "engine.sock")


async def answer_everything(session: Session) -> None:
    """A person who finds everything as it must be."""
    async for fact in session.facts():
        if isinstance(fact, PromptOpened):
            with suppress(Refused):  # a trip may have ended the run meanwhile
                await session.answer(fact.asked.prompt, fact.asked.choices[0].answer, "4711")


async def facts_until(session: Session, kind: type[Fact], after: int = 0) -> list[Fact]:
    found = []
    async for fact in session.facts(after):
        found.append(fact)
        if isinstance(fact, kind):
            return found
    raise AssertionError(f"the session ended without {kind.kind}")


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(20.0):  # a session that hangs shall fail here and not hold up the suite
            await scene()

    asyncio.run(main())


def test_a_run_tells_numbered_facts_that_can_be_asked_for_again(door: Door) -> None:
    async def scene() -> None:
        async with door.opened() as session:
            run_id = await session.start(SHORT, "4711")
            facts = await facts_until(session, RunClosed)
            assert [fact.number for fact in facts] == list(range(1, len(facts) + 1))
            assert [type(fact) for fact in facts] == [RunOpened, *[StepClosed] * 4, Safe, RunClosed]
            assert {fact.run for fact in facts} == {run_id}
            assert await facts_until(session, RunClosed, after=3) == facts[3:]
            with JournalReader(journal_path(simulated=True)) as reader:
                run = reader.run(run_id)
            assert (run.ending, run.operator) == (Ending.COMPLETE, "4711")

    play(scene)


def test_facts_end_when_the_session_is_closed(door: Door) -> None:
    async def scene() -> None:
        async with door.opened() as session:
            following = asyncio.create_task(facts_until(session, RunClosed))
            await asyncio.sleep(0)
        with pytest.raises(AssertionError, match="ended without run-closed"):
            await following

    play(scene)


def test_the_glance_goes_on_and_ends_with_verdicts_and_a_safe_source(door: Door) -> None:
    async def scene() -> None:
        async with door.opened(positions=3, faults=("2:gain=+2.5%",)) as session:
            before = session.glance()
            assert (before.running, before.source) == (False, SourceState.OFF)
            assert {each.state for each in before.positions} == {PositionState.EMPTY}
            await session.start(RunRequest("eol", TYPE, {1: "A", 2: "B"}, only="accuracy-ib"), "4711")
            await facts_until(session, RunOpened)
            during = session.glance()
            assert during.revision > before.revision
            assert during.type_number == TYPE
            assert during.expected > 30.0
            await facts_until(session, RunClosed)
            after = session.glance()
            assert after.revision > during.revision
            assert (after.running, after.ending, after.source) == (False, "COMPLETE", SourceState.SAFE)
            assert [each.verdict for each in after.positions] == [Verdict.PASS, Verdict.FAIL, Verdict.NONE]
            assert [each.state for each in after.positions] == [
                PositionState.DONE, PositionState.DONE, PositionState.EMPTY,
            ]  # fmt: skip
            assert after.positions[1].step == "Accuracy Ib"
            assert after.positions[1].error_percent == pytest.approx(2.5, abs=0.8)
            assert session.glance().revision == after.revision, "nothing happens, nothing changes"

    play(scene)


def test_a_second_start_is_refused_while_one_runs_and_possible_afterwards(door: Door) -> None:
    async def scene() -> None:
        async with door.opened(speed=1.0) as session:
            await session.start(SHORT, "4711")
            with pytest.raises(Refused, match="a run is under way"):
                await session.start(SHORT, "0815")
            await session.abort("4711")
            closed = (await facts_until(session, RunClosed))[-1]
            session.set_speed(math.inf)
            await session.start(SHORT, "4711")
            again = (await facts_until(session, RunClosed, after=closed.number))[-1]
            assert isinstance(again, RunClosed)
            assert again.ending is Ending.COMPLETE
            assert again.run != closed.run

    play(scene)


def test_two_starts_at_once_give_one_run(door: Door) -> None:
    async def scene() -> None:
        async with door.opened(speed=1.0) as session:
            results = await asyncio.gather(
                session.start(SHORT, "4711"), session.start(SHORT, "0815"), return_exceptions=True
            )
            assert sorted(type(each).__name__ for each in results) == ["Refused", "str"]

    play(scene)


def test_an_abort_before_the_start_does_nothing_and_one_during_a_run_makes_it_safe(door: Door) -> None:
    async def scene() -> None:
        async with door.opened(speed=60.0) as session:
            await session.abort("4711")
            await session.start(WHOLE, "4711")
            await facts_until(session, StepClosed)
            await session.abort("4711")
            facts = await facts_until(session, RunClosed)
            kinds = [type(fact) for fact in facts if not isinstance(fact, StepClosed)]  # the step it fell into is void
            assert kinds[-3:] == [Safe, Acted, RunClosed]
            assert isinstance(facts[-1], RunClosed)
            assert facts[-1].ending is Ending.ABORTED
            glance = session.glance()
            assert (glance.source, glance.ending, glance.running) == (SourceState.SAFE, "ABORTED", False)
            assert glance.message == "aborted by 4711"

    play(scene)


def test_the_speed_changes_in_mid_run(door: Door) -> None:
    async def scene() -> None:
        async with door.opened(positions=1, speed=1.0) as session:  # at 1x the run would take half an hour
            await session.start(WHOLE, "4711")
            await facts_until(session, RunOpened)
            session.set_speed(math.inf)
            closed = (await facts_until(session, RunClosed))[-1]
            assert closed.time > 1000.0
            with pytest.raises(Refused, match="must be above 0"):
                session.set_speed(0.0)

    play(scene)


def test_closing_in_mid_run_aborts_it_and_leaves_the_source_off() -> None:
    async def scene() -> None:
        with lines_built() as built:
            async with IN_PROCESS.opened(speed=60.0) as session:
                run_id = await session.start(WHOLE, "4711")
                await facts_until(session, StepClosed)
                assert session.glance().source is SourceState.ENERGISED
                assert built[0]._world.truth != OFF
            assert built[0]._world.truth == OFF
        assert session.glance().source is SourceState.SAFE
        with JournalReader(journal_path(simulated=True)) as reader:
            assert reader.run(run_id).ending is Ending.ABORTED
        await session.close()
        assert not any(thread.name == "engine" for thread in threading.enumerate())

    play(scene)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (RunRequest("eoll", TYPE), "there is no sequence 'eoll'"),
        (RunRequest("eol", "685-38"), "is no type number"),
        (RunRequest("eol", TYPE, only="nothing"), "has no step 'nothing'"),
        (RunRequest("eol", TYPE, {3: "A"}), "position 3 does not exist"),
        (RunRequest("eol", TYPE, {1: "A", 2: "A"}), "serial A was given for two positions"),
    ],
)
def test_a_request_that_cannot_be_is_refused_and_the_next_one_runs(
    door: Door, request_: RunRequest, words: str
) -> None:
    async def scene() -> None:
        async with door.opened() as session:
            with pytest.raises(Refused, match=words) as refusal:
                await session.start(request_, "4711")
            assert not isinstance(refusal.value, Unreachable)
            assert not session.glance().running
            await session.start(RunRequest("eol", TYPE, only="sign-on"), "4711")
            await facts_until(session, RunClosed)

    play(scene)


def test_a_prompt_that_is_not_open_cannot_be_answered(door: Door) -> None:
    async def scene() -> None:
        async with door.opened() as session:
            with pytest.raises(Refused, match="not open"):
                await session.answer("p1", "yes", "4711")

    play(scene)


def test_what_was_asked_wrong_is_refused_and_what_the_world_refuses_is_unreachable(home: Path) -> None:
    with pytest.raises(Refused, match="fault 'gian' does not exist") as refused:
        open_session(simulated=True, station=None, positions=2, seed=1, faults=["1:gian"], speed=math.inf)
    assert not isinstance(refused.value, Unreachable)
    with pytest.raises(Refused, match="there is no station file"):
        open_session(simulated=False, station=None, positions=0, seed=0, faults=[], speed=1.0)

    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    home.mkdir(exist_ok=True)
    (home / "station.toml").write_text(
        f'name = "line 1"\n[source]\nresource = "TCPIP::127.0.0.1::{port}::SOCKET"\n'
        '[[position]]\nnumber = 1\ns0_pin = "GPIO4"\noptical = "/dev/null"\n'
    )
    with pytest.raises(Unreachable, match=r"the power source at .* cannot be reached"):
        open_session(simulated=False, station=None, positions=0, seed=0, faults=[], speed=1.0)
    assert not any(thread.name == "engine" and thread.is_alive() for thread in threading.enumerate())


# ---------------------------------------------------------------------- the real screen on the real session

Scene = Callable[[Operator, Session], Awaitable[None]]


def operate(
    door: Door,
    scene: Scene,
    *,
    speed: float,
    faults: Sequence[str] = (),
    positions: int = 4,
    answers: bool = True,
) -> None:
    async def main() -> None:
        async with door.opened(positions=positions, faults=faults, speed=speed, answers=answers) as session:
            app = BenchApp(session, "", speed)
            async with app.run_test(size=(100, 30)) as pilot:
                operator = Operator(app, pilot)
                await operator.look()
                await scene(operator, session)

    play(main)


def test_an_operator_scans_starts_and_sees_the_verdicts(door: Door) -> None:
    async def scene(operator: Operator, session: Session) -> None:
        await operator.scan("685-381-OK-50")
        for serial in ("21480001", "21480002", "21480003"):
            await operator.scan(serial)
        assert "F1 starts eol" in operator.banner
        await operator.press("f1")
        closed = (await facts_until(session, RunClosed))[-1]
        await operator.look()
        assert isinstance(closed, RunClosed)
        assert [each.verdict for each in closed.positions] == [Verdict.PASS, Verdict.FAIL, Verdict.PASS]
        assert operator.screen.count("✔ PASS") >= 2
        assert "✖ FAIL" in operator.screen
        assert "S0 pulses" in operator.screen
        assert "21480002" in operator.screen
        # The result stays until the next scan.
        await operator.scan("21480004")
        assert "✖ FAIL" not in operator.screen

    operate(door, scene, speed=math.inf, faults=("2:short-pulse=26ms",))


def test_f4_in_a_run_at_ten_times_shows_safe_after_the_readback(door: Door) -> None:
    async def scene(operator: Operator, session: Session) -> None:
        await operator.press("f1")
        await facts_until(session, PromptOpened)
        async with asyncio.timeout(20.0):
            while "▶ RUNNING" not in operator.banner or session.glance().step != "S0 wiring":
                await operator.look()
        assert session.glance().source is SourceState.ENERGISED
        assert "SAFE" not in operator.screen
        await operator.press("f4")
        facts = await facts_until(session, RunClosed)
        assert Safe in [type(fact) for fact in facts]
        await operator.look()
        assert "SAFE" in operator.screen
        assert "ABORTED" in operator.screen or "aborted" in operator.screen

    operate(door, scene, speed=10.0)


def test_a_line_that_is_blocked_says_why_on_the_screen(door: Door) -> None:
    async def scene(operator: Operator, session: Session) -> None:
        await operator.press("f1")
        await facts_until(session, RunClosed)
        await operator.look()
        assert "BLOCKED" in operator.screen
        assert "the S0 input of position 1" in operator.screen
        assert "PASS" not in operator.screen

    operate(door, scene, speed=math.inf, faults=("1:crossed-s0=3",))


def test_after_a_trip_the_operator_re_arms_with_f9_and_starts_again(door: Door) -> None:
    async def scene(operator: Operator, session: Session) -> None:
        await operator.press("f1")
        await facts_until(session, StepClosed)
        door.engine._loop.call_soon_threadsafe(door.engine._engine._line.owner.trip_now, "the door was opened")
        closed = (await facts_until(session, RunClosed))[-1]
        await operator.look()
        assert "TRIPPED" in operator.screen
        assert "the door was opened" in operator.screen
        await operator.press("f9")
        async with asyncio.timeout(20.0):
            while session.glance().trip:  # until the engine's thread has heard of it
                await asyncio.sleep(0)
        await operator.look()
        assert "TRIPPED" not in operator.screen
        session.set_speed(math.inf)
        await operator.press("f1")
        facts = await facts_until(session, RunClosed, after=closed.number)
        again = facts[-1]
        assert isinstance(again, RunClosed)
        assert again.ending is Ending.COMPLETE
        assert [fact.what for fact in facts if isinstance(fact, Acted)] == ["re-arm"], "told once it is in the record"

    operate(door, scene, speed=60.0, positions=1)


def test_a_person_at_the_screen_answers_and_only_what_was_asked(door: Door) -> None:
    async def scene(operator: Operator, session: Session) -> None:
        await operator.press("f1")
        asked = (await facts_until(session, PromptOpened))[-1]
        assert isinstance(asked, PromptOpened)
        await operator.look()
        assert isinstance(operator.app.screen, Prompt)
        assert session.glance().asked == asked.asked
        with pytest.raises(Refused, match="'yes' is no answer; it is one of same, differs"):
            await session.answer(asked.asked.prompt, "yes", "4711")
        with pytest.raises(Refused, match="not open"):
            await session.answer("another", "same", "4711")
        number = asked.number
        for exceptions in ((), ("2",), ("1", "1")):
            for position in exceptions:
                await operator.scan(position)
            await operator.press("enter")
            answered = (await facts_until(session, PromptAnswered, after=number))[-1]
            number = answered.number
            async with asyncio.timeout(20.0):
                while (glance := session.glance()).asked is None and glance.step in ("Display", "Label and seals"):
                    await asyncio.sleep(0)
            await operator.look()
        closed = (await facts_until(session, RunClosed))[-1]
        assert isinstance(closed, RunClosed)
        failed = {each.position: [failure.measurement for failure in each.failed] for each in closed.positions}
        assert failed == {1: ["seals"], 2: ["display test"]}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.prompt.SHORTEST_LOOK_S", 0.0)
        operate(door, scene, speed=math.inf, positions=2, answers=False)
