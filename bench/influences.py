"""Influence quantities that a programmable source can make, as changes of a load: voltage, frequency, order and absence of phases."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.norms import Quantity
from drivers.load import PHASE_NAMES, Load, Phasors


@dataclass(frozen=True)
class Influence:
    """One quantity away from reference conditions, all else as it was (IEC 62053-21:2003, 8.2 and 8.5)."""

    quantity: Quantity
    name: str
    """Short, for the name of a step: "u+10", "without-l1-l2"."""
    title: str
    """As the operator reads it."""
    voltage: float = 1.0
    """Multiple of the voltages."""
    frequency: float = 1.0
    """Multiple of the frequency."""
    reversed_sequence: bool = False
    missing: tuple[str, ...] = ()
    """Phases without voltage, and so without current."""

    def on(self, load: Load) -> Load:
        """The load under this influence: the currents are those of `load`, with the angles to their voltages."""
        u, i = self._rearranged(load.u), self._rearranged(load.i)
        return Load((u[0] * self.voltage, u[1] * self.voltage, u[2] * self.voltage), i, load.frequency * self.frequency)

    def _rearranged(self, phasors: Phasors) -> Phasors:
        a, b, c = (0j if name in self.missing else each for name, each in zip(PHASE_NAMES, phasors, strict=True))
        return (a, c, b) if self.reversed_sequence else (a, b, c)


VOLTAGE = (
    Influence(Quantity.VOLTAGE, "u+10", "U +10 %", voltage=1.1),
    Influence(Quantity.VOLTAGE, "u-10", "U −10 %", voltage=0.9),
)
FREQUENCY = (
    Influence(Quantity.FREQUENCY, "f+2", "f +2 %", frequency=1.02),
    Influence(Quantity.FREQUENCY, "f-2", "f −2 %", frequency=0.98),
)
REVERSED_SEQUENCE = Influence(Quantity.REVERSED_SEQUENCE, "reversed", "phases reversed", reversed_sequence=True)
"""L1, L3, L2, at a balanced load."""


def without(*phases: str) -> Influence:
    """These phases have no voltage."""
    return replace(
        Influence(Quantity.UNBALANCE, f"without-{'-'.join(phases).lower()}", f"without {', '.join(phases)}"),
        missing=phases,
    )
