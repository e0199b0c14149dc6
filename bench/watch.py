"""The watch reads the reference for the whole run and feeds energy, reference meters and board.

A load that is not what was asked stops the run.
"""

from __future__ import annotations

import asyncio
import cmath
import math
from collections.abc import Callable, Mapping

from bench.board import Board
from bench.corrections import corrected, is_corrected
from bench.disturbance import Absence
from bench.line import Line
from bench.reference_energy import ReferenceEnergy
from bench.standing import Repetition
from bench.steps import Blocked
from drivers.load import PHASE_NAMES, Load
from drivers.power_source import Reading

CHANGE_PERIOD_S = 0.1
"""Seconds between readings while the load changes."""

TOLERANCE = 0.02
"""A steady load may differ by so much of what was asked: far above any accuracy, far below any fault of the wiring."""


ANGLE_TOLERANCE_DEG = 3.0
"""A phasor may be turned by so much: far above any phase error, far below a crossed phase or a reversed current."""


NO_CURRENT_A = 0.001
"""What a reading may show where no current flows."""

READINGS_WITHOUT_CURRENT = 2
"""So many in a row, 0.1 s apart: one may have been taken where a current that swings went through zero."""


class Watch:
    """One reader of the reference a run."""

    def __init__(self, board: Board, energy: ReferenceEnergy) -> None:
        self.board = board
        self.energy = energy
        """As the reference measures it."""
        self._corrected: dict[int, ReferenceEnergy] = {}
        self._period = CHANGE_PERIOD_S
        self._asked: Load | None = None
        self._repetition = Repetition()
        self.latest: Reading | None = None
        """The latest reading of the load that stands; None while it changes."""
        self.absence = Absence()
        """Whether the current of the load that stands was away."""
        self.currentless = asyncio.Event()
        """Set once readings in a row have shown no current, since the load last began to change."""
        self._without_current = 0

    def change(self) -> None:
        """The load is about to change: read fast and check nothing."""
        self._asked = self.latest = None
        self.currentless.clear()
        self._without_current = 0
        self._period = CHANGE_PERIOD_S
        self.energy.wanted.set()

    def steady(self, load: Load, period: float) -> None:
        """The load stands: read every `period` seconds and check each reading against `load`."""
        for energy in (self.energy, *self._corrected.values()):
            energy.restart()
        self.absence.forget()
        self._asked = load
        self._period = period

    def at(self, position: int) -> ReferenceEnergy:
        """The energy at a position's terminals, its corrections applied."""
        return self._corrected.get(position, self.energy)

    async def follow(self, line: Line, note: Callable[[Reading, Mapping[int, Reading]], None]) -> None:
        """Read until cancelled; `note` is told each reading, and what it is at the terminals of each position that has corrections.

        Raises `Blocked` when the load that is measured is not the load that was asked.

        A current that is less than that may come back by itself (`absence`); what is read meanwhile counts for nothing.
        """
        opened = asyncio.get_running_loop().time()
        positions = [each.description for each in line.fixtures if is_corrected(each.description)]
        self._corrected = {each.number: ReferenceEnergy(self.energy.wanted) for each in positions}
        while True:
            steady = self._asked
            self.energy.wanted.clear()
            reading = await line.read()
            self._look_for_current(reading)
            there = {each.number: corrected(reading, each) for each in positions}
            note(reading, there)
            standing = steady if steady is self._asked else None
            repeated = self._repetition.saw(reading, standing)
            if repeated:
                raise Blocked(f"the {_who(line)} {repeated}. Switch it off and on, and look at its display.")
            if standing is not None and self._is_there(standing, reading, line):
                self.latest = reading
                self.energy.add(reading)
                for number, energy in self._corrected.items():
                    energy.add(there[number])
            self._show(line, reading, opened)
            await self._until_wanted()

    def _look_for_current(self, reading: Reading) -> None:
        self._without_current = self._without_current + 1 if max(map(abs, reading.i)) <= NO_CURRENT_A else 0
        if self._without_current >= READINGS_WITHOUT_CURRENT:
            self.currentless.set()

    async def _until_wanted(self) -> None:
        """Wait for the next reading's time, for somebody who needs one now, or for a change of load."""
        timer = asyncio.get_running_loop().call_later(self._period, self.energy.wanted.set)
        try:
            await self.energy.wanted.wait()
        finally:
            timer.cancel()

    def _is_there(self, asked: Load, reading: Reading, line: Line) -> bool:
        """Whether the load stands; False while it falls short."""
        short = self._check(asked, reading, line)
        if short:
            self._period = CHANGE_PERIOD_S
            self.absence.fell_short(short, reading.time)
            return False
        self.absence.stands()
        return True

    def _check(self, asked: Load, reading: Reading, line: Line) -> str:
        """By what the current falls short, in words. Raises `Blocked` where the load is anything else than what was asked."""
        who, short = _who(line), ""
        # Angles count from the first phase that has voltage: without L1 each instrument chooses its own zero.
        zero = next((have / want for want, have in zip(asked.u, reading.u, strict=True) if want and have), 1.0)
        for k, name in enumerate(PHASE_NAMES):
            for want, have, unit, floor in (
                (abs(asked.u[k]), abs(reading.u[k]), "V", 1.0),
                (abs(asked.i[k]), abs(reading.i[k]), "A", NO_CURRENT_A),
            ):
                if abs(have - want) > TOLERANCE * want + floor:
                    why = (
                        f"{name}: the source was asked for {want:.4g} {unit} and the {who} reads {have:.4g} {unit}. "
                        "Check the source's output, its range and the wiring."
                    )
                    if unit == "V" or have > want:
                        raise Blocked(why)
                    short = short or why
            for want_at, have_at, what in (
                (asked.u[k], reading.u[k], "voltage"),
                (asked.i[k], reading.i[k], "current"),
            ):
                turned = math.degrees(cmath.phase(have_at / want_at / zero)) if want_at and have_at else 0.0
                if abs(turned) > ANGLE_TOLERANCE_DEG:
                    raise Blocked(
                        f"{name}: the {what} stands {turned:+.0f}° from where it was asked to, by the {who}. "
                        "Check the order of the phases and the direction of the current."
                    )
        return short

    def _show(self, line: Line, reading: Reading, opened: float) -> None:
        volts, amperes = [abs(u) for u in reading.u], [abs(i) for i in reading.i]
        self.board.line(
            volts=(volts[0], volts[1], volts[2]),
            amperes=(amperes[0], amperes[1], amperes[2]),
            watts=reading.power,
            elapsed=reading.time - opened,
        )
        for fixture in line.fixtures:
            pulses = fixture.s0.pulses
            if pulses:
                self.board.position(fixture.number, pulses=len(pulses), width_ms=pulses[-1].width_ms)


def _who(line: Line) -> str:
    return "reference standard" if line.standard is not None else "source's readback"
