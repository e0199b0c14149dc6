"""What METERTOOL may set: display indications, numbers, pulse input and pulse output 2. None of it touches the measurement.

Data sheet, Ordering details, Configuration; R37, R49, R52, R57 to R60, R64 to R66.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction


class Option(IntEnum):
    """Optional indications of the display, by their number in the ordering details (R37)."""

    TARIFFS = 1
    ACTUAL_POWER = 2
    HOURS = 3
    TRIP = 4
    PEAK = 5
    METER_NUMBER = 6
    PULSE_INPUT = 7
    CUSTOMER_DATA = 8
    CALL = 9


class InputMode(StrEnum):
    """How long a contact must be closed to count (R53)."""

    NORMAL = "normal"
    """Longer than 1 s, at most 0.5 Hz."""
    QUICK = "quick"
    """30 ms or longer, at most 16 Hz."""


class Unit(StrEnum):
    """Unit of the pulse input register (R58)."""

    NONE = ""
    KWH = "kWh"
    LITRE = "l"
    CUBIC_METRE = "m3"


class Output2(IntEnum):
    """Pulses a kWh on pulse output 2 (R59)."""

    ONE_PER_KWH = 1
    """60 ms long."""
    THOUSAND_PER_KWH = 1000
    """30 ms long."""


@dataclass(frozen=True)
class Configuration:
    """One configuration as METERTOOL writes it. Refuses what the ordering details do not offer (`ValueError`)."""

    options: frozenset[Option] = frozenset(Option)
    """Optional indications that are shown; accumulated energy is a fixed choice."""
    preceding_zeroes: bool = True
    """Whether energy is displayed with its leading zeroes (R49); the telegram always has them."""
    meter_number: int = 0
    """At most 8 digits; `0.0` of the telegram and NUM of the display (R52)."""
    customer_data: int = 0
    """At most 8 digits."""
    input_mode: InputMode = InputMode.NORMAL
    pulse_constant: Fraction = Fraction(1)
    """Pulses a unit, 0.25 to 1000 with at most three decimals (R57)."""
    input_unit: Unit = Unit.NONE
    output_2: Output2 = Output2.ONE_PER_KWH

    def __post_init__(self) -> None:
        for name in ("meter_number", "customer_data"):
            if not 0 <= getattr(self, name) <= 99_999_999:
                raise ValueError(f"{name} is {getattr(self, name)}; it has at most 8 digits")
        if not Fraction(1, 4) <= self.pulse_constant <= 1000:
            raise ValueError(f"the pulse constant is {self.pulse_constant} imp/unit; it must lie from 0.25 to 1000")
        if (self.pulse_constant * 1000).denominator != 1:
            raise ValueError(f"the pulse constant {self.pulse_constant} has more than three decimals")
