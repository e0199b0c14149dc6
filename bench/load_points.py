"""Load points in the field's words: functions that return a `Load` for a type number."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.norms import PULSE_ENERGY_J, starting_current_over_ib
from drivers.load import OFF, Load, symmetrical
from reference_meter import TypeNumber


@dataclass(frozen=True)
class PowerFactor:
    """cos φ and which way the current goes: inductive lags the voltage, φ positive."""

    value: float = 1.0
    inductive: bool = True

    @property
    def phi_deg(self) -> float:
        """φ in degrees."""
        angle = math.degrees(math.acos(self.value))
        return angle if self.inductive else -angle

    def __str__(self) -> str:
        return "" if self.value == 1.0 else f"PF {self.value:g} {'ind' if self.inductive else 'cap'}"


UNITY = PowerFactor(1.0)


def inductive(value: float) -> PowerFactor:
    """A lagging power factor."""
    return PowerFactor(value, inductive=True)


def at(meter: TypeNumber, current: float, power_factor: PowerFactor = UNITY, only: str | None = None) -> Load:
    """`current` amperes at Un on all phases of the meter, or on the phase named by `only` with all voltages applied."""
    currents = [current if only in (None, name) else 0.0 for name in ("L1", "L2", "L3")]
    return symmetrical(
        float(meter.u_n), (currents[0], currents[1], currents[2]), power_factor.phi_deg, phases=meter.phase_count
    )


def pulse_period(load: Load) -> float:
    """Seconds from one S0 pulse to the next of a meter without error; the load must have power."""
    return PULSE_ENERGY_J / load.total_power


def voltage_only(meter: TypeNumber) -> Load:
    """Un on all phases of the meter, no current."""
    return symmetrical(float(meter.u_n), 0.0, phases=meter.phase_count)


def no_load(meter: TypeNumber, voltage_over_un: float) -> Load:
    """The no-load test: the given multiple of Un, current circuit open (IEC 62053-21:2003, 8.3.2)."""
    return symmetrical(meter.u_n * voltage_over_un, 0.0, phases=meter.phase_count)


def starting(meter: TypeNumber) -> Load:
    """The starting current on all phases at Un, power factor 1 (IEC 62053-21:2003, 8.3.3)."""
    return at(meter, meter.i_b * starting_current_over_ib(meter.accuracy_class))


__all__ = ["OFF", "UNITY", "PowerFactor", "at", "inductive", "no_load", "starting", "voltage_only"]
