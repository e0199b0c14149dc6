"""From the load that the reference measures to the load at one meter's terminals: isolating transformers and leads of its position.

Pure functions. What is known is corrected; what remains uncertain of the correction goes into the budget of the error.

With e the ratio error and d the phase displacement (IEC 61869-2: positive where the secondary leads), R the resistance of the lead,

    I' = (1 + e) exp(jd) I,    U' = U - R I',    P' = (1 + e) (P cos d + Q sin d) - R |I'|²

with P as the reference measures it and Q = Im(U I*) from its phasors, inductive positive. So P' / P ≈ 1 + e + d tan φ: the displacement
counts for nothing at power factor 1 and 1.73 times at 0.5 inductive. A reactance of the lead takes no active power: no correction.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

from bench.record import Correction
from bench.station import PositionDescription
from bench.transformer import RAD_PER_MINUTE, TransformerPoint
from drivers.load import PHASE_NAMES, Load, Phasors
from drivers.power_source import Reading


def is_corrected(position: PositionDescription) -> bool:
    """Whether anything is known of this position's circuit that must be corrected."""
    return bool(position.transformers) or position.lead_milliohm != 0.0


def corrected(reading: Reading, position: PositionDescription) -> Reading:
    """What the reference would have read at this position's terminals."""
    if not is_corrected(position):
        return reading
    phases = [
        _at_terminals(reading.u[k], reading.i[k], reading.power[k], _errors(position, k, abs(reading.i[k])), position)
        for k in range(3)
    ]
    u: Phasors = (phases[0].u, phases[1].u, phases[2].u)
    i: Phasors = (phases[0].i, phases[1].i, phases[2].i)
    return Reading(reading.time, u, i, (phases[0].watts, phases[1].watts, phases[2].watts), reading.frequency)


def corrections(load: Load, position: PositionDescription) -> tuple[Correction, ...]:
    """For the record: what is applied at a load point to each phase that takes active power; empty where nothing is corrected."""
    if not is_corrected(position):
        return ()
    found = []
    for k, name in enumerate(PHASE_NAMES):
        if abs(load.power[k]) <= 1e-9 * abs(load.u[k] * load.i[k]):
            continue  # no current, or a quarter of a period behind
        errors = _errors(position, k, abs(load.i[k]))
        watts = load.power[k]
        there = _at_terminals(load.u[k], load.i[k], watts, errors, position)
        found.append(
            Correction(
                phase=name,
                current=abs(load.i[k]),
                ratio_percent=errors.ratio_percent,
                phase_minutes=errors.phase_minutes,
                lead_milliohm=position.lead_milliohm,
                power_percent=(there.watts / watts - 1.0) * 100.0,
            )
        )
    return tuple(found)


def correction_uncertainty(load: Load, position: PositionDescription) -> float:
    """Standard uncertainty of the corrected power of all phases, in %.

    Per phase u² = u(e)² + (tan φ u(d))² + (u(R) |I|² / P)². Phases add up fully correlated: one laboratory measured them with one set.
    """
    total = load.total_power
    if total <= 0.0:
        return 0.0
    ratio = turn = lead = 0.0
    for k in range(3):
        u, i = load.u[k], load.i[k]
        transformer = position.transformer(k)
        if transformer is not None:
            ratio += load.power[k] * transformer.ratio_uncertainty_percent / 2
            radians = transformer.phase_uncertainty_minutes / 2 * RAD_PER_MINUTE
            turn += abs((u * i.conjugate()).imag) * radians * 100.0
        lead += abs(i) ** 2 * position.lead_uncertainty_milliohm / 2 * 1e-3 * 100.0
    return math.hypot(ratio, turn, lead) / total


@dataclass(frozen=True)
class _Phase:
    u: complex
    i: complex
    watts: float


def _errors(position: PositionDescription, k: int, current: float) -> TransformerPoint:
    transformer = position.transformer(k)
    return TransformerPoint(current, 0.0, 0.0) if transformer is None else transformer.at(current)


def _at_terminals(
    u: complex, i: complex, watts: float, errors: TransformerPoint, position: PositionDescription
) -> _Phase:
    if not i and not watts:
        return _Phase(u, i, watts)
    size, turn = 1.0 + errors.ratio_percent / 100.0, errors.phase_minutes * RAD_PER_MINUTE
    var = (u * i.conjugate()).imag
    there = i * cmath.rect(size, turn)
    ohm = position.lead_milliohm * 1e-3
    power = size * (watts * math.cos(turn) + var * math.sin(turn)) - ohm * abs(there) ** 2
    return _Phase(u - ohm * there, there, power)
