"""The energy that passed the meters, by the trapezoid over time-stamped readings of the reference, while one load stands."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_right

from drivers.power_source import Reading


class ReferenceEnergy:
    """Readings since the load last settled. A new load starts it anew: no window ever spans a change.

    Energies of one reader share `wanted`: whoever waits for one of them hurries the reader.
    """

    def __init__(self, wanted: asyncio.Event | None = None) -> None:
        self.wanted = wanted or asyncio.Event()
        """Set when somebody needs a reading sooner than the next one is due."""
        self._times: list[float] = []
        self._joules: list[float] = []
        self._powers: list[float] = []
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    def restart(self) -> None:
        """Forget the readings of the last load."""
        self._times.clear()
        self._joules.clear()
        self._powers.clear()

    def add(self, reading: Reading) -> None:
        """Take the next reading; its time must lie after the last one's."""
        power = reading.total_power
        joules = 0.0
        if self._times:
            joules = self._joules[-1] + (power + self._powers[-1]) / 2 * (reading.time - self._times[-1])
        self._times.append(reading.time)
        self._powers.append(power)
        self._joules.append(joules)
        for time, future in self._waiting:
            if time <= reading.time and not future.done():
                future.set_result(None)
        self._waiting = [(time, future) for time, future in self._waiting if not future.done()]

    @property
    def power(self) -> float:
        """Latest total active power in W; 0.0 before the first reading."""
        return self._powers[-1] if self._powers else 0.0

    @property
    def covered_until(self) -> float:
        """Loop time of the latest reading; minus infinity before the first."""
        return self._times[-1] if self._times else -math.inf

    async def covers(self, time: float) -> None:
        """Wait for a reading at or after loop time `time`."""
        if not self._times or self._times[-1] < time:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append((time, future))
            self.wanted.set()
            await future

    def between(self, start: float, end: float) -> float:
        """Energy in J from loop time `start` to `end`. Raises `ValueError` where no reading covers them."""
        return self._until(end) - self._until(start)

    def readings(self, start: float, end: float) -> list[tuple[float, float]]:
        """Loop time and total W of every reading from the one before `start` to the one after `end`."""
        first = max(0, bisect_right(self._times, start) - 1)
        last = bisect_right(self._times, end) + 1
        return list(zip(self._times[first:last], self._powers[first:last], strict=True))

    def _until(self, time: float) -> float:
        k = bisect_right(self._times, time) - 1
        if k < 0 or (k == len(self._times) - 1 and time > self._times[-1]):
            covered = f"{self._times[0]:.3f} to {self._times[-1]:.3f} s" if self._times else "nothing"
            raise ValueError(f"no reference reading covers {time:.3f} s; readings cover {covered}")
        since = time - self._times[k]
        if since == 0.0:
            return self._joules[k]
        slope = (self._powers[k + 1] - self._powers[k]) / (self._times[k + 1] - self._times[k])
        return self._joules[k] + self._powers[k] * since + slope * since * since / 2
