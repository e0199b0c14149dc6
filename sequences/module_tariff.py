"""Tariff switching by a module (WK, FK, EK): after the switch each kWh goes to the other tariff register, and back again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.error_calculator import patience
from bench.measurements import Declared, reads
from bench.position import Position
from reference_meter.registers import SEVEN_DIGITS, Tariff
from sequences.module_part import ModulePart

_PULSES_PER_KWH = 1000
_SWITCHED_WITHIN_S = 2.0
"""Relay and module; the meter itself takes the new tariff with the next watt-hour (R17). A ripple control telegram takes longer."""
_READOUT_S = 10.0
_SOURCE = "exactly one tariff register counts with the total (R15, R17)"


@dataclass(frozen=True)
class TariffSwitching(ModulePart):
    """Tariff 2 is asked for, one kWh is counted, tariff 1 is asked for, and another is counted."""

    def wired_to(self) -> tuple[str, ...]:
        """The relay."""
        return ("tariff_pin",)

    def measurements(self) -> tuple[Declared, ...]:
        """Which register counted, by the meter's own readout."""
        return (reads("tariff 2 asked for", "T2 counts", _SOURCE), reads("tariff 1 asked for", "T1 counts", _SOURCE))

    def duration(self) -> float:
        """Two kWh, each between two readouts."""
        return 2 * (_SWITCHED_WITHIN_S + _PULSES_PER_KWH * self.period * 1.05 + 2 * _READOUT_S)

    async def run(self, at: Position) -> None:
        """The relay drops whatever happens: tariff 1 is what the meter leaves with."""
        at.select_tariff(2)
        try:
            counted = await self._one_kwh(at, 2)
        finally:
            at.select_tariff(1)
        at.record("tariff 2 asked for", counted)
        at.record("tariff 1 asked for", await self._one_kwh(at, 1))

    async def _one_kwh(self, at: Position, tariff: Tariff) -> str:
        """Which register counted, in words, over at least one step of the total."""
        await asyncio.sleep(_SWITCHED_WITHIN_S)
        _, start = await at.read_out()
        wanted = start.most_pulses + _PULSES_PER_KWH + 1
        try:
            async with asyncio.timeout((wanted - at.s0.count) * self.period * 1.2 + 5.0):
                await at.s0.wait_while_flowing(wanted, patience(self.period))
        except TimeoutError:
            pass  # the readout that follows is still taken and judged
        at.show(0.5 if tariff == 2 else 1.0)
        _, end = await at.read_out()
        first, last = start.registers, end.registers
        if None in (first.total_kwh, first.tariff_kwh, last.total_kwh, last.tariff_kwh):
            return "the telegram has no tariff registers"
        assert first.total_kwh is not None
        assert first.tariff_kwh is not None
        assert last.total_kwh is not None
        assert last.tariff_kwh is not None
        total = (last.total_kwh - first.total_kwh) % SEVEN_DIGITS
        one, two = ((b - a) % SEVEN_DIGITS for a, b in zip(first.tariff_kwh, last.tariff_kwh, strict=True))
        if total and (one, two) == ((total, 0) if tariff == 1 else (0, total)):
            return f"T{tariff} counts"
        return f"total +{total} kWh, T1 +{one}, T2 +{two}"
