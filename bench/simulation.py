"""What makes a run simulated: its seed, the line it stands for, its wall clock, and how the right meters come onto the line.

Two runs that agree in all of it are the same run.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.plan import Plan
from bench.session import RunRequest
from reference_meter import Configuration, TypeNumber

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The wall clock of a simulated run at loop time 0."""


@dataclass(frozen=True)
class Simulation:
    """A simulated line as the engine knows it."""

    seed: int
    makeup: str
    """Everything else that makes one simulated line differ from another: positions and faults."""
    mount: Callable[[TypeNumber, int, Mapping[int, str], Configuration], Awaitable[None]]
    """Put fresh meters of a type into the positions: which run of this engine it is, the serials printed on them, their configuration."""

    def wall_clock(self) -> datetime:
        """The time of day on the running loop."""
        return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())

    def run_id(self, nth: int, plan: Plan, request: RunRequest, badge: str) -> uuid.UUID:
        """The same line, seed, plan and serials give the same run: it has the same id, and replaces itself when repeated.

        It is the `nth` run of its engine.
        """
        makeup = (
            f"{nth}:{plan.hash}:{sorted(request.serials.items())}:{request.order}:{request.operator}:{badge}"
            + (f":{request.temperature}" if request.temperature is not None else "")
            + (f":{request.answers}" if request.answers else "")
        )
        seeded = random.Random(f"{self.seed}:{self.makeup}:{makeup}")
        return uuid.UUID(int=seeded.getrandbits(128), version=4)
