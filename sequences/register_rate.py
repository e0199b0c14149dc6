"""How many watt-hours an energy register counts for a pulse, from readings that show it in whole quanta: every rate they allow.

A reading says no more than "so many quanta are full, the next is not". A few, aimed at the pulse at which the register steps, find that
pulse at both ends of a long count and so the rate, without any assumption on how errors are distributed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.fixture import Snapshot
from drivers.mode_a_registers import Registers
from reference_meter.registers import SEVEN_DIGITS, TRIP_WRAPS_AT_WH

TRIP_QUANTUM_WH = 10
"""The trip counter is told in 0.01 kWh (R51)."""

TOTAL_QUANTUM_WH = 1000
"""The total is told in whole kWh (R12)."""

_JITTER_S = 0.005
"""How unsteady the way of a request to the light is (a USB frame lasts 1 ms), s."""


@dataclass(frozen=True)
class Reading:
    """One reading of the register, and the fewest and most pulses that can have been counted when it was taken."""

    fewest: int
    most: int
    wh: int
    """A multiple of the quantum."""


@dataclass(frozen=True)
class Rates:
    """The watt-hours a pulse that all readings allow; none where `lowest` lies above `highest`."""

    lowest: float
    highest: float

    @property
    def allow_one(self) -> bool:
        """Whether a register that counts 1 Wh a pulse can have shown these readings."""
        return self.lowest <= 1.0 <= self.highest

    @property
    def detects_above_percent(self) -> float:
        """A rate that differs from 1 by more than this leaves no room for 1, %."""
        return abs(self.highest - self.lowest) * 100.0

    @property
    def beside_one_percent(self) -> float:
        """How far the farther end lies from 1, %. What is read where a register of exactly 1 Wh a pulse must just not, and must just have
        stepped, shows any rate beyond that."""
        return max(self.highest - 1.0, 1.0 - self.lowest) * 100.0

    def __str__(self) -> str:
        if self.lowest > self.highest:
            return "no steady rate fits the readings"
        return f"{(self.lowest - 1) * 100:+.2f} to {(self.highest - 1) * 100:+.2f} %"


def rates(readings: Sequence[Reading], quantum_wh: int = TRIP_QUANTUM_WH) -> Rates:
    """Every rate r with a start w so that wh ≤ w + r·n < wh + quantum at all readings, n from `fewest` to `most` + 1.

    The one more is the watt-hour under way: register and S0 output do not step in the same microsecond. Fewer than two readings allow all.
    """
    lowest, highest = 0.0, math.inf
    for high in readings:
        for low in readings:
            # wh(high) is reached at the latest count of `high`; wh(low) + quantum is not yet passed at the earliest of `low`.
            pulses = high.most + 1 - low.fewest
            gained = high.wh - low.wh - quantum_wh
            if pulses > 0:
                lowest = max(lowest, gained / pulses)
            elif pulses < 0:
                highest = min(highest, gained / pulses)
            elif gained > 0:
                lowest = math.inf
    return Rates(lowest, highest)


class StepFinder:
    """Finds by halving at which pulse a register of 1 Wh a pulse steps to its next quantum. Four readings do for a quantum of 10 Wh."""

    _MOST_READINGS = 8
    """Twice as many as needed: a register that does not keep to its pulses is never found, and has shown it."""

    def __init__(self, quantum_wh: int = TRIP_QUANTUM_WH) -> None:
        self._quantum_wh = quantum_wh
        self._low, self._high = -math.inf, math.inf  # register less pulses, Wh
        self._readings = 0
        self._aimed: int | None = None
        self._lag = 0  # pulses between the one that was aimed at and the end of the request

    @property
    def done(self) -> bool:
        """Whether another reading would tell nothing more."""
        return self._low >= self._high or self._readings >= self._MOST_READINGS

    def aim(self, pulses: int) -> int | None:
        """The next pulse, after so many, at which to ask; None where any will do."""
        self._aimed = None
        if not self.done and math.isfinite(self._low):
            middle = int(self._low + self._high + 1) // 2
            self._aimed = pulses + 1 + (-middle - self._lag - pulses - 1) % self._quantum_wh
        return self._aimed

    def saw(self, pulses: int, wh: int) -> None:
        """After so many pulses it showed `wh`."""
        self._low = max(self._low, wh - pulses)
        self._high = min(self._high, wh - pulses + self._quantum_wh - 1)
        self._readings += 1
        if self._aimed is not None:
            self._lag = pulses - self._aimed


def trip_readings(snapshots: Iterable[Snapshot], counted_at: Callable[[float], int]) -> list[Reading]:
    """The readings of the trip counter taken under one steady load; `counted_at` gives the pulses up to a loop time."""
    return _readings(snapshots, counted_at, lambda registers: registers.trip_wh, TRIP_WRAPS_AT_WH)


def total_readings(snapshots: Iterable[Snapshot], counted_at: Callable[[float], int]) -> list[Reading]:
    """The same of the total, which every readout tells."""
    return _readings(snapshots, counted_at, _total_wh, SEVEN_DIGITS * TOTAL_QUANTUM_WH)


def _total_wh(registers: Registers) -> int | None:
    return None if registers.total_kwh is None else registers.total_kwh * TOTAL_QUANTUM_WH


def _readings(
    snapshots: Iterable[Snapshot],
    counted_at: Callable[[float], int],
    register: Callable[[Registers], int | None],
    wraps_at_wh: int,
) -> list[Reading]:
    """What they show of a register beyond the first of them.

    The meter takes its registers at some time between request and answer. That delay is its own and shifts all counts alike, which no rate
    notices; it is trusted to vary no more than the reaction does.
    """
    taken = [(each, wh) for each in snapshots if (wh := register(each.registers)) is not None]
    quickest = min((each.latest - each.earliest for each, _ in taken), default=math.inf)
    readings = []
    for each, wh in taken:
        start = taken[0][1]
        gained = (wh - start + wraps_at_wh // 2) % wraps_at_wh - wraps_at_wh // 2
        late = each.latest - each.earliest - quickest
        readings.append(
            Reading(counted_at(each.earliest - _JITTER_S), counted_at(each.earliest + late + _JITTER_S), gained)
        )
    return readings
