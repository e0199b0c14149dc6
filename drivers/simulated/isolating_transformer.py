"""One isolating current transformer of the simulated line: its true errors, and the certificate that a laboratory wrote about it.

The magnetising current falls behind the load by a power of it, so both errors shrink as the current rises.
"""

from __future__ import annotations

import cmath
import math
import random
from dataclasses import dataclass

CERTIFIED_A = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 120.0)
"""The currents at which a laboratory measured it, A: from 0.05 Ib of the smallest type to the largest Imax."""

RATIO_UNCERTAINTY_PERCENT = 0.02
PHASE_UNCERTAINTY_MINUTES = 1.0
"""Expanded uncertainties (k = 2) that the certificate states."""

_POWER = 0.4
"""Both errors fall by this power of the current."""
_RAD_PER_MINUTE = math.pi / 180 / 60


@dataclass(frozen=True)
class IsolatingTransformer:
    """The truth of one transformer 1:1, rated 100 A."""

    ratio_percent: float
    """Ratio error at 1 A, 1 % of its rated current, %."""
    phase_mrad: float
    """Phase displacement at 1 A, mrad, positive where the secondary leads."""

    def gain(self, current: float) -> complex:
        """Secondary over primary current, at a primary current in A."""
        if current <= 0.0:
            return 1.0 + 0j
        share = current**-_POWER
        return cmath.rect(1.0 + self.ratio_percent / 100.0 * share, self.phase_mrad * 1e-3 * share)

    def certificate(self, rng: random.Random) -> tuple[tuple[float, float, float], ...]:
        """Current in A, ratio error in %, phase displacement in minutes: the truth as measured within the stated uncertainty."""
        return tuple(
            (
                current,
                (abs(self.gain(current)) - 1.0) * 100.0 + _measured(rng, RATIO_UNCERTAINTY_PERCENT),
                cmath.phase(self.gain(current)) / _RAD_PER_MINUTE + _measured(rng, PHASE_UNCERTAINTY_MINUTES),
            )
            for current in CERTIFIED_A
        )


def draw_transformer(rng: random.Random) -> IsolatingTransformer:
    """One of a series: uncorrected, most of them turn a good meter into a bad one at 0.5 inductive."""
    return IsolatingTransformer(-0.3 * rng.uniform(0.75, 1.25), 15.0 * rng.uniform(0.75, 1.25))


def _measured(rng: random.Random, expanded: float) -> float:
    return max(-expanded, min(expanded, rng.gauss(0.0, expanded / 2)))
