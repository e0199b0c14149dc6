"""Sign-on: the meter says what it is before any current above 60 A may flow. A gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bench.load_points import voltage_only
from bench.measurements import Declared, noted, reads
from bench.norms import FUNCTIONAL_WITHIN_S
from bench.position import Position
from bench.steps import Step
from drivers.load import Load

_READOUT_S = 10.0
"""A whole readout at 300 baud with its reaction time, s."""


@dataclass(frozen=True)
class SignOn(Step):
    """Read the optical port on voltage alone: the type must be the planned one (data sheet, Optical reading; R73)."""

    gate: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """Name in the record."""
        return "sign-on"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Sign-on"

    @property
    def load(self) -> Load:
        """Un, no current."""
        return voltage_only(self.meter)

    def measurements(self) -> tuple[Declared, ...]:
        """The type is judged; the registers are kept."""
        return (
            reads("type", str(self.meter), "data sheet, Type number"),
            noted("customer number", source="optical telegram, 0.0"),
            noted("total at start", "kWh", source="optical telegram, 1.20"),
            noted("block check", source="XOR (IEC 61107) or 7-bit sum, as the meter sent it"),
        )

    def duration(self) -> float:
        """Start-up and one readout."""
        return FUNCTIONAL_WITHIN_S + _READOUT_S

    async def run(self, at: Position) -> None:
        """Wait until the meter must be functional, then read it."""
        await at.wait(FUNCTIONAL_WITHIN_S)
        telegram, snapshot = await at.read_out()
        at.record("type", telegram.type_text)
        at.record("customer number", snapshot.registers.customer_number or "none")
        at.record("total at start", _number(snapshot.registers.total_kwh))
        at.record("block check", telegram.check)


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)
