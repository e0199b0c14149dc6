"""Registers read over a module: they lie between two readouts of the optical head, and agree with the reference meter."""

from __future__ import annotations

import asyncio
import re
from abc import abstractmethod
from dataclasses import dataclass, replace
from decimal import Decimal

from bench.measurements import Declared, noted, reads, within
from bench.position import Position
from drivers.mbus_frames import MBusReading
from drivers.mode_a_registers import Registers, registers
from drivers.module_line import ModuleError
from reference_meter.registers import SEVEN_DIGITS
from sequences.module_part import ModulePart, against_reference
from sequences.read_out import allowance_wh
from sequences.sign_on import MODE_A_ALONE

_READOUT_S = 10.0
"""A readout at 300 baud with its reaction time, s."""
_ON_ONE_LOOP = 4
"""Meters on one current loop: each gives up about 4 V of the loop's 30 V (EMH ITZ manual, p. 17)."""
_NATIVE = "native vs optical head"
_TOLD_BY_ALL = ("total_kwh", "tariff_kwh", "hours", "peak_kw")
"""Registers of the meter that the captured telegram and the captured M-Bus frame both hold."""
_POWER_WITHIN_PERCENT = 5.0
"""Over what time the meter averages its actual power is not said (R23): a steady load and a wide limit."""


@dataclass(frozen=True)
class RegistersOverModule(ModulePart):
    """Reads the module between two readouts of the optical head: each register stood, or stepped, between the two."""

    def wired_to(self) -> tuple[str, ...]:
        """The port of the module."""
        return (f"modules.{self.meter.module}",)

    def measurements(self) -> tuple[Declared, ...]:
        """Whose registers they are, and that they are right."""
        return (
            reads("meter", "the one under the optical head", "the module tells the number that sign-on read"),
            reads("registers vs optical head", "agree", "R86: one set of registers, whatever port it leaves by"),
            reads("total vs reference meter", "agrees", "reference meter fed with the load as measured (R82, R83)"),
        )

    def duration(self) -> float:
        """The module, and two readouts of the optical head."""
        return 3 * _READOUT_S

    @abstractmethod
    async def read(self, at: Position, meter_number: str) -> Registers:
        """The registers over the module; what it told goes into the record."""

    async def read_natively(self, at: Position) -> Registers | None:  # noqa: ARG002  # for those that have a second protocol
        """The same registers on the native protocol; None where the module has none, or it was said why it was not read."""
        return None

    async def run(self, at: Position) -> None:
        """Read the optical head, the module, and the optical head again; compare."""
        _, snapshot = await at.read_out()
        before, oracle = snapshot.registers, at.oracle
        number = before.customer_number or ""
        if oracle is None or not re.fullmatch("[0-9]{1,8}", number):
            # The other measurements stay unset and fail: nobody knows whom to ask.
            at.record("meter", f"told {number!r} over its optical head, which is no meter number")
            return
        lowest = oracle.expectation(allowance_wh(oracle))
        found = await self.read(at, number)
        await at.energy.covers(asyncio.get_running_loop().time())
        highest = oracle.expectation(allowance_wh(oracle))
        natively = await self.read_natively(at)
        _, snapshot = await at.read_out()
        if natively is not None:
            apart = _apart(before, natively, snapshot.registers)
            if natively.customer_number != number:
                apart.append(f"number {natively.customer_number}")
            at.record(_NATIVE, "; ".join(apart) or "agree")
        same = found.customer_number == number
        at.record("meter", "the one under the optical head" if same else f"number {found.customer_number}")
        apart = _apart(before, found, snapshot.registers)
        at.record("registers vs optical head", "; ".join(apart) or "agree")
        if found.total_kwh is not None:
            value, note = against_reference(lowest, highest, found.total_kwh)
            at.record("total vs reference meter", value, note=note)


@dataclass(frozen=True)
class MBusRegisters(RegistersOverModule):
    """M-Bus module 68 50 005 (MK): read by primary and by secondary address (data sheet, Modules: EN 1434-3)."""

    def measurements(self) -> tuple[Declared, ...]:
        """Also the addresses, and the power at this load."""
        return (
            *super().measurements(),
            noted("primary address", source="last digits of the meter number (assumption)"),
            within(
                "actual power", -_POWER_WITHIN_PERCENT, _POWER_WITHIN_PERCENT, "%", "reference; averaging unknown (R23)"
            ),
        )

    async def read(self, at: Position, meter_number: str) -> Registers:
        """Both addresses; the registers of the secondary, which came last."""
        requested_at = asyncio.get_running_loop().time()
        primary, secondary = await at.module.mbus(meter_number)
        for reading in (primary, secondary):
            at.keep_telegram(requested_at, reading.raw, "m-bus")
        at.record("primary address", float(primary.primary_address))
        await at.energy.covers(requested_at)
        if secondary.power_w is not None:
            at.record("actual power", (secondary.power_w / at.energy.power - 1.0) * 100.0)
        return _of_mbus(secondary)


