"""The station: which instruments and ports there are, and what is known of them. Values only; nothing is opened here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from drivers.power_source import Capabilities


@dataclass(frozen=True)
class Calibration:
    """What the declared accuracy of an instrument, or of a position's circuit, rests on."""

    serial: str = ""
    """Serial number on the name plate."""
    certificate: str = ""
    """Number of the calibration certificate."""
    due: date | None = None
    """The last day on which the certificate holds; None where nobody gave one."""


@dataclass(frozen=True)
class SourceDescription:
    """The power source."""

    resource: str
    """VISA resource name."""
    dialect: str = "generic-scpi"
    capabilities: Capabilities = field(default_factory=Capabilities)
    deadline: float = 2.0
    """Seconds an answer may take."""
    calibration: Calibration = field(default_factory=Calibration)


@dataclass(frozen=True)
class StandardDescription:
    """The reference standard, where there is one."""

    resource: str
    """VISA resource name."""
    accuracy_percent: float
    """Half-width of its declared error, % of reading."""
    dialect: str = "generic-scpi"
    """Its language."""
    readback_period: float = 1.0
    """Seconds between readings while the load is steady."""
    readback_latency: float = 0.02
    """Seconds a reading takes."""
    deadline: float = 2.0
    """Seconds an answer may take."""
    calibration: Calibration = field(default_factory=Calibration)


@dataclass(frozen=True)
class PositionDescription:
    """One place for a meter."""

    number: int
    s0_pin: str
    """GPIO input of the S0 output, for instance "GPIO4"."""
    optical: str
    """Port URL of the optical head: a device, `socket://…` or `simulated://…`."""
    bypass_pin: str | None = None
    """GPIO output of the bypass contactor; None where the position has none."""
    s0_offset_ms: float = 0.0
    """What the fixture adds to the width of a pulse, ms; subtracted from every width."""
    s0_offset_uncertainty_ms: float = 0.05
    """Standard uncertainty of the width after this correction, ms."""
    circuit_accuracy_percent: float = 0.02
    """Half-width of the error between the standard and this meter's terminals (isolating transformer, leads), %."""
    circuit_phase_mrad: float = 0.2
    """Half-width of the phase error between the standard and this meter's terminals, mrad."""
    calibration: Calibration = field(default_factory=Calibration)
    """Of the circuit and the fixture."""


@dataclass(frozen=True)
class SafetyDescription:
    """GPIO pins of the safety circuit, all optional. They belong to the process that owns the source."""

    estop_pin: str | None = None
    """Input: the emergency stop's auxiliary contact pulls it low while it is not pressed."""
    door_pin: str | None = None
    """Input: the door's contact pulls it low while the door is closed."""
    contactor_pin: str | None = None
    """Output: high closes the main contactor between source and meters."""
    red_pin: str | None = None
    yellow_pin: str | None = None
    green_pin: str | None = None
    blue_pin: str | None = None
    """Outputs: high lights the lamp of this colour."""


@dataclass(frozen=True)
class Station:
    """One test station."""

    name: str
    source: SourceDescription
    positions: tuple[PositionDescription, ...]
    standard: StandardDescription | None = None
    pin_factory: str = "lgpio"
    """gpiozero pin factory: "lgpio" or another that gpiozero knows."""
    simulated: bool = False
    owner_socket: str | None = None
    """Unix socket of the process that owns the source (`bench source`); None where the engine opens it itself."""
    safety: SafetyDescription = field(default_factory=SafetyDescription)

    def without_bypass(self, positions: Collection[int] = ()) -> tuple[int, ...]:
        """Which of these positions, or of all, have no contactor that takes their meter out of the current circuit."""
        return tuple(
            each.number
            for each in self.positions
            if each.bypass_pin is None and (not positions or each.number in positions)
        )

    @property
    def reference_accuracy_percent(self) -> float:
        """Half-width of the error of the reference energy, %: the standard's, else the source's own readback."""
        if self.standard is not None:
            return self.standard.accuracy_percent
        return self.source.capabilities.power_accuracy_percent
