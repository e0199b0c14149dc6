"""What a sequence is: a whole test, after which a meter may leave, or a part of one. Only a whole test is released for production.

A sequence that says nothing is no whole test: whoever writes one for a study must not have to think of production.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_ATTRIBUTE = "whole_test"
_Function = TypeVar("_Function", bound=Callable[..., object])


def whole_test(sequence: _Function) -> _Function:
    """Mark a sequence as a whole test: a meter that passes it may leave."""
    setattr(sequence, _ATTRIBUTE, "")
    return sequence


def part_of_a_test(what: str) -> Callable[[_Function], _Function]:
    """Mark a sequence as less than a whole test, with what it is in a few words."""

    def mark(sequence: _Function) -> _Function:
        setattr(sequence, _ATTRIBUTE, what)
        return sequence

    return mark


def why_no_whole_test(name: str, sequence: Callable[..., object]) -> str:
    """Why the sequence of this name is not released for production, in one sentence with what to do; empty where it is a whole test."""
    what = getattr(sequence, _ATTRIBUTE, None)
    if what == "":
        return ""
    if what is None:
        return (
            f"the sequence {name} does not say that it is a whole test, so it is no production test; if a meter that passes it may "
            "leave, mark it @whole_test (docs/writing-a-sequence.md), else test with --purpose engineering"
        )
    return f"the sequence {name} is no production test: {what}; run it with --purpose engineering or golden"
