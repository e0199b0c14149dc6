"""A question over the screen, answered with a function key or a touch. The scan line goes on taking letters behind it.
A prompt of the run leaves F4 to ABORT, which is never further than one key.
"""

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

from bench.facts import Prompted

ANSWER_KEYS = ("f1", "f2", "f3", "f5", "f6", "f7", "f8", "f9")
"""Keys for the choices of a prompt, in their order: F4 stays ABORT and F10 stays free."""


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

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"choose('{key}')", key.upper(), key_display=key.upper()) for key in ANSWER_KEYS
    ]

    def __init__(self, title: str, question: str, choices: Sequence[Choice], note: str = "") -> None:
        super().__init__()
        self._note = note
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
            if self._note:
                yield Static(Content(self._note), id="question-note")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the keys of the choices there are."""
        return action != "choose" or parameters[0] in self._choices

    def action_choose(self, key: str) -> None:
        """Answer with the choice of this key."""
        self.dismiss(self._choices[key].answer)

    @on(_Field.Touched)
    def choose_touched(self, message: _Field.Touched) -> None:
        """Answer with the choice that was touched."""
        self.dismiss(message.choice.answer)


class Prompt(Question):
    """What a run asks a person."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f4", "app.abort", "ABORT", key_display="F4")]

    def __init__(self, prompted: Prompted) -> None:
        if len(prompted.choices) > len(ANSWER_KEYS):
            raise ValueError(
                f"prompt {prompted.prompt!r} has {len(prompted.choices)} choices; there are keys for {len(ANSWER_KEYS)}"
            )
        self.prompt = prompted.prompt
        where = "" if prompted.position is None else f" · position {prompted.position}"
        choices = [Choice(key, text, text) for key, text in zip(ANSWER_KEYS, prompted.choices, strict=False)]
        super().__init__(f"? ACTION{where}", prompted.question, choices, note="F4 aborts the test")


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
