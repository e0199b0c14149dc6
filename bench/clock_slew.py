"""Whether the clock that times a measurement is being slewed: CLOCK_MONOTONIC against CLOCK_MONOTONIC_RAW, which nobody can slew.

A time server's client pulls a clock that is late or early by making its seconds shorter or longer (adjtimex(2)), and those seconds
divide energy and pulses. Its steady correction of the crystal, tens of ppm, makes the seconds right and is no slew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

LIMIT_PPM = 100.0
"""More than a crystal needs (tens of ppm), and 0.01 % of the energy. timesyncd slews by up to 500 ppm (adjtimex(2)), chrony by far more."""
SPAN_NS = 1_000_000_000
"""A slew is looked for second by second: a short one shall not hide in a long measurement."""
TRIES = 5
"""The two clocks are read one after the other; the closest of so many pairs counts."""


@dataclass(frozen=True)
class ClockReading:
    """Both clocks at one instant, ns."""

    monotonic: int
    raw: int
    doubt: int
    """They were read within so many ns of each other."""


def read_clocks() -> ClockReading:
    """Read both clocks now."""

    def once() -> ClockReading:
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        raw = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        return ClockReading((before + after) // 2, raw, after - before)

    return min((once() for _ in range(TRIES)), key=lambda reading: reading.doubt)


def slew_ppm(first: ClockReading, last: ClockReading) -> float:
    """By how much the clock ran fast between two readings, ppm; the part of it that is certain, 0 where none is."""
    raw = last.raw - first.raw
    if raw <= 0:
        return 0.0
    gained = last.monotonic - first.monotonic - raw
    doubt = (first.doubt + last.doubt) / 2
    certain = max(abs(gained) - doubt, 0.0)
    return (certain if gained > 0 else -certain) / raw * 1e6


class ClockWatch:
    """Compares the clocks for one run. `read` is None where time is simulated: nobody slews that."""

    def __init__(self, read: Callable[[], ClockReading] | None) -> None:
        self._read = read
        self._spans: list[tuple[float, float]] = []
        self._from = read() if read is not None else None

    def sample(self) -> None:
        """Look at the clocks; called about every second."""
        if self._read is None or self._from is None:
            return
        now = self._read()
        if now.raw - self._from.raw >= SPAN_NS:
            self._spans.append((now.monotonic / 1e9, slew_ppm(self._from, now)))
            self._from = now

    def slewed(self, since: float) -> str:
        """The worst slew after loop time `since`, as one sentence; empty while no second was wrong by more than the limit."""
        if self._read is None or self._from is None:
            return ""
        worst = max(
            (*(ppm for ended, ppm in self._spans if ended > since), slew_ppm(self._from, self._read())), key=abs
        )
        if abs(worst) <= LIMIT_PPM:
            return ""
        return (
            f"the clock is being slewed by {worst:+.0f} ppm (at most {LIMIT_PPM:g}); "
            "wait until the time server's client has set it: timedatectl timesync-status, or chronyc tracking; "
            "where it stays so, this computer's crystal is that far off"
        )
