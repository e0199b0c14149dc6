"""`station.toml` read and checked: every mistake at once, each with its line and what is allowed."""

from __future__ import annotations

import difflib
import itertools
import os
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bench.known_meters import SHIFT_H, CertifiedPoint, GoldenMeter, KnownMeters, RedRabbit
from bench.permits import Role, StaffMember
from bench.pin_names import Use, same_pin, why_not
from bench.places import home
from bench.session import LONGEST_SCAN, Refused
from bench.station import (
    MEASURED_PINS,
    POSITION_PINS,
    Calibration,
    EnvironmentDescription,
    PositionDescription,
    SafetyDescription,
    SourceDescription,
    StandardDescription,
    Station,
)
from bench.toml_lines import line_of
from bench.transformer import Transformer, TransformerPoint
from bench.written_file import text_of
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
_SHARED = {"MK": "modules.MK", "FK": "modules.FK", "HK": "the modem", "YN": "the modem"}
"""Modules of which several hang on one bus or loop, or are called by one modem: what they share."""


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


class _Standard(_Calibrated):
    resource: str = Field(min_length=1)
    dialect: Literal["generic-scpi", "yokogawa-wt300"] = "generic-scpi"
    accuracy_percent: Positive
    readback_period: Positive = 1.0
    readback_latency: NotNegative = 0.02
    deadline: Positive = 2.0
    temperature_percent_per_k: NotNegative = 0.0


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


class _Position(_Calibrated):
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


class _Safety(_Table):
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


class _Station(_Table):
    name: str = Field(min_length=1)
    pin_factory: str = Field(default_factory=lambda: os.environ.get("GPIOZERO_PIN_FACTORY") or "gpiod")
    owner_socket: str | None = Field(default=None, pattern="^/")
    safety: _Safety = _Safety()
    environment: _Environment = _Environment()
    source: _Source
    standard: _Standard | None = None
    position: list[_Position] = Field(min_length=1)
    people: list[_StaffMember] = []
    golden_every_h: Positive = SHIFT_H
    golden: list[_Golden] = []
    red_rabbit: list[_RedRabbit] = []


def station_path(given: str | None = None) -> Path:
    """The station file that was named, else `station.toml` in the bench's home. Raises `PlaceError`."""
    return Path(given) if given else home() / "station.toml"


def load_station(path: Path) -> Station:
    """Read a station file. Raises `Refused` naming every mistake with file and line."""
    text = text_of(
        path,
        "the station file",
        f"there is no station file at {path}; write one as docs/station.md shows, or use --simulated",
    )
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{path}: not TOML: {error}") from None
    try:
        checked = _Station.model_validate(table)
    except ValidationError as error:
        raise Refused("; ".join(_sentences(error, path, text))) from None
    contradictions = _contradictions(checked)
    if contradictions:
        raise Refused(f"{path}: " + "; ".join(contradictions))
    return _station(checked)


def _station(checked: _Station) -> Station:
    source = checked.source
    standard = checked.standard
    return Station(
        name=checked.name,
        pin_factory=checked.pin_factory,
        owner_socket=checked.owner_socket,
        safety=SafetyDescription(**checked.safety.model_dump()),
        environment=EnvironmentDescription(**checked.environment.model_dump()),
        source=SourceDescription(
            source.resource,
            source.dialect,
            _capabilities(source),
            source.deadline,
            source.calibration(),
            source.temperature_percent_per_k,
        ),
        standard=StandardDescription(**standard.description(), calibration=standard.calibration())
        if standard is not None
        else None,
        positions=tuple(each.position() for each in sorted(checked.position, key=lambda each: each.number)),
        people=tuple(each.member() for each in checked.people),
        known=KnownMeters(
            tuple(each.golden() for each in checked.golden),
            tuple(RedRabbit(each.serial, each.type, each.fails_at) for each in checked.red_rabbit),
            checked.golden_every_h,
        ),
    )


def _capabilities(source: _Source) -> Capabilities:
    """The dialect's own, with what the station says otherwise."""
    own = source.model_dump(
        exclude={"resource", "dialect", "deadline", "temperature_percent_per_k", *_CALIBRATION}, exclude_none=True
    )
    return replace(default_capabilities(source.dialect), **own)


