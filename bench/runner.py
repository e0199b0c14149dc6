"""The runner: it owns the source for one run, calls each step at each live position, and closes what it opened.

Order of every run: open in the journal, energise, stage by stage (load, settle, steps, commit), off, read back, close, tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Protocol

from bench.circuit import Circuit
from bench.climate import Climate, excess_k
from bench.clock_slew import ClockWatch
from bench.common_cause import common_cause
from bench.corrections import corrections
from bench.deadlines import Deadlines
from bench.disturbance import disturbed_alone, of_its_own, passes
from bench.error_calculator import NoPulse
from bench.fact_log import FactLog
from bench.fixture import Fixture
from bench.golden import Told, tell
from bench.heartbeat import Heartbeat
from bench.journal_errors import JournalError
from bench.known_check import Check
from bench.line import Line
from bench.load_doubt import doubt_of_the_load, read_source
from bench.plan import SMALLEST_I_MAX, Plan, Stage
from bench.position import Position
from bench.prompt import OpenPrompt, Prompt
from bench.prompt_desk import Answered, PromptDesk, Respondent
from bench.record import Act, Energy, Outcome, Run
from bench.record import Step as StepRecord
from bench.results import results_of
from bench.run_ending import RunEnding, ending_of
from bench.run_story import RunStory
from bench.session import SourceState
from bench.steps import Blocked, Disturbed, LineStep, OutOfCircuit, Step
from bench.verdict import Ending, Verdict
from bench.watch import Watch
from drivers.load import Load
from drivers.module_line import ModuleError
from drivers.optical_head import OpticalError
from drivers.power_source import InstrumentError, Reading, SelfReported


class Journal(Protocol):
    """What the runner asks of the journal; each call returns when the rows are on the disk."""

    async def open_run(self, run: Run) -> None:
        """Keep a run that begins, with its plan."""

    async def close_step(self, run_id: str, step: StepRecord) -> None:
        """Keep a finished or void step."""

    async def act(self, run_id: str, act: Act) -> None:
        """Keep what a person did."""

    async def close_run(self, run_id: str, ending: Ending, reason: str, closed_at: str) -> None:
        """Keep the ending."""


@dataclass
class _Open:
    """A step under way: what must be voided when the bench fails it."""

    step: Step
    positions: dict[int, Position]
    began: float
    leading: bool
    """Whether it is the first of its stage, which keeps the edges and the reference readings for all of them."""
    energy: list[Energy] = field(default_factory=list)
    frequencies: list[float] = field(default_factory=list)


class Runner:
    """Runs one plan on one line. `now` gives the wall clock as ISO 8601 UTC; `before` is what people did to make it possible.

    `checks` is what earlier runs found at golden meters and red rabbits.
    """

    def __init__(
        self,
        line: Line,
        journal: Journal,
        watch: Watch,
        facts: FactLog,
        now: Callable[[], str],
        before: tuple[Act, ...] = (),
        respondent: Respondent | None = None,
        checks: tuple[Check, ...] = (),
    ) -> None:
        self._line = line
        self._journal = journal
        self._watch = watch
        self._story = RunStory(facts, watch.board)
        self._now = now
        self._loop = asyncio.get_running_loop()
        self._clock = ClockWatch(line.read_clocks)
        self._opened = self._loop.time()
        self._last_stage_closed = self._opened
        self._live: dict[int, Fixture] = {}
        self._steps: list[StepRecord] = []
        self._open: list[_Open] = []
        self._finished: set[str] = set()
        self._voided = 0
        self._before = before
        self._respondent = respondent
        self._checks = checks
        self._deadlines = Deadlines()
        self._acts: list[Act] = []
        self._acts_kept: list[Act] = []
        self._stopped: RunEnding | None = None
        self._task: asyncio.Task[Run] | None = None
        self._in_journal = False
        self._closing = False

    @property
    def run_id(self) -> str:
        """The run under way."""
        return self._run.id

    @property
    def opened(self) -> float:
        """Loop time at which it was opened."""
        return self._opened

    # ------------------------------------------------------------------ stopping from outside

    def stop(self, ending: Ending, reason: str, who: str, what: str) -> None:
        """End the run now: ABORTED by a person, BLOCKED by a trip. The first reason counts.

        `who` did `what`: kept as an act of the record as soon as the source was told to go off.
        """
        if self._stopped is not None or self._closing:
            return
        self._stopped = RunEnding(ending, reason)
        self._acts.append(Act(self._since_opened(), who, what))
        if self._task is not None:
            self._task.cancel()

    # ------------------------------------------------------------------ the run

    async def run(self, plan: Plan, run: Run, fixtures: dict[int, Fixture]) -> Run:
        """Run the plan on these fixtures; the closed record. Never raises for what the world does to it."""
        self._task = asyncio.current_task()
        self._opened = self._last_stage_closed = self._loop.time()
        self._live = dict(fixtures)
        self._run = run
        self._plan = plan
        self._desk = PromptDesk(run.id, self._respondent, self)
        end = RunEnding(Ending.COMPLETE)
        try:
            await self._journal.open_run(run)
            self._in_journal = True
            self._story.opened(run, plan, plan.expected_seconds(self._line.owner.capabilities.settle))
            for act in self._before:
                await self._keep(act)
            await self._energise_and_test()
        except BaseException as error:
            end = ending_of(error, self._stopped)
            while self._task is not None and self._task.uncancel():
                pass  # what is left to do is closing, and nobody may cancel that
            if not end.off_is_certain:
                self._story.board.line(source=SourceState.UNKNOWN)
        return await self._close(end)

    async def _energise_and_test(self) -> None:
        async with self._line.owner.energised(self._was_off) as source:
            if self._stopped is not None:
                raise Blocked("it was stopped before it began")
            refusals = self._plan.refusals(self._line.owner.capabilities)
            if refusals:
                raise Blocked("the source cannot make this plan: " + "; ".join(refusals))
            self._story.board.line(source=SourceState.ENERGISED)
            self._beat = Heartbeat(source)
            settle = self._plan.profile.settling(self._line.owner.capabilities.settle)
            self._circuit = Circuit(self._line, self._watch, source, self._beat, settle)
            try:
                async with asyncio.TaskGroup() as group:
                    watching = group.create_task(self._watch.follow(self._line, self._note_reading))
                    answering = group.create_task(self._desk.serve())
                    await self._stages()
                    watching.cancel()
                    answering.cancel()
            finally:
                self._beat.stop()

    async def _stages(self) -> None:
        for k, stage in enumerate(self._plan.stages):
            if not self._live:
                return
            self._story.stage_begins(stage, list(self._live))
            await self._tested(stage)
            self._last_stage_closed = self._loop.time()
            if stage.gate:
                await self._after_gate(stage, self._plan.stages[k + 1 :])

    async def _tested(self, stage: Stage) -> None:
        """Make a stage, and once more what a disturbance left unfinished of it. A person is not asked twice."""
        try:
            return await self._once(stage)
        except (Disturbed, ExceptionGroup) as error:
            first = disturbed_alone(error)
            left = tuple(step for step in stage.steps if step.name not in self._finished)
            if first is None or self._stopped is not None or any(step.asks() for step in left):
                raise
            if not left:  # it came when all of the stage was committed
                return None
        await self._void(f"disturbed, and measured once more: {first}", repeated=True)
        self._last_stage_closed = self._loop.time()
        try:
            await read_source(self._line)
        except SelfReported as error:  # of the same event it may have something to tell as well
            if not passes(error):
                raise Blocked(f"{stage.steps[0].title}: {error}") from error
        try:
            await self._once(replace(stage, steps=left), anew=True)
        except (Disturbed, ExceptionGroup) as error:
            second = disturbed_alone(error)
            if second is None or self._stopped is not None:
                raise
            raise Blocked(f"{second}; it was repeated after: {first}") from error

    async def _once(self, stage: Stage, *, anew: bool = False) -> None:
        with _told_at(stage):
            await self._circuit.set_load(stage.load, anew=anew)
        self._begin(stage)
        async with asyncio.TaskGroup() as group:
            absent = group.create_task(self._watch.absence.over())
            with _told_at(stage):
                if isinstance(stage.steps[0], LineStep):
                    await self._line_step(stage, stage.steps[0])
                else:
                    await self._stage(stage)
            absent.cancel()

    async def _after_gate(self, stage: Stage, later: tuple[Stage, ...]) -> None:
        """Whoever did not pass a gate leaves the circuit; without a contactor no later load may exceed what any type bears.

        A gate at which nothing could be tested holds nobody back.
        """
        gates = {step.name for step in stage.steps if step.gate}
        passed = (Verdict.PASS, Verdict.MARGINAL)
        outcomes = [outcome for record in self._steps if record.name in gates for outcome in record.outcomes]
        counted = [each for each in outcomes if each.measurements and not each.void]
        for number in [each.position for each in counted if each.verdict not in passed]:
            fixture = self._live.pop(number, None)
            if fixture is None:
                continue
            wanted = max((each.load.largest_current for each in later), default=0.0)
            if not await self._circuit.take_out(fixture) and wanted > SMALLEST_I_MAX:
                raise Blocked(
                    f"position {number}: the meter did not prove to be a {self._plan.meter} and sits in the current circuit; "
                    f"{wanted:g} A would flow through it. Take it out and start again."
                )
            self._story.out(number)

    # ------------------------------------------------------------------ steps

    def _begin(self, stage: Stage) -> None:
        self._beat.within(stage.deadline())
        self._open = []
        for k, step in enumerate(stage.steps):
            since = self._last_stage_closed if k == 0 else None
            readings: list[Energy] = []
            positions = {
                number: self._position(fixture, step, readings, edges_since=since)
                for number, fixture in self._live.items()
            }
            self._open.append(_Open(step, positions, self._loop.time(), leading=k == 0, energy=readings))

    async def _stage(self, stage: Stage) -> None:
        async with asyncio.TaskGroup() as group:
            for under_way in list(self._open):
                group.create_task(self._everywhere(under_way, stage.deadline()))

    async def _everywhere(self, under_way: _Open, limit: float) -> None:
        """One step at all its positions at once; it is closed when the last of them has ended."""
        step = under_way.step
        outcomes: dict[int, Outcome] = {}

        async def one(number: int, position: Position) -> None:
            outcomes[number] = await self._at(step, position)
            self._desk.ended(step.name, number)

        try:
            async with self._deadlines.within(limit), asyncio.TaskGroup() as group:
                self._desk.expect(step.name, under_way.positions)
                for number, position in under_way.positions.items():
                    group.create_task(one(number, position))
        except TimeoutError:
            raise Blocked(f"{step.title}: not finished within {limit:.0f} s") from None
        await self._watch.absence.checked()
        slewed = self._clock.slewed(under_way.began)
        if slewed:
            raise Disturbed(f"{step.title}: {slewed}; what was measured is void")
        for doubt in (
            self._line.deaf(),
            await doubt_of_the_load(step, self._line, self._watch, self._run.temperature_c),
        ):
            if doubt:
                raise Blocked(f"{step.title}: {doubt}; what was measured is void")
        shifted = common_cause(tuple(outcomes.values()))
        if shifted:
            raise Blocked(f"{step.title}: {shifted}. What was measured is void")
        if len(self._open) == 1:
            await step.examine_fixture(tuple(under_way.positions.values()), outcomes, self._bring_load(limit))
        await self._close_step(under_way, tuple(outcomes[number] for number in sorted(outcomes)))

    async def _line_step(self, stage: Stage, step: LineStep) -> None:
        (under_way,) = self._open
        await step.run_line(tuple(under_way.positions.values()), self._bring_load(stage.deadline(), stage.load))
        await self._watch.absence.checked()
        doubt = await doubt_of_the_load(step, self._line, self._watch, self._run.temperature_c)
        if doubt:
            raise Blocked(f"{step.title}: {doubt}; what was measured is void")
        await self._close_step(under_way, tuple(position.outcome() for position in under_way.positions.values()))

    def _bring_load(self, limit: float, usual: Load | None = None) -> OutOfCircuit:
        """For one step: who carries which current. What follows a change of load has `limit` seconds; `usual` is the load of the step."""
        usual = usual or self._circuit.load

        async def out_of_circuit(numbers: frozenset[int], load: Load | None = None) -> bool:
            if self._line.owner.capabilities.refusals(load or usual):
                return False
            live = frozenset(self._live)
            if numbers >= live:
                await self._circuit.rest(live)
            else:
                await self._circuit.carry_current(live - numbers, load or usual)
            self._beat.within(limit)
            return True

        return out_of_circuit

    @staticmethod
    async def _at(step: Step, position: Position) -> Outcome:
        """One step at one position. What the meter does not do is its failure; what the bench cannot do is raised."""
        try:
            await step.run(position)
        except NoPulse as fault:
            position.found_mute()
            return position.outcome(note=f"position {position.number}: {fault}")
        except InstrumentError:
            raise
        except (OpticalError, ModuleError) as fault:
            return position.outcome(note=str(fault))
        if position.lost_edges:
            raise Blocked(
                f"position {position.number}: {position.lost_edges} S0 edges were lost or out of order during {step.title}; "
                "what was measured is void. Check the S0 wire and what else this computer is doing."
            )
        return position.outcome()

    def _position(self, fixture: Fixture, step: Step, readings: list[Energy], *, edges_since: float | None) -> Position:
        number = fixture.number
        station = self._line.station
        limit = next((each.upper for each in step.measurements() if each.unit == "%" and each.guarded), None)

        def show(error_percent: float | None, progress: float) -> None:
            self._story.board.position(number, error_percent=error_percent, limit_percent=limit, progress=progress)

        def ask(prompt: Prompt) -> Awaitable[Answered]:
            return self._desk.ask(step.name, step.title, prompt, number, fixture.serial)

        def known_meter() -> Awaitable[Told | None]:
            results = results_of(self._run, number)
            return self._loop.run_in_executor(None, tell, station.known, self._checks, results)

        return Position(
            fixture=fixture,
            meter=self._plan.meter,
            declared=step.measurements(),
            energy=self._watch.at(number),
            load=self._circuit.load,
            reference_percent=station.reference_accuracy_percent,
            opened=self._opened,
            edges_since=edges_since,
            show=show,
            measured=self._watch.energy,
            climate=Climate(
                self._plan.meter.accuracy_class,
                excess_k(station.environment, self._run.temperature_c),
                station.reference_percent_per_k,
            ),
            corrections=corrections(step.load, fixture.description) if step.load is not None else (),
            ask=ask,
            earlier=self._run.outcomes(number),
            load_since=self._circuit.since,
            readings=readings,
            known_meter=known_meter,
        )

    async def _void(self, note: str, *, repeated: bool = False) -> None:
        """Keep what is unfinished, for nothing."""
        for under_way in list(self._open):
            outcomes = tuple(each.outcome(void=True, note=note) for each in under_way.positions.values())
            self._voided += repeated
            await self._close_step(under_way, outcomes, void=True, repeated=repeated)
        self._open = []

    async def _close_step(
        self, under_way: _Open, outcomes: tuple[Outcome, ...], *, void: bool = False, repeated: bool = False
    ) -> None:
        """Commit a step, then tell it. One that is repeated leaves its number in the plan to the repetition."""
        step, planned = under_way.step, self._plan.steps
        record = StepRecord(
            number=len(planned) + self._voided if repeated else planned.index(step) + 1,
            name=step.name,
            title=step.title,
            opened=under_way.began - self._opened,
            closed=self._since_opened(),
            load=str(step.load) if step.load is not None else "",
            outcomes=outcomes,
            energy=tuple(under_way.energy),
            frequency=fmean(under_way.frequencies) if under_way.frequencies else None,
        )
        await self._journal.close_step(self._run.id, record)
        if not void:
            self._finished.add(step.name)
            self._open = [each for each in self._open if each is not under_way]
        self._steps.append(record)
        self._run = replace(self._run, steps=tuple(sorted(self._steps, key=lambda each: each.number)))
        self._story.step_closed(self._run, record, void=void)

    # ------------------------------------------------------------------ questions to a person

    async def prompt_opened(self, asked: OpenPrompt) -> None:
        """Keep and tell that a person is asked; until the answer no deadline runs out."""
        self._beat.pause()
        self._deadlines.pause()
        act = Act(self._since_opened(), "bench", f"asks {asked.step}, {asked.name}")
        self._acts_kept.append(act)
        await self._journal.act(self._run.id, act)
        self._story.asked(self._run.id, act.time, asked)

    async def prompt_answered(self, asked: OpenPrompt, answers: dict[int, str], who: str, seconds: float) -> None:
        """Keep and tell the answer; deadlines run again."""
        exceptions = {number: given for number, given in answers.items() if given != asked.choices[0].answer}
        act = Act(self._since_opened(), who, f"answers {asked.step}, {asked.name}: {asked.worded(exceptions)}")
        self._acts_kept.append(act)
        await self._journal.act(self._run.id, act)
        self._story.answered(self._run.id, act.time, asked, answers, who, seconds)
        self._beat.resume()
        self._deadlines.resume()

    # ------------------------------------------------------------------ readings, off, ending

    def _note_reading(self, reading: Reading, there: Mapping[int, Reading]) -> None:
        self._clock.sample()
        for fixture in self._live.values():
            if fixture.oracle is None:
                continue
            if fixture.bypass is not None and fixture.bypass.out:
                fixture.oracle.pause()
            else:
                fixture.oracle.advance(there.get(fixture.number, reading))
        for under_way in self._open:
            if under_way.leading:
                under_way.energy.append(Energy(reading.time - self._opened, reading.power))
                if reading.frequency:
                    under_way.frequencies.append(reading.frequency)

    def _was_off(self, reading: Reading) -> None:
        self._story.safe(self._run.id, self._since_opened(), reading, tripped=self._line.owner.trip is not None)

    async def _close(self, end: RunEnding) -> Run:
        self._closing = True
        closed_at = self._now()
        try:
            for act in self._acts if self._in_journal else ():
                await self._keep(act)
            await self._void(f"not finished: {end.reason}")
            if self._in_journal:
                await self._journal.close_run(self._run.id, end.ending, end.reason, closed_at)
        except JournalError as error:
            # No record, no pass: what could not be written ends the run BLOCKED, and says so.
            end = RunEnding(Ending.BLOCKED, str(error))
        acts = (*self._before, *self._acts_kept, *self._acts)
        run = replace(self._run, acts=acts, ending=end.ending, reason=end.reason, closed_at=closed_at)
        self._story.closed(run, self._since_opened())
        return run

    async def _keep(self, act: Act) -> None:
        """Commit what somebody did, then tell it."""
        await self._journal.act(self._run.id, act)
        self._story.acted(self._run.id, act)

    def _since_opened(self) -> float:
        return self._loop.time() - self._opened


@contextmanager
def _told_at(stage: Stage) -> Iterator[None]:
    """Say at which step an instrument had something to tell of itself."""
    try:
        yield
    except SelfReported as error:
        raise of_its_own(stage.steps[0].title, error) from error
