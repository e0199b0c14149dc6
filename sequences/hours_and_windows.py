"""What the hours counter and the peak of a meter may show, from its own pulses and the times of the readouts. Pure functions.

Nobody outside knows when the meter's quarter of an hour begins (R21), so every beginning it can have is tried.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bench.fixture import Snapshot
from drivers.mode_a_registers import Registers as Read
from reference_meter import Registers
from reference_meter.demand import WINDOW, Demand
from reference_meter.power import WATT_HOUR

WINDOW_S = WINDOW / 1e9
"""15 minutes (R19)."""

HOURS_A_MONTH = 730
"""The meter's month: then the peak begins anew (R24, R28)."""

_BEGINNINGS_S = 30.0
"""The beginnings of a window that are tried lie so far apart, s."""

_MODE_A_PEAK_W = 99
"""Mode A tells the peak in whole 0.1 kW, cut off (R24): it may be so many watts more."""


@dataclass(frozen=True)
class Span:
    """Two ends of what is possible."""

    low: float
    high: float

    def meets(self, other: Span) -> bool:
        """Whether both can be true."""
        return self.low <= other.high and other.low <= self.high


def hour_length(readings: Sequence[Snapshot]) -> Span:
    """Every length of the meter's hour, s, that fits all readings of its hours counter (R25). None fits where `low` lies above `high`.

    Between two readings that differ by g hours more than g − 1 hours have passed, and less than g + 1.
    """
    told = [(each, each.registers.hours) for each in readings if each.registers.hours is not None]
    low, high = 0.0, math.inf
    for k, (first, before) in enumerate(told):
        for last, after in told[k + 1 :]:
            gained = after - before
            low = max(low, (last.earliest - first.latest) / (gained + 1)) if gained >= 0 else math.inf
            if gained > 1:
                high = min(high, (last.latest - first.earliest) / (gained - 1))
    return Span(low, high)


def peak_by_pulses(rises: Sequence[float], start: float, end: float, before: Span) -> Span:
    """The peak at loop time `end`, W, of a meter that has given S0 pulses at these times, and whose peak at `start` was `before`.

    The reference meter's own rule of the window (R19, R20, R22), fed with 1 Wh a pulse, from every beginning that a window can have.
    A window holds up to 1 Wh more or less than its pulses say.
    """
    tries = [start + k * _BEGINNINGS_S for k in range(round(WINDOW_S / _BEGINNINGS_S))]
    lowest = min(_peak(rises, first, end, before.low, -1) for first in tries)
    highest = max(_peak(rises, first, end, before.high, +1) for first in tries)
    return Span(lowest, highest)


def _peak(rises: Sequence[float], first: float, end: float, before_w: float, more_wh: int) -> int:
    demand = Demand(Registers(peak_w=int(before_w)))
    edges = [first + k * WINDOW_S for k in range(int((end - first) // WINDOW_S) + 1)]
    counts = [bisect_right(rises, edge) for edge in edges]
    for begin, finish in itertools.pairwise(counts):
        demand.energy = (finish - begin + more_wh) * WATT_HOUR
        demand.close_window()
    return demand.peak_w


def peak_told(registers: Read) -> Span | None:
    """The peak as the meter tells it, W, with the resolution of the port; None where it tells none."""
    if registers.peak_w is not None:
        return Span(registers.peak_w, registers.peak_w)
    if registers.peak_kw is not None:
        watts = int(registers.peak_kw * 1000)
        return Span(watts, watts + _MODE_A_PEAK_W)
    return None
