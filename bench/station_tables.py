"""The tables of `station.toml`: what each may hold, in which bounds and by which default, and what the bench makes of it.

A value is judged alone here; what contradicts another is `bench.station_contradictions`' to find.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bench.known_meters import SHIFT_H, CertifiedPoint, GoldenMeter, KnownMeters, RedRabbit
from bench.permits import Role, StaffMember
from bench.session import LONGEST_SCAN
from bench.station import (
    Calibration,
    EnvironmentDescription,
    PositionDescription,
    SafetyDescription,
    SourceDescription,
    StandardDescription,
    Station,
)
from bench.toml_lines import Place
from bench.transformer import Transformer, TransformerPoint
from drivers.power_source import Capabilities
from drivers.source_dialects import default_capabilities
from reference_meter import TypeNumber

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class _Calibrated(_Table):
    serial: str = ""
    certificate: str = ""
    due: date | None = None

    def calibration(self) -> Calibration:
        return Calibration(self.serial, self.certificate, self.due)

    def description(self) -> dict[str, Any]:
        """Everything else."""
        return self.model_dump(exclude=_CALIBRATION)


_CALIBRATION = {"serial", "certificate", "due"}


class _Source(_Calibrated):
    resource: str = Field(min_length=1)
    dialect: Literal["generic-scpi", "zera", "zera-fg30x", "fluke-6105a", "ametek"] = "generic-scpi"
    phases: int | None = Field(default=None, ge=1, le=3)
    u_min: NotNegative | None = None
    u_max: Positive | None = None
    i_min: NotNegative | None = None
    i_max: NotNegative | None = None
    frequency_min: Positive | None = None
    frequency_max: Positive | None = None
    separate_current: bool | None = None
    settle: NotNegative | None = None
    ramp: NotNegative | None = None
    readback_period: Positive | None = None
    readback_latency: NotNegative | None = None
    watchdog: bool | None = None
    power_accuracy_percent: Positive | None = None
    power_resolution_w: NotNegative | None = None
    temperature_percent_per_k: NotNegative = 0.0
    deadline: Positive = 2.0

    def capabilities(self) -> Capabilities:
        """The dialect's own, with what the station says otherwise."""
        own = self.model_dump(
            exclude={"resource", "dialect", "deadline", "temperature_percent_per_k", *_CALIBRATION}, exclude_none=True
        )
        return replace(default_capabilities(self.dialect), **own)

    def source(self) -> SourceDescription:
        """As the bench uses it."""
        return SourceDescription(
            self.resource,
            self.dialect,
            self.capabilities(),
            self.deadline,
            self.calibration(),
            self.temperature_percent_per_k,
        )


class _Standard(_Calibrated):
    resource: str = Field(min_length=1)
    dialect: Literal["generic-scpi", "yokogawa-wt300"] = "generic-scpi"
    accuracy_percent: Positive
    readback_period: Positive = 1.0
    readback_latency: NotNegative = 0.02
    deadline: Positive = 2.0
    temperature_percent_per_k: NotNegative = 0.0

    def standard(self) -> StandardDescription:
        """As the bench uses it."""
        return StandardDescription(**self.description(), calibration=self.calibration())


class _Point(_Table):
    current: Positive
    ratio_percent: float = Field(ge=-10.0, le=10.0)
    phase_minutes: float = Field(ge=-600.0, le=600.0)


class _Transformer(_Table):
    phases: list[Literal["L1", "L2", "L3"]] = Field(default=["L1", "L2", "L3"], min_length=1)
    ratio_uncertainty_percent: Positive
    phase_uncertainty_minutes: Positive
    points: list[_Point] = Field(min_length=2)

    def transformer(self) -> Transformer:
        """As the bench uses it."""
        points = tuple(TransformerPoint(**point.model_dump()) for point in self.points)
        return Transformer(points, self.ratio_uncertainty_percent, self.phase_uncertainty_minutes, tuple(self.phases))


