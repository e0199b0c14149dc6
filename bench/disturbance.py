"""What spoils a measurement and passes: a range that changes, an overload, a current that is away for a moment.

It voids what was measured and is no verdict. A voltage that was away is none of it: the meter has restarted, and has forgotten
what it had not saved.
"""

from __future__ import annotations

import asyncio
import re

from bench.steps import Blocked, Disturbed
from drivers.power_source import SelfReported

AWAY_AT_MOST_S = 3.0
"""A source gives no current for so long while it changes a range; one that stays away has switched itself off."""

_PASSING = re.compile(r"range\W*chang|over\W*(load|range)", re.IGNORECASE)
"""What an instrument says of itself that is over when it has said it."""


def of_its_own(what: str, error: SelfReported) -> Blocked:
    """What an instrument's own report does to a measurement: what passes disturbs it, anything else ends the run."""
    return (Disturbed if passes(error) else Blocked)(f"{what}: {error}")


def passes(error: SelfReported) -> bool:
    """Whether an instrument reports something that is over."""
    return _PASSING.search(str(error)) is not None


def disturbed_alone(error: BaseException) -> Disturbed | None:
    """The disturbance that ended a stage; None where anything else did as well."""
    causes = [each for each in _leaves(error) if not isinstance(each, asyncio.CancelledError)]
    disturbances = [each for each in causes if isinstance(each, Disturbed)]
    return disturbances[0] if causes and len(disturbances) == len(causes) else None


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for part in error.exceptions for leaf in _leaves(part)]
    return [error]


class Absence:
    """A current that fell short of what was asked: whether it comes back by itself."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._why = ""
        self._back = asyncio.Event()

    @property
    def lasts(self) -> bool:
        """Whether it is away now."""
        return self._since is not None and not self._back.is_set()

    def forget(self) -> None:
        """The load was set anew."""
        self._since = None
        self._back.clear()

    def fell_short(self, why: str, time: float) -> None:
        """A reading, at this loop time, is less than was asked. Raises `Blocked` where that has lasted too long."""
        if self._since is None:
            self._since, self._why = time, why
        elif time - self._since > AWAY_AT_MOST_S:
            raise Blocked(self._why)

    def stands(self) -> None:
        """A reading is as asked."""
        if self._since is not None:
            self._back.set()

    async def over(self) -> None:
        """Wait until it was away and has come back. Raises `Disturbed` then, and nothing else ends it."""
        await self._back.wait()
        raise Disturbed(self._why)

    async def checked(self) -> None:
        """Raises `Disturbed` where it was away, as soon as it has come back; returns at once where it never was."""
        if self._since is not None:
            await self.over()
