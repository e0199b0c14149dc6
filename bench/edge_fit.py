"""The line through the reference energy at every edge: a second value of the error, and how far the edges scatter about it. Pure.

The n-th edge is the n-th watt-hour by the meter's own count, so what is exact is the number, and what has an error is the energy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.norms import PULSE_ENERGY_J

_NORMAL_99 = 2.3263
"""99 % of a normal distribution lie below it."""

_FEW = {1: 6.5, 2: 2.2}
"""Student's factor at 95 % over the normal one, where the variance of Student's distribution does not exist."""


@dataclass(frozen=True)
class EdgeFit:
    """What all edges of a run of pulses say, not only the first and the last."""

    error_percent: float
    """Percentage error by least squares."""
    scatter_wh: float
    """Standard deviation of an edge about the line, Wh; 0 where two edges leave nothing to scatter."""
    freedom: int
    """Degrees of freedom of the scatter: edges less 2."""

    def agrees(self, modelled_wh: float) -> bool:
        """Whether edges that really scatter by `modelled_wh` would scatter so much in 1 case of 100 (χ², one-sided)."""
        if self.freedom < 1:
            return True
        return self.freedom * self.scatter_wh**2 <= chi_square_99(self.freedom) * modelled_wh**2

    @property
    def stated_wh(self) -> float:
        """The scatter as an uncertainty may rest on it: few edges know it badly (Student; JCGM 101:2008, 6.4.9)."""
        if self.freedom < 1:
            return 0.0
        return self.scatter_wh * _FEW.get(self.freedom, math.sqrt(self.freedom / max(1, self.freedom - 2)))


def fit(energy_j: Sequence[float]) -> EdgeFit:
    """The line through the energies at successive edges, J since any instant; at least two edges."""
    periods = len(energy_j) - 1
    middle = periods / 2
    # The nominal watt-hours are taken off first: what is left is small, and its squares keep their digits.
    off = [joule - number * PULSE_ENERGY_J for number, joule in enumerate(energy_j)]
    mean = math.fsum(off) / len(off)
    spread = periods * (periods + 1) * (periods + 2) / 12
    slope = math.fsum((number - middle) * each for number, each in enumerate(off)) / spread
    squares = math.fsum((each - mean - slope * (number - middle)) ** 2 for number, each in enumerate(off))
    freedom = periods - 1
    return EdgeFit(
        error_percent=(PULSE_ENERGY_J / (PULSE_ENERGY_J + slope) - 1.0) * 100.0,
        scatter_wh=math.sqrt(squares / freedom) / PULSE_ENERGY_J if freedom else 0.0,
        freedom=freedom,
    )


def energy_at(times: Sequence[float], watts: Sequence[float], edges: Sequence[float]) -> list[float]:
    """Energy in J at each of these ascending times since the first reading, by the trapezoid; at least two readings cover them.

    An edge is rounded to 1 ns: where it lies so much outside, the first or the last reading counts.
    """
    found = []
    joules, k = 0.0, 0
    for edge in edges:
        while k < len(times) - 2 and times[k + 1] <= edge:
            joules += (watts[k] + watts[k + 1]) / 2 * (times[k + 1] - times[k])
            k += 1
        since = min(max(edge, times[0]), times[-1]) - times[k]
        slope = (watts[k + 1] - watts[k]) / (times[k + 1] - times[k])
        found.append(joules + (watts[k] + slope * since / 2) * since)
    return found


def chi_square_99(freedom: int) -> float:
    """The value that χ² exceeds in 1 case of 100 (Wilson and Hilferty 1931, within 1 %)."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + _NORMAL_99 * math.sqrt(part)) ** 3
