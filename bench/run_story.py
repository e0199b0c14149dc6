"""How a run is told: each committed thing becomes a fact and a change of the board. It decides nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bench.board import Board
from bench.fact_log import FactLog
from bench.facts import (
    Acted,
    Failure,
    PositionResult,
    PromptAnswered,
    PromptOpened,
    RunClosed,
    RunOpened,
    Safe,
    StepClosed,
    Suspected,
)
from bench.measurements import limit_in_words
from bench.plan import Plan, Stage
from bench.prompt import OpenPrompt
from bench.record import Act, Measurement, Run, Step
from bench.session import PositionState, SourceState
from bench.suspicion import suspicion
from bench.verdict import Verdict
from drivers.power_source import Reading


class RunStory:
    """The story of one run. Times are seconds since it was opened."""

    def __init__(self, facts: FactLog, board: Board) -> None:
        self._facts = facts
        self._board = board

    def opened(self, run: Run, plan: Plan, expected_seconds: float) -> None:
        """The run is in the journal."""
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
            steps=tuple(step.title for step in plan.steps),
            expected_seconds=expected_seconds,
            left_out=tuple(str(each) for each in plan.left_out),
            screens=plan.screens,
        )

    def stage_begins(self, stage: Stage, positions: list[int]) -> None:
        """The load of a stage is about to be set."""
        title = stage.steps[0].title
        self._board.line(step=title)
        fresh: dict[str, Any] = {"progress": 0.0, "error_percent": None, "limit_percent": None}
        for number in positions:
            self._board.position(number, state=PositionState.RUNNING, step=title, **fresh)

    def step_closed(self, run: Run, step: Step, *, void: bool) -> None:
        """A step is in the journal; `run` holds it already."""
        counted = [outcome for outcome in step.outcomes if not outcome.void]
        self._facts.tell(
            StepClosed,
            time=step.closed,
            run=run.id,
            step=step.name,
            title=step.title,
            positions=tuple(outcome.position for outcome in step.outcomes),
            verdicts=tuple(outcome.verdict for outcome in step.outcomes),
            void=void,
            failed=tuple(
                (outcome.position, _failure(step, each))
                for outcome in counted
                for each in outcome.measurements
                if each.verdict is Verdict.FAIL
            ),
        )
        if (suspected := suspicion(run, step)) is not None:
            self._facts.tell(Suspected, time=step.closed, run=run.id, **asdict(suspected))
        for outcome in step.outcomes:
            found = [o for s in run.steps for o in s.outcomes if o.position == outcome.position and not o.void]
            self._board.position(outcome.position, verdict=Verdict.worst(o.verdict for o in found), progress=1.0)

    def asked(self, run_id: str, time: float, asked: OpenPrompt) -> None:
        """A question to a person is in the journal and waits for its answer."""
        for number in asked.positions:
            self._board.position(number, state=PositionState.ACTION)
        self._board.line(asked=asked)
        self._facts.tell(PromptOpened, time=time, run=run_id, asked=asked)

    def answered(
        self, run_id: str, time: float, asked: OpenPrompt, answers: dict[int, str], who: str, seconds: float
    ) -> None:
        """Its answer is in the journal."""
        self._board.line(asked=None)
        for number in asked.positions:
            self._board.position(number, state=PositionState.RUNNING)
        self._facts.tell(
            PromptAnswered,
            time=time,
            run=run_id,
            prompt=asked.prompt,
            step=asked.step,
            name=asked.name,
            positions=asked.positions,
            answers=tuple(answers[number] for number in asked.positions),
            who=who,
            seconds=seconds,
        )

    def out(self, position: int) -> None:
        """A meter failed a gate and carries no current any more."""
        self._board.position(position, state=PositionState.OUT)

    def safe(self, run_id: str, time: float, reading: Reading, *, tripped: bool) -> None:
        """The source was switched off and read back; after a trip it stays off until a person re-arms it."""
        state = SourceState.TRIPPED if tripped else SourceState.SAFE
        self._board.line(source=state, volts=(0.0,) * 3, amperes=(0.0,) * 3, watts=(0.0,) * 3)
        volts, amperes = max(abs(u) for u in reading.u), max(abs(i) for i in reading.i)
        self._facts.tell(Safe, time=time, run=run_id, volts=volts, amperes=amperes)

    def acted(self, run_id: str, act: Act) -> None:
        """What a person, or the bench for safety's sake, did is in the journal."""
        self._facts.tell(Acted, time=act.time, run=run_id, who=act.who, what=act.what)

    def closed(self, run: Run, time: float) -> None:
        """The run is closed in the journal, or could not be: then it says so."""
        results = []
        for meter in run.meters:
            failures = tuple(_failure(step, each) for step, each in run.failures(meter.position))
            verdict = run.verdict(meter.position)
            results.append(PositionResult(meter.position, meter.serial, verdict, failures))
            out = self._board.glance.positions[meter.position - 1].state is PositionState.OUT
            state = PositionState.OUT if out else PositionState.DONE
            first = failures[0].title if failures else ""
            self._board.position(meter.position, state=state, verdict=verdict, step=first, progress=1.0)
        self._board.line(
            running=False, asked=None, step="", message=run.reason, ending=run.ending.value if run.ending else ""
        )
        self._facts.tell(
            RunClosed, time=time, run=run.id, ending=run.ending, reason=run.reason, positions=tuple(results)
        )


def _failure(step: Step, measurement: Measurement) -> Failure:
    return Failure(
        step=step.name,
        title=step.title,
        measurement=measurement.name,
        value=measurement.value,
        unit=measurement.unit,
        limit=limit_in_words(measurement),
    )
