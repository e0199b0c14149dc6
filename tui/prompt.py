"""What a run asks a person, for one hand: Enter says that all is as it must be, a position's number and Enter that this one differs.

Letters and digits stay scans: a scanner's code is no position and answers nothing. F4 is never further than one key.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from bench.prompt import OpenPrompt, Sight
from tui import segments

SHORTEST_LOOK_S = 0.5
"""An Enter that comes sooner was meant for the question before, or is the end of a scan: nobody has looked at this one yet."""


class _Field(Static, can_focus=False):
    """Something to touch; without focus, so that no Enter of a scanner presses it."""

    class Touched(Message):
        """A person touched a position, or 0 for the answer as it must be."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, number: int, text: str, classes: str) -> None:
        super().__init__(Content(text), classes=classes)
        self.number = number

    def on_click(self) -> None:
        """Say which."""
        self.post_message(self.Touched(self.number))


class Prompt(ModalScreen[str], inherit_bindings=False):
    """An open prompt; the result is the answer as the session takes it, None when it is asked no longer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "confirm", "As shown", key_display="F1"),
        Binding("f4", "app.abort", "ABORT", key_display="F4"),
        Binding("escape", "app.clear_scan", "Clear line", show=False),
    ]

    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it on the instance

    def __init__(self, asked: OpenPrompt) -> None:
        super().__init__()
        self.prompt = asked.prompt
        self._asked = asked
        self._foot = f"Enter: {asked.choices[0].meaning}     NUMBER Enter: that one is not     F4 aborts"
        self._exceptions: dict[int, str] = {}
        self._looked_from = self._now()
        self._hint = ""

    def compose(self) -> ComposeResult:
        """The box in the middle: question, what must be seen, the positions, and the way to answer."""
        asked = self._asked
        with Vertical(id="prompt-box"):
            yield Static(Content(f"? ACTION · {asked.title}"), id="prompt-title")
            yield Static(Content(asked.question), id="prompt-text")
            common = _common(asked)
            if common:
                yield Static(Content("\n".join(common)), id="prompt-picture")
            with Container(id="prompt-positions"):
                for sight in asked.sights:
                    yield _Field(sight.position, self._position(sight), "position")
            yield _Field(0, f"Enter  ✔ {asked.choices[0].meaning}, but for what is marked", "confirm")
            yield Static(Content(self._foot), id="prompt-note")

    # ------------------------------------------------------------------ answering

    def typed(self, text: str) -> None:
        """Show what has been typed so far; the reason why a line was not taken stays until then."""
        self._hint = "" if text else self._hint
        self._note(f"position {text}▌" if text else self._hint)

    def entered(self, code: str) -> None:
        """A line was ended: a position's number marks it, everything else is told to be none."""
        self._hint = ""
        if code.isdecimal() and int(code) in self._asked.positions:
            self.mark(int(code))
        else:
            self._looked_from = self._now()  # a scanner may end its code twice, with Tab and Enter for instance
            self._hint = f"! {code[:20]} is no position that is asked about. Type a number of the list, then Enter."
        self._note(self._hint)

    def forget(self) -> None:
        """Escape: as if nothing had been typed."""
        self._hint = ""
        self._note("")

    def _note(self, text: str) -> None:
        if self.is_mounted:
            self.query_one("#prompt-note", Static).update(Content(text or self._foot))

    def mark(self, number: int) -> None:
        """The next answer for this position: each other choice in turn, then as it must be again."""
        answers = [choice.answer for choice in self._asked.choices]
        following = (answers.index(self._exceptions.get(number, answers[0])) + 1) % len(answers)
        self._exceptions.pop(number, None)
        if following:
            self._exceptions[number] = answers[following]
        for field in self.query(_Field):
            if field.number == number:
                sight = next(each for each in self._asked.sights if each.position == number)
                field.update(Content(self._position(sight)))
                field.set_class(number in self._exceptions, "-differs")

    def action_confirm(self) -> None:
        """Enter: all as it must be, but for what is marked."""
        if self._now() - self._looked_from >= SHORTEST_LOOK_S:
            self.dismiss(self._asked.worded(self._exceptions))

    @on(_Field.Touched)
    def take_touch(self, message: _Field.Touched) -> None:
        """A touch on a position marks it, on the answer gives it."""
        if message.number:
            self.mark(message.number)
        else:
            self.action_confirm()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def _position(self, sight: Sight) -> str:
        meanings = {choice.answer: choice.meaning for choice in self._asked.choices}
        given = self._exceptions.get(sight.position, "")
        said = f"✖ {meanings[given]}" if given else _own(sight, self._asked)
        return f"{sight.position:>2} {'' if given else '✔ '}{said}"


def _same_display(asked: OpenPrompt) -> bool:
    return len({sight.display for sight in asked.sights}) == 1


def _common(asked: OpenPrompt) -> list[str]:
    """What must be seen at every position."""
    first = asked.sights[0]
    lines = list(segments.drawn(first.display)) if first.display is not None and _same_display(asked) else []
    marks = [mark for mark in first.marks if all(mark in sight.marks for sight in asked.sights)]
    return lines + [f"{mark.what:<10}{mark.reads}" for mark in marks]


def _own(sight: Sight, asked: OpenPrompt) -> str:
    """What must be seen at this position alone."""
    shown = [sight.display.text] if sight.display is not None and not _same_display(asked) else []
    marks = [mark.reads for mark in sight.marks if not all(mark in each.marks for each in asked.sights)]
    return " ".join([*shown, *marks])
