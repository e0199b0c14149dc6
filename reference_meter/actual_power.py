"""Actual power: the mean over the last moment, worked out only when somebody looks. R23."""

from __future__ import annotations

from collections import deque


class ActualPower:
    """Remembers the changes of power that a mean over `window_ns` still needs."""

    def __init__(self, window_ns: int) -> None:
        self._window_ns = window_ns
        self._changes: deque[tuple[int, int]] = deque([(0, 0)])  # (time in ns, power in µW from then on)

    def change(self, now_ns: int, power_uw: int) -> None:
        """The power is `power_uw` from now on."""
        changes = self._changes
        changes.append((now_ns, power_uw))
        while len(changes) > 1 and changes[1][0] <= now_ns - self._window_ns:
            changes.popleft()

    def watts(self, now_ns: int) -> int:
        """The mean in W, cut off; before the first change there was none."""
        if not self._window_ns:
            return self._changes[-1][1] // 1_000_000
        start = now_ns - self._window_ns
        until = now_ns
        energy = 0
        for at, power_uw in reversed(self._changes):
            since = max(at, start)
            if since < until:
                energy += power_uw * (until - since)
                until = since
        return energy // (self._window_ns * 1_000_000)
