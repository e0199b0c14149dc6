"""Faults that `eol` lets through and `audit` finds: the error moves with voltage, frequency, order or absence of phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.values import between
from drivers.simulated.physics import MeterPhysics


def _influence(name: str) -> Callable[[MeterPhysics, str], None]:
    def put_into(meter: MeterPhysics, value: str) -> None:
        meter.influences = replace(meter.influences, **{name: between(value, -20.0, 20.0)})

    return put_into


INFLUENCES = (
    Fault("voltage-influence", "the error moves by this much where the voltage is 10 % higher", "+1.2%", "%", "meter",
          "influence-u+10-ib", "class 1: ±0.9 %, class 2: ±1.2 %", "FAIL", _influence("voltage_percent"), sequence="audit"),
    Fault("frequency-influence", "the error moves by this much where the frequency is 2 % higher", "+1%", "%", "meter",
          "influence-f+2-ib", "class 1: ±0.6 %, class 2: ±0.9 %", "FAIL", _influence("frequency_percent"), sequence="audit"),
    Fault("sequence-influence", "the error moves by this much where the phases come in reversed order", "+2%", "%", "meter",
          "influence-reversed-0.1ib", "±1.6 %, on three phases", "FAIL", _influence("sequence_percent"), sequence="audit"),
    Fault("unbalance-influence", "the error moves by this much for each phase whose voltage is missing", "+3%", "%", "meter",
          "influence-without-l1-ib", "class 1: ±2.1 %, class 2: ±4.1 %, on two or three phases", "FAIL",
          _influence("unbalance_percent"), sequence="audit"),
)  # fmt: skip
