"""Faults of hours and peak, which `logic` finds in two hours and `eol` in its time does not."""

from __future__ import annotations

import math
from dataclasses import replace

from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.values import between
from drivers.simulated.odd_logic import OddLogic
from drivers.simulated.physics import MeterPhysics


def _odd_logic(meter: MeterPhysics) -> OddLogic:
    return meter.odd_logic or OddLogic()


def _hours_stopped(meter: MeterPhysics, _: str) -> None:
    meter.odd_logic = replace(_odd_logic(meter), hour_percent=math.inf)


def _hours_slow(meter: MeterPhysics, value: str) -> None:
    meter.odd_logic = replace(_odd_logic(meter), hour_percent=between(value, -90.0, 1000.0))


def _peak_wrong(meter: MeterPhysics, value: str) -> None:
    meter.odd_logic = replace(_odd_logic(meter), peak_percent=between(value, -99.0, 1000.0))


def _peak_forgets(meter: MeterPhysics, _: str) -> None:
    meter.odd_logic = replace(_odd_logic(meter), forgets=True)


def _window(meter: MeterPhysics, value: str) -> None:
    meter.odd_logic = replace(_odd_logic(meter), window_s=between(value, 60.0, 36_000.0))


LOGIC = (
    Fault("hours-stopped", "the hours counter stands", "", "", "meter", "hours-and-peak", "always", "FAIL", _hours_stopped,
          sequence="logic"),
    Fault("hours-slow", "the hours counter takes so much more than an hour for an hour", "+10%", "%", "meter", "hours-and-peak",
          "±4 % where the port speaks native", "FAIL", _hours_slow, sequence="logic"),
    Fault("peak-wrong", "the peak is off by this much", "+5%", "%", "meter", "hours-and-peak", "±0.5 % where the port speaks native",
          "FAIL", _peak_wrong, sequence="logic"),
    Fault("peak-forgets", "the peak is that of the latest window, not of the month", "", "", "meter", "hours-and-peak", "always",
          "FAIL", _peak_forgets, sequence="logic"),
    Fault("window-long", "the power is averaged over so many seconds in place of 900", "3600s", "s", "meter", "hours-and-peak",
          "2000 s", "FAIL", _window, sequence="logic"),
    Fault("window-short", "the power is averaged over so many seconds in place of 900", "300s", "s", "meter", "hours-and-peak",
          "400 s", "FAIL", _window, sequence="logic"),
)  # fmt: skip
