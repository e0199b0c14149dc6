"""An edge source on an ordinary asyncio loop: its events happen when CLOCK_MONOTONIC, which is that loop's clock, reaches them.

A busy machine delivers them late; what they carry is the time at which they were due.
"""

from __future__ import annotations

import asyncio

from drivers.simulated.simulated_time import EdgeSource


class InRealTime:
    """Lets the events of one source happen on the running loop."""

    def __init__(self, source: EdgeSource) -> None:
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """The source may have another next event than before: wait for that one."""
        due = self._source.next_time()
        if self._timer is not None and self._timer.when() != due:
            self._timer.cancel()
            self._timer = None
        if due is not None and self._timer is None:
            self._timer = self._loop.call_at(due, self._fire)

    def _fire(self) -> None:
        self._timer = None
        due = self._source.next_time()
        if due is not None and due <= self._loop.time():
            self._source.fire()
        self.look()