class PositionTable(_Calibrated):
    """One `[[position]]`."""

    number: int = Field(ge=1, le=12)
    s0_pin: str = Field(min_length=1)
    optical: str = Field(min_length=1)
    bypass_pin: str | None = None
    s0_offset_ms: float = 0.0
    s0_offset_uncertainty_ms: Positive = 0.05
    circuit_accuracy_percent: NotNegative = 0.02
    circuit_phase_mrad: NotNegative = 0.2
    lead_milliohm: float = 0.0
    lead_uncertainty_milliohm: NotNegative = 0.0
    transformer: list[_Transformer] = []
    modules: dict[Literal["MK", "RK", "FK", "IK", "HK", "YN"], str] = {}
    telephone: str = Field(default="", pattern=r"^[0-9+*#]*$")
    tariff_pin: str | None = None
    supply_pin: str | None = None
    diode_pin: str | None = None
    output_2_pin: str | None = None
    contact_pin: str | None = None
    button_pin: str | None = None

    def position(self) -> PositionDescription:
        """As the bench uses it."""
        own = self.model_dump(exclude={"transformer", *_CALIBRATION})
        transformers = tuple(each.transformer() for each in self.transformer)
        return PositionDescription(**own, calibration=self.calibration(), transformers=transformers)


def _type_number(text: str) -> str:
    return str(TypeNumber.parse(text))


_Type = Annotated[str, AfterValidator(_type_number)]


class _Certified(_Table):
    step: str = Field(min_length=1)
    error_percent: float
    uncertainty_percent: Positive


class _Golden(_Table):
    serial: str = Field(min_length=1)
    type: _Type
    certificate: str = ""
    baseline_from: date | None = None
    certified: list[_Certified] = []

    def golden(self) -> GoldenMeter:
        """As the bench uses it."""
        certified = tuple(CertifiedPoint(**each.model_dump()) for each in self.certified)
        return GoldenMeter(self.serial, self.type, self.certificate, certified, self.baseline_from)


class _RedRabbit(_Table):
    serial: str = Field(min_length=1)
    type: _Type
    fails_at: str = Field(min_length=1)


class _Environment(_Table):
    temperature_sensor: str = Field(default="", pattern="^(/|$)")
    temperature_uncertainty_k: NotNegative = 0.5
    assumed_deviation_k: NotNegative = 5.0


class SafetyTable(_Table):
    """The table `[safety]`: pins of the process that owns the source."""

    estop_pin: str | None = None
    door_pin: str | None = None
    contactor_pin: str | None = None
    red_pin: str | None = None
    yellow_pin: str | None = None
    green_pin: str | None = None
    blue_pin: str | None = None


class _StaffMember(_Table):
    badge: str = Field(min_length=1, max_length=LONGEST_SCAN)
    name: str = Field(min_length=1)
    roles: list[Literal["operator", "engineer", "quality"]] = Field(min_length=1)

    def member(self) -> StaffMember:
        """As the bench uses it."""
        return StaffMember(self.badge, self.name, tuple(map(Role, self.roles)))


class StationTable(_Table):
    """The whole file."""

    name: str = Field(min_length=1)
    pin_factory: str = Field(default_factory=lambda: os.environ.get("GPIOZERO_PIN_FACTORY") or "gpiod")
    owner_socket: str | None = Field(default=None, pattern="^/")
    safety: SafetyTable = SafetyTable()
    environment: _Environment = _Environment()
    source: _Source
    standard: _Standard | None = None
    position: list[PositionTable] = Field(min_length=1)
    people: list[_StaffMember] = []
    golden_every_h: Positive = SHIFT_H
    golden: list[_Golden] = []
    red_rabbit: list[_RedRabbit] = []

    def station(self) -> Station:
        """As the bench uses it."""
        return Station(
            name=self.name,
            pin_factory=self.pin_factory,
            owner_socket=self.owner_socket,
            safety=SafetyDescription(**self.safety.model_dump()),
            environment=EnvironmentDescription(**self.environment.model_dump()),
            source=self.source.source(),
            standard=self.standard.standard() if self.standard is not None else None,
            positions=tuple(each.position() for each in sorted(self.position, key=lambda each: each.number)),
            people=tuple(each.member() for each in self.people),
            known=KnownMeters(
                tuple(each.golden() for each in self.golden),
                tuple(RedRabbit(each.serial, each.type, each.fails_at) for each in self.red_rabbit),
                self.golden_every_h,
            ),
        )


def names_at(place: Place) -> list[str]:
    """The names that the table around a place knows."""
    tables: dict[str, type[_Table]] = {
        "source": _Source,
        "standard": _Standard,
        "safety": SafetyTable,
        "environment": _Environment,
        "position": PositionTable,
        "transformer": _Transformer,
        "points": _Point,
        "people": _StaffMember,
        "golden": _Golden,
        "certified": _Certified,
        "red_rabbit": _RedRabbit,
    }
    inside = [each for each in place[:-1] if isinstance(each, str)]
    return list(tables.get(inside[-1], StationTable).model_fields if inside else StationTable.model_fields)
