"""Faults of the optical port, and of what the meter says it is."""

from __future__ import annotations

from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.values import flag
from drivers.simulated.physics import MeterPhysics
from reference_meter import TypeNumber


def _type(meter: MeterPhysics, value: str) -> None:
    meter.meter = TypeNumber.parse(value)


OPTICAL = (
    Fault("silent-head", "the optical port does not answer", "", "", "meter", "sign-on", "always", "FAIL", flag("optical_silent")),
    Fault("wrong-type", "the meter is of another type", "685-361-OK-50", "", "meter", "sign-on", "always", "FAIL", _type),
)  # fmt: skip
