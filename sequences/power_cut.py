"""Memory over a power cut: the voltage goes and comes back, and the meter is functional in time and holds what it held.

It comes after the final read-out, which says what must be kept: a cut may cost a meter what is short of a kWh (R31).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.fixture import Snapshot
from bench.load_points import OFF, voltage_only
from bench.measurements import Declared, noted, reads, within
from bench.norms import FUNCTIONAL_WITHIN_S
from bench.position import Position
from bench.profile import Profile
from bench.steps import Step
from drivers.configuration_fields import Value, parse_settings
from drivers.load import Load
from reference_meter import TypeNumber
from sequences.configuration import EXCHANGE_S, LONGEST_EXCHANGE_S
from sequences.sign_on import MODE_A_ALONE, NO_CONTRADICTION

WITHOUT_VOLTAGE_S = 5.0
"""Long enough that a supply's capacitors are empty."""
KEPT = "kept"
_MEMORY = "data sheet, Permanent memory: updated with every kWh, kept without voltage (R26)"
_MOST_LOST_WH = 1000
"""The trip counter is saved with the kWh (R26, R31)."""
_READOUTS_S = 12.0


@dataclass(frozen=True)
class PowerCut(Step):
    """All voltages off, for some seconds. Nothing is judged before they are back."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "power-cut"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Power cut"

    @property
    def load(self) -> Load:
        """Nothing."""
        return OFF

    def measurements(self) -> tuple[Declared, ...]:
        """How long."""
        return (noted("without voltage", "s"),)

    def duration(self) -> float:
        """Seconds without voltage."""
        return WITHOUT_VOLTAGE_S

    async def run(self, at: Position) -> None:
        """Wait."""
        loop = asyncio.get_running_loop()
        await at.wait(max(0.0, at.load_since + WITHOUT_VOLTAGE_S - loop.time()))
        at.record("without voltage", loop.time() - at.load_since)


@dataclass(frozen=True)
class Memory(Step):
    """The meter answers 5 s after its voltage came back (IEC 62053-21:2003, 8.3.1), and its registers stand as they were read before."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "memory"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Memory after a power cut"

    @property
    def load(self) -> Load:
        """Un, no current."""
        return voltage_only(self.meter)

    def follows(self) -> tuple[str, ...]:
        """The registers are those of the final read-out, and nothing flowed since."""
        return ("read-out", "power-cut")

    def measurements(self) -> tuple[Declared, ...]:
        """Start-up, registers, what the meter says it is, and its configuration where that can be read."""
        return (
            reads("start-up", "functional", "IEC 62053-21:2003, 8.3.1: functional within 5 s"),
            noted("asked after", "s"),
            reads("total", KEPT, _MEMORY),
            reads("tariff registers", KEPT, _MEMORY),
            reads("hours", KEPT, f"{_MEMORY}; the hour with every hour (R27)"),
            reads("numbers", KEPT, _MEMORY),
            within(
                "trip counter loses",
                0,
                _MOST_LOST_WH,
                "Wh",
                "saved with every kWh, what is short of one may go (R26, R31)",
            ),
            reads("memory", NO_CONTRADICTION, "data sheet, Type number and S0 pulse output: type and 1000 imp/kWh"),
            *([reads("configuration", KEPT, _MEMORY)] if self._configured else []),
            noted("total at the end", "kWh"),
        )

    def duration(self) -> float:
        """The start-up, one readout in mode A and two on the native protocol, and a question for each value that was configured."""
        return FUNCTIONAL_WITHIN_S + _READOUTS_S + len(self._configured) * EXCHANGE_S

    def longest(self) -> float:
        """The same with a meter that answers late."""
        return 2 * (FUNCTIONAL_WITHIN_S + _READOUTS_S) + len(self._configured) * LONGEST_EXCHANGE_S

    async def run(self, at: Position) -> None:
        """Ask once when it must be functional, and compare what it tells; a late one is compared all the same."""
        loop = asyncio.get_running_loop()
        was = at.snapshots
        await asyncio.sleep(at.load_since + FUNCTIONAL_WITHIN_S - loop.time())
        asked = loop.time() - at.load_since
        at.record("asked after", asked)
        now = await at.answers()
        at.record("start-up", "functional" if now else f"no answer {asked:.1f} s after its voltage came back")
        if now is None:
            _, now = await at.read_out()
        before = next(
            (each for each in reversed(was) if each.registers.trip_wh is None and each.registers.hours is not None),
            None,
        )
        if before is not None:
            for name, text in _compared(before, now).items():
                at.record(name, text)
        at.record("total at the end", None if now.registers.total_kwh is None else float(now.registers.total_kwh))
        await self._natively(at, was)

    async def _natively(self, at: Position, was: tuple[Snapshot, ...]) -> None:
        before = next((each for each in reversed(was) if each.registers.trip_wh is not None), None)
        if before is None:
            at.leave_out(MODE_A_ALONE, "trip counter loses", "memory", *(["configuration"] if self._configured else []))
            return
        now = await at.read_native()
        at.record("trip counter loses", float((before.registers.trip_wh or 0) - (now.registers.trip_wh or 0)))
        memory = await at.try_native()
        if memory is not None:
            told = f"{memory.type_text}, {memory.constant} imp/kWh"
            fits = (memory.type_text, memory.constant) == (self.meter.stored, self.meter.constant)
            at.record("memory", NO_CONTRADICTION if fits else told, note=told)
        if self._configured:
            held = await at.held(self.profile.configuration_dialect, self._configured)
            odd = [f"{name} is {held[name]}" for name, value in self._configured.items() if held[name] != value]
            at.record("configuration", "; ".join(odd) or KEPT)

    @property
    def _configured(self) -> dict[str, Value]:
        """What the configuration step has written, where it can write at all."""
        return parse_settings(self.profile.configuration) if self.profile.configuration_dialect else {}


def _compared(before: Snapshot, now: Snapshot) -> dict[str, str]:
    then, after = before.registers, now.registers
    hours = (then.hours or 0, after.hours or 0)
    return {
        "total": _text(after.total_kwh == then.total_kwh, f"{then.total_kwh} kWh before, {after.total_kwh} kWh after"),
        "tariff registers": _text(
            after.tariff_kwh == then.tariff_kwh, f"{then.tariff_kwh} before, {after.tariff_kwh} after"
        ),
        # An hour may have become full between the two readouts.
        "hours": _text(hours[0] <= hours[1] <= hours[0] + 1, f"{hours[0]} h before, {hours[1]} h after"),
        "numbers": _text(
            after.customer_number == then.customer_number,
            f"{then.customer_number} before, {after.customer_number} after",
        ),
    }


def _text(kept: bool, odd: str) -> str:
    return KEPT if kept else odd


def power_cut(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The cut, and what is left after it."""
    return [PowerCut(meter, profile), Memory(meter, profile)]
