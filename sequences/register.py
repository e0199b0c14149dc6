"""Register against pulses: 1000 S0 pulses later the kWh register steps again, between two readouts the bench has predicted.

Where the port speaks native, readouts close in on that step to a few per cent, and those of the trip counter in 10 Wh tell its rate to a
fraction of one.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from bench.error_calculator import NoPulse, patience
from bench.fixture import Snapshot
from bench.load_points import at as load_at
from bench.load_points import pulse_period
from bench.measurements import Declared, at_most, noted, reads
from bench.position import Position
from bench.steps import Step
from drivers.load import Load
from reference_meter.registers import SEVEN_DIGITS
from sequences.register_rate import (
    TOTAL_QUANTUM_WH,
    TRIP_QUANTUM_WH,
    StepFinder,
    rates,
    total_readings,
    trip_readings,
)
from sequences.sign_on import MODE_A_ALONE

PULSES_PER_KWH = 1000
"""Register 2 accumulates 1000 pulses, then EEPROM and display step (data sheet, Calculation; R4)."""

_SOURCE = "data sheet, Calculation: 1000 pulses step the kWh register (R4)"

_LEAD_S = 0.5
"""The readout before the predicted roll-over is asked for so much earlier than needed, s."""

_NATIVE_READING_S = 1.3
"""One native readout of the registers: request, reaction and 80 characters at 1200 baud, s."""

_REQUEST_S = 0.1
"""On its way to the meter: ten characters at 1200 baud, s."""

_READINGS_BEFORE = 5
"""So many native readouts find the last step of the trip counter in the idle time before the predicted roll-over, so none need follow."""

_POWER_SHARE = 0.03
"""A meter inside its error limits shows the actual power to this share (IEC 62053-21:2003, 8.1, the widest limit)."""

_CLEAR_OF_PULSES = 2
"""So many pulses beside the predicted roll-over a readout is clear of it: the watt-hour under way, and one for an unsteady request."""

_PATIENCE = 1.1
"""So many times its duration the step waits for one meter: less than what makes the runner give the run up."""

_REACTION_S = 1.7
"""Longest time from the first character of the request to the meter's answer, s (IEC 62056-21: tr ≤ 1.5 s)."""


@dataclass(frozen=True)
class _RollOver:
    """The readouts on both sides of a step of the kWh register."""

    before: Snapshot
    after: Snapshot


