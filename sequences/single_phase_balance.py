"""Single phase against balanced load at Ib: a measuring circuit apart from the others shows although each stays inside its limit.

Derived from the accuracy points that are measured anyway; it costs no time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bench.derived import Derived, measured
from bench.measurements import Declared
from bench.norms import single_phase_difference
from bench.profile import Profile
from bench.record import ErrorBasis, Outcome
from bench.steps import Finding, Step
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy


@dataclass(frozen=True)
class SinglePhaseBalance(Derived):
    """|error with one phase loaded − error with a balanced load|, Ib, power factor 1 (IEC 62053-21:2003, 8.1, table 7)."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "single-phase-balance"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Single phase − balanced"

    def measurements(self) -> tuple[Declared, ...]:
        """One difference a phase, guarded by its uncertainty."""
        limit = single_phase_difference(self.meter.accuracy_class)
        most = limit.percent * self.profile.limit_factor
        return tuple(self.guarded(_name(phase), -most, most, "%", limit.source) for phase in self.meter.phases)

    def follows(self) -> tuple[str, ...]:
        """The balanced point and each phase alone."""
        return (self._point(), *(self._point(phase) for phase in self.meter.phases))

    def derive(self, earlier: Mapping[str, Outcome]) -> dict[str, Finding]:
        """Each phase against the balanced load, as far as both were measured."""
        found: dict[str, Finding] = {}
        balanced = measured(earlier, self._point(), "error")
        for phase in self.meter.phases:
            alone = measured(earlier, self._point(phase), "error")
            if balanced is None or alone is None:
                continue
            k = self.profile.coverage_factor
            shared = _shared(earlier[self._point(phase)].basis)
            u = difference_uncertainty(alone[1] / k, balanced[1] / k, shared, self.meter.phase_count)
            note = f"{alone[0]:+.3f} % alone, {balanced[0]:+.3f} % balanced"
            found[_name(phase)] = (alone[0] - balanced[0], k * u, note)
        return found

    def _point(self, phase: str | None = None) -> str:
        return Accuracy(self.meter, self.profile, self.meter.i_b, "Ib", only=phase).name


def single_phase_balance(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The comparison; none for a meter of one phase."""
    return [SinglePhaseBalance(meter, profile)] if meter.polyphase else []


def difference_uncertainty(alone: float, balanced: float, shared: float, phases: int) -> float:
    """Standard uncertainty of the difference of two errors whose standard uncertainties are `alone` and `balanced`, %.

    `shared` is the part of each that reference, circuit, corrections and temperature make. The balanced load holds the same phase
    with a share of 1/m, and with it that phase's part: of m independent parts of one size √(1 − 1/m) is left. What the phases have in
    common cancels besides, and is not claimed, because no certificate says how large it is. The pulses of the two points have
    nothing in common: the rest of both adds up as it is.
    """
    shared = min(shared, alone, balanced)
    left = shared * math.sqrt(1.0 - 1.0 / phases)
    return math.sqrt(left**2 + (alone**2 - shared**2) + (balanced**2 - shared**2))


def _shared(basis: ErrorBasis | None) -> float:
    """At power factor 1, where no phase error of the circuit counts; nothing cancels where the record does not say."""
    if basis is None:
        return 0.0
    rectangular = math.hypot(basis.reference_percent, basis.circuit_percent) / math.sqrt(3)
    return math.hypot(rectangular, basis.correction_percent, basis.temperature_percent)


def _name(phase: str) -> str:
    return f"{phase} − balanced"
