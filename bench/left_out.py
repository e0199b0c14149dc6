"""What a plan leaves out of its sequence and a position of a step, and why; read from a recorded run without building a sequence."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from bench import in_words
from bench.record import Run

_NOT_WIRED = re.compile(r"not tested: position \d+ has (no [^(;]+) \([^)]+ in the station file\)")
"""As `NotWired` says it and `Position.leave_out` notes it."""


@dataclass(frozen=True)
class LeftOut:
    """A step of the sequence that a plan does not make."""

    name: str
    title: str
    why: str
    """For instance "by the profile screening"."""
    reduces: bool = False
    """Whether the norm asks for it: without it the test is no production test."""

    def __str__(self) -> str:
        return f"{self.title}, {self.why}"


def left_out(run: Run) -> tuple[LeftOut, ...]:
    """What the plan of a recorded run left out; nothing where somebody else wrote the plan."""
    try:
        return tuple(LeftOut(**each) for each in json.loads(run.plan).get("left_out", ()))
    except (ValueError, TypeError, AttributeError):
        return ()


def not_wired(run: Run) -> tuple[str, ...]:
    """What steps left out at positions where the station has no wire for it: a line for each step and for what it lacked."""
    lines = []
    for step in run.steps:
        lacking: dict[tuple[str, ...], list[int]] = {}
        for outcome in step.outcomes:
            if not outcome.void and (what := tuple(dict.fromkeys(_NOT_WIRED.findall(outcome.note)))):
                lacking.setdefault(what, []).append(outcome.position)
        lines += [
            f"not tested at {in_words.positions(sorted(numbers))}: {step.title}: {', '.join(what)}"
            for what, numbers in lacking.items()
        ]
    return tuple(lines)
