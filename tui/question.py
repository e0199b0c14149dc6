"""A question of the screen itself, answered with a function key or a touch. The scan line goes on taking letters behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static


@dataclass(frozen=True)
class Choice:
    """One answer and its key."""

    key: str
    label: str
    answer: str


class _Field(Static, can_focus=False):
    """A choice to touch; without focus, so that no Enter of a scanner presses it."""

    class Touched(Message):
        """A person touched the choice."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, choice: Choice) -> None:
        super().__init__(Content(f"{_shown(choice.key)}  {choice.label}"), classes="choice")
        self._choice = choice

    def on_click(self) -> None:
        """Answer with this choice."""
        self.post_message(self.Touched(self._choice))


class Question(ModalScreen[str], inherit_bindings=False):
    """A title, a question, and choices; the result is the answer of the choice."""

    def __init__(self, title: str, question: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._heading = title
        self._question = question
        self._choices = {choice.key: choice for choice in choices}

    def compose(self) -> ComposeResult:
        """The box in the middle."""
        with Vertical(id="question-box"):
            yield Static(Content(self._heading), id="question-title")
            yield Static(Content(self._question), id="question-text")
            with Horizontal(id="question-choices"):
                yield from (_Field(choice) for choice in self._choices.values())

    def action_choose(self, key: str) -> None:
        """Answer with the choice of this key."""
        self.dismiss(self._choices[key].answer)

    @on(_Field.Touched)
    def choose_touched(self, message: _Field.Touched) -> None:
        """Answer with the choice that was touched."""
        self.dismiss(message.choice.answer)


class Leave(Question):
    """Whether to quit although a run is on."""

    ABORT = "abort"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "choose('f4')", "ABORT and quit", key_display="F4"),
        Binding("escape", "choose('escape')", "Go on testing", key_display="Esc"),
    ]

    def __init__(self) -> None:
        choices = [Choice("f4", "ABORT and quit", self.ABORT), Choice("escape", "Go on testing", "")]
        super().__init__("! A TEST IS RUNNING", "Quitting aborts it: the source is switched off first.", choices)


def _shown(key: str) -> str:
    return "Esc" if key == "escape" else key.upper()
