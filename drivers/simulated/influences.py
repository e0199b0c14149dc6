"""How the error of one simulated meter moves with voltage, frequency, order of phases and missing voltages.

A good meter's coefficients are small beside the limits of variation of its class; a fault makes one of them large.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from drivers.load import NOMINAL_HZ, Load
from reference_meter import TypeNumber

_PRESENT_V = 100.0
"""Above this a phase counts as connected; far from any voltage a test applies."""


@dataclass(frozen=True)
class Influences:
    """By how much the error moves, in %, for the step of each quantity that the norm makes."""

    voltage_percent: float = 0.0
    """For a voltage 10 % higher, and as much the other way for one 10 % lower."""
    frequency_percent: float = 0.0
    """For a frequency 2 % higher, and as much the other way for one 2 % lower."""
    sequence_percent: float = 0.0
    """While the phases come in the order L1, L3, L2."""
    unbalance_percent: float = 0.0
    """For each phase whose voltage is missing."""

    def shift_percent(self, load: Load, phase: int, phases: int) -> float:
        """How far the circuit of `phase`, from 0, is off because of `load`, %."""
        volts = abs(load.u[phase])
        if volts < _PRESENT_V:
            return 0.0
        missing = sum(1 for u in load.u[:phases] if abs(u) < _PRESENT_V)
        shift = self.voltage_percent * (volts / TypeNumber.u_n - 1.0) / 0.10
        shift += self.frequency_percent * (load.frequency / NOMINAL_HZ - 1.0) / 0.02
        shift += self.unbalance_percent * missing
        if phases == 3 and not missing and (load.u[1] * load.u[0].conjugate()).imag > 0.0:
            shift += self.sequence_percent
        return shift


def draw_influences(rng: random.Random) -> Influences:
    """Those of a good meter: a small part of what class 1 allows."""
    return Influences(rng.gauss(0.0, 0.05), rng.gauss(0.0, 0.03), rng.gauss(0.0, 0.05), rng.gauss(0.0, 0.05))
