"""The record of a run under way: committed first, told then, and numbered as the plan has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bench.board import Board
from bench.fact_log import FactLog
from bench.facts import Fact, StepClosed, Suspected
from bench.journal_errors import JournalError
from bench.measurements import within
from bench.plan import Plan, make_plan
from bench.profile import STANDARD
from bench.record import Act, MeterUnderTest, Outcome, Run
from bench.record import Step as StepRecord
from bench.run_ending import RunEnding
from bench.run_record import RunRecord
from bench.run_story import RunStory
from bench.sequences import sequence_named
from bench.verdict import Ending, Verdict
from reference_meter import TypeNumber

METER = TypeNumber.parse("685-381-OK-50")
PASSED = (Outcome(1, Verdict.PASS, void=False),)
VOID = (Outcome(1, Verdict.NONE, void=True),)
TRIP = Act(1.0, "bench", "trip: the door was opened")


class Disk:
    """A journal that writes down what it was asked to keep, and how many facts had been told by then."""

    def __init__(self, facts: FactLog) -> None:
        self.facts = facts
        self.kept: list[tuple[str, int]] = []
        self.full = False

    def _keep(self, what: str) -> None:
        if self.full:
            raise JournalError("the disk is full")
        self.kept.append((what, self.facts.last))

    async def open_run(self, run: Run) -> None:
        self._keep("run")

    async def close_step(self, run_id: str, step: StepRecord) -> None:
        self._keep(step.name)

    async def act(self, run_id: str, act: Act) -> None:
        self._keep(act.what)

    async def close_run(self, run_id: str, ending: Ending, reason: str, closed_at: str) -> None:
        self._keep(ending.value)


def plan() -> Plan:
    return make_plan("eol", sequence_named("eol"), METER, STANDARD, "accuracy-ib")


def header() -> Run:
    meters = (MeterUnderTest(1, "21480001"),)
    return Run(
        "r", "eol", str(METER), "simulated", "s", "", "", "h", "{}", "bench", 1, "2026-01-01T00:00:00+00:00", meters
    )


def on_record(scene: Callable[[RunRecord, Disk], Coroutine[Any, Any, None]], *before: Act) -> None:
    async def main() -> None:
        facts = FactLog()
        disk = Disk(facts)
        await scene(RunRecord(plan(), header(), disk, RunStory(facts, Board(1)), before), disk)

    asyncio.run(main())


async def keep(record: RunRecord, name: str, outcomes: tuple[Outcome, ...] = PASSED, *, repeated: bool = False) -> None:
    (step,) = (step for step in record.plan.steps if step.name == name)
    await record.keep_step(step, outcomes, record.opened, (), (), void=outcomes is VOID, repeated=repeated)


def test_everything_is_in_the_journal_before_it_is_told() -> None:
    async def scene(record: RunRecord, disk: Disk) -> None:
        await record.open(60.0)
        await keep(record, "sign-on")
        await record.stopped_by([TRIP])
        await record.commit_ending(RunEnding(Ending.BLOCKED, "the door was opened"), "2026-01-01T00:01:00+00:00")
        record.closed(RunEnding(Ending.BLOCKED, "the door was opened"), "2026-01-01T00:01:00+00:00")
        assert disk.kept == [("run", 0), ("re-arm", 1), ("sign-on", 2), (TRIP.what, 3), ("BLOCKED", 4)]
        assert disk.facts.last == 5

    on_record(scene, Act(0.0, "4711", "re-arm"))


def test_a_step_that_is_void_and_repeated_leaves_its_number_to_the_repetition() -> None:
    async def scene(record: RunRecord, disk: Disk) -> None:
        names = [step.name for step in record.plan.steps]
        assert names == ["sign-on", "s0-wiring", "connections", "accuracy-ib"]
        await record.open(60.0)
        await keep(record, "connections", VOID, repeated=True)
        await keep(record, "connections")
        await keep(record, "accuracy-ib", VOID, repeated=True)
        await keep(record, "accuracy-ib")
        assert [(step.number, step.name, step.outcomes is VOID) for step in record.run.steps] == [
            (3, "connections", False), (4, "accuracy-ib", False), (5, "connections", True), (6, "accuracy-ib", True),
        ]  # fmt: skip
        assert record.finished == {"connections", "accuracy-ib"}

    on_record(scene)


def test_a_void_step_is_not_finished() -> None:
    async def scene(record: RunRecord, disk: Disk) -> None:
        await record.open(60.0)
        await keep(record, "sign-on", VOID)
        assert record.finished == set()

    on_record(scene)


def test_what_the_disk_refuses_is_neither_told_nor_on_record() -> None:
    async def scene(record: RunRecord, disk: Disk) -> None:
        await record.open(60.0)
        disk.full = True
        with pytest.raises(JournalError):
            await keep(record, "sign-on")
        assert record.run.steps == ()
        assert record.finished == set()
        assert disk.facts.last == 1

    on_record(scene)


def test_a_run_that_could_not_be_opened_is_closed_with_its_acts_and_commits_nothing() -> None:
    async def scene(record: RunRecord, disk: Disk) -> None:
        disk.full = True
        with pytest.raises(JournalError):
            await record.open(60.0)
        disk.full = False
        end = RunEnding(Ending.BLOCKED, "the disk is full")
        await record.stopped_by([TRIP])
        await record.commit_ending(end, "2026-01-01T00:01:00+00:00")
        closed = record.closed(end, "2026-01-01T00:01:00+00:00")
        assert disk.kept == []
        assert [act.what for act in closed.acts] == ["re-arm", TRIP.what]
        assert closed.ending is Ending.BLOCKED

    on_record(scene, Act(0.0, "4711", "re-arm"))


def test_a_suspicion_is_kept_with_the_step_and_told_after_it() -> None:
    measured = within("error", -1.0, 1.0, "%", "", guarded=True).judge(1.4, 0.1)
    bad = (Outcome(1, measured.verdict, void=False, measurements=(measured,)),)
    told: list[Fact] = []

    async def scene(record: RunRecord, disk: Disk) -> None:
        disk.facts.subscribe(told.append)
        await record.open(60.0)
        await keep(record, "accuracy-ib", bad)
        assert "with one position a shift of the bench" in record.run.steps[0].outcomes[0].note

    on_record(scene)
    closed, suspected = told[-2:]
    assert isinstance(closed, StepClosed)
    assert isinstance(suspected, Suspected)
    assert (suspected.step, suspected.positions, suspected.measured) == ("accuracy-ib", (1,), 1)
    assert suspected.as_json()["fact"] == "suspicion"
