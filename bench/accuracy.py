"""The percentage error of a meter from its own pulse edges, and the uncertainty of that error. Pure functions.

The meter's edges open and close the measurement; the reference energy between them is compared with the number of pulses.
"""

from __future__ import annotations

import cmath
import itertools
import math
from dataclasses import dataclass

from bench.load_points import pulse_period
from bench.norms import PULSE_ENERGY_J
from bench.profile import Profile
from drivers.load import Load


def percentage_error(pulses: int, energy_j: float) -> float:
    """Error in %: what the meter says against what passed; `pulses` whole periods at 1 Wh each (R84)."""
    return (pulses * PULSE_ENERGY_J / energy_j - 1.0) * 100.0


def ripple_amplitude_s(load: Load) -> float:
    """How far the double-frequency swing of the power can move an edge, in s: 0 when three phases balance it.

    A measuring element that integrates u·i without a filter is the upper bound.
    """
    p = load.total_power
    if p <= 0.0:
        return 0.0
    swing = abs(sum(u * i for u, i in zip(load.u, load.i, strict=True)))
    return swing / p / (2 * 2 * math.pi * load.frequency)


@dataclass(frozen=True)
class Budget:
    """Standard uncertainties of a percentage error by cause, in %."""

    reference: float
    """The declared error of the standard, rectangular."""
    circuit: float
    """Ratio and phase error between the standard and the meter's terminals, rectangular."""
    timing: float
    """Jitter of the two edges."""
    quantum: float
    """The meter's own energy steps (R1)."""
    ripple: float
    """Double-frequency swing of the power."""
    correction: float = 0.0
    """What is uncertain of the position's corrections."""
    temperature: float = 0.0
    """Meter and reference outside 23 ± 2 °C."""

    @property
    def random(self) -> float:
        """What more periods make smaller."""
        return math.hypot(self.timing, self.quantum, self.ripple)

    @property
    def systematic(self) -> float:
        """What stays the same however long the meter is measured."""
        return math.hypot(self.reference, self.circuit, self.correction, self.temperature)

    @property
    def combined(self) -> float:
        """Root of the sum of squares."""
        return math.hypot(self.systematic, self.random)


def budget(
    load: Load,
    periods: int,
    *,
    reference_percent: float,
    circuit_percent: float,
    circuit_mrad: float,
    profile: Profile,
    correction_percent: float = 0.0,
    temperature_percent: float = 0.0,
) -> Budget:
    """Uncertainty of the error from the first to the last edge of `periods` whole pulse periods at `load`.

    `reference_percent`, `circuit_percent` and `circuit_mrad` are half-widths of declared errors; `correction_percent` and
    `temperature_percent` are standard uncertainties at this load.
    """
    p = load.total_power
    seconds = periods * PULSE_ENERGY_J / p
    loaded = sum(1 for i in load.i if i)
    tangent = max(abs(math.tan(cmath.phase(u / i))) for u, i in zip(load.u, load.i, strict=True) if i)
    circuit = math.hypot(circuit_percent, circuit_mrad * 1e-3 * tangent * 100.0) / math.sqrt(3)
    # One phase alone whose quantum divides 1 Wh has no such error; the meter's quantum is unknown, so it is counted always.
    quantum = profile.quantum_wh * math.sqrt(loaded / 6) / periods * 100.0
    return Budget(
        reference=reference_percent / math.sqrt(3),
        circuit=circuit,
        timing=math.sqrt(2) * profile.edge_jitter_s / seconds * 100.0,
        quantum=quantum,
        ripple=ripple_amplitude_s(load) / seconds * 100.0,
        correction=correction_percent,
        temperature=temperature_percent,
    )


def periods_needed(load: Load, limit_percent: float, profile: Profile) -> int:
    """Fewest whole periods: the profile's minimum, and enough that the random part is at most 1/30 of the limit.

    Twice the random part is then a third of the fifth of the limit that IEC 62058-31 grants the whole uncertainty.
    """
    periods = profile.fewest_periods(pulse_period(load))
    at_one = budget(load, 1, reference_percent=0.0, circuit_percent=0.0, circuit_mrad=0.0, profile=profile).random
    # Every random part falls as 1/periods when the edges themselves open and close the measurement.
    return max(periods, math.ceil(at_one / (limit_percent / 30.0) - 1e-9))


@dataclass(frozen=True)
class PulseTrain:
    """What the intervals between pulses say, against the interval that the power calls for."""

    missing: int
    doubled: int


def pulse_train(rises: list[float], expected_period_s: float) -> PulseTrain:
    """Find missing and double pulses: an interval above 1.5 or below 0.5 of the expected one (R7, metering practice)."""
    missing = doubled = 0
    for before, after in itertools.pairwise(rises):
        periods = (after - before) / expected_period_s
        if periods > 1.5:
            missing += round(periods) - 1
        elif periods < 0.5:
            doubled += 1
    return PulseTrain(missing, doubled)
