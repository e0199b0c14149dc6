"""Register against pulses: 1000 S0 pulses later the kWh register steps again, between two readouts the bench has predicted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.fixture import Snapshot
from bench.load_points import at as load_at
from bench.measurements import Declared, at_most, noted, reads
from bench.norms import PULSE_ENERGY_J
from bench.position import Position
from bench.steps import Step
from drivers.load import Load

PULSES_PER_KWH = 1000
"""Register 2 accumulates 1000 pulses, then EEPROM and display step (data sheet, Calculation; R4)."""

_ROLLOVER = 10_000_000
"""Seven digits (R12)."""

_SOURCE = "data sheet, Calculation: 1000 pulses step the kWh register (R4)"

_LEAD_S = 0.5
"""The readout before the predicted roll-over is asked for so much earlier than needed, s."""

_REACTION_S = 1.7
"""Longest time from the first character of the request to the meter's answer, s (IEC 62056-21: tr ≤ 1.5 s)."""


@dataclass(frozen=True)
class RegisterAgainstPulses(Step):
    """Find one roll-over by reading again and again, predict the next from the pulses, and read just before and just after it.

    Mode A shows whole kWh and one readout lasts 6 s, so the smallest error this detects is stated with the result.
    """

    @property
    def name(self) -> str:
        """Name in the record."""
        return "register"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Register against pulses"

    @property
    def load(self) -> Load:
        """Imax."""
        return load_at(self.meter, float(self.meter.i_max))

    def measurements(self) -> tuple[Declared, ...]:
        """The register before and after the predicted roll-over, and what the tariff registers make of it."""
        return (
            at_most("pulses to first step", PULSES_PER_KWH, _SOURCE),
            reads("before the next step", "one step", _SOURCE),
            reads("after the next step", "two steps", _SOURCE),
            reads("tariff registers", "follow the total", "R15: exactly one tariff register counts with the total"),
            noted("detects errors above", "%", "width of the bracket over 1000 pulses"),
        )

    def duration(self) -> float:
        """Up to two kWh and a few readouts."""
        return 2 * PULSES_PER_KWH * self._period * 1.05 + 40.0

    async def run(self, at: Position) -> None:
        """Bracket one roll-over, then test the next."""
        start = await self._read(at)
        before, after = await self._first_roll_over(at, start)
        # Between the two readouts at least so many were counted; a meter that follows its pulses has stepped by the 1000th.
        at.record("pulses to first step", float(max(0, before.fewest_pulses - start.most_pulses)))
        if _steps(start, after) != 1:
            return  # the measurements below stay unset and fail: there is no roll-over to predict from
        earliest = before.fewest_pulses + PULSES_PER_KWH
        latest = after.most_pulses + PULSES_PER_KWH
        lead = round((_REACTION_S + _LEAD_S) / self._period) + 1
        await self._until(at, earliest - lead)
        just_before = await self._read(at)
        await self._until(at, latest + 1)
        just_after = await self._read(at)
        at.record("before the next step", _in_words(_steps(start, just_before)))
        at.record("after the next step", _in_words(_steps(start, just_after)))
        at.record(
            "tariff registers", "follow the total" if _tariffs_follow(start, just_after) else "do not follow the total"
        )
        detected = max(just_after.most_pulses - earliest, latest - just_before.fewest_pulses) / PULSES_PER_KWH * 100.0
        at.record("detects errors above", detected)

    async def _first_roll_over(self, at: Position, start: Snapshot) -> tuple[Snapshot, Snapshot]:
        """The readouts on both sides of the first roll-over, or the last two when none came in 1000 pulses."""
        before = start
        while True:
            after = await self._read(at)
            at.show(min(0.5, (after.most_pulses - start.fewest_pulses) / PULSES_PER_KWH / 2))
            if _steps(start, after) != 0:
                return before, after
            if after.fewest_pulses - start.most_pulses > PULSES_PER_KWH:
                return after, after
            before = after

    async def _read(self, at: Position) -> Snapshot:
        _, snapshot = await at.read_out()
        return snapshot

    async def _until(self, at: Position, count: int) -> None:
        missing = max(0, count - at.s0.count)
        try:
            async with asyncio.timeout(missing * self._period * 1.2 + 5.0):
                await at.s0.wait_for(count)
        except TimeoutError:
            return  # the readout that follows is still taken and judged

    @property
    def _period(self) -> float:
        return PULSE_ENERGY_J / self.load.total_power


def _steps(start: Snapshot, now: Snapshot) -> int:
    return ((now.registers.total_kwh or 0) - (start.registers.total_kwh or 0)) % _ROLLOVER


def _in_words(steps: int) -> str:
    return {0: "no step", 1: "one step", 2: "two steps"}.get(steps, f"{steps} steps")


def _tariffs_follow(start: Snapshot, now: Snapshot) -> bool:
    """T1 and T2 together moved as far as the total (R15, R16); a telegram without tariff lines says nothing against it."""
    first, last = start.registers.tariff_kwh, now.registers.tariff_kwh
    if first is None or last is None:
        return True
    return (sum(last) - sum(first)) % _ROLLOVER == _steps(start, now)