@dataclass(frozen=True)
class ModeARegisters(RegistersOverModule):
    """A module that carries the meter's serial protocol (data sheet, Data output; R61): TCP/IP (IK)."""

    code: str
    not_native: str = "the module's UART has one baud rate, 300"
    """Why it is not asked on the native protocol."""

    async def read(self, at: Position, meter_number: str) -> Registers:  # noqa: ARG002  # nothing else hangs on the line
        """One mode A readout. Nothing else hangs on the line, so no address is needed."""
        return await self._mode_a(at, "")

    async def read_natively(self, at: Position) -> Registers | None:
        """Not here, and why."""
        at.leave_out(f"the native protocol at 1200 baud: {self.not_native}")
        return None

    async def _mode_a(self, at: Position, address: str) -> Registers:
        readout = await at.module.mode_a(self.code, address)
        at.keep_telegram(readout.requested_at, readout.telegram.raw, readout.telegram.check)
        return registers(readout.telegram)


@dataclass(frozen=True)
class DataPulseRegisters(ModeARegisters):
    """The data/pulse module (RK): mode A at 300 baud and the native protocol at 1200 on one port (data sheet, Data output; R61)."""

    code: str = "RK"

    def measurements(self) -> tuple[Declared, ...]:
        """Also what the second protocol tells."""
        return (
            *super().measurements(),
            reads(_NATIVE, "agree", "R86: one set of registers, whatever protocol tells it"),
        )

    async def read_natively(self, at: Position) -> Registers | None:
        """Registers and tariffs; a meter that speaks native over its head must speak it here."""
        if not at.speaks_native:
            at.leave_out(MODE_A_ALONE, _NATIVE)
            return None
        try:
            block, tariffs = await at.module.native()
        except ModuleError as fault:
            at.record(_NATIVE, str(fault))
            return None
        for answer in (block, tariffs):
            at.keep_telegram(answer.requested_at, answer.raw, "lrc")
        told = block.value
        return replace(
            told,
            # Total and tariffs of one instant: the block before may date from before a step.
            total_kwh=tariffs.value.total_kwh,
            tariff_kwh=tariffs.value.tariff_kwh,
            peak_kw=None if told.peak_w is None else Decimal(told.peak_w // 100) / 10,
        )


@dataclass(frozen=True)
class CurrentLoopRegisters(ModeARegisters):
    """Mode A on a current loop (FK), where the other meters of the loop hear every request: by device address."""

    not_native: str = "all meters of the loop would answer the one address that is known"

    def duration(self) -> float:
        """The meters of one loop take turns."""
        return (_ON_ONE_LOOP + 2) * _READOUT_S

    async def read(self, at: Position, meter_number: str) -> Registers:
        """One mode A readout of the meter whose address is its number (assumption)."""
        return await self._mode_a(at, meter_number)


def _of_mbus(reading: MBusReading) -> Registers:
    """Under the names of mode A; the peak cut off to 0.1 kW as there (R24)."""
    return Registers(
        customer_number=reading.identification,
        total_kwh=reading.total_kwh,
        tariff_kwh=reading.tariff_kwh,
        hours=reading.hours,
        peak_kw=None if reading.peak_w is None else Decimal(reading.peak_w // 100) / 10,
    )


def _apart(before: Registers, found: Registers, after: Registers) -> list[str]:
    """The registers that lie outside what the optical head read before and after, and those the module keeps to itself."""
    apart = []
    for name in (*_TOLD_BY_ALL, "pulse_input", "last_peak_kw"):
        low, value, high = (getattr(each, name) for each in (before, found, after))
        if low is None or high is None:
            continue
        if value is None:
            if name in _TOLD_BY_ALL:
                apart.append(f"{name.replace('_', ' ')} is not told")
            continue
        lows, values, highs = (each if isinstance(each, tuple) else (each,) for each in (low, value, high))
        if not all(_between(*each) for each in zip(lows, values, highs, strict=True)):
            apart.append(f"{name.replace('_', ' ')}: {_text(value)}, {_text(low)} before and {_text(high)} after")
    if _remainder(found) not in (None, _remainder(before), _remainder(after)):
        apart.append("T1 and T2 do not add up to the total")
    return apart


def _remainder(each: Registers) -> int | None:
    """What T1 and T2 leave of the total: nothing, or 1 kWh where each tariff counts watt-hours of its own (R15, R16)."""
    if each.total_kwh is None or each.tariff_kwh is None:
        return None
    return (each.total_kwh - sum(each.tariff_kwh)) % SEVEN_DIGITS


def _between(low: int | Decimal, value: int | Decimal, high: int | Decimal) -> bool:
    """A register that rolled over, or was set back at the end of a month, in between is high before and low after (R12, R29)."""
    return low <= value <= high if low <= high else value >= low or value <= high


def _text(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, tuple) else str(value)
