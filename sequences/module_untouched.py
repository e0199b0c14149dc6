"""Modules whose protocol is not public (radio QR, PLC PO): that the meter is the right one and its registers are untouched, and no more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.measurements import Declared, reads
from bench.position import Position
from sequences.module_part import ModulePart, against_reference
from sequences.read_out import allowance_wh


@dataclass(frozen=True)
class Untouched(ModulePart):
    """Identity and registers with the module fitted: fitting one changes no register (R68)."""

    what: str
    """What cannot be tested, for the record."""

    def measurements(self) -> tuple[Declared, ...]:
        """The type with its module code, and the registers against the reference meter."""
        return (
            reads("type", str(self.meter), "data sheet, Type number (R71)"),
            reads("total vs reference meter", "agrees", "reference meter fed with the load as measured (R68, R82)"),
            reads("tariff registers", "agree", "no tariff was switched: T1 counts alone (R15, R17)"),
        )

    def duration(self) -> float:
        """One readout."""
        return 10.0

    async def run(self, at: Position) -> None:
        """Read and compare; say what was not tested."""
        at.leave_out(f"{self.what}: no public protocol")
        oracle = at.oracle
        if oracle is None:
            return  # never read before: the declared measurements stay unset and fail
        lowest = oracle.expectation(allowance_wh(oracle))
        telegram, snapshot = await at.read_out()
        await at.energy.covers(asyncio.get_running_loop().time())
        highest = oracle.expectation(allowance_wh(oracle))
        at.record("type", telegram.type_text)
        found = snapshot.registers
        if found.total_kwh is None:
            return
        value, note = against_reference(lowest, highest, found.total_kwh)
        at.record("total vs reference meter", value, note=note)
        agree = found.tariff_kwh is None or oracle.tariffs_agree(found.total_kwh, found.tariff_kwh)
        at.record("tariff registers", "agree" if agree else "disagree")
