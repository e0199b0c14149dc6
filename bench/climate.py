"""What the temperature of the room adds to the uncertainty of a percentage error. Pure functions.

Limits and declared accuracies hold at 23 ± 2 °C (IEC 62053-21:2003, 8.5); outside, meter and reference may each move by their coefficient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.norms import REFERENCE_TEMPERATURE_BAND_K, REFERENCE_TEMPERATURE_C, temperature_coefficient
from bench.station import EnvironmentDescription
from drivers.load import Load


def excess_k(environment: EnvironmentDescription, temperature_c: float | None) -> float:
    """How far outside 23 ± 2 °C the meters may be, in K; where nobody knows, as far as the station assumes."""
    if temperature_c is None:
        deviation = environment.assumed_deviation_k
    else:
        deviation = abs(temperature_c - REFERENCE_TEMPERATURE_C) + environment.temperature_uncertainty_k
    return max(0.0, deviation - REFERENCE_TEMPERATURE_BAND_K)


@dataclass(frozen=True)
class Climate:
    """The temperature of one run, as far as it counts."""

    accuracy_class: int
    """Of the meters: the norm allows their coefficient by class."""
    excess_k: float
    """K outside 23 ± 2 °C."""
    reference_percent_per_k: float = 0.0
    """Coefficient of what gives the reference energy, % a K, as the station declares it."""

    def uncertainty(self, load: Load) -> float:
        """Standard uncertainty at a load, %: half-widths coefficient × excess, rectangular, meter and reference independent."""
        p = load.total_power
        if p <= 0.0 or self.excess_k == 0.0:
            return 0.0
        apparent = sum(abs(u) * abs(i) for u, i in zip(load.u, load.i, strict=True))
        meter = temperature_coefficient(self.accuracy_class, p / apparent)
        return self.excess_k * math.hypot(meter, self.reference_percent_per_k) / math.sqrt(3)
