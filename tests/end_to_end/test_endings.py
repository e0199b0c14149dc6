"""How a run ends when it does not end by itself: what stands, what is void, and that the source is off, in truth and as read back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.facts import Acted, RunClosed, StepClosed, Tripped
from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.pytest_line import TestLine
from bench.record import Step
from bench.session import PositionState, RunRequest, SourceState
from bench.verdict import Ending, Verdict
from drivers.simulated.scpi_server import Manner
from tests.end_to_end.at_work import TYPE, AtWork, at_work
from tests.end_to_end.on_record import kept

AT_IMAX = {"s0-pulses", "accuracy-imax", *(f"accuracy-imax-pf0.5-l{phase}" for phase in (1, 2, 3))}
"""The steps at Imax that look at the width of pulses."""

pytestmark = [pytest.mark.meter(TYPE), pytest.mark.line(positions=2)]


def source_is(work: AtWork, state: SourceState) -> bool:
    return work.engine.board.glance.source is state


ONLY_3_FAILS = {1: Verdict.NONE, 2: Verdict.NONE, 3: Verdict.FAIL}


@pytest.mark.line("3:short-pulse=26ms", positions=3)
def test_fail_then_abort(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start()
        await work.until_closed("s0-pulses")
        await work.until_step("Accuracy Ib")
        await work.engine.abort("4711")
        work.assert_dead()
        run = await testing

        assert (run.ending, run.reason) == (Ending.ABORTED, "aborted by 4711")
        assert run.verdicts == ONLY_3_FAILS, "what a finished step found stands; no pass without a complete run"
        assert {step.name for step, _ in run.failures(3)} == {
            "s0-pulses",
            "accuracy-imax",
            *(f"accuracy-imax-pf0.5-l{k}" for k in (1, 2, 3)),
        }
        assert [act.what for act in run.acts if act.who == "4711"] == ["abort"]
        work.assert_safe()
        assert work.engine.board.glance.source is SourceState.SAFE
        assert kept(run) == run

    at_work(line, scene)


@pytest.mark.line("3:short-pulse=26ms", positions=3)
def test_fail_then_blocked(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start()
        await work.until_closed("s0-pulses")
        await work.until_step("Accuracy Ib")
        await asyncio.sleep(3.0)
        work.source.manner = Manner.SILENT
        run = await testing

        assert run.ending is Ending.BLOCKED
        assert "no answer from the power source" in run.reason
        assert run.verdicts == ONLY_3_FAILS
        assert {step.name for step, _ in run.failures(3)} == {
            "s0-pulses",
            "accuracy-imax",
            *(f"accuracy-imax-pf0.5-l{k}" for k in (1, 2, 3)),
        }
        assert work.engine.board.glance.source is SourceState.UNKNOWN
        assert kept(run) == run

    at_work(line, scene)


@pytest.mark.line("2:gain=+2.5%")
def test_blocked_then_fail(line: TestLine) -> None:
    """Position 2 is 2.5 % off; the standard dies in the middle of the first step that would find it."""

    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step("Accuracy Ib")
        await work.until(lambda: work.engine.board.glance.positions[1].progress > 0.3)
        work.standard.manner = Manner.SILENT
        run = await testing

        assert run.ending is Ending.BLOCKED
        assert "no answer from the reference standard" in run.reason
        assert set(run.verdicts.values()) == {Verdict.NONE}, "a step the bench did not finish fails nobody"
        *finished, torn = run.steps
        assert torn.name == "accuracy-ib"
        assert all(outcome.void and outcome.verdict is Verdict.NONE for outcome in torn.outcomes)
        assert all("no answer from the reference standard" in outcome.note for outcome in torn.outcomes)
        assert torn.outcomes[0].edges is not None
        assert torn.outcomes[0].edges.rises_ns, "its edges are kept all the same"
        assert not any(outcome.void for step in finished for outcome in step.outcomes)
        assert work.told(StepClosed)[-1].void
        assert not work.told(StepClosed)[-1].failed
        work.assert_safe()
        assert kept(run) == run

    at_work(line, scene)


# The instants lie in: settling of the first voltage, waiting for the meters, the telegram of sign-on, S0 wiring (contactors
# open, currents coming back), the register readouts, settling at Ib, accuracy, parking, starting, the last readout, the power cut.
@pytest.mark.parametrize(
    "instant", [0.0, 0.001, 0.9, 2.0, 4.0, 7.3, 9.5, 13.7, 17.0, 21.5, 30.0, 47.0, 150.0, 345.0, 600.0, 1285.0, 1293.0]
)
def test_an_abort_at_any_instant_leaves_the_source_off_and_read_back(line: TestLine, instant: float) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start()
        await asyncio.sleep(instant)
        assert not testing.done()
        began = asyncio.get_running_loop().time()
        await work.engine.abort("4711")
        work.assert_dead()
        assert asyncio.get_running_loop().time() - began < 1.0, "the source goes off first, whatever else is under way"
        run = await testing
        assert run.ending is Ending.ABORTED
        assert set(run.verdicts.values()) == {Verdict.NONE}
        work.assert_safe()
        assert work.told(RunClosed)[0].ending is Ending.ABORTED
        assert [fact.what for fact in work.told(Acted)] == ["abort"]
        assert kept(run) == run

    at_work(line, scene)


def test_an_abort_before_the_run_has_begun_energises_nothing_and_is_read_back_as_off(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        delivered = work.deliveries()
        testing = await work.start()
        aborting = asyncio.create_task(work.engine.abort("4711"))
        run = await testing
        await aborting
        assert run.ending is Ending.ABORTED
        assert run.steps == ()
        assert not any(delivered)
        work.assert_safe()
        assert kept(run) == run

    at_work(line, scene)


def test_an_abort_without_a_run_and_a_second_one_change_nothing(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        await work.engine.abort("4711")
        testing = await work.start()
        await work.until_step("Sign-on")
        await asyncio.gather(work.engine.abort("4711"), work.engine.abort("0815"))
        run = await testing
        await work.engine.abort("4711")
        assert run.reason == "aborted by 4711"
        assert len(work.told(RunClosed)) == 1
        work.assert_safe()

    at_work(line, scene)


def test_after_an_abort_the_next_run_passes(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step("Accuracy Ib")
        await work.engine.abort("4711")
        await testing
        run = await (await work.start(only="accuracy-ib"))
        assert run.ending is Ending.COMPLETE
        assert set(run.verdicts.values()) == {Verdict.PASS}
        assert {each.state for each in work.engine.board.glance.positions} == {PositionState.DONE}

    at_work(line, scene)


def test_a_trip_of_the_source_owner_blocks_until_a_person_re_arms(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-ib")
        await work.until_step("Accuracy Ib")
        work.engine._line.owner.trip_now("the door was opened")
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert "the door was opened" in run.reason
        work.assert_safe()
        assert source_is(work, SourceState.TRIPPED), "safe, and a person must re-arm"

        delivered = work.deliveries()
        again = await (await work.start(only="accuracy-ib"))
        assert again.ending is Ending.BLOCKED
        assert "stays off until a person re-arms it" in again.reason
        assert not any(delivered)

        work.engine.rearm("4711")
        assert source_is(work, SourceState.OFF)
        third = await (await work.start(only="accuracy-ib"))
        assert third.ending is Ending.COMPLETE
        assert [(act.who, act.what) for act in third.acts] == [("4711", "re-arm")], "who made it possible is kept"

    at_work(line, scene)


def test_a_trip_between_the_start_of_a_run_and_its_first_act_blocks_it(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        prepared = await work.engine.prepare(RunRequest("eol", TYPE, only="accuracy-ib"), "4711")
        delivered = work.deliveries()
        work.engine._line.owner.trip_now("the door was opened")
        await work.until(lambda: bool(work.told(Tripped)))
        run = await work.engine.execute(prepared)
        assert run.ending is Ending.BLOCKED
        assert "the door was opened" in run.reason
        assert [(act.who, act.what) for act in run.acts] == [("bench", "trip: the door was opened")]
        assert not any(delivered)
        (tripped,) = work.told(Tripped)
        assert tripped.run == run.id

    at_work(line, scene)


def test_a_step_that_hangs_is_given_up_at_its_deadline_and_the_source_goes_off(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(step: object, at: object) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr("sequences.no_load.NoLoad.run", never)

    async def scene(work: AtWork) -> None:
        run = await (await work.start(only="no-load"))
        assert run.ending is Ending.BLOCKED
        assert "No-load: not finished within" in run.reason
        work.assert_safe()

    at_work(line, scene)


@contextmanager
def a_run_at_ten_times() -> Iterator[subprocess.Popen[str]]:
    line = "run eol --simulated --type 685-381-OK-50 --positions 2 --speed 10 --operator 4711 --json"
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", *line.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("number", "steps_told"), [(signal.SIGINT, 1), (signal.SIGTERM, 0)])
def test_a_signal_aborts_the_run_of_the_command_line_with_status_130(number: signal.Signals, steps_told: int) -> None:
    with a_run_at_ten_times() as process:
        assert process.stdout is not None
        assert '"run-opened"' in process.stdout.readline()
        for _ in range(steps_told):
            assert '"step-closed"' in process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err
    kinds = [line.split('"')[3] for line in out.splitlines()]
    assert kinds[-1] == "run-closed"
    assert '"ending": "ABORTED"' in out.splitlines()[-1]
    assert kinds.index("safe") < kinds.index("act")
    with JournalReader(journal_path(simulated=True)) as reader:
        (summary,) = reader.runs()
        run = reader.run(summary.id)
    assert run.ending is Ending.ABORTED
    assert [act.what for act in run.acts if act.who == "4711"] == ["abort"]


def test_commits_of_2_s_trip_nothing(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        close_step = work.engine._journal.close_step

        async def slowly(run_id: str, step: Step) -> None:
            await asyncio.sleep(2.0)
            await close_step(run_id, step)

        work.engine._journal.close_step = slowly  # type: ignore[method-assign]  # a disk that takes its time
        run = await (await work.start(only="accuracy-ib"))
        assert run.ending is Ending.COMPLETE
        assert not work.told(Tripped)
        work.assert_safe()

    at_work(line, scene)
