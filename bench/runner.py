"""The runner: it opens a run, owns the source for it, and closes what it opened however the run ends.

Order of every run: open in the journal, energise, stage by stage (load, settle, steps, commit), off, read back, close, tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from bench.circuit import Circuit
from bench.clock_slew import ClockWatch
from bench.course import Course
from bench.deadlines import Deadlines
from bench.doubts import Doubts
from bench.equipment import Equipment
from bench.fixture import Fixture
from bench.heartbeat import Heartbeat
from bench.journal_errors import JournalError
from bench.known_check import Check
from bench.line import Line
from bench.owner import Handle
from bench.prompt_desk import PromptDesk, Respondent
from bench.record import Act, Run
from bench.run_ending import RunEnding, ending_of
from bench.run_record import RunRecord
from bench.session import SourceState
from bench.steps import Blocked
from bench.steps_under_way import StepsUnderWay
from bench.thinking_time import ThinkingTime
from bench.verdict import Ending
from bench.watch import Watch
from drivers.power_source import Reading


class Runner:
    """Runs the plan of a record on one line. `now` gives the wall clock as ISO 8601 UTC.

    `checks` is what earlier runs found at golden meters and red rabbits.
    """

    def __init__(
        self,
        line: Line,
        record: RunRecord,
        watch: Watch,
        now: Callable[[], str],
        respondent: Respondent | None = None,
        checks: tuple[Check, ...] = (),
    ) -> None:
        self._line = line
        self._record = record
        self._watch = watch
        self._now = now
        self._clock = ClockWatch(line.read_clocks)
        self._respondent = respondent
        self._checks = checks
        self._acts: list[Act] = []
        self._stopped: RunEnding | None = None
        self._task: asyncio.Task[Run] | None = None
        self._steps: StepsUnderWay | None = None
        self._closing = False

    @property
    def run_id(self) -> str:
        """The run under way."""
        return self._record.run.id

    @property
    def opened(self) -> float:
        """Loop time at which it was opened."""
        return self._record.opened

    def stop(self, ending: Ending, reason: str, who: str, what: str) -> None:
        """End the run now: ABORTED by a person, BLOCKED by a trip. The first reason counts.

        `who` did `what`: kept as an act of the record as soon as the source was told to go off.
        """
        if self._stopped is not None or self._closing:
            return
        self._stopped = RunEnding(ending, reason)
        self._acts.append(Act(self._record.since_opened(), who, what))
        if self._task is not None:
            self._task.cancel()

    async def run(self, fixtures: Mapping[int, Fixture]) -> Run:
        """Run the plan on these fixtures; the closed record. Never raises for what the world does to it."""
        self._task = asyncio.current_task()
        plan, settle = self._record.plan, self._line.owner.capabilities.settle
        end = RunEnding(Ending.COMPLETE)
        try:
            await self._record.open(plan.expected_seconds(settle))
            await self._energise_and_test(fixtures)
        except BaseException as error:
            end = ending_of(error, self._stopped)
            while self._task is not None and self._task.uncancel():
                pass  # what is left to do is closing, and nobody may cancel that
            if not end.off_is_certain:
                self._watch.board.line(source=SourceState.UNKNOWN)
        return await self._close(end)

    async def _energise_and_test(self, fixtures: Mapping[int, Fixture]) -> None:
        async with self._line.owner.energised(self._was_off) as source:
            if self._stopped is not None:
                raise Blocked("it was stopped before it began")
            refusals = self._record.plan.refusals(self._line.owner.capabilities)
            if refusals:
                raise Blocked("the source cannot make this plan: " + "; ".join(refusals))
            self._watch.board.line(source=SourceState.ENERGISED)
            await self._test(fixtures, source, Heartbeat(source))

    async def _test(self, fixtures: Mapping[int, Fixture], source: Handle, beat: Heartbeat) -> None:
        line, record, watch = self._line, self._record, self._watch
        deadlines = Deadlines()
        desk = PromptDesk(record.run.id, self._respondent, ThinkingTime(beat, deadlines, record))
        settle = record.plan.profile.settling(line.owner.capabilities.settle)
        circuit = Circuit(line, watch, source, beat, settle)
        equipment = Equipment(line.station, circuit, watch, desk, record, self._checks)
        doubts = Doubts(line, watch, self._clock, record.run.temperature_c)
        self._steps = StepsUnderWay(equipment, circuit, desk, deadlines, doubts, record)
        course = Course(line, fixtures, record, watch, circuit, beat, self._steps, lambda: self._stopped is not None)

        def note(reading: Reading, there: Mapping[int, Reading]) -> None:
            self._clock.sample()
            course.note(reading, there)

        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(watch.follow(line, note))
                answering = group.create_task(desk.serve())
                await course.follow()
                watching.cancel()
                answering.cancel()
        finally:
            beat.stop()

    def _was_off(self, reading: Reading) -> None:
        tripped = self._line.owner.trip is not None
        self._record.story.safe(self.run_id, self._record.since_opened(), reading, tripped=tripped)

    async def _close(self, end: RunEnding) -> Run:
        self._closing = True
        closed_at = self._now()
        try:
            await self._record.stopped_by(self._acts)
            if self._steps is not None:
                await self._steps.void(f"not finished: {end.reason}")
            await self._record.commit_ending(end, closed_at)
        except JournalError as error:
            # No record, no pass: what could not be written ends the run BLOCKED, and says so.
            end = RunEnding(Ending.BLOCKED, str(error))
        return self._record.closed(end, closed_at)
