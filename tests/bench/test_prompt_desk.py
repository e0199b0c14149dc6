"""The desk: who is asked together, and one question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench.person import PATIENCE_S, Person
from bench.prompt import Choice, OpenPrompt, Prompt
from bench.prompt_desk import Answer, Answered, PromptDesk
from bench.session import Refused
from bench.steps import Blocked

Run = Callable[..., Any]
CHOICES = (Choice("same", "as shown"), Choice("differs", "something else"))
FIRST, SECOND = Prompt("first", "Is it so?", CHOICES), Prompt("second", "And this?", CHOICES)


class Told:
    """What the run was told, in its order; and a respondent that answers after a second."""

    def __init__(self, answer: str = "same") -> None:
        self.events: list[tuple[str, str, tuple[int, ...]]] = []
        self.answer_given = answer

    async def prompt_opened(self, asked: OpenPrompt) -> None:
        self.events.append(("opened", asked.name, asked.positions))

    async def prompt_answered(self, asked: OpenPrompt, answers: dict[int, str], who: str, seconds: float) -> None:
        self.events.append(("answered", asked.name, asked.positions))

    async def answer(self, asked: OpenPrompt) -> Answer:
        await asyncio.sleep(1.0)
        return Answer(self.answer_given, "4711")


def served(simulated: Run, told: Told, scene: Callable[[PromptDesk], Any]) -> Any:
    async def main() -> Any:
        desk = PromptDesk("run", told, told)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(desk.serve())
            found = await scene(desk)
            serving.cancel()
        return found

    return simulated(main)


def ask(desk: PromptDesk, position: int, prompt: Prompt = FIRST, step: str = "display") -> Any:
    return desk.ask(step, step.title(), prompt, position, "")


def test_positions_that_ask_the_same_are_asked_once_when_the_last_has_come(simulated: Run) -> None:
    told = Told("same 2=differs")

    async def scene(desk: PromptDesk) -> list[Answered]:
        desk.expect("display", (1, 2, 3))

        async def late(position: int) -> Answered:
            await asyncio.sleep(position)
            answered: Answered = await ask(desk, position)
            return answered

        return await asyncio.gather(late(1), late(2), late(3))

    answers = served(simulated, told, scene)
    assert told.events == [("opened", "first", (1, 2, 3)), ("answered", "first", (1, 2, 3))]
    assert [each.choice for each in answers] == ["same", "differs", "same"]
    assert [(each.asked_at, each.seconds, each.who) for each in answers] == [(3.0, 1.0, "4711")] * 3


def test_a_position_that_has_ended_is_not_waited_for(simulated: Run) -> None:
    told = Told()

    async def scene(desk: PromptDesk) -> None:
        desk.expect("display", (1, 2))
        asking = asyncio.create_task(ask(desk, 1))
        await asyncio.sleep(5.0)
        assert told.events == []
        desk.ended("display", 2)
        await asking

    served(simulated, told, scene)
    assert told.events[0] == ("opened", "first", (1,))


def test_who_skips_a_question_is_asked_the_next_one_with_the_others(simulated: Run) -> None:
    told = Told()

    async def scene(desk: PromptDesk) -> None:
        desk.expect("display", (1, 2))

        async def both() -> None:
            await ask(desk, 1)
            await ask(desk, 1, SECOND)

        await asyncio.gather(both(), ask(desk, 2, SECOND))

    served(simulated, told, scene)
    assert [event for event in told.events if event[0] == "opened"] == [
        ("opened", "first", (1,)),
        ("opened", "second", (1, 2)),
    ]


def test_two_steps_are_asked_one_after_the_other(simulated: Run) -> None:
    told = Told()

    async def scene(desk: PromptDesk) -> None:
        await asyncio.gather(ask(desk, 1, FIRST, "display"), ask(desk, 1, SECOND, "label"))

    served(simulated, told, scene)
    assert [kind for kind, _, _ in told.events] == ["opened", "answered", "opened", "answered"]


def test_an_answer_that_is_none_blocks(simulated: Run) -> None:
    with pytest.raises(ExceptionGroup) as failure:
        served(simulated, Told("perhaps"), lambda desk: ask(desk, 1))
    assert isinstance(failure.value.exceptions[0], Blocked)
    assert "4711 gave no answer that can be used: display, first: 'perhaps' is no answer" in str(
        failure.value.exceptions[0]
    )


def open_prompt(prompt: str = "r/1") -> OpenPrompt:
    from bench.prompt import Sight

    return OpenPrompt(prompt, "display", "Display", "first", "Is it so?", CHOICES, (Sight(1, ""), Sight(2, "")))


def test_a_person_answers_what_is_open_once_and_in_its_words(simulated: Run) -> None:
    async def scene() -> None:
        person = Person()
        with pytest.raises(Refused, match="not open"):
            person.give("r/1", "same", "4711")
        waiting = asyncio.create_task(person.answer(open_prompt()))
        await asyncio.sleep(10.0)
        with pytest.raises(Refused, match="'r/0' is not open"):
            person.give("r/0", "same", "4711")
        with pytest.raises(Refused, match="'maybe' is no answer; it is one of same, differs"):
            person.give("r/1", "maybe", "4711")
        person.give("r/1", "same 2=differs", "4711")
        with pytest.raises(Refused, match="not open"):
            person.give("r/1", "same", "0815")
        assert await waiting == Answer("same 2=differs", "4711")

    simulated(scene)


def test_nobody_is_waited_for_longer_than_the_patience(simulated: Run) -> None:
    async def scene() -> None:
        with pytest.raises(Blocked, match="Display: nobody answered within 60 min"):
            await Person().answer(open_prompt())
        assert asyncio.get_running_loop().time() == pytest.approx(PATIENCE_S)

    simulated(scene)
