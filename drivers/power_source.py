"""What every power source can do for the bench, whatever language it speaks: apply a load, read it back, switch off.

A dialect (`drivers.scpi_source`, later others) implements `PowerSource`; a point outside its capabilities is refused, never clamped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from drivers.load import PHASE_NAMES, Load, Phasors


class InstrumentError(Exception):
    """An instrument could not be reached, did not answer, or refused. The message is for the person at the bench."""


class Unanswered(InstrumentError):
    """The instrument did not answer, hung up or answered what makes no sense: nothing is known of it."""


class SelfReported(InstrumentError):
    """The instrument reports an error that nothing asked of it has caused: what it does is not what it was told."""


class LoadRefused(InstrumentError):
    """The load lies outside what the source can make; nothing was switched."""


@dataclass(frozen=True)
class Reading:
    """One reading of the load, by the source itself or by a reference standard."""

    time: float
    """Event loop time in s at which the values hold (middle between question and answer, less the declared latency)."""
    u: Phasors
    """Phase-to-neutral voltages in V rms with their angles, U_L1 = 0°."""
    i: Phasors
    """Phase currents in A rms with their angles."""
    power: tuple[float, float, float]
    """Active power per phase in W."""
    frequency: float
    """Hz."""

    @property
    def total_power(self) -> float:
        """Active power of all phases in W."""
        return self.power[0] + self.power[1] + self.power[2]


@dataclass(frozen=True)
class Capabilities:
    """What a source can make and how it behaves, declared by its dialect and its station file."""

    phases: int = 3
    u_max: float = 300.0
    """V rms per phase."""
    i_max: float = 120.0
    """A rms per phase."""
    u_min: float = 0.0
    """V rms: smallest voltage per phase that is not zero."""
    i_min: float = 0.0
    """A rms: smallest current per phase that is not zero."""
    frequency_min: float = 45.0
    frequency_max: float = 65.0
    """Hz."""
    separate_current: bool = True
    """Whether voltage and current circuits are apart (phantom load)."""
    settle: float = 2.0
    """Seconds after a change of load until the output is steady, ramp and change of range included."""
    ramp: float = 0.0
    """Seconds in which the output rises when it is switched on, and falls when it is switched off."""
    readback_period: float = 1.0
    """Seconds between readings while the load is steady."""
    readback_latency: float = 0.02
    """Seconds a reading takes."""
    watchdog: bool = False
    """Whether the instrument switches off by itself when its controller falls silent."""
    power_accuracy_percent: float = 0.2
    """Half-width of the declared error of a power reading, % of reading."""
    power_resolution_w: float = 0.0
    """What the power reading of a phase is rounded to, W."""

    def refusals(self, load: Load) -> list[str]:
        """Say, one sentence each, why this source cannot make `load`; an empty list when it can."""
        found = []
        for k, (name, u, i) in enumerate(zip(PHASE_NAMES, load.u, load.i, strict=True)):
            if k >= self.phases and (u or i):
                found.append(f"phase {name} is wanted and the source has {self.phases}")
            if abs(u) > self.u_max:
                found.append(f"{abs(u):.1f} V on {name} is above the source's {self.u_max:g} V")
            if abs(i) > self.i_max:
                found.append(f"{abs(i):.4g} A on {name} is above the source's {self.i_max:g} A")
            if 0.0 < abs(u) < self.u_min:
                found.append(f"{abs(u):.1f} V on {name} is below the source's smallest {self.u_min:g} V")
            if 0.0 < abs(i) < self.i_min:
                found.append(f"{abs(i):.4g} A on {name} is below the source's smallest {self.i_min:g} A")
        if not self.frequency_min <= load.frequency <= self.frequency_max:
            found.append(
                f"{load.frequency:g} Hz is outside the source's {self.frequency_min:g} to {self.frequency_max:g} Hz"
            )
        if load.has_current and not self.separate_current:
            found.append("current is wanted and the source has no current circuit of its own")
        return found


class PowerSource(Protocol):
    """A programmable three-phase source with one owner. All methods raise `InstrumentError` with a sentence to act on."""

    @property
    def identity(self) -> str:
        """Maker, model, serial number and firmware as the instrument gave them."""

    @property
    def found(self) -> str:
        """What it held in its error queue when it was opened, in one sentence; empty when nothing."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""

    async def open(self) -> None:
        """Connect, identify, empty the error queue, and make sure the output is off."""

    async def apply(self, load: Load) -> None:
        """Set the load and switch the output on. Raises `LoadRefused` before anything is sent when it cannot be made."""

    async def read(self) -> Reading:
        """Read the output back."""

    async def off(self) -> Reading:
        """Currents to zero, voltages off, output off, read back. Raises `InstrumentError` when the readback is not zero."""

    async def close(self) -> None:
        """Let the connection go. Does not switch anything."""
