"""A profile: the choices a plant makes within the norm: factors, periods, waiting times. It tightens limits, never loosens them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from fractions import Fraction
from typing import Any

from bench.accuracy_points import ORDERS, TEST_POINTS, parse_point
from bench.norms import EDITION, EDITIONS
from drivers.configuration import DIALECTS
from drivers.configuration_fields import FieldError, parse_settings
from reference_meter import Configuration, InputMode, Option, Output2

UNCERTAINTY_RULES = ("refuse", "tighten")
_ALLOWED = {"exclusiveMinimum": "above", "minimum": "at least", "maximum": "at most"}
"""What a bound of JSON schema is called in a sentence."""
_MEASURED = {"quantum_wh": ("Wh", "quantum_measured"), "edge_jitter_s": ("s", "edge_jitter_measured")}
"""What of the uncertainty may be measured, its unit, and the figure that says where it was."""


class ProfileError(ValueError):
    """A profile that cannot be. Every sentence of `mistakes` begins with the name of its figure, and in a list the number of its member."""

    def __init__(self, name: str, mistakes: list[str]) -> None:
        super().__init__(f"profile {name}: " + "; ".join(mistakes))
        self.mistakes = tuple(mistakes)


def _figure(default: Any, *, why: str = "", words: str = "", **schema: Any) -> Any:
    """A figure with what is allowed of it in the vocabulary of JSON schema; `words` say a pattern to people, `why` the reason."""
    return field(default=default, metadata={"schema": schema, "why": why, "words": words})


@dataclass(frozen=True)
class Profile:
    """The figures a sequence is built with. Raises `ProfileError` for one that would loosen the norm."""

    name: str = "iec-62053-21"
    """How records call it."""
    limit_factor: float = _figure(
        1.0,
        minimum=0.1,
        maximum=1.0,
        why="a profile tightens, never loosens, and no bench measures below a tenth of a limit",
    )
    """Every error limit is multiplied by this."""
    points: tuple[str, ...] = TEST_POINTS
    """The accuracy points, as in "0.05 Ib", "Ib PF 0.5 ind", "Ib L2"; without one of the test's own it is no production test."""
    order: str = _figure("falling", enum=ORDERS)
    """The order of the points: by falling power, or as they are listed."""
    settle: float = _figure(0.0, minimum=0.0, maximum=600.0)
    """Seconds from each change of load to the first measurement; the time that the source declares, where that is longer."""
    guard_rule: str = _figure(
        "U", pattern=r"^([1-9][0-9]?(\.[0-9]{1,3})?)?U$", words="U or a multiple of it as in 1.5U, never less,"
    )
    """What is taken off each limit before a meter is accepted: the expanded uncertainty "U", or a multiple as in "1.5U"."""
    periods: int = _figure(5, minimum=5, maximum=100_000, why="the scatter of fewer says nothing")
    """Fewest pulse periods of an accuracy point."""
    slow_periods: int = _figure(2, minimum=2, maximum=100_000, why="one period has no scatter")
    """The same where a period lasts longer than `slow_period_s`."""
    slow_period_s: float = _figure(15.0, minimum=15.0, maximum=3600.0, why="faster pulses can wait for `periods`")
    """Seconds; see `slow_periods`."""
    most_periods_factor: int = _figure(4, minimum=1, maximum=100, why="every point has a first look")
    """A point inside the guard band is prolonged up to this many times the fewest periods; 1 gives it a single look."""
    coverage_factor: float = _figure(2.0, minimum=2.0, maximum=10.0, why="95 % coverage needs it")
    """k of the expanded uncertainty U = k·u that guards the limits."""
    early_stop: bool = False
    """Whether a point may be decided before the periods that its uncertainty was planned with: at `periods`, three sigma sure."""
    uncertainty_rule: str = _figure("refuse", enum=UNCERTAINTY_RULES)
    """Where U exceeds 1/5 of a limit: "refuse" the production run, or "tighten" the limit by the excess (IEC 62058-31)."""
    edition: str = _figure(EDITION, enum=tuple(EDITIONS))
    """Edition of the norm whose no-load and starting tests are made; the limits of error are those the 382 is approved to."""
    no_load_voltage: float = _figure(
        EDITIONS[EDITION].no_load_voltage_over_un,
        minimum=min(each.no_load_voltage_over_un for each in EDITIONS.values()),
        maximum=1.2,
        why="a meter is made for no more, and tested with no less",
    )
    """Voltage of the no-load test as a multiple of Un."""
    starting_pulses: int = _figure(2, minimum=2, maximum=100, why="a meter that continues to register gives 2")
    """The meter starts and continues to register: so many pulses are waited for."""
    starting_periods: float = _figure(
        1.5, exclusiveMinimum=1.0, maximum=1.5, why="a good meter needs one, and OIML R 46 waits no longer than 1.5"
    )
    """Each of them within this many nominal periods (OIML R 46)."""
    quantum_wh: float = _figure(0.002, minimum=0.0, maximum=1.0)
    """Energy step of one phase inside the meter assumed for the uncertainty, until a golden unit is measured (R1)."""
    quantum_measured: str = ""
    """Where `quantum_wh` was measured, and when; a smaller one than the default is refused without."""
    edge_jitter_s: float = _figure(50e-6, minimum=0.0, maximum=0.01)
    """Standard deviation of one S0 edge time assumed for the uncertainty."""
    edge_jitter_measured: str = ""
    """Where `edge_jitter_s` was measured, and when; a smaller one than the default is refused without."""

    output_2: int = _figure(1, enum=(1, 1000))
    """How the meters were ordered: pulses a kWh on pulse output 2, 1 or 1000 (module RK; R59)."""
    input_mode: str = _figure("normal", enum=("normal", "quick"))
    """How the meters were ordered: pulse input "normal" or "quick" (module RK; R53)."""
    input_constant: float = _figure(1.0, minimum=0.25, maximum=1000.0)
    """How the meters were ordered: pulses a unit of the pulse input, 0.25 to 1000 (module RK; R57)."""

    display_options: str = _figure("123456789", pattern="^[1-9]*$", words="digits from 1 to 9 is what")
    """How the meters were ordered: numbers of the optional indications that their display shows (R37)."""

    leave_out: tuple[str, ...] = ()
    """Names of steps that are not made: only what asks a person, and what an ordered module needs wires for; each run names them."""
    configuration: tuple[str, ...] = ()
    """What every meter is configured to, NAME=VALUE as `bench configure --set` takes it; nothing is written where it is empty."""
    configuration_dialect: str = ""
    """How it is written; empty where nobody knows, as for every real meter today: the record says so, and the run goes on."""

    def __post_init__(self) -> None:
        wrong = [mistake for figure in fields(self) if (mistake := _outside(figure, getattr(self, figure.name)))]
        seen = set()
        for k, each in enumerate(self.points, start=1):
            try:
                point = str(parse_point(each))
            except ValueError as error:
                wrong.append(f"points {k}: {error}")
                continue
            if point in seen:
                wrong.append(f"points {k}: {point} stands twice")
            seen.add(point)
        if not self.points:
            wrong.append("points is empty; a test has at least one")
        least = EDITIONS[self.edition].no_load_voltage_over_un if self.edition in EDITIONS else 0.0
        if self.no_load_voltage < least:
            wrong.append(
                f"no_load_voltage is {self.no_load_voltage:g}; at least {least:g} is asked for by {self.edition}"
            )
        wrong += self._smaller_than_known()
        try:
            _ = self.ordered if not wrong else None
        except ValueError as error:
            wrong.append(f"input_constant: {error}")
        try:
            parse_settings(self.configuration)
        except FieldError as mistake:
            wrong.append(f"configuration: {mistake}")
        if self.configuration_dialect and self.configuration_dialect not in DIALECTS:
            wrong.append(f"configuration_dialect is {self.configuration_dialect!r}; there are: {', '.join(DIALECTS)}")
        if wrong:
            raise ProfileError(self.name, wrong)

    def _smaller_than_known(self) -> list[str]:
        """What of the uncertainty is assumed smaller than by default, and nobody says where it was measured: U could be too small."""
        return [
            f"{name} is {value:g}; less than {known:g} is allowed where {word} says where it was measured, "
            'as in "golden unit 21480001, 2026-11-12"'
            for name, (_, word) in _MEASURED.items()
            if 0.0 <= (value := getattr(self, name)) < (known := getattr(Profile, name)) and not self._said(word)
        ]

    def _said(self, word: str) -> str:
        return " ".join(str(getattr(self, word)).split())

    @property
    def measured(self) -> tuple[str, ...]:
        """What is known of the uncertainty from a meter, and of which, a sentence each."""
        return tuple(
            f"{name} {getattr(self, name):g} {unit}, measured: {said}"
            for name, (unit, word) in _MEASURED.items()
            if (said := self._said(word))
        )

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> Profile:
        """The profile of a plan's document. Raises `ValueError` or `TypeError` for what is none."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in figures.items()
        }
        return cls(**values)

    @property
    def guard_factor(self) -> float:
        """How many expanded uncertainties the guard rule takes off a limit."""
        return float(self.guard_rule.removesuffix("U") or 1.0)

    def settling(self, declared: float) -> float:
        """Seconds to wait after a change of load, on a source that declares to need `declared`."""
        return max(declared, self.settle)

    def fewest_periods(self, period_s: float) -> int:
        """Fewest whole pulse periods of an accuracy point whose pulses are `period_s` apart."""
        return self.slow_periods if period_s > self.slow_period_s else self.periods

    @property
    def ordered(self) -> Configuration:
        """What of the meters' configuration was ordered. Raises `ValueError` for what cannot be."""
        return Configuration(
            options=frozenset(Option(int(digit)) for digit in self.display_options),
            output_2=Output2(self.output_2),
            input_mode=InputMode(self.input_mode),
            pulse_constant=Fraction(str(self.input_constant)),
        )

    def as_json(self) -> dict[str, Any]:
        """Every figure, for the plan and its hash."""
        return asdict(self)


def _outside(figure: Field[Any], value: Any) -> str:
    """What is wrong with the value of a figure by itself; empty where nothing is."""
    schema = figure.metadata.get("schema", {})
    if "enum" in schema:
        fits = value in schema["enum"]
        words = " or ".join(str(each) for each in schema["enum"])
    elif "pattern" in schema:
        fits = re.fullmatch(schema["pattern"], value) is not None
        words = figure.metadata["words"]
    else:
        low, above, high = (schema.get(name) for name in ("minimum", "exclusiveMinimum", "maximum"))
        fits = not isinstance(value, float) or math.isfinite(value)
        fits &= (low is None or value >= low) and (above is None or value > above) and (high is None or value <= high)
        words = " and ".join(f"{word} {schema[name]:g}" for name, word in _ALLOWED.items() if name in schema)
        words = words or "a finite number"
    if fits:
        return ""
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    why = figure.metadata.get("why", "")
    return f"{figure.name} is {shown}; {words} is allowed{f': {why}' if why else ''}"


STANDARD = Profile()
"""The norm as it stands."""
