"""Whether a run screened meters instead of testing them by the norm; read from a recorded run without building a sequence.

A screened meter has passed what was done, and nobody may read its PASS as the norm's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bench.record import Run

WORD = "screening"
"""What stands beside the verdict of a run that screened."""


def screened(run: Run) -> tuple[str, ...]:
    """The norm's tests in whose place something shorter was done; nothing where somebody else wrote the plan."""
    try:
        return tuple(step["screens"] for step in json.loads(run.plan)["steps"] if step.get("screens"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()


def screening_lines(screens: Sequence[str]) -> list[str]:
    """One line that says what is not proved; none where nothing was screened."""
    return [f"SCREENING, no test by the norm: not proved: {'; '.join(screens)}"] if screens else []
