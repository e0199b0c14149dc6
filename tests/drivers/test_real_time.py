"""An edge source on a loop that does not ask for it: each event at its time, also when an earlier one comes in between."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

from drivers.simulated.real_time import InRealTime

Run = Callable[..., Any]


class Events:
    """Due times, and when each of them happened."""

    def __init__(self, *due: float) -> None:
        self.due = list(due)
        self.happened: list[tuple[float, float]] = []

    def next_time(self) -> float | None:
        return self.due[0] if self.due else None

    def fire(self) -> None:
        self.happened.append((heapq.heappop(self.due), asyncio.get_running_loop().time()))


def test_events_happen_at_their_times_and_an_earlier_one_comes_first(simulated: Run) -> None:
    async def main() -> None:
        events = Events(2.0, 3.0)
        driven = InRealTime(events)
        driven.look()
        await asyncio.sleep(0.5)
        heapq.heappush(events.due, 1.0)
        driven.look()
        driven.look()
        await asyncio.sleep(4.0)
        assert events.happened == [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]

    simulated(main)


def test_events_that_are_gone_do_not_happen(simulated: Run) -> None:
    async def main() -> None:
        events = Events(1.0)
        driven = InRealTime(events)
        driven.look()
        events.due.clear()
        await asyncio.sleep(2.0)
        assert events.happened == []

    simulated(main)
