"""What a plan leaves out of its sequence, and why; read from a recorded run without building a sequence."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bench.record import Run


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
