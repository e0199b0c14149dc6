"""A three-phase source that speaks SCPI, dialect "generic-scpi": voltage and current circuits apart, one load change a line.

| command | meaning |
| --- | --- |
| `:FREQ <Hz>` | frequency of all phases |
| `:VOLT<n> <V>` | rms voltage of phase n = 1..3 |
| `:VOLT<n>:PHAS <deg>` | degrees by which it is ahead of U1, 0 to 360: L2 = 240, L3 = 120 |
| `:CURR<n> <A>` | rms current of phase n |
| `:CURR<n>:PHAS <deg>` | degrees by which it lags its own voltage (φ, inductive positive), −180 to 180 |
| `:OUTP ON`, `:OUTP OFF`, `:OUTP?` | output of all phases; settings are kept while it is off |
| `:MEAS:ALL?` | the output, measured: see `drivers.scpi_standard` |
| `:SYST:ERR?` | oldest entry of the error queue |
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.answered_numbers import decimal, degrees, half_turn
from drivers.dialect_source import DialectSource
from drivers.load import SYSTEM_ANGLES_DEG, Load
from drivers.power_source import Reading
from drivers.scpi_standard import measure


class ScpiSource(DialectSource):
    """A power source on a VISA port; see the table above for its language."""

    async def _measure(self) -> Reading:
        """Read the output back."""
        return await measure(self._port, self._capabilities.readback_latency)

    def _load_lines(self, load: Load) -> Sequence[str]:
        return (_settings(load, self._capabilities.phases),)

    def _off_lines(self) -> Sequence[str]:
        return (
            ";".join(f":CURR{n} 0" for n in self._phases),
            ";".join([*(f":VOLT{n} 0" for n in self._phases), ":OUTP OFF"]),
        )


def _settings(load: Load, phases: int) -> str:
    volts, amperes = [], []
    for k in range(phases):
        u, i = load.u[k], load.i[k]
        # A phase without voltage keeps its place in the system, so that its current has an angle to lag behind.
        ahead = degrees(u) if u else SYSTEM_ANGLES_DEG[k]
        lag = ahead - degrees(i) if i else 0.0
        volts += [f":VOLT{k + 1} {decimal(abs(u))}", f":VOLT{k + 1}:PHAS {decimal(ahead % 360)}"]
        amperes += [f":CURR{k + 1} {decimal(abs(i))}", f":CURR{k + 1}:PHAS {decimal(half_turn(lag))}"]
    # An instrument carries a line out in turn: no current is left on a voltage that goes.
    parts = volts + amperes if all(load.u[:phases]) else amperes + volts
    return ";".join([f":FREQ {decimal(load.frequency)}", *parts])
