"""The heartbeat of a run: it renews the source's lease while the running stage is within its deadline.

A blocked loop stops it by itself; a step that hangs in an await meets the deadline.
"""

from __future__ import annotations

import asyncio

from bench.owner import Handle
from bench.safety import RENEWAL_S
from drivers.power_source import InstrumentError


class Heartbeat:
    """Beats from its making until `stop`."""

    def __init__(self, source: Handle) -> None:
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._deadline = 0.0
        self._paused_at: float | None = None
        self._timer = self._loop.call_later(RENEWAL_S, self._renew)

    def within(self, seconds: float) -> None:
        """What is under way now has so long; later than that the lease runs out."""
        self._deadline = self._loop.time() + seconds

    def pause(self) -> None:
        """A person is asked: the deadline stands still. A blocked loop still stops the beat."""
        self._paused_at = self._loop.time()

    def resume(self) -> None:
        """The person has answered: what is under way has as long as it had."""
        if self._paused_at is not None:
            self._deadline += self._loop.time() - self._paused_at
            self._paused_at = None

    def stop(self) -> None:
        """No more renewals."""
        self._timer.cancel()

    def _renew(self) -> None:
        now = self._loop.time()
        if now < self._deadline or self._paused_at is not None:
            try:
                self._source.renew()
            except InstrumentError:
                return  # revoked: whoever did it has told the run why
        self._timer = self._loop.call_at(now + RENEWAL_S, self._renew)
