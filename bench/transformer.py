"""An isolating current transformer as its certificate describes it: ratio error and phase displacement at a few currents.

Between them the bench interpolates over the logarithm of the current; beyond them it holds the last value, and states no error there.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from drivers.load import PHASE_NAMES

RAD_PER_MINUTE = math.pi / 180 / 60
"""A minute of arc in rad: 1′ = 0.2909 mrad."""

MARGIN = 0.02
"""A current this share beyond the first or last point still counts as covered: a source does not set its current exactly."""


@dataclass(frozen=True)
class TransformerPoint:
    """One line of the certificate."""

    current: float
    """Current in the standard's circuit, A rms."""
    ratio_percent: float
    """Ratio error ε, %, positive where the secondary current is too large (IEC 61869-2, ratio error)."""
    phase_minutes: float
    """Phase displacement Δφ, minutes of arc, positive where the secondary current leads (IEC 61869-2, phase displacement)."""


@dataclass(frozen=True)
class Transformer:
    """One isolating transformer 1:1, or several alike: its primary in the standard's circuit, its secondary in the meter's."""

    points: tuple[TransformerPoint, ...]
    """At rising currents, two or more."""
    ratio_uncertainty_percent: float
    """Expanded uncertainty (k = 2) of the ratio errors, %, as the certificate states it."""
    phase_uncertainty_minutes: float
    """Expanded uncertainty (k = 2) of the phase displacements, minutes of arc."""
    phases: tuple[str, ...] = PHASE_NAMES
    """The phases it stands in."""

    def at(self, current: float) -> TransformerPoint:
        """Ratio error and phase displacement at a current in A, interpolated; beyond the table its last values hold.

        Both errors come from the magnetising current, which falls by a power of the load: certificates therefore space their points
        by factors, and a straight line over log I lies much nearer to such a curve than one over I.
        """
        points = self.points
        k = bisect_right(self._currents, current)
        if k in (0, len(points)):
            end = points[max(0, k - 1)]
            return TransformerPoint(current, end.ratio_percent, end.phase_minutes)
        low, high = points[k - 1], points[k]
        share = math.log(current / low.current) / self._spans[k - 1]
        return TransformerPoint(
            current,
            low.ratio_percent + share * (high.ratio_percent - low.ratio_percent),
            low.phase_minutes + share * (high.phase_minutes - low.phase_minutes),
        )

    @cached_property
    def _currents(self) -> list[float]:
        return [point.current for point in self.points]

    @cached_property
    def _spans(self) -> list[float]:
        """Logarithm of the factor between each current and the next."""
        return [math.log(high / low) for low, high in itertools.pairwise(self._currents)]

    def covers(self, current: float) -> bool:
        """Whether the certificate says anything at this current, A."""
        return self.points[0].current * (1 - MARGIN) <= current <= self.points[-1].current * (1 + MARGIN)
