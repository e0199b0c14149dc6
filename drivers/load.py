"""The electrical load a source is asked for: a complex U and I per phase, absolute, and the frequency.

U_L1 = 0°, U_L2 = −120°, U_L3 = +120°; φ = angle(U) − angle(I), inductive positive. Every dialect converts from this.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

PHASE_NAMES = ("L1", "L2", "L3")
"""The three phases in their order; index 0 is L1."""

SYSTEM_ANGLES_DEG = (0.0, -120.0, 120.0)
"""Angle of each phase-to-neutral voltage in degrees."""

NOMINAL_HZ = 50.0
"""The frequency of every load that names none."""

Phasors = tuple[complex, complex, complex]
"""One complex rms value per phase, L1 to L3."""


@dataclass(frozen=True)
class Load:
    """What the source puts on the terminals of all meters: rms phasors in volts and amperes, frequency in hertz."""

    u: Phasors
    """Phase-to-neutral voltages in V rms, with their angles."""
    i: Phasors
    """Phase currents in A rms, with their angles."""
    frequency: float = NOMINAL_HZ
    """Hz."""

    def __post_init__(self) -> None:
        numbers = [*self.u, *self.i, complex(self.frequency)]
        if not all(cmath.isfinite(number) for number in numbers):
            raise ValueError(f"a load has finite phasors and frequency only: {self}")

    @property
    def power(self) -> tuple[float, float, float]:
        """Active power per phase in W."""
        p = [(u * i.conjugate()).real for u, i in zip(self.u, self.i, strict=True)]
        return (p[0], p[1], p[2])

    @property
    def total_power(self) -> float:
        """Active power of all phases in W."""
        return math.fsum(self.power)

    @property
    def largest_current(self) -> float:
        """The largest phase current in A rms."""
        return max(abs(i) for i in self.i)

    @property
    def has_current(self) -> bool:
        """Whether any phase carries current."""
        return self.largest_current > 0.0

    def without_current(self) -> Load:
        """The same voltages with all currents at zero: the state in which a current circuit may be switched."""
        return Load(self.u, (0j, 0j, 0j), self.frequency)

    def __str__(self) -> str:
        phases: list[tuple[str, str]] = []
        for name, u, i in zip(PHASE_NAMES, self.u, self.i, strict=True):
            if not (u or i):
                continue
            text = f"{abs(u):.1f} V"
            if i:
                angle = math.degrees(cmath.phase(u) - cmath.phase(i)) if u else 0.0
                text += f" {abs(i):.4g} A φ {round((angle + 180) % 360 - 180):+d}°"
            if phases and phases[-1][1] == text and int(phases[-1][0][-1]) + 1 == int(name[-1]):
                phases[-1] = (f"{phases[-1][0].partition('–')[0]}–{name}", text)
            else:
                phases.append((name, text))
        words = [f"{names} {text}" for names, text in phases]
        if all(self.u) and (self.u[1] * self.u[0].conjugate()).imag > 0.0:
            words.append("order L1 L3 L2")
        if words and self.frequency != NOMINAL_HZ:
            words.append(f"{self.frequency:g} Hz")
        return ", ".join(words) or "off"


OFF = Load((0j, 0j, 0j), (0j, 0j, 0j))
"""Everything at zero."""


def symmetrical(u: float, i: float | tuple[float, float, float], phi_deg: float = 0.0, phases: int = 3) -> Load:
    """A load on the first `phases` phases with `u` volts each; `i` amperes for all of them or one figure a phase.

    `phi_deg` is φ in degrees, inductive positive.
    """
    currents = (i, i, i) if isinstance(i, (int, float)) else i
    present = [k < phases for k in range(3)]
    voltages = [cmath.rect(u, math.radians(a)) if on else 0j for a, on in zip(SYSTEM_ANGLES_DEG, present, strict=True)]
    amperes = [
        cmath.rect(current, math.radians(a - phi_deg)) if on and current else 0j
        for current, a, on in zip(currents, SYSTEM_ANGLES_DEG, present, strict=True)
    ]
    return Load((voltages[0], voltages[1], voltages[2]), (amperes[0], amperes[1], amperes[2]))
