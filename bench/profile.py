"""A profile: the choices a plant makes within the norm: factors, periods, waiting times. It tightens limits, never loosens them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from bench.norms import EDITION, EDITIONS
from drivers.configuration import DIALECTS
from drivers.configuration_fields import FieldError, parse_settings
from reference_meter import Configuration, InputMode, Option, Output2


@dataclass(frozen=True)
class Profile:
    """The figures a sequence is built with. Raises `ValueError` for one that would loosen the norm."""

    name: str = "iec-62053-21"
    limit_factor: float = 1.0
    """Every error limit is multiplied by this: 0 < factor ≤ 1."""
    periods: int = 5
    """Fewest pulse periods of an accuracy point."""
    slow_periods: int = 2
    """The same where a period lasts longer than `slow_period_s`."""
    slow_period_s: float = 15.0
    most_periods_factor: int = 4
    """A point inside the guard band is prolonged up to this many times the fewest periods."""
    coverage_factor: float = 2.0
    """k of the expanded uncertainty U = k·u that guards the limits."""
    edition: str = EDITION
    """Edition of the norm whose no-load and starting tests are made; the limits of error are those the 382 is approved to."""
    no_load_voltage: float = EDITIONS[EDITION].no_load_voltage_over_un
    """Voltage of the no-load test as a multiple of Un."""
    starting_pulses: int = 2
    """The meter starts and continues to register: so many pulses are waited for."""
    starting_periods: float = 1.5
    """Each of them within this many nominal periods (OIML R 46)."""
    quantum_wh: float = 0.002
    """Energy step of one phase inside the meter assumed for the uncertainty, until a golden unit is measured (R1)."""
    edge_jitter_s: float = 50e-6
    """Standard deviation of one S0 edge time assumed for the uncertainty."""

    output_2: int = 1
    """How the meters were ordered: pulses a kWh on pulse output 2, 1 or 1000 (module RK; R59)."""
    input_mode: str = "normal"
    """How the meters were ordered: pulse input "normal" or "quick" (module RK; R53)."""
    input_constant: float = 1.0
    """How the meters were ordered: pulses a unit of the pulse input, 0.25 to 1000 (module RK; R57)."""

    display_options: str = "123456789"
    """How the meters were ordered: numbers of the optional indications that their display shows (R37)."""

    leave_out: tuple[str, ...] = ()
    """Names of steps that are not made; only steps that ask a person can be left out, and each run names them."""
    configuration: tuple[str, ...] = ()
    """What every meter is configured to, NAME=VALUE as `bench configure --set` takes it; nothing is written where it is empty."""
    configuration_dialect: str = ""
    """How it is written; empty where nobody knows, as for every real meter today: the record says so, and the run goes on."""

    def __post_init__(self) -> None:
        wrong = []
        if not 0.0 < self.limit_factor <= 1.0:
            wrong.append(
                f"limit_factor is {self.limit_factor:g}; above 0 and up to 1 is allowed: a profile tightens, never loosens"
            )
        if self.periods < 1 or self.slow_periods < 1 or self.most_periods_factor < 1:
            wrong.append("periods, slow_periods and most_periods_factor are at least 1")
        if not self.coverage_factor >= 2.0:
            wrong.append(f"coverage_factor is {self.coverage_factor:g}; at least 2 is needed for 95 % coverage")
        if self.edition not in EDITIONS:
            wrong.append(f"edition is {self.edition!r}; there are: {', '.join(EDITIONS)}")
        elif not self.no_load_voltage >= EDITIONS[self.edition].no_load_voltage_over_un:
            least = EDITIONS[self.edition].no_load_voltage_over_un
            wrong.append(f"no_load_voltage is {self.no_load_voltage:g}; at least {least:g} is asked for")
        if self.starting_pulses < 2:
            wrong.append(f"starting_pulses is {self.starting_pulses}; a meter that continues to register gives 2")
        for name in ("slow_period_s", "starting_periods", "quantum_wh", "edge_jitter_s"):
            value = getattr(self, name)
            if not (value >= 0.0 and math.isfinite(value)):
                wrong.append(f"{name} is {value:g}; it is a number that is not negative")
        try:
            _ = self.ordered
        except ValueError as error:
            wrong.append(f"order data: {error}")
        try:
            parse_settings(self.configuration)
        except FieldError as mistake:
            wrong.append(str(mistake))
        if self.configuration_dialect and self.configuration_dialect not in DIALECTS:
            wrong.append(f"configuration_dialect is {self.configuration_dialect!r}; there are: {', '.join(DIALECTS)}")
        if wrong:
            raise ValueError(f"profile {self.name}: " + "; ".join(wrong))

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


STANDARD = Profile()
"""The norm as it stands."""
