"""Answers given beforehand: a TOML file with a table a step and an answer a question, checked whole before anything is switched on."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.plan import Plan
from bench.prompt import OpenPrompt, read_answer
from bench.prompt_desk import Answer
from bench.session import Refused
from bench.written_file import text_of


class Answers:
    """A respondent that reads from a table: `answers["display"]["test"] == "same 3=differs"`."""

    def __init__(self, path: Path, table: Mapping[str, Mapping[str, str]], who: str) -> None:
        self._path = path
        self._table = table
        self._who = who

    async def answer(self, asked: OpenPrompt) -> Answer:
        """What the file says. Its exceptions hold for the positions that are still asked about."""
        general, exceptions, _ = read_answer(self._table[asked.step][asked.name], asked.choices)
        here = [f"{number}={given}" for number, given in exceptions.items() if number in asked.positions]
        return Answer(" ".join([general, *here]).strip(), self._who)

    def mistakes(self, plan: Plan, positions: Iterable[int]) -> list[str]:
        """Everything that is wrong with the file for this plan, a sentence each."""
        known = set(positions)
        wanted = {step.name: {prompt.name: prompt for prompt in step.asks()} for step in plan.person_needed()}
        wrong = [
            f"{step} is no step that asks a person here{_near(step, wanted)}"
            for step in self._table
            if step not in wanted
        ]
        for step, prompts in wanted.items():
            given = self._table.get(step, {})
            wrong += [f"{step} asks no {name!r}{_near(name, prompts)}" for name in given if name not in prompts]
            for name, prompt in prompts.items():
                if name not in given:
                    wrong.append(f"{step}, {name}: no answer is given")
                    continue
                general, exceptions, mistakes = read_answer(given[name], prompt.choices)
                mistakes += [f"position {number} is not tested" for number in exceptions if number not in known]
                missing = sorted(known - exceptions.keys())
                if not general and missing and not mistakes:
                    mistakes.append(f"nothing is answered for position {', '.join(map(str, missing))}")
                wrong += [f"{step}, {name}: {mistake}" for mistake in mistakes]
        return wrong

    def check(self, plan: Plan, positions: Iterable[int]) -> None:
        """Raises `Refused` with every mistake of the file for this plan."""
        if wrong := self.mistakes(plan, positions):
            raise Refused(f"{self._path}: " + "; ".join(wrong))


def load_answers(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Read an answers file: what is answered, by step and question. Raises `Refused`."""
    missing = f"there is no answers file at {path}; docs/prompts.md shows one"
    try:
        table = tomllib.loads(text_of(path, "the answers file", missing))
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"the answers file {path} cannot be read: {error}") from None
    if wrong := list(_shape(table)):
        raise Refused(f"{path}: " + "; ".join(wrong))
    return table


def _shape(table: dict[str, Any]) -> Iterable[str]:
    for step, given in table.items():
        if not isinstance(given, dict):
            yield f"{step} is no table; write [{step}] and a line a question below it"
            continue
        for name, answer in given.items():
            if not isinstance(answer, str):
                yield f'{step}, {name}: {answer!r} is no text; write for instance {name} = "same 3=differs"'


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