def _contradictions(checked: _Station) -> list[str]:
    """Position numbers, pins and ports that stand twice, numbers that leave a gap, and a band upside down."""
    found = []
    can = _capabilities(checked.source)
    low, high = can.frequency_min, can.frequency_max
    if low > high:
        found.append(f"source: frequency_min {low:g} is above frequency_max {high:g}")
    numbers = sorted(each.number for each in checked.position)
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"positions are numbered {numbers}; they must run from 1 without a gap")
    badges = [each.badge for each in checked.people]
    found += [f"people: badge {badge} stands twice" for badge in sorted(set(badges)) if badges.count(badge) > 1]
    known = [*(each.serial for each in checked.golden), *(each.serial for each in checked.red_rabbit)]
    for serial in sorted({each for each in known if known.count(each) > 1}):
        found.append(f"serial {serial} is listed twice among golden meters and red rabbits")
    uses: dict[str, list[str]] = {}
    if checked.safety != _Safety() and checked.owner_socket is None:
        found.append(
            "[safety]: these pins belong to the process that owns the source: give owner_socket and run bench source"
        )

    def check(user: str, pin: str, use: Use) -> None:
        reason = why_not(pin, use=use, pin_factory=checked.pin_factory)
        if reason:
            found.append(f"{user}: {reason}")

    for name, pin in checked.safety.model_dump().items():
        if pin is not None:
            check(f"safety {name}", pin, Use.SAFETY)
            uses.setdefault(same_pin(pin), []).append(f"safety {name}")
    for each in checked.position:
        for name in POSITION_PINS:
            pin = getattr(each, name)
            if pin is not None:
                check(f"position {each.number} {name}", pin, Use.MEASURED if name in MEASURED_PINS else Use.OUTPUT)
                uses.setdefault(same_pin(pin), []).append(f"position {each.number} {name}")
        uses.setdefault(each.optical, []).append(f"position {each.number} optical")
        found += _wrong_transformers(each)
        for code, url in each.modules.items():
            user = _SHARED.get(code, f"position {each.number} modules.{code}")
            if user not in uses.setdefault(url, []):
                uses[url].append(user)
    found += [f"{value} is used twice: {' and '.join(users)}" for value, users in uses.items() if len(users) > 1]
    return found


def _wrong_transformers(position: _Position) -> list[str]:
    """A phase with two transformers, and a table whose currents do not rise."""
    found = []
    phases = [phase for each in position.transformer for phase in each.phases]
    for phase in sorted({each for each in phases if phases.count(each) > 1}):
        found.append(f"position {position.number}: {phase} has more than one transformer")
    for each in position.transformer:
        currents = [point.current for point in each.points]
        falls = next((b for a, b in itertools.pairwise(currents) if b <= a), None)
        if falls is not None:
            where = "–".join(dict.fromkeys((each.phases[0], each.phases[-1])))
            found.append(
                f"position {position.number}: transformer {where}: the currents must rise, {falls:g} A does not"
            )
    return found


def _sentences(error: ValidationError, path: Path, text: str) -> list[str]:
    found = []
    for each in error.errors():
        place = [str(part) for part in each["loc"]]
        line = line_of(each["loc"], text)
        where = f"{path}:{line}" if line else str(path)
        hint = ""
        if each["type"] == "extra_forbidden":
            near = difflib.get_close_matches(place[-1], _names(each["loc"]), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
        got = "" if each["type"] in ("missing", "extra_forbidden") else f" (got {each['input']!r})"
        found.append(f"{where}: {'.'.join(place)}: {each['msg']}{got}{hint}")
    return found


def _names(place: tuple[Any, ...]) -> list[str]:
    tables: dict[str, type[_Table]] = {
        "source": _Source,
        "standard": _Standard,
        "safety": _Safety,
        "environment": _Environment,
        "position": _Position,
        "transformer": _Transformer,
        "points": _Point,
        "people": _StaffMember,
        "golden": _Golden,
        "certified": _Certified,
        "red_rabbit": _RedRabbit,
    }
    inside = [each for each in place[:-1] if isinstance(each, str)]
    return list(tables.get(inside[-1], _Station).model_fields if inside else _Station.model_fields)
