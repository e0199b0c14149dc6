"""Meters for the bench to judge: their true errors are placed, and all that the budget calls uncertain of a meter is drawn.

Each figure is drawn as wide as the budget of a percentage error says it may be: a meter more kindly made would flatter the bench.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from benchmarks.trusted import truth
from benchmarks.trusted.limits import phases, point, temperature_coefficient
from drivers.simulated import mounting
from drivers.simulated.physics import MeterPhysics, draw
from reference_meter import TypeNumber

QUANTUM_WH = 0.002
"""Energy of a phase pulse that the budget assumes of a meter nobody has measured (R1)."""
QUANTUM_SPREAD = 0.05
"""Meters differ by so much of it: a quantum of which exactly 500 make 1 Wh would leave no error on one phase."""
EDGE_JITTER_S = 50e-6
"""Standard deviation of an edge time that the budget assumes."""
PHASE_SCATTER_MRAD = 0.3
ELEMENT_SCATTER_PERCENT = 0.05
"""Standard deviations of a good production."""
SENSOR_K = 0.5
"""Half-width of the difference between the room's sensor and the meters."""
REFERENCE_C, BAND_K = 23.0, 2.0
"""Errors are stated at 23 ± 2 °C (IEC 62053-21:2003, 8.5): inside it temperature moves nothing."""


@dataclass(frozen=True)
class Placed:
    """The true error of one meter."""

    percent: float
    step: str = ""
    """The point at which it stands exactly; empty for every point alike."""
    scattered: bool = False
    """Whether its circuits and phase errors scatter as those of a good production around `percent`."""


@dataclass(frozen=True)
class Made:
    """A meter that was made, and its true error at each point."""

    physics: MeterPhysics
    errors: dict[str, float]
    """% by the name of the step, at 23 ± 2 °C."""


def make(meter: TypeNumber, placed: Placed, steps: tuple[str, ...], room_c: float, rng: random.Random) -> Made:
    """A meter with its true error in place, in a room whose sensor tells `room_c`."""
    physics = draw(meter, rng)
    count = phases(str(meter))
    thetas, gains = [0.0] * 3, [placed.percent] * 3
    if placed.step:
        where = point(placed.step)
        thetas = [rng.gauss(0.0, PHASE_SCATTER_MRAD) for _ in range(3)]
        apart = [rng.gauss(0.0, ELEMENT_SCATTER_PERCENT) for _ in range(count)]
        middle = sum(apart) / count
        for k in range(count):
            error = placed.percent + (apart[k] - middle if where.phase is None else 0.0)
            gains[k] = truth.gain_for(error, thetas[k], where.tangent)
    elif placed.scattered:
        thetas = [rng.gauss(0.0, PHASE_SCATTER_MRAD) for _ in range(3)]
        gains = [placed.percent + rng.gauss(0.0, ELEMENT_SCATTER_PERCENT) for _ in range(3)]
    errors = truth.errors_of(str(meter), gains, thetas, steps)
    warmed = _warmed(str(meter), gains, thetas, room_c, rng)
    physics.gain_percent, physics.phase_error_mrad = warmed
    physics.quantum_wh = QUANTUM_WH * rng.uniform(1.0 - QUANTUM_SPREAD, 1.0 + QUANTUM_SPREAD)
    physics.phase_remainders = (rng.random(), rng.random(), rng.random())
    physics.edge_jitter_s = EDGE_JITTER_S
    physics.unfiltered = 1.0
    return Made(physics, errors)


def _warmed(
    type_number: str, gains: list[float], thetas: list[float], room_c: float, rng: random.Random
) -> tuple[list[float], list[float]]:
    """The circuits at the temperature of the meters, each coefficient anywhere inside what the norm allows."""
    away = room_c + rng.uniform(-SENSOR_K, SENSOR_K) - REFERENCE_C
    excess = max(0.0, abs(away) - BAND_K) * (1.0 if away > 0.0 else -1.0)
    unity, half = (
        temperature_coefficient(type_number, factor) * rng.uniform(-1.0, 1.0) * excess for factor in (1.0, 0.5)
    )
    # A turn moves power factor 1 by nothing and 0.5 inductive by √3 of it: it makes up what the gain does not.
    turn = (unity - half) / 100.0 / 3**0.5 * 1e3
    return [gain + unity for gain in gains], [theta + turn for theta in thetas]


@contextmanager
def delivered(physics: list[MeterPhysics]) -> Iterator[None]:
    """Simulated lines built and mounted inside the block get these meters, in the order of their positions."""
    coming = iter(physics)
    with patch.object(mounting, "draw", lambda _meter, _rng: next(coming)):
        yield
