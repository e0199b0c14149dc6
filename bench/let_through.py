"""What a sequence lets through by design: named by the sequence, kept in the plan, and so told by every report of a run.

A verdict says what was tested; this line says what was not, so that nobody takes a PASS for more than it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from bench.record import Run

_ATTRIBUTE = "lets_through"
_Function = TypeVar("_Function", bound=Callable[..., object])


def lets_through(what: str) -> Callable[[_Function], _Function]:
    """Mark a sequence with what it does not test by design, in one line."""

    def mark(sequence: _Function) -> _Function:
        setattr(sequence, _ATTRIBUTE, what)
        return sequence

    return mark


def let_through_by(sequence: Callable[..., object]) -> str:
    """What the sequence was marked with; empty where it says nothing."""
    return str(getattr(sequence, _ATTRIBUTE, ""))


def not_tested(run: Run) -> str:
    """The same of a recorded run, out of its plan; empty where somebody else wrote the plan."""
    try:
        return str(json.loads(run.plan).get("not_tested", ""))
    except (ValueError, AttributeError):
        return ""
