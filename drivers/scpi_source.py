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

import asyncio
import math
from cmath import phase

from drivers.load import PHASE_NAMES, SYSTEM_ANGLES_DEG, Load
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, Reading
from drivers.scpi_standard import measure
from drivers.visa import Revoked, VisaPort

_DEAD_VOLTS = 1.0
_DEAD_AMPERES = 0.01
"""Below these an output counts as off."""

_FALL_POLL_S = 0.1
"""Seconds between readings while the output falls."""


class ScpiSource:
    """A power source on a VISA port; see the table above for its language."""

    def __init__(self, port: VisaPort, capabilities: Capabilities) -> None:
        """`capabilities` are the station's: what the instrument can make, how long it settles, how long a reading takes."""
        self._port = port
        self._capabilities = capabilities
        self._on = False

    @property
    def identity(self) -> str:
        """Maker, model, serial number and firmware as the instrument gave them."""
        return self._port.identity

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""
        return self._capabilities

    async def open(self) -> None:
        """Connect, identify, empty the error queue, and make sure the output is off."""
        await self._port.open()
        await self._port.drain_errors()
        await self.off()

    async def apply(self, load: Load) -> None:
        """Set the load and switch the output on; the output stays off, or as it was, when a setting is refused.

        Raises `LoadRefused` with all reasons before anything is sent, and `InstrumentError` when the instrument refuses a
        setting or has switched its output off by itself.
        """
        refusals = self._capabilities.refusals(load)
        if refusals:
            raise LoadRefused(f"the {self._port.instrument} cannot make this load: {'; '.join(refusals)}")
        was_on, self._on = self._on, False
        is_on = await self._port.command(f"{_settings(load, self._capabilities.phases)};:OUTP?") == "1"
        if was_on and not is_on:
            raise InstrumentError(
                f"the {self._port.instrument} at {self._port.resource} has switched its output off by itself; "
                "its display names the reason"
            )
        if not is_on:
            # On a line of its own: a refused setting must not be followed by the output.
            await self._port.command(":OUTP ON")
        self._on = True

    async def read(self) -> Reading:
        """Read the output back."""
        return await measure(self._port, self._capabilities.readback_latency)

    async def off(self) -> Reading:
        """Currents to zero, then voltages and output off; read back until dead, for the settling time at most.

        Every line is sent whatever became of the one before it. Raises `InstrumentError` when the readback is not zero.
        """
        self._on = False
        phases = range(1, self._capabilities.phases + 1)
        troubles: list[InstrumentError] = []
        for line in (
            ";".join(f":CURR{n} 0" for n in phases),
            ";".join([*(f":VOLT{n} 0" for n in phases), ":OUTP OFF"]),
        ):
            try:
                await self._port.command(line)
            except Revoked:
                raise
            except InstrumentError as trouble:
                troubles.append(trouble)  # what counts is the readback below; it names them when it is not zero
        reading = await self._read_until_dead()
        if not _is_dead(reading):
            live = ", ".join(
                f"{name} {abs(u):.1f} V {abs(i):.3g} A"
                for name, u, i in zip(PHASE_NAMES, reading.u, reading.i, strict=True)
            )
            raise InstrumentError(
                f"the {self._port.instrument} at {self._port.resource} is still live after switching off ({live}). "
                f"Keep clear and open the contactor. {' '.join(map(str, troubles))}".rstrip()
            )
        return reading

    async def close(self) -> None:
        """Let the connection go. Does not switch anything."""
        await self._port.close()

    async def _read_until_dead(self) -> Reading:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._capabilities.settle
        while True:
            reading = await self.read()
            if _is_dead(reading) or loop.time() >= until:
                return reading
            await asyncio.sleep(min(_FALL_POLL_S, until - loop.time()))


def _is_dead(reading: Reading) -> bool:
    return all(abs(u) < _DEAD_VOLTS for u in reading.u) and all(abs(i) < _DEAD_AMPERES for i in reading.i)


def _settings(load: Load, phases: int) -> str:
    volts, amperes = [], []
    for k in range(phases):
        u, i = load.u[k], load.i[k]
        # A phase without voltage keeps its place in the system, so that its current has an angle to lag behind.
        ahead = math.degrees(phase(u)) if u else SYSTEM_ANGLES_DEG[k]
        lag = ahead - math.degrees(phase(i)) if i else 0.0
        volts += [f":VOLT{k + 1} {_decimal(abs(u))}", f":VOLT{k + 1}:PHAS {_decimal(ahead % 360)}"]
        amperes += [f":CURR{k + 1} {_decimal(abs(i))}", f":CURR{k + 1}:PHAS {_decimal((lag + 180) % 360 - 180)}"]
    # An instrument carries a line out in turn: no current is left on a voltage that goes.
    parts = volts + amperes if all(load.u[:phases]) else amperes + volts
    return ";".join([f":FREQ {_decimal(load.frequency)}", *parts])


def _decimal(value: float) -> str:
    """Nine decimals, finer than any source sets; never an exponent, which some instruments do not read."""
    return f"{value:.9f}".rstrip("0").rstrip(".")
