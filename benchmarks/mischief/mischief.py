"""Sequences that misbehave as a plant's own might: they raise, hang in an await, or block the loop, with the source on.

Found through the entry point group `bench.sequences` when this folder is in PYTHONPATH. Each says on stderr at which instant
(CLOCK_MONOTONIC in s) it begins. MISCHIEF_AMPERES is the current of the load, 5 A by itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.load_points import at, voltage_only
from bench.measurements import Declared, noted
from bench.position import Position
from bench.profile import Profile
from bench.steps import Step
from drivers.load import Load
from reference_meter import TypeNumber

BLOCKED_S = 2.0
HANGS_S = 0.2
"""Duration that the hanging step declares."""


@dataclass(frozen=True)
class Mischief(Step):
    """One step with a load, and what it does."""

    named: str
    seconds: float
    does: Callable[[], Awaitable[object]]

    @property
    def name(self) -> str:
        """Name in the record."""
        return self.named

    @property
    def title(self) -> str:
        """Name on the screen."""
        return self.named.capitalize()

    @property
    def load(self) -> Load:
        """Un, and the current asked for; another one for each name, so that no two steps ride together."""
        amperes = float(os.environ.get("MISCHIEF_AMPERES", "5"))
        return at(self.meter, amperes + len(self.named) / 100) if amperes else voltage_only(self.meter)

    def measurements(self) -> tuple[Declared, ...]:
        """That it came to its end."""
        return (noted("done"),)

    def duration(self) -> float:
        """As declared, s."""
        return self.seconds

    async def run(self, at: Position) -> None:
        """Say when, and do it."""
        sys.stderr.write(f"mischief {time.monotonic()}\n")
        sys.stderr.flush()
        await self.does()
        at.record("done", "yes")


async def _raise() -> None:
    await asyncio.sleep(0.1)
    sys.stderr.write(f"mischief {time.monotonic()}\n")
    sys.stderr.flush()
    raise ZeroDivisionError("a step of the benchmark raises")


async def _block() -> None:
    time.sleep(BLOCKED_S)


def holds(meter: TypeNumber, profile: Profile) -> list[Step]:
    """An hour of steady load."""
    return [Mischief(meter, profile, "holds", 3600.0, lambda: asyncio.sleep(3600.0))]


def raises(meter: TypeNumber, profile: Profile) -> list[Step]:
    """An exception."""
    return [Mischief(meter, profile, "raises", 1.0, _raise)]


def hangs(meter: TypeNumber, profile: Profile) -> list[Step]:
    """An await that never ends."""
    return [Mischief(meter, profile, "hangs", HANGS_S, asyncio.Event().wait)]


def blocks(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The loop stands still."""
    return [Mischief(meter, profile, "blocks", 5.0, _block)]


def two_steps(meter: TypeNumber, profile: Profile) -> list[Step]:
    """A second each, with a commit between them while the source is on."""
    second = Mischief(meter, profile, "second step", 1.0, lambda: asyncio.sleep(1.0))
    return [Mischief(meter, profile, "first", 1.0, lambda: asyncio.sleep(1.0)), second]
