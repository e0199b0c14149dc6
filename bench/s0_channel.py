"""All S0 pulses of one position since the run was opened, and the waits for the next ones. It judges nothing."""

from __future__ import annotations

import asyncio
import heapq
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.s0 import Pulse, S0Input


class S0Channel:
    """The pulses of one S0 input, in their order."""

    def __init__(self, s0: S0Input) -> None:
        self._s0 = s0
        self.pulses: list[Pulse] = []
        self._rises: list[float] = []
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._asked = 0
        s0.listen(self._pulse)

    @property
    def count(self) -> int:
        """Pulses so far."""
        return len(self.pulses)

    @property
    def anomalies(self) -> int:
        """Edges that cannot be right and edges that were lost, so far."""
        return self._s0.anomalies + self._s0.lost_edges

    def restart(self) -> None:
        """A new run begins: forget the pulses of the last one."""
        self.pulses = []
        self._rises = []
        self._waiting = []

    def count_until(self, time: float) -> int:
        """Pulses that had begun at loop time `time`."""
        return bisect_right(self._rises, time)

    async def wait_for(self, count: int) -> None:
        """Wait until `count` pulses have been counted since the run was opened."""
        if self.count < count:
            self._asked += 1
            future = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (count, self._asked, future))
            await future

    async def wait_while_flowing(self, count: int, patience: float) -> None:
        """The same, but raise `TimeoutError` once no pulse has come for `patience` seconds: who gives none holds nobody up."""
        while self.count < count:
            before = self.count
            try:
                async with asyncio.timeout(patience):
                    await self.wait_for(count)
            except TimeoutError:
                if self.count == before:
                    raise

    def _pulse(self, pulse: Pulse) -> None:
        self.pulses.append(pulse)
        self._rises.append(pulse.rise)
        while self._waiting and self._waiting[0][0] <= len(self.pulses):
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
