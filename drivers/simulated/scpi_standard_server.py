"""The far end of `drivers.scpi_standard`: a simulated power analyser that reports what the world lets it see.

The world decides the values, errors of the instrument included; this end turns them into the dialect.
"""

from __future__ import annotations

import math
from cmath import phase
from collections.abc import Callable

from drivers.power_source import Reading
from drivers.simulated.scpi_instrument import Command, ScpiInstrument

Measured = Callable[[], Reading]
"""What the instrument sees at the moment of the question; the time of the reading is not used."""


def measurement(reading: Reading) -> str:
    """Render a reading as the answer to `:MEAS:ALL?`, ten significant digits a number, angles against U1."""
    reference = _degrees(reading.u[0])
    ahead = [(_degrees(u) - reference) % 360 if u else 0.0 for u in reading.u]
    behind = [
        (a + reference - _degrees(i) + 180) % 360 - 180 if i else 0.0 for a, i in zip(ahead, reading.i, strict=True)
    ]
    numbers = [*map(abs, reading.u), *map(abs, reading.i), *ahead, *behind, *reading.power, reading.frequency]
    return ",".join(f"{number:.9E}" for number in numbers)


def measuring(measured: Measured, latency: float) -> Command:
    """`:MEAS:ALL?`: the values hold when the question comes, the answer follows `latency` seconds later."""
    return Command("MEASure:ALL?", lambda _, __: measurement(measured()), latency)


class ScpiStandardServer(ScpiInstrument):
    """A simulated reference standard."""

    def __init__(
        self, measured: Measured, latency: float = 0.1, identity: str = "BENCH,SIMULATED STANDARD,0001,1.0"
    ) -> None:
        """`measured` is asked at each question; `latency` in s."""
        super().__init__(identity, [measuring(measured, latency)])


def _degrees(value: complex) -> float:
    return math.degrees(phase(value)) if value else 0.0
