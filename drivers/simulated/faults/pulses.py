"""Faults of the S0 pulse output and its diode."""

from __future__ import annotations

from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.values import between, flag, one_in
from drivers.simulated.physics import MeterPhysics


def _lost(meter: MeterPhysics, value: str) -> None:
    meter.lost_every = one_in(value)


def _double(meter: MeterPhysics, value: str) -> None:
    meter.doubled_every = one_in(value)


def _width(meter: MeterPhysics, value: str) -> None:
    meter.width_ms = between(value, 1.0, 200.0)


def _dark(meter: MeterPhysics, value: str) -> None:
    meter.dark_every = one_in(value)


_HEAD = "where the station has a scanning head for it"

PULSES = (
    Fault("lost-pulses", "one S0 pulse in so many does not come out", "50", "", "meter", "s0-pulses",
          "one in 250", "FAIL", _lost),
    Fault("double-pulses", "one S0 pulse in so many comes out twice", "50", "", "meter", "s0-pulses",
          "one in 250", "FAIL", _double),
    Fault("short-pulse", "S0 pulses last this long", "26ms", "ms", "meter", "s0-pulses", "26.9 ms", "FAIL", _width),
    Fault("long-pulse", "S0 pulses last this long", "34ms", "ms", "meter", "s0-pulses", "33.1 ms", "FAIL", _width),
    Fault("dead-diode", "the S0 diode never lights", "", "", "meter", "s0-diode", _HEAD, "FAIL", flag("diode_dead")),
    Fault("missing-flashes", "the S0 diode stays dark at one pulse in so many", "50", "", "meter", "s0-diode",
          f"one in 500, {_HEAD}", "FAIL", _dark),
)  # fmt: skip
