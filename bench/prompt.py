"""A question to a person, as data: what a step asks, what must be seen at each position, and what may be answered.

Positions that ask the same are asked together: one answer for all, and the exceptions by their number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reference_meter import DisplayPicture
from reference_meter.segments import segments_of


@dataclass(frozen=True)
class Choice:
    """One answer a person may give."""

    answer: str
    """Short and stable: a lower case word."""
    meaning: str
    """As the person reads it."""


@dataclass(frozen=True)
class Display:
    """A display as it is lit, for any screen to draw: no character set is needed."""

    text: str
    """Digits and unit as a person reads them: "0009032 kWh"."""
    digits: tuple[str, ...]
    """The lit segments of each digit from left to right, of the letters a (top), b, c, d, e, f, clockwise, and g (middle)."""
    decimals: int = 0
    """How many digits stand behind the decimal point; 0 for none."""
    unit: str = ""
    tariffs: tuple[bool, ...] = (False, False)
    phases: tuple[bool, ...] = (False, False, False)
    squares: tuple[bool, ...] = ()
    """The three small squares; empty where they come and go."""

    @classmethod
    def of(cls, picture: DisplayPicture, digits: tuple[str, ...] | None = None) -> Display:
        """A display picture of a meter; `digits` are the segments as they are really lit, where some are not."""
        lit = segments_of(picture.digits) if digits is None else digits
        unit = picture.unit.strip()
        return cls(picture.text, lit, picture.decimals, unit, picture.tariffs, picture.phases, picture.squares)


@dataclass(frozen=True)
class Mark:
    """One thing that is printed on the meter or sits on it."""

    what: str
    """For instance "type", "number", "seals"."""
    reads: str
    """As it must be."""


@dataclass(frozen=True)
class Prompt:
    """What a step asks at one position. The first choice is "as it must be"."""

    name: str
    """Short and stable: answers in a file hang on it."""
    text: str
    """What the person does and looks at, the same at every position."""
    choices: tuple[Choice, ...]
    by_key: bool = False
    """Whether the person presses the arrow key of each meter until it shows what it must."""
    display: Display | None = None
    """The display that must be seen."""
    marks: tuple[Mark, ...] = ()
    """What must be read on the meter."""


@dataclass(frozen=True)
class Sight:
    """What must be seen at one position."""

    position: int
    serial: str
    display: Display | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def text(self) -> str:
        """In words."""
        shown = [self.display.text] if self.display is not None else []
        return ", ".join([*shown, *(f"{mark.what} {mark.reads}" for mark in self.marks)])


@dataclass(frozen=True)
class OpenPrompt:
    """A question that waits for its answer."""

    prompt: str
    """Id, to answer with."""
    step: str
    """Name of the step that asks."""
    title: str
    """The step as the operator reads it."""
    name: str
    """Name of the question within the step."""
    question: str
    choices: tuple[Choice, ...]
    sights: tuple[Sight, ...]
    """One a position that is asked about."""
    by_key: bool = False

    @property
    def positions(self) -> tuple[int, ...]:
        """Who is asked about."""
        return tuple(sight.position for sight in self.sights)

    def worded(self, exceptions: Mapping[int, str]) -> str:
        """The answer as a session takes it: the first choice for all, and the exceptions: `same 3=differs`."""
        return " ".join([self.choices[0].answer, *(f"{number}={exceptions[number]}" for number in sorted(exceptions))])

    def understood(self, answer: str) -> dict[int, str]:
        """The answer by position. Raises `ValueError` with every mistake in it and what is possible."""
        general, exceptions, wrong = read_answer(answer, self.choices)
        strangers = sorted(set(exceptions) - set(self.positions))
        wrong += [f"position {number} is not asked about" for number in strangers]
        by_position = {number: exceptions.get(number, general) for number in self.positions}
        missing = [str(number) for number, given in by_position.items() if not given]
        if missing and not wrong:
            wrong.append(f"nothing is answered for position {', '.join(missing)}")
        if wrong:
            raise ValueError(f"{self.step}, {self.name}: {'; '.join(wrong)}")
        return by_position


def read_answer(answer: str, choices: tuple[Choice, ...]) -> tuple[str, dict[int, str], list[str]]:
    """Read `same 3=differs`: the answer for all (empty where none is given), the exceptions, and every mistake."""
    known = [choice.answer for choice in choices]
    general: list[str] = []
    exceptions: dict[int, str] = {}
    wrong: list[str] = []
    for word in answer.split():
        match = re.fullmatch(r"(?:([0-9]{1,3})=)?(.+)", word)
        number, given = (match[1], match[2]) if match else (None, word)
        if given not in known:
            wrong.append(f"{given!r} is no answer; it is one of {', '.join(known)}")
        elif number is None:
            general.append(given)
        elif int(number) in exceptions:
            wrong.append(f"position {int(number)} is answered twice")
        else:
            exceptions[int(number)] = given
    if len(general) > 1:
        wrong.append(f"there are {len(general)} answers for all positions; give one, and exceptions as POSITION=ANSWER")
    return (general[0] if general else ""), exceptions, wrong
