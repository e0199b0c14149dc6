"""The desk: where the questions of a run wait, are put one at a time, and get their answers.

Positions of a step that ask the same are one question, put when the last of them has come to it: one answer serves all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from bench.prompt import OpenPrompt, Prompt, Sight
from bench.steps import Blocked


@dataclass(frozen=True)
class Answer:
    """What somebody answered: `same 3=differs`, and whose badge it bears."""

    text: str
    who: str


class Respondent(Protocol):
    """Whoever answers: a person at a screen, a file, or a simulated operator."""

    async def answer(self, asked: OpenPrompt) -> Answer:
        """Answer an open prompt. Raises `Blocked` when nobody will."""


@dataclass(frozen=True)
class Answered:
    """An answer at one position."""

    choice: str
    who: str
    asked_at: float
    """Loop time at which the question was put."""
    seconds: float
    """How long it was open."""


class Telling(Protocol):
    """What the run does around a question."""

    async def prompt_opened(self, asked: OpenPrompt) -> None:
        """It is about to be put: keep that and tell it; no deadline runs out from here on."""

    async def prompt_answered(self, asked: OpenPrompt, answers: dict[int, str], who: str, seconds: float) -> None:
        """It was answered: keep that and tell it; deadlines run again."""


@dataclass
class _Round:
    """The same question of several positions."""

    step: str
    title: str
    prompt: Prompt
    sights: dict[int, Sight] = field(default_factory=dict)
    waiting: dict[int, asyncio.Future[Answered]] = field(default_factory=dict)


class PromptDesk:
    """The questions of one run. `serve` must run as a task of the run for as long as steps may ask."""

    def __init__(self, run: str, respondent: Respondent | None, telling: Telling) -> None:
        self._run = run
        self._respondent = respondent
        self._telling = telling
        self._expected: dict[str, set[int]] = {}
        self._rounds: dict[tuple[str, str], _Round] = {}
        self._due: asyncio.Queue[_Round] = asyncio.Queue()
        self._put = 0

    def expect(self, step: str, positions: Iterable[int]) -> None:
        """These positions run the step: its questions wait until all of them have come to it or ended."""
        self._expected[step] = set(positions)

    def ended(self, step: str, position: int) -> None:
        """A position has ended the step: nobody waits for its question."""
        self._expected[step].discard(position)
        self._put_when_all_wait(step)

    async def ask(self, step: str, title: str, prompt: Prompt, position: int, serial: str) -> Answered:
        """Ask at one position; returns with the answer there."""
        key = (step, prompt.name)
        if key not in self._rounds:
            self._rounds[key] = _Round(step, title, prompt)
        waiting = self._rounds[key]
        if prompt.by_key:  # an actuator may have pressed the keys of some: who must press is told so
            waiting.prompt = prompt
        waiting.sights[position] = Sight(position, serial, prompt.display, prompt.marks)
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        waiting.waiting[position] = future
        self._put_when_all_wait(step)
        return await future

    async def serve(self) -> None:
        """Put one question after the other, until cancelled."""
        while True:
            await self._serve(await self._due.get())

    def _put_when_all_wait(self, step: str) -> None:
        """Put the oldest question of a step once none of its positions can come to it any more: who waits elsewhere follows."""
        rounds = [waiting for (asking, _), waiting in self._rounds.items() if asking == step]
        if rounds and self._expected.get(step, set()) <= {number for each in rounds for number in each.waiting}:
            del self._rounds[step, rounds[0].prompt.name]
            self._due.put_nowait(rounds[0])

    async def _serve(self, due: _Round) -> None:
        if self._respondent is None:
            raise Blocked(f"this step needs a person: {due.title}")
        self._put += 1
        asked = OpenPrompt(
            prompt=f"{self._run}/{self._put}",
            step=due.step,
            title=due.title,
            name=due.prompt.name,
            question=due.prompt.text,
            choices=due.prompt.choices,
            sights=tuple(due.sights[number] for number in sorted(due.sights)),
            by_key=due.prompt.by_key,
        )
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        await self._telling.prompt_opened(asked)
        answer = await self._respondent.answer(asked)
        try:
            choices = asked.understood(answer.text)
        except ValueError as error:
            raise Blocked(f"{answer.who} gave no answer that can be used: {error}") from None
        seconds = loop.time() - asked_at
        await self._telling.prompt_answered(asked, choices, answer.who, seconds)
        for position, future in due.waiting.items():
            if not future.done():
                future.set_result(Answered(choices[position], answer.who, asked_at, seconds))
