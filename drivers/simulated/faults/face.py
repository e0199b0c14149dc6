"""Faults of what a person sees of a meter: its display and key, its label, its seals."""

from __future__ import annotations

import re

from drivers.simulated.faults.fault import Fault, FaultError
from drivers.simulated.faults.values import flag
from drivers.simulated.physics import MeterPhysics
from reference_meter import TypeNumber


def _dead_segment(meter: MeterPhysics, value: str) -> None:
    match = re.fullmatch(r"([1-8])([a-g])", value)
    if match is None:
        raise FaultError(
            f"{value!r} is no segment; write the digit from 1 at the left and the segment a to g, for instance 8g"
        )
    meter.dead_segments = (*meter.dead_segments, (int(match[1]), match[2]))


def _label(meter: MeterPhysics, value: str) -> None:
    meter.printed_type = str(TypeNumber.parse(value))


FACE = (
    Fault("display-segment", "a segment of the display does not light: digit from the left, letter a to g", "8g", "", "meter",
          "display", "always", "FAIL", _dead_segment),
    Fault("dead-key", "the arrow key does nothing", "", "", "meter", "display", "always", "FAIL", flag("key_dead")),
    Fault("wrong-label", "the label says another type than the meter", "685-361-OK-50", "", "meter", "label-and-seals", "always",
          "FAIL", _label),
    Fault("broken-seal", "a seal is broken", "", "", "meter", "label-and-seals", "always", "FAIL", flag("seals_whole", False)),
)  # fmt: skip
