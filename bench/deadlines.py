"""Deadlines that stand still while a person is asked: how long somebody thinks says nothing about a meter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Deadlines:
    """All deadlines that run now."""

    def __init__(self) -> None:
        self._running: set[asyncio.Timeout] = set()
        self._paused: dict[asyncio.Timeout, float | None] = {}
        self._paused_at = 0.0

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """Raises `TimeoutError` after so many seconds, in which the time between `pause` and `resume` does not count."""
        async with asyncio.timeout(seconds) as timeout:
            self._running.add(timeout)
            try:
                yield
            finally:
                self._running.discard(timeout)

    def pause(self) -> None:
        """None of them runs out from now on."""
        self._paused_at = asyncio.get_running_loop().time()
        self._paused = {timeout: timeout.when() for timeout in self._running}
        for timeout in self._paused:
            timeout.reschedule(None)

    def resume(self) -> None:
        """They run again, later by the time that has passed."""
        passed = asyncio.get_running_loop().time() - self._paused_at
        for timeout, when in self._paused.items():
            if when is not None and timeout in self._running:
                timeout.reschedule(when + passed)
