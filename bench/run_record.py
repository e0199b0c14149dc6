"""The record of a run under way: whatever joins it is committed to the journal first, and told only then.

It grows and never changes what it holds; what follows from it (the verdicts, the way on after a gate) is for others to say. What a
step makes suspect of the bench is a remark of that step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import Protocol

from bench.plan import Plan
from bench.prompt import OpenPrompt
from bench.record import Act, Energy, Outcome, Run
from bench.record import Step as StepRecord
from bench.run_ending import RunEnding
from bench.run_story import RunStory
from bench.steps import Step
from bench.suspicion import remarked
from bench.verdict import Ending


class Journal(Protocol):
    """What a run asks of the journal; each call returns when the rows are on the disk. Raises `JournalError`."""

    async def open_run(self, run: Run) -> None:
        """Keep a run that begins, with its plan."""

    async def close_step(self, run_id: str, step: StepRecord) -> None:
        """Keep a finished or void step."""

    async def act(self, run_id: str, act: Act) -> None:
        """Keep what a person did."""

    async def close_run(self, run_id: str, ending: Ending, reason: str, closed_at: str) -> None:
        """Keep the ending."""


class RunRecord:
    """The record of one run. `before` is what people did to make the run possible; each call raises `JournalError`."""

    def __init__(self, plan: Plan, run: Run, journal: Journal, story: RunStory, before: tuple[Act, ...] = ()) -> None:
        self.plan = plan
        """What is to be done."""
        self.run = run
        """What is on record so far: its steps in the order of their numbers."""
        self.story = story
        """Who tells it."""
        self.opened = asyncio.get_running_loop().time()
        """Loop time from which its times count: that of its opening."""
        self.finished: set[str] = set()
        """Names of the steps that were committed and are not void."""
        self._journal = journal
        self._before = before
        self._acts: list[Act] = []
        self._repeated = 0
        self._is_open = False

    def since_opened(self) -> float:
        """Seconds."""
        return asyncio.get_running_loop().time() - self.opened

    async def open(self, expected_seconds: float) -> None:
        """The run begins: with its plan, and with what made it possible."""
        self.opened = asyncio.get_running_loop().time()
        await self._journal.open_run(self.run)
        self._is_open = True
        self.story.opened(self.run, self.plan, expected_seconds)
        for act in self._before:
            await self._keep(act)

    async def keep_step(
        self,
        step: Step,
        outcomes: tuple[Outcome, ...],
        began: float,
        energy: Sequence[Energy],
        frequencies: Sequence[float],
        *,
        void: bool = False,
        repeated: bool = False,
    ) -> None:
        """A step that began at this loop time is over. One that is `repeated` leaves its number in the plan to the repetition."""
        planned = self.plan.steps
        self._repeated += repeated
        record = StepRecord(
            number=len(planned) + self._repeated if repeated else planned.index(step) + 1,
            name=step.name,
            title=step.title,
            opened=began - self.opened,
            closed=self.since_opened(),
            load=str(step.load) if step.load is not None else "",
            outcomes=outcomes,
            energy=tuple(energy),
            frequency=fmean(frequencies) if frequencies else None,
        )
        record = remarked(self._with(record), record)
        await self._journal.close_step(self.run.id, record)
        if not void:
            self.finished.add(step.name)
        self.run = self._with(record)
        self.story.step_closed(self.run, record, void=void)

    async def asked(self, asked: OpenPrompt) -> None:
        """A person is asked."""
        act = Act(self.since_opened(), "bench", f"asks {asked.step}, {asked.name}")
        self._acts.append(act)
        await self._journal.act(self.run.id, act)
        self.story.asked(self.run.id, act.time, asked)

    async def answered(self, asked: OpenPrompt, answers: dict[int, str], who: str, seconds: float) -> None:
        """Somebody has answered, by position."""
        exceptions = {number: given for number, given in answers.items() if given != asked.choices[0].answer}
        act = Act(self.since_opened(), who, f"answers {asked.step}, {asked.name}: {asked.worded(exceptions)}")
        self._acts.append(act)
        await self._journal.act(self.run.id, act)
        self.story.answered(self.run.id, act.time, asked, answers, who, seconds)

    async def stopped_by(self, acts: Sequence[Act]) -> None:
        """What ended the run early was done by somebody. Of a run that could not be opened nothing is committed."""
        self._acts.extend(acts)
        for act in acts if self._is_open else ():
            await self._keep(act)

    async def commit_ending(self, end: RunEnding, closed_at: str) -> None:
        """The journal knows how the run ended."""
        if self._is_open:
            await self._journal.close_run(self.run.id, end.ending, end.reason, closed_at)

    def closed(self, end: RunEnding, closed_at: str) -> Run:
        """The whole record, told: its ending is in the journal, or says why it could not be written."""
        acts = (*self._before, *self._acts)
        self.run = replace(self.run, acts=acts, ending=end.ending, reason=end.reason, closed_at=closed_at)
        self.story.closed(self.run, self.since_opened())
        return self.run

    def _with(self, record: StepRecord) -> Run:
        return replace(self.run, steps=tuple(sorted((*self.run.steps, record), key=lambda each: each.number)))

    async def _keep(self, act: Act) -> None:
        await self._journal.act(self.run.id, act)
        self.story.acted(self.run.id, act)
