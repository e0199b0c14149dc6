"""S0 supply module (SK): it sends the pulses on, and gives 24 V on the same two wires."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.error_calculator import patience
from bench.measurements import Declared, at_least, reads
from bench.module_ports import NotWired
from bench.position import Position
from sequences.module_part import ModulePart

_PULSES = 20
_SUPPLY = "supply voltage"
_SOURCE = "data sheet, Modules: sends pulses and optionally 24 V supply voltage via a two wire"


@dataclass(frozen=True)
class S0Supply(ModulePart):
    """The pulses are there, and a contact across the wires sees the supply."""

    def wired_to(self) -> tuple[str, ...]:
        """The contact across the wires; the pulses come by the S0 input that every position has."""
        return ("supply_pin",)

    def measurements(self) -> tuple[Declared, ...]:
        """Pulses, and the supply where the station can see it."""
        return (at_least("pulses", _PULSES, _SOURCE), reads(_SUPPLY, "present", _SOURCE))

    def duration(self) -> float:
        """The pulses, with a fifth more time than they need."""
        return _PULSES * self.period * 1.2 + 2.0

    async def run(self, at: Position) -> None:
        """Wait for the pulses; look at the contact when they have come."""
        before = at.s0.count
        try:
            async with asyncio.timeout(self.duration()):
                await at.s0.wait_while_flowing(before + _PULSES, patience(self.period))
        except TimeoutError:
            pass  # the count below says it
        at.record("pulses", float(at.s0.count - before))
        try:
            at.record(_SUPPLY, "present" if at.module.supply_present else "absent")
        except NotWired as reason:
            at.leave_out(str(reason), _SUPPLY)
