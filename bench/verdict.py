"""The two facts that end a test, never mixed: the verdict is the meter's, the ending is the run's."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Verdict(IntEnum):
    """What was found about the meter. It only ever rises."""

    NONE = 0
    PASS = 1
    MARGINAL = 2
    FAIL = 3

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """The highest of them; NONE when there are none."""
        return max(verdicts, default=cls.NONE)


class Ending(StrEnum):
    """How the run came to its end."""

    COMPLETE = "COMPLETE"
    """Every step ran."""
    ABORTED = "ABORTED"
    """A person stopped it."""
    BLOCKED = "BLOCKED"
    """The bench, the fixture or an instrument could not go on."""
    INTERRUPTED = "INTERRUPTED"
    """Power failed or the process was killed; found and closed at the next start."""