@dataclass(frozen=True)
class RegisterAgainstPulses(Step):
    """Find one roll-over by reading again and again, predict the next from the pulses, and read just before and just after it.

    Mode A shows whole kWh and one readout lasts 6 s; native shows 10 Wh and lasts 1.2 s. Which of them was read stands with the
    result, and so does the smallest error that it detects.
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
            reads("kWh register", "follows the pulses", _SOURCE),
            noted("detects errors of the kWh register above", "%", "what its readings leave open"),
            reads("tariff registers", "follow the total", "R15: exactly one tariff register counts with the total"),
            reads("finest register", "follows the pulses", _SOURCE),
            reads("actual power", "agrees", "the load at the meter, ±3 % and ±1 W (R23)"),
            noted("detects errors above", "%", "what the readings of the finest register leave open"),
        )

    def duration(self) -> float:
        """Up to two kWh and a few readouts."""
        return 2 * PULSES_PER_KWH * self._period * 1.05 + 40.0

    async def run(self, at: Position) -> None:
        """Bracket one roll-over, then test the next; a meter whose pulses are too few to come that far has failed, not the bench."""
        at.explain()
        began, limit = at.s0.count, self.duration() * _PATIENCE
        try:
            async with asyncio.timeout(limit):
                await self._follow(at)
        except TimeoutError:
            raise NoPulse(
                f"the register test was not over within {limit:.0f} s; {at.s0.count - began} S0 pulses came in that time, "
                f"{limit / self._period:.0f} are expected. Does the S0 output give 1000 imp/kWh?"
            ) from None

    async def _follow(self, at: Position) -> None:
        first = len(at.snapshots)
        step = StepFinder()
        start = await self._read(at, step)
        tariffs = await at.read_native_tariffs() if at.speaks_native else start
        roll_over = await self._first_roll_over(at, start, tariffs, step)
        # Between the two readouts at least so many were counted; a meter that follows its pulses has stepped by the 1000th.
        at.record("pulses to first step", float(max(0, roll_over.before.fewest_pulses - start.most_pulses)))
        if _steps(start, roll_over.after) != 1:
            return  # the measurements below stay unset and fail: there is no roll-over to predict from
        earliest = roll_over.before.fewest_pulses + PULSES_PER_KWH
        await self._find(at, step)
        lead = round((_REACTION_S + _LEAD_S) / self._period) + 1
        step = StepFinder()
        if at.speaks_native:
            await self._until(at, earliest - lead - _READINGS_BEFORE * self._pulses_a_reading)
            while at.s0.count < earliest - lead - self._pulses_a_reading:
                await self._read(at, step)
        await self._until(at, earliest - lead)
        just_before = await self._read(at)
        just_after = await self._past_the_next(at, start, roll_over)
        await self._find(at, step)
        steps_before, steps_after = _steps(start, just_before), _steps(start, just_after)
        at.record("before the next step", _in_words(steps_before))
        at.record("after the next step", _in_words(steps_after))
        follow = _tariffs_follow(tariffs, just_after)
        at.record("tariff registers", "follow the total" if follow else "do not follow the total")
        if at.speaks_native:
            self._record_natively(at, at.snapshots[first:], just_before)
        else:
            steps_right = (steps_before, steps_after) == (1, 2)
            latest = roll_over.after.most_pulses + PULSES_PER_KWH
            percent = (
                max(just_after.most_pulses - earliest, latest - just_before.fewest_pulses) / PULSES_PER_KWH * 100.0
            )
            for name in ("kWh register", "finest register"):
                at.record(name, _following(steps_right), note="kWh register, mode A")
            for name in ("detects errors of the kWh register above", "detects errors above"):
                at.record(name, percent)
            at.leave_out(MODE_A_ALONE, "actual power")

    def _record_natively(self, at: Position, snapshots: tuple[Snapshot, ...], last: Snapshot) -> None:
        total = rates(total_readings(snapshots, at.s0.count_until), TOTAL_QUANTUM_WH)
        at.record("kWh register", _following(total.allow_one), note=f"total in 1 kWh, native: {total}")
        at.record("detects errors of the kWh register above", total.beside_one_percent)
        found = rates(trip_readings(snapshots, at.s0.count_until))
        at.record("finest register", _following(found.allow_one), note=f"trip counter in 10 Wh, native: {found}")
        at.record("detects errors above", found.detects_above_percent)
        watts, wanted = last.registers.power_w, at.load.total_power
        if watts is not None:
            agrees = abs(watts - wanted) <= _POWER_SHARE * wanted + 1  # it is told in whole watts
            text = f"{watts} W, {wanted:.0f} W applied"
            at.record("actual power", "agrees" if agrees else text, note=text)

    async def _first_roll_over(self, at: Position, start: Snapshot, latest: Snapshot, step: StepFinder) -> _RollOver:
        """The first one, or the last readout on both sides when none came in 1000 pulses."""
        before = still = start
        after = latest
        while _steps(start, after) == 0:
            if after.fewest_pulses - start.most_pulses > PULSES_PER_KWH:
                return _RollOver(after, after)
            if after.fewest_pulses > still.most_pulses:
                still = after
            elif after.latest - still.latest > patience(self._period):
                raise NoPulse(
                    f"no S0 pulse in {after.latest - still.latest:.1f} s, one every {self._period:.3g} s is expected. "
                    "Is the S0 wire connected?"
                )
            before = after
            # Once the trip counter's step is known, the tariff block tells the total sooner: it is shorter.
            found = at.speaks_native and step.done
            after = await at.read_native_tariffs() if found else await self._read(at, step)
            at.show(min(0.5, (after.most_pulses - start.fewest_pulses) / PULSES_PER_KWH / 2))
        return _RollOver(before, after)

    async def _past_the_next(self, at: Position, start: Snapshot, first: _RollOver) -> Snapshot:
        """The readout behind the next roll-over, 1000 pulses after the first.

        Natively two readouts close in on it, clear of it by a pulse or two as long as the meter takes its registers as late after a request
        as it did at the first. One that has not stepped yet is read once more where it must have, however late it took them then.
        """
        if at.speaks_native:
            under_way = _REQUEST_S / self._period
            from_before = first.before.fewest_pulses + PULSES_PER_KWH - _CLEAR_OF_PULSES - math.ceil(under_way)
            if at.s0.count <= from_before:
                await self._until(at, from_before)
                await at.read_native_tariffs()
            await self._until(at, first.after.fewest_pulses + PULSES_PER_KWH + _CLEAR_OF_PULSES - math.floor(under_way))
            found = await at.read_native_tariffs()
            if _steps(start, found) > 1:
                return found
        await self._until(at, first.after.most_pulses + PULSES_PER_KWH + 1)
        # Natively the tariff block tells the total as well, all of one instant.
        return await at.read_native_tariffs() if at.speaks_native else await self._read(at)

    async def _find(self, at: Position, step: StepFinder) -> None:
        """Read on, natively, until it is known at which pulse the trip counter steps."""
        while at.speaks_native and not step.done:
            await self._read(at, step)

    async def _read(self, at: Position, step: StepFinder | None = None) -> Snapshot:
        """Read the finest register; natively at the pulse that tells most of where the trip counter steps."""
        if not at.speaks_native:
            _, snapshot = await at.read_out()
            return snapshot
        aimed = None if step is None else step.aim(at.s0.count)
        if aimed is not None:
            await self._until(at, aimed)
        snapshot = await at.read_native()
        if step is not None and snapshot.registers.trip_wh is not None:
            step.saw(snapshot.fewest_pulses, snapshot.registers.trip_wh)
        return snapshot

    async def _until(self, at: Position, count: int) -> None:
        missing = count - at.s0.count
        try:
            async with asyncio.timeout(missing * self._period * 1.2 + 5.0):
                await at.s0.wait_while_flowing(count, patience(self._period))
        except TimeoutError:
            return  # the readout that follows is still taken and judged

    @property
    def _pulses_a_reading(self) -> int:
        """Pulses that pass during a native readout and the wait for the pulse it is aimed at."""
        return round(_NATIVE_READING_S / self._period) + TRIP_QUANTUM_WH

    @property
    def _period(self) -> float:
        return pulse_period(self.load)


def _steps(start: Snapshot, now: Snapshot) -> int:
    return ((now.registers.total_kwh or 0) - (start.registers.total_kwh or 0)) % SEVEN_DIGITS


def _following(right: bool) -> str:
    return "follows the pulses" if right else "does not follow the pulses"


def _in_words(steps: int) -> str:
    return {0: "no step", 1: "one step", 2: "two steps"}.get(steps, f"{steps} steps")


def _tariffs_follow(start: Snapshot, now: Snapshot) -> bool:
    """T1 and T2 together moved as far as the total (R15, R16); a telegram without tariff lines says nothing against it."""
    first, last = start.registers.tariff_kwh, now.registers.tariff_kwh
    if first is None or last is None:
        return True
    return (sum(last) - sum(first)) % SEVEN_DIGITS == _steps(start, now)
