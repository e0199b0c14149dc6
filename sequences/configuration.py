"""Configuration: what the profile names is written into the meter, read back and compared. No part of the test where it names nothing."""

from __future__ import annotations

from dataclasses import dataclass

from bench.configure import password_from
from bench.load_points import voltage_only
from bench.measurements import Declared, reads
from bench.position import Position
from bench.profile import Profile
from bench.steps import Step
from drivers.configuration import NO_DIALECT, ConfigurationError
from drivers.configuration_fields import FIELDS, Value, parse_settings
from drivers.load import Load
from reference_meter import TypeNumber

_TAKEN = "taken"
_SOURCE = "profile; data sheet, Ordering details, Configuration (R64 to R66)"
EXCHANGE_S, LONGEST_EXCHANGE_S = 1.0, 2.5
"""One native request and its answer at 1200 baud; and with the longest reaction of the meter, s."""


@dataclass(frozen=True)
class Configuration(Step):
    """Log in with the password, write each field, and read all of them back. Legal data cannot be named (R67)."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "configuration"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Configuration"

    @property
    def load(self) -> Load:
        """Un, no current."""
        return voltage_only(self.meter)

    def measurements(self) -> tuple[Declared, ...]:
        """Whether the meter takes it, and what it holds afterwards."""
        return (
            reads("configuration", _TAKEN, _SOURCE),
            *(reads(name, str(value), _SOURCE) for name, value in self._wanted.items()),
        )

    def lacks(self) -> str:
        """The password, where there is a way to write."""
        if not self.profile.configuration_dialect:
            return ""
        try:
            password_from()
        except ConfigurationError as reason:
            return str(reason)
        return ""

    def duration(self) -> float:
        """The login, and each field twice."""
        return (1 + 2 * len(FIELDS)) * EXCHANGE_S

    def longest(self) -> float:
        """The same with a slow meter."""
        return (1 + 2 * len(FIELDS)) * LONGEST_EXCHANGE_S

    async def run(self, at: Position) -> None:
        """Write, read back; what the meter refuses it says in a sentence, and the fields stay unset and fail."""
        if not self.profile.configuration_dialect:
            at.leave_out(NO_DIALECT, *(each.name for each in self.measurements()))
            return
        try:
            held = await at.configure(self.profile.configuration_dialect, self._wanted)
        except ConfigurationError as refusal:
            at.record("configuration", str(refusal))
            return
        at.record("configuration", _TAKEN)
        for name, value in held.items():
            at.record(name, str(value))

    @property
    def _wanted(self) -> dict[str, Value]:
        return parse_settings(self.profile.configuration)


def configuration(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The step; none where the profile names nothing to write."""
    return [Configuration(meter, profile)] if profile.configuration else []
