"""A reference standard (power analyser) that speaks SCPI: one question, one answer with the load of all three phases.

| command | meaning |
| --- | --- |
| `*IDN?` | maker, model, serial number, firmware |
| `:MEAS:ALL?` | 16 numbers, see below |
| `:SYST:ERR?` | oldest entry of the error queue |

The numbers: U1..U3 in V, I1..I3 in A, angle of U1..U3 in degrees ahead of U1, φ1..φ3 in degrees by which each current lags its
voltage, P1..P3 in W, frequency in Hz. A phase without voltage has angle 0, and its φ counts from there.
"""

from __future__ import annotations

import math
from cmath import rect

from drivers.answered_numbers import senseless, time_of
from drivers.power_source import Reading
from drivers.visa import Answer, VisaPort
from drivers.visa_standard import VisaStandard

QUESTION = ":MEAS:ALL?"
"""Asks for the whole load at once."""

_FIELDS = 16
_NOT_A_MEASUREMENT = 9.9e37
"""SCPI-99 volume 1, 7.2.1.4 and 7.2.1.5: 9.9E37 is infinity, 9.91E37 not a number."""


def reading_of(answer: Answer, latency: float) -> Reading:
    """Read the answer to `QUESTION`; `latency` is what the instrument declares to take from question to answer, in s.

    Raises `ValueError` when the answer is not one load.
    """
    numbers = [float(field) for field in answer.text.split(",")]
    if len(numbers) != _FIELDS or not all(abs(number) < _NOT_A_MEASUREMENT for number in numbers):
        raise ValueError(f"{_FIELDS} finite numbers expected")
    u, i, ahead, phi, power = (numbers[k : k + 3] for k in range(0, 15, 3))
    voltages = [rect(u[k], math.radians(ahead[k])) for k in range(3)]
    currents = [rect(i[k], math.radians(ahead[k] - phi[k])) for k in range(3)]
    return Reading(
        time=time_of(answer, latency),
        u=(voltages[0], voltages[1], voltages[2]),
        i=(currents[0], currents[1], currents[2]),
        power=(power[0], power[1], power[2]),
        frequency=numbers[15],
    )


async def measure(port: VisaPort, latency: float) -> Reading:
    """Ask for the whole load. Raises `InstrumentError`, and mistrusts the port, when the answer makes no sense."""
    answer = await port.ask(QUESTION)
    try:
        return reading_of(answer, latency)
    except ValueError as error:
        raise senseless(port, QUESTION, answer.text, str(error)) from error


class ScpiStandard(VisaStandard):
    """A reference standard on a VISA port; see the table above for its language."""

    def __init__(
        self, port: VisaPort, accuracy_percent: float = 0.02, readback_period: float = 1.0, latency: float = 0.1
    ) -> None:
        """`accuracy_percent` is the declared half-width of its error, % of reading; periods and latency in s."""
        super().__init__(port, accuracy_percent, readback_period)
        self._latency = latency

    async def open(self) -> None:
        """Connect, identify, empty the error queue."""
        await self._port.open()
        await self._port.drain_errors()

    async def read(self) -> Reading:
        """Measure once."""
        return await measure(self._port, self._latency)
