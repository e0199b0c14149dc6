"""The runner: it owns the source for one run, sets the loads, calls each step at each live position, and closes what it opened.

Order of every run: open in the journal, energise, stage by stage (load, settle, steps, commit), off, read back, close, tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from bench.error_calculator import NoPulse
from bench.fact_log import FactLog
from bench.facts import Acted, Failure, PositionResult, RunClosed, RunOpened, Safe, StepClosed
from bench.fixture import Fixture
from bench.journal_errors import JournalError
from bench.line import Line
from bench.load_points import OFF
from bench.measurements import limit_in_words
from bench.norms import PULSE_ENERGY_J
from bench.owner import Handle
from bench.plan import Plan, Stage
from bench.position import Position
from bench.record import Act, Energy, Measurement, Outcome, Run
from bench.record import Step as StepRecord
from bench.safety import RENEWAL_S, StillEnergised
from bench.session import PositionState, SourceState
from bench.steps import Blocked, LineStep, Step
from bench.verdict import Ending, Verdict
from bench.watch import Watch
from drivers.load import Load
from drivers.optical_head import OpticalError
from drivers.power_source import InstrumentError, Reading

SMALLEST_I_MAX = 60.0
"""A meter that has not said what it is may be a 10 – 60 A type (data sheet, Ordering details): it never sees more."""

CONTACTOR_S = 0.1
"""A contactor has switched after this time."""


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


class Runner:
    """Runs one plan on one line. `now` gives the wall clock as ISO 8601 UTC."""

    def __init__(self, line: Line, journal: Journal, watch: Watch, facts: FactLog, now: Callable[[], str]) -> None:
        self._line = line
        self._journal = journal
        self._watch = watch
        self._board = watch.board
        self._facts = facts
        self._now = now
        self._energy = watch.energy
        self._live: dict[int, Fixture] = {}
        self._steps: list[StepRecord] = []
        self._open: list[_Open] = []
        self._load: Load = OFF
        self._deadline = 0.0
        self._stop_reason: tuple[Ending, str] | None = None
        self._task: asyncio.Task[Run] | None = None
        self._last_stage_closed = 0.0
        self._in_journal = False
        self._opened = asyncio.get_running_loop().time()
        self._closing = False
        self._acts: list[Act] = []

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
        if self._stop_reason is not None or self._closing:
            return
        self._stop_reason = (ending, reason)
        self._acts.append(Act(asyncio.get_running_loop().time() - self._opened, who, what))
        if self._task is not None:
            self._task.cancel()

    # ------------------------------------------------------------------ the run

    async def run(self, plan: Plan, run: Run, fixtures: dict[int, Fixture]) -> Run:
        """Run the plan on these fixtures; the closed record. Never raises for what the world does to it."""
        self._task = asyncio.current_task()
        self._opened = asyncio.get_running_loop().time()
        self._last_stage_closed = self._opened
        self._live = dict(fixtures)
        self._run = run
        self._plan = plan
        ending, reason = Ending.COMPLETE, ""
        try:
            await self._journal.open_run(run)
            self._in_journal = True
            self._tell_opened()
            await self._energise_and_test()
        except BaseException as error:
            ending, reason = self._ending_of(error)
        return await self._close(ending, reason)

    async def _energise_and_test(self) -> None:
        async with self._line.owner.energised(self._was_off) as source:
            if self._stop_reason is not None:
                raise Blocked("it was stopped before it began")
            refusals = self._plan.refusals(self._line.owner.capabilities)
            if refusals:
                raise Blocked("the source cannot make this plan: " + "; ".join(refusals))
            self._board.line(source=SourceState.ENERGISED)
            beat = _Beat(source, lambda: self._deadline)
            try:
                async with asyncio.TaskGroup() as group:
                    watching = group.create_task(self._watch.follow(self._line, self._note_reading))
                    await self._stages(source)
                    watching.cancel()
            finally:
                beat.stop()

    async def _stages(self, source: Handle) -> None:
        for k, stage in enumerate(self._plan.stages):
            if not self._live:
                return
            self._announce(stage)
            await self._set_load(source, stage.load)
            if isinstance(stage.steps[0], LineStep):
                await self._line_step(source, stage, stage.steps[0])
            else:
                await self._stage(stage)
            if stage.gate:
                await self._after_gate(source, stage, self._plan.stages[k + 1 :])

    # ------------------------------------------------------------------ loads

    async def _set_load(self, source: Handle, load: Load, *, anew: bool = False) -> None:
        if load == self._load and not anew:
            return
        settle = self._line.owner.capabilities.settle
        self._deadline = asyncio.get_running_loop().time() + settle * 1.2 + 5.0
        self._watch.change()
        await source.apply(load)
        self._load = load
        await asyncio.sleep(settle)
        self._watch.steady(load, _period(load, self._line.readback_period))
        await self._energy.covers(asyncio.get_running_loop().time())

    async def _out_of_circuit(self, source: Handle, numbers: frozenset[int], load: Load) -> None:
        """Switch the bypass contactors at zero current, then bring `load` back."""
        await self._zero_current(source)
        for fixture in self._line.fixtures:
            if fixture.bypass is not None:
                out = fixture.number in numbers or fixture.number not in self._live
                fixture.bypass.take_out() if out else fixture.bypass.put_in()
        await asyncio.sleep(CONTACTOR_S)
        await self._set_load(source, load, anew=True)

    async def _zero_current(self, source: Handle) -> None:
        if self._load.has_current:
            await self._set_load(source, self._load.without_current())

    async def _after_gate(self, source: Handle, stage: Stage, later: tuple[Stage, ...]) -> None:
        gates = {step.name for step in stage.steps if step.gate}
        failed = [
            outcome.position
            for record in self._steps
            if record.name in gates
            for outcome in record.outcomes
            if outcome.verdict not in (Verdict.PASS, Verdict.MARGINAL)
        ]
        for number in failed:
            fixture = self._live.pop(number, None)
            if fixture is None:
                continue
            if fixture.bypass is not None:
                await self._zero_current(source)
                fixture.bypass.take_out()
                await asyncio.sleep(CONTACTOR_S)
                self._board.position(number, state=PositionState.OUT)
                continue
            wanted = max((each.load.largest_current for each in later), default=0.0)
            if wanted > SMALLEST_I_MAX:
                raise Blocked(
                    f"position {number}: the meter did not prove to be a {self._plan.meter} and sits in the current circuit; "
                    f"{wanted:g} A would flow through it. Take it out and start again."
                )
            self._board.position(number, state=PositionState.OUT)

    # ------------------------------------------------------------------ steps

    async def _stage(self, stage: Stage) -> None:
        self._begin(stage)
        async with asyncio.TaskGroup() as group:
            for under_way in list(self._open):
                group.create_task(self._everywhere(under_way, stage))
        self._last_stage_closed = asyncio.get_running_loop().time()

    def _begin(self, stage: Stage) -> None:
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + stage.deadline()
        self._open = []
        for k, step in enumerate(stage.steps):
            positions = {
                number: self._position(fixture, step, edges_since=self._last_stage_closed if k == 0 else None)
                for number, fixture in self._live.items()
            }
            self._open.append(_Open(step, positions, loop.time(), leading=k == 0))

    def _announce(self, stage: Stage) -> None:
        title = stage.steps[0].title
        self._board.line(step=title)
        for number in self._live:
            self._board.position(
                number, state=PositionState.RUNNING, step=title, progress=0.0, error_percent=None, limit_percent=None
            )

    def _position(self, fixture: Fixture, step: Step, *, edges_since: float | None) -> Position:
        number = fixture.number
        limit = next((each.upper for each in step.measurements() if each.unit == "%" and each.guarded), None)

        def show(error_percent: float | None, progress: float) -> None:
            self._board.position(number, error_percent=error_percent, limit_percent=limit, progress=progress)

        return Position(
            fixture=fixture,
            meter=self._plan.meter,
            declared=step.measurements(),
            energy=self._energy,
            load=self._load,
            reference_percent=self._line.station.reference_accuracy_percent,
            opened=self._opened,
            edges_since=edges_since,
            show=show,
        )

    async def _everywhere(self, under_way: _Open, stage: Stage) -> None:
        step = under_way.step
        limit = stage.deadline()
        outcomes: dict[int, Outcome] = {}

        async def one(number: int, position: Position) -> None:
            outcomes[number] = await self._at(step, position)

        try:
            async with asyncio.timeout(limit), asyncio.TaskGroup() as group:
                for number, position in under_way.positions.items():
                    group.create_task(one(number, position))
        except TimeoutError:
            raise Blocked(f"{step.title}: not finished within {limit:.0f} s") from None
        await self._close_step(under_way, tuple(outcomes[number] for number in sorted(outcomes)))

    async def _line_step(self, source: Handle, stage: Stage, step: LineStep) -> None:
        self._begin(stage)
        (under_way,) = self._open

        async def out_of_circuit(numbers: frozenset[int]) -> None:
            await self._out_of_circuit(source, numbers, stage.load)
            self._deadline = asyncio.get_running_loop().time() + stage.deadline()

        await step.run_line(tuple(under_way.positions.values()), out_of_circuit)
        await self._close_step(under_way, tuple(position.outcome() for position in under_way.positions.values()))
        self._last_stage_closed = asyncio.get_running_loop().time()

    @staticmethod
    async def _at(step: Step, position: Position) -> Outcome:
        """One step at one position. What the meter does not do is its failure; what the bench cannot do is raised."""
        try:
            await step.run(position)
        except NoPulse as fault:
            return position.outcome(note=f"position {position.number}: {fault}")
        except InstrumentError:
            raise
        except OpticalError as fault:
            return position.outcome(note=str(fault))
        if position.lost_edges:
            raise Blocked(
                f"position {position.number}: {position.lost_edges} S0 edges were lost or out of order during {step.title}; "
                "what was measured is void. Check the S0 wire and what else this computer is doing."
            )
        return position.outcome()

    async def _close_step(self, under_way: _Open, outcomes: tuple[Outcome, ...], *, void: bool = False) -> None:
        step = under_way.step
        record = StepRecord(
            number=self._plan.steps.index(step) + 1,
            name=step.name,
            title=step.title,
            opened=under_way.began - self._opened,
            closed=asyncio.get_running_loop().time() - self._opened,
            load=str(step.load) if step.load is not None else "",
            outcomes=outcomes,
            energy=tuple(under_way.energy),
        )
        await self._journal.close_step(self._run.id, record)
        if not void:
            self._open = [each for each in self._open if each is not under_way]
        self._steps.append(record)
        self._run = replace(self._run, steps=tuple(sorted(self._steps, key=lambda each: each.number)))
        failed = tuple(
            (outcome.position, _failure(record, each))
            for outcome in outcomes
            if not outcome.void
            for each in outcome.measurements
            if each.verdict is Verdict.FAIL
        )
        self._facts.tell(
            StepClosed,
            time=record.closed,
            run=self._run.id,
            step=step.name,
            title=step.title,
            positions=tuple(outcome.position for outcome in outcomes),
            verdicts=tuple(outcome.verdict for outcome in outcomes),
            void=void,
            failed=failed,
        )
        for outcome in outcomes:
            worst = Verdict.worst(
                o.verdict for s in self._steps for o in s.outcomes if o.position == outcome.position and not o.void
            )
            self._board.position(outcome.position, verdict=worst, progress=1.0)

    # ------------------------------------------------------------------ readings, off, ending

    def _note_reading(self, reading: Reading) -> None:
        for fixture in self._live.values():
            if fixture.oracle is None:
                continue
            if fixture.bypass is not None and fixture.bypass.out:
                fixture.oracle.pause()
            else:
                fixture.oracle.advance(reading)
        for under_way in self._open:
            if under_way.leading:
                under_way.energy.append(Energy(reading.time - self._opened, reading.power))

    def _was_off(self, reading: Reading) -> None:
        volts = max(abs(u) for u in reading.u)
        amperes = max(abs(i) for i in reading.i)
        self._load = OFF
        # Off and read back, and yet a trip stands until a person re-arms it.
        state = SourceState.SAFE if self._line.owner.trip is None else SourceState.TRIPPED
        self._board.line(source=state, volts=(0.0,) * 3, amperes=(0.0,) * 3, watts=(0.0,) * 3)
        time = asyncio.get_running_loop().time() - self._opened
        self._facts.tell(Safe, time=time, run=self._run.id, volts=volts, amperes=amperes)

    def _ending_of(self, error: BaseException) -> tuple[Ending, str]:
        """What ended the run, from whatever was raised."""
        causes = list(_leaves(error))
        if any(isinstance(cause, asyncio.CancelledError) for cause in causes) or self._stop_reason is not None:
            task = asyncio.current_task()
            while task is not None and task.uncancel():
                pass
        known = [cause for cause in causes if isinstance(cause, (Blocked, InstrumentError, JournalError))]
        unknown = [
            c for c in causes if not isinstance(c, (Blocked, InstrumentError, JournalError, asyncio.CancelledError))
        ]
        if any(isinstance(cause, StillEnergised) for cause in known):
            self._board.line(source=SourceState.UNKNOWN)
        if self._stop_reason is not None:
            ending, reason = self._stop_reason
            return ending, "; ".join([reason, *(str(cause) for cause in known)])
        if known:
            return Ending.BLOCKED, "; ".join(str(cause) for cause in dict.fromkeys(known))
        if unknown:
            return Ending.BLOCKED, f"internal error: {type(unknown[0]).__name__}: {unknown[0]}"
        return Ending.ABORTED, "the engine was stopped"

    async def _close(self, ending: Ending, reason: str) -> Run:
        self._closing = True
        closed_at = self._now()
        try:
            for act in self._acts if self._in_journal else ():
                await self._journal.act(self._run.id, act)
                self._facts.tell(Acted, time=act.time, run=self._run.id, who=act.who, what=act.what)
            for under_way in list(self._open):
                outcomes = tuple(
                    position.outcome(void=True, note="not finished: " + reason)
                    for position in under_way.positions.values()
                )
                await self._close_step(under_way, outcomes, void=True)
            self._open = []
            if self._in_journal:
                await self._journal.close_run(self._run.id, ending, reason, closed_at)
        except JournalError as error:
            # No record, no pass: what could not be written ends the run BLOCKED, and says so.
            ending, reason = Ending.BLOCKED, str(error)
        run = replace(self._run, acts=tuple(self._acts), ending=ending, reason=reason, closed_at=closed_at)
        self._tell_closed(run)
        return run

    def _tell_opened(self) -> None:
        run = self._run
        expected = self._plan.expected_seconds(self._line.owner.capabilities.settle)
        self._facts.tell(
            RunOpened,
            time=0.0,
            run=run.id,
            sequence=run.sequence,
            type_number=run.type_number,
            purpose=run.purpose,
            plan_hash=run.plan_hash,
            positions=tuple(meter.position for meter in run.meters),
            serials=tuple(meter.serial for meter in run.meters),
            steps=tuple(step.title for step in self._plan.steps),
            expected_seconds=expected,
        )

    def _tell_closed(self, run: Run) -> None:
        results = []
        for meter in run.meters:
            failures = tuple(_failure(step, each) for step, each in run.failures(meter.position))
            verdict = run.verdict(meter.position)
            results.append(PositionResult(meter.position, meter.serial, verdict, failures))
            title = next((step.title for step, _ in run.failures(meter.position)), "")
            out = self._board.glance.positions[meter.position - 1].state is PositionState.OUT
            state = PositionState.OUT if out else PositionState.DONE
            self._board.position(meter.position, state=state, verdict=verdict, step=title, progress=1.0)
        self._board.line(running=False, step="", message=run.reason, ending=run.ending.value if run.ending else "")
        self._facts.tell(
            RunClosed,
            time=asyncio.get_running_loop().time() - self._opened,
            run=run.id,
            ending=run.ending,
            reason=run.reason,
            positions=tuple(results),
        )


class _Beat:
    """Renews the lease while the running step is within its deadline; a blocked loop or a hanging step stops it."""

    def __init__(self, source: Handle, deadline: Callable[[], float]) -> None:
        self._source = source
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(RENEWAL_S, self._renew)

    def stop(self) -> None:
        """No more renewals."""
        self._timer.cancel()

    def _renew(self) -> None:
        now = self._loop.time()
        if now < self._deadline():
            try:
                self._source.renew()
            except InstrumentError:
                return
        self._timer = self._loop.call_at(now + RENEWAL_S, self._renew)


def _failure(step: StepRecord, measurement: Measurement) -> Failure:
    return Failure(
        step=step.name,
        title=step.title,
        measurement=measurement.name,
        value=measurement.value,
        unit=measurement.unit,
        limit=limit_in_words(measurement),
    )


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for part in error.exceptions for leaf in _leaves(part)]
    if isinstance(error, StillEnergised) and error.__context__ is not None and error.__context__ is not error.__cause__:
        return [*_leaves(error.__context__), error]  # what ended the run came first
    return [error]


def _period(load: Load, steady: float) -> float:
    """Seconds between readings: the reference's own period, longer where pulses are minutes apart or nothing flows."""
    power = load.total_power
    if power <= 0.0:
        return max(steady, 5.0)
    return max(steady, min(5.0, PULSE_ENERGY_J / power / 20.0))
