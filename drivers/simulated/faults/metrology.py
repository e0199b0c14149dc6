"""Faults of the measuring circuits: percentage error, no-load and starting."""

from __future__ import annotations

import re

from drivers.simulated.faults.fault import Fault, FaultError
from drivers.simulated.faults.values import between
from drivers.simulated.physics import MeterPhysics


def _gain(meter: MeterPhysics, value: str) -> None:
    change = between(value, -99.0, 1000.0)
    meter.gain_percent = [gain + change for gain in meter.gain_percent]


def _phase_gain(meter: MeterPhysics, value: str) -> None:
    match = re.fullmatch(r"L([123])\s*(.+)", value)
    if match is None:
        raise FaultError(f"{value!r} names no phase; write for instance L2+4%")
    meter.gain_percent[int(match[1]) - 1] += between(match[2], -99.0, 1000.0)


def _creep(meter: MeterPhysics, value: str) -> None:
    meter.creep_w = between(value, 0.001, 10_000.0)


def _no_start(meter: MeterPhysics, value: str) -> None:
    meter.starting_w = meter.meter.starting_power_uw * 1e-6 * between(value, 1.05, 100.0)


METROLOGY = (
    Fault("gain", "all measuring circuits are off by this much", "+2.5%", "%", "meter", "accuracy-ib",
          "class 1: ±1.6 %, class 2: ±2.6 %, whatever the good meter's own error was", "FAIL", _gain),
    Fault("phase-gain", "one measuring circuit is off by this much", "L2+4%", "%", "meter", "accuracy-ib-l2",
          "class 1: ±2.6 %, class 2: ±3.9 % on one phase", "FAIL", _phase_gain),
    Fault("creep", "registers with voltage on and no current", "40W", "W", "meter", "no-load",
          "two pulses within the test time", "FAIL", _creep),
    Fault("no-start", "registers only above this multiple of the starting power", "2x", "×", "meter", "starting",
          "1.1 times the starting power", "FAIL", _no_start),
)  # fmt: skip
