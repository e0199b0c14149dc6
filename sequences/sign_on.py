"""Sign-on: the meter says what it is before any current above 60 A may flow. A gate.

What is judged is the type: by mode A, and where the port speaks native by the memory too. Which of its numbers a meter carries on its plate
no public source says, so the scanned serial number is compared with both and noted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bench.load_points import at as load_at
from bench.load_points import pulse_period, voltage_only
from bench.measurements import Declared, at_most, noted, reads
from bench.norms import FUNCTIONAL_WITHIN_S
from bench.plan import SMALLEST_I_MAX
from bench.position import Position
from bench.record import Outcome
from bench.steps import Blocked, OutOfCircuit, Step
from drivers.load import Load

NO_CONTRADICTION = "no contradiction"
MODE_A_ALONE = "the native protocol: the port answers mode A alone"
"""Why what is read natively was not, for the record."""

_REACTION_S = 1.6
_REACTION_SOURCE = "IEC 62056-21, reaction time: up to 1.5 s, and what a head and its adapter need"

_READOUT_S = 10.0
"""A whole readout at 300 baud and two native answers at 1200, with their reaction times, s."""

_PERIODS_LOOKED = 3.5
"""A meter of fewer phases than planned still gives a pulse in this time."""


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
            at_most("reaction", _REACTION_S, _REACTION_SOURCE, "s"),
            reads("memory", NO_CONTRADICTION, "data sheet, Type number and S0 pulse output: type and 1000 imp/kWh"),
            noted("registers are read by", source="the finest protocol the port answered"),
            noted("production number", source="native registers, command 90"),
            noted("serial number is", source="the number that was scanned, looked for in the meter (R52)"),
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
        at.record("reaction", snapshot.latest - snapshot.earliest)
        meter_number = snapshot.registers.customer_number or ""
        production_number = ""
        memory = await at.try_native()
        if memory is not None:
            production_number = (await at.read_native()).registers.production_number or ""
            told = f"{memory.type_text}, {memory.constant} imp/kWh"
            fits = (memory.type_text, memory.constant) == (self.meter.stored, self.meter.constant)
            at.record("memory", NO_CONTRADICTION if fits else told, note=told)
        else:
            at.leave_out(MODE_A_ALONE, "memory")
        at.record("registers are read by", "native" if at.speaks_native else "mode A")
        at.record("production number", production_number or "not told")
        at.record("serial number is", which_number(at.serial, production_number, meter_number))

    async def examine_fixture(
        self, positions: tuple[Position, ...], outcomes: Mapping[int, Outcome], out_of_circuit: OutOfCircuit
    ) -> None:
        """Whether scans or heads are crossed, and whether there is a meter at all where none answered. Raises `Blocked`."""
        crossed = crossed_numbers(
            {each.number: each.serial for each in positions}, {each.number: numbers_told(each) for each in positions}
        )
        if crossed:
            raise Blocked(crossed)
        silent = [each for each in positions if not outcomes[each.number].telegrams]
        if silent:
            await self._look_for_meters(positions, silent, out_of_circuit)

    async def _look_for_meters(
        self, positions: tuple[Position, ...], silent: list[Position], out_of_circuit: OutOfCircuit
    ) -> None:
        """A meter whose port is silent still counts what flows; nobody has signed on, so no more flows than any type bears."""
        load = load_at(self.meter, SMALLEST_I_MAX / 2)
        before = {each.number: each.s0.count for each in silent}
        if not await out_of_circuit(frozenset(each.number for each in positions if each not in silent), load):
            return
        await asyncio.sleep(_PERIODS_LOOKED * pulse_period(load))
        await out_of_circuit(frozenset())
        missing = [each.number for each in silent if each.s0.count == before[each.number]]
        if missing:
            raise Blocked(
                "; ".join(
                    f"position {number}: no answer from its optical head, and no S0 pulse under {load.largest_current:g} A"
                    for number in missing
                )
                + ". Is there a meter, are its voltage leads on? If so it is dead: take it out, and start without this position."
            )


def numbers_told(at: Position) -> frozenset[str]:
    """Every number of its own that the meter under this position's head has told."""
    told = [each.registers for each in at.snapshots]
    numbers = [each.customer_number for each in told] + [each.production_number for each in told]
    return frozenset(number.lstrip("0") for number in numbers if number and number.strip("0"))


def crossed_numbers(scanned: Mapping[int, str], told: Mapping[int, frozenset[str]]) -> str:
    """Which numbers were scanned at one position and told at another, for whoever must put it right; empty where none was."""
    found = [
        f"the number that was scanned at position {number}, {serial}, is told by the meter under the head of position {other}"
        for number, serial in sorted(scanned.items())
        if serial and serial.lstrip("0") not in told[number]
        for other, numbers in sorted(told.items())
        if serial.lstrip("0") in numbers
    ]
    if not found:
        return ""
    return (
        "; ".join(found)
        + ". Scans or optical heads are crossed: scan these meters again, and follow the heads' cables."
    )


def which_number(scanned: str, production: str, meter: str) -> str:
    """Which of the meter's own numbers was scanned from its plate; leading zeroes do not count."""
    if not scanned:
        return "none scanned"
    for name, number in (("production number", production), ("meter number", meter)):
        if number and scanned.lstrip("0") == number.lstrip("0"):
            return name
    return "neither number of the meter"


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)
