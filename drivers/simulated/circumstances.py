"""The circumstances a meter is in at one moment, and conditions on them: many faults show only at some load, or when warm.

A condition is written behind the size of a fault, `+3%@15Hz` for instance; the fault's name says whether above or below.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Literal

from drivers.load import OFF, Load
from reference_meter import TypeNumber

Quantity = Literal["pulses_hz", "over_ib", "over_un", "power_factor", "single", "warm_s", "idle_s", "steady_s"]

_SAME_LOAD = 0.1
"""A source wanders and settles; a change of power by more than this share is another load."""


@dataclass(frozen=True)
class Circumstances:
    """What a meter's circuits are exposed to."""

    pulses_hz: float = 0.0
    """S0 pulses a second that the true power calls for."""
    over_ib: float = 0.0
    """Largest phase current over Ib."""
    over_un: float = 0.0
    """Largest phase voltage over Un."""
    power_factor: float = 1.0
    """Smallest cos φ of the phases that carry current, as a size; 1 where none does."""
    single: float = 0.0
    """1 where one phase of several carries current and the others none."""
    warm_s: float = 0.0
    """How long it has carried more than half of Imax, in all, s."""
    idle_s: float = 0.0
    """How long it has had no current, s; 0 under current."""
    steady_s: float = 0.0
    """How long the load has been what it is, s."""


@dataclass(frozen=True)
class Where:
    """A condition: one of the circumstances lies above `bound`, or below it."""

    quantity: Quantity
    bound: float
    above: bool = True

    def holds(self, now: Circumstances) -> bool:
        """Whether it is so now."""
        value: float = getattr(now, self.quantity)
        return value > self.bound if self.above else value < self.bound


class Exposure:
    """Follows what one meter is exposed to. Time counts only as often as the load is set: every few seconds while a source is on."""

    def __init__(self, meter: TypeNumber) -> None:
        self._meter = meter
        self._load, self._power = OFF, 0.0
        self._set_at = self._changed_at = self._idle_since = 0.0
        self.now = Circumstances()
        """The circumstances as of the last load."""

    def expose(self, at: float, load: Load) -> None:
        """From loop time `at` on the meter is at `load`."""
        meter, phases = self._meter, range(self._meter.phase_count)
        loaded = [k for k in phases if load.i[k]]
        warming = self.now.over_ib * meter.i_b > meter.i_max / 2
        before, after = self._power, sum(load.power[: meter.phase_count])
        if abs(after - before) > _SAME_LOAD * max(abs(before), abs(after)):
            self._changed_at = at
        if loaded or self._load.has_current:
            self._idle_since = at
        self.now = Circumstances(
            pulses_hz=abs(after) / 3600.0,  # 1 Wh a pulse (R5)
            over_ib=max(abs(load.i[k]) for k in phases) / meter.i_b,
            over_un=max(abs(load.u[k]) for k in phases) / meter.u_n,
            power_factor=min((_cos_phi(load.u[k], load.i[k]) for k in loaded), default=1.0),
            single=float(len(loaded) == 1 < meter.phase_count),
            warm_s=self.now.warm_s + (at - self._set_at) * warming,
            idle_s=at - self._idle_since,
            steady_s=at - self._changed_at,
        )
        self._load, self._power, self._set_at = load, after, at


def _cos_phi(u: complex, i: complex) -> float:
    return abs(math.cos(cmath.phase(u) - cmath.phase(i)))
