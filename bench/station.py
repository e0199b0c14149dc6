"""The station: which instruments and ports there are, and what is known of them. Values only; nothing is opened here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from bench.known_meters import KnownMeters
from bench.permits import StaffMember
from bench.transformer import Transformer
from drivers.load import PHASE_NAMES
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
    temperature_percent_per_k: float = 0.0
    """Largest change of the error of its readback, % a K outside 23 ± 2 °C."""


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
    temperature_percent_per_k: float = 0.0
    """Largest change of its error, % a K outside 23 ± 2 °C; 0 where the declared error holds over the room's temperatures."""


POSITION_PINS = (
    "s0_pin", "bypass_pin", "tariff_pin", "supply_pin", "diode_pin", "output_2_pin", "contact_pin", "button_pin",
)  # fmt: skip
"""Keys of a position under which the station file names a pin."""
MEASURED_PINS = frozenset({"s0_pin", "diode_pin", "output_2_pin"})
"""Those whose edges are measured."""


@dataclass(frozen=True)
class PositionDescription:
    """One place for a meter."""

    number: int
    s0_pin: str
    """GPIO input of the S0 output, for instance "GPIO4"; a line of the header."""
    optical: str
    """Port URL of the optical head: a device, `socket://…` or `simulated://…`."""
    bypass_pin: str | None = None
    """GPIO output of the bypass contactor, "GPIO16" or "mcp23017:3"; None where the position has none."""
    s0_offset_ms: float = 0.0
    """What the fixture adds to the width of a pulse, ms; subtracted from every width."""
    s0_offset_uncertainty_ms: float = 0.05
    """Standard uncertainty of the width after this correction, ms."""
    circuit_accuracy_percent: float = 0.02
    """Half-width of the error left between the standard and this meter's terminals after all corrections, %."""
    circuit_phase_mrad: float = 0.2
    """Half-width of the phase error left between the standard and this meter's terminals after all corrections, mrad."""
    calibration: Calibration = field(default_factory=Calibration)
    """Of the circuit and the fixture."""
    transformers: tuple[Transformer, ...] = ()
    """Isolating transformers whose errors are corrected, each phase at most once; empty where the meter's circuit is the standard's."""
    lead_milliohm: float = 0.0
    """What the meter's voltage loses between the standard's sense point and its terminals, mV a A; negative where it gains."""
    lead_uncertainty_milliohm: float = 0.0
    """Expanded uncertainty (k = 2) of it, mΩ."""

    modules: Mapping[str, str] = field(default_factory=dict)
    """Port URL by module code: MK, RK, FK, IK, HK, YN. Positions may share all but RK and IK: one bus, one loop, one modem."""
    telephone: str = ""
    """Number under which the bench's modem reaches that of the meter in this position (HK, YN)."""
    tariff_pin: str | None = None
    """GPIO output of the relay that asks for tariff 2 (WK, FK, EK)."""
    supply_pin: str | None = None
    """GPIO input that 24 V of an S0 supply module (SK) pull low."""
    diode_pin: str | None = None
    """GPIO input that a scanning head pulls low while the S0 diode is lit; a line of the header."""
    output_2_pin: str | None = None
    """GPIO input of pulse output 2 (RK); a line of the header."""
    contact_pin: str | None = None
    """GPIO output that closes the contact at the pulse input (RK)."""
    button_pin: str | None = None
    """GPIO output of the actuator that presses the arrow key."""

    def transformer(self, k: int) -> Transformer | None:
        """The transformer in phase L`k + 1`; None where there is none."""
        return next((each for each in self.transformers if PHASE_NAMES[k] in each.phases), None)

    def has(self, key: str) -> bool:
        """Whether the station file gives it this key; "modules.MK" is the port of a module."""
        key, _, code = key.partition(".")
        value = getattr(self, key)
        return bool(value.get(code) if code else value)

    @property
    def pins(self) -> tuple[str, ...]:
        """Every GPIO pin of the position."""
        return tuple(self.pins_by_key.values())

    @property
    def pins_by_key(self) -> dict[str, str]:
        """The same, by its key of the station file."""
        return {key: pin for key in POSITION_PINS if (pin := getattr(self, key)) is not None}


@dataclass(frozen=True)
class EnvironmentDescription:
    """How the temperature at the meters is known."""

    temperature_sensor: str = ""
    """sysfs file of an hwmon or IIO sensor; `*` stands for what changes from boot to boot. Empty where there is none."""
    temperature_uncertainty_k: float = 0.5
    """Half-width of the difference between the temperature told, by sensor or person, and the one at the meters, K."""
    assumed_deviation_k: float = 5.0
    """Where no temperature is known, the room is taken to lie within 23 °C ± this, K."""


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
    pin_factory: str = "gpiod"
    """gpiozero pin factory: "gpiod" (drivers/gpiod_pins.py), another that gpiozero knows, or "simulated:PATH" of a world apart."""
    simulated: bool = False
    owner_socket: str | None = None
    """Unix socket of the process that owns the source (`bench source`); None where the engine opens it itself."""
    safety: SafetyDescription = field(default_factory=SafetyDescription)
    environment: EnvironmentDescription = field(default_factory=EnvironmentDescription)
    people: tuple[StaffMember, ...] = ()
    """Who works here; where nobody is listed everybody may do everything but release."""
    known: KnownMeters = field(default_factory=KnownMeters)
    """Golden meters and red rabbits."""

    @property
    def is_world_apart(self) -> bool:
        """Whether behind its pins there is a simulated world, whatever the rest of it says."""
        return self.pin_factory.partition(":")[0] == "simulated"

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

    @property
    def reference_percent_per_k(self) -> float:
        """Largest change of that error, % a K outside 23 ± 2 °C."""
        given = self.standard or self.source
        return given.temperature_percent_per_k
