"""The facts a session tells: committed first, then told, numbered, never lost. Each is a small frozen value and one line of NDJSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from bench.prompt import OpenPrompt
from bench.verdict import Ending, Verdict


@dataclass(frozen=True)
class Fact:
    """One thing that happened; `number` counts from 1 in a session, `time` is seconds since the run was opened."""

    kind: ClassVar[str] = "fact"
    number: int
    time: float
    run: str
    """The run's id."""

    def as_json(self) -> dict[str, Any]:
        """The fact as it stands in a line of `--json`: `fact` names its kind, enumerations become their words."""
        return {"fact": self.kind, **_plain(self)}


@dataclass(frozen=True)
class RunOpened(Fact):
    """A run was opened and its plan committed."""

    kind: ClassVar[str] = "run-opened"
    sequence: str
    type_number: str
    purpose: str
    plan_hash: str
    positions: tuple[int, ...]
    serials: tuple[str, ...]
    steps: tuple[str, ...]
    """Titles of all steps, in order."""
    expected_seconds: float
    left_out: tuple[str, ...] = ()
    """Steps of the sequence that are not made here, each with why."""
    screens: tuple[str, ...] = ()
    """The norm's tests that a screening stands in place of and does not prove."""


@dataclass(frozen=True)
class Failure:
    """One failed measurement."""

    step: str
    """Name of the step, for instance "accuracy-ib"."""
    title: str
    """The step as the operator reads it."""
    measurement: str
    value: float | str | None
    unit: str
    limit: str
    """The limit in words, for instance "±1 %"."""


@dataclass(frozen=True)
class StepClosed(Fact):
    """A step ended and its record is on the disk."""

    kind: ClassVar[str] = "step-closed"
    step: str
    title: str
    positions: tuple[int, ...]
    verdicts: tuple[Verdict, ...]
    """One a position of `positions`."""
    void: bool
    failed: tuple[tuple[int, Failure], ...]
    """Position and failed measurement."""


@dataclass(frozen=True)
class Suspected(Fact):
    """The bench is suspected: meters stand together off centre though none failed, or too few were tested to tell it from bad meters."""

    kind: ClassVar[str] = "suspicion"
    step: str
    title: str
    positions: tuple[int, ...]
    """The meters that it is about."""
    measured: int
    """How many meters the step has measured."""
    percent: float
    """The middle of their errors."""
    sentence: str
    """What it is and what to do."""


@dataclass(frozen=True)
class PromptOpened(Fact):
    """A person is asked something; the run waits."""

    kind: ClassVar[str] = "prompt-opened"
    asked: OpenPrompt


@dataclass(frozen=True)
class PromptAnswered(Fact):
    """An open prompt was answered."""

    kind: ClassVar[str] = "prompt-answered"
    prompt: str
    """Its id."""
    step: str
    """Name of the step that asked."""
    name: str
    """Name of the question within the step."""
    positions: tuple[int, ...]
    answers: tuple[str, ...]
    """One a position of `positions`."""
    who: str
    """Badge."""
    seconds: float
    """How long it was open, on the engine's clock."""


@dataclass(frozen=True)
class Acted(Fact):
    """A person acted: aborted, re-armed, overrode."""

    kind: ClassVar[str] = "act"
    who: str
    what: str


@dataclass(frozen=True)
class Tripped(Fact):
    """The source owner switched off by itself and stays off until a person re-arms it."""

    kind: ClassVar[str] = "trip"
    reason: str


@dataclass(frozen=True)
class Safe(Fact):
    """The source was switched off and read back: all voltages and currents are zero."""

    kind: ClassVar[str] = "safe"
    volts: float
    """Largest phase voltage read back, V."""
    amperes: float
    """Largest phase current read back, A."""


@dataclass(frozen=True)
class PositionResult:
    """The end of one position."""

    position: int
    serial: str
    verdict: Verdict
    failed: tuple[Failure, ...]


@dataclass(frozen=True)
class RunClosed(Fact):
    """The run is closed and committed. Always the last fact of a run."""

    kind: ClassVar[str] = "run-closed"
    ending: Ending
    reason: str
    """Why it did not end COMPLETE; empty when it did."""
    positions: tuple[PositionResult, ...]


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (Verdict, Ending)):
        return value.name
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
