"""What a meter really does at a load point, from its physics alone: no noise, no instrument, no reference, none of the bench's code.

A measuring circuit k sees U_k I_k* turned by θ_k and times (1 + g_k). At a load with the same φ in every loaded phase and equal
power, the meter's percentage error is the mean over the loaded circuits of

    (1 + g_k) (cos θ_k − tan φ sin θ_k) − 1

with θ positive where the current seems to lag more. Voltage, current and frequency do not enter: these circuits are linear.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.trusted.limits import Point, limit_percent, phases, point


def element_error_percent(gain_percent: float, phase_error_mrad: float, tangent: float) -> float:
    """Error of one measuring circuit, %, at a load with this tan φ."""
    theta = phase_error_mrad * 1e-3
    return ((1.0 + gain_percent / 100.0) * (math.cos(theta) - tangent * math.sin(theta)) - 1.0) * 100.0


def error_percent(gains_percent: Sequence[float], phase_errors_mrad: Sequence[float], at: Point) -> float:
    """Error of a meter with these measuring circuits, one figure each, %, at a load point."""
    loaded = range(len(gains_percent)) if at.phase is None else (at.phase,)
    errors = [element_error_percent(gains_percent[k], phase_errors_mrad[k], at.tangent) for k in loaded]
    return math.fsum(errors) / len(errors)


def gain_for(error: float, phase_error_mrad: float, tangent: float) -> float:
    """The gain error, %, that gives a measuring circuit this error, %, at a load with this tan φ."""
    theta = phase_error_mrad * 1e-3
    return ((1.0 + error / 100.0) / (math.cos(theta) - tangent * math.sin(theta)) - 1.0) * 100.0


def is_good(type_number: str, errors: dict[str, float]) -> bool:
    """Whether the norm accepts a meter with these true errors, % by the name of the step."""
    return all(abs(error) <= limit_percent(type_number, step) for step, error in errors.items())


def errors_of(
    type_number: str, gains_percent: Sequence[float], phase_errors_mrad: Sequence[float], steps: Sequence[str]
) -> dict[str, float]:
    """True error, %, at each of these points."""
    count = phases(type_number)
    return {step: error_percent(gains_percent[:count], phase_errors_mrad[:count], point(step)) for step in steps}
