"""Parking: each meter is stopped shortly before its next pulse, so that a slow test need not wait for a first one.

At the starting current a pulse takes minutes, and the first comes anywhere within them. A meter that was stopped with 0.05 Wh to go
gives it after a twentieth of that time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from bench.load_points import at as load_at
from bench.load_points import pulse_period, starting
from bench.measurements import Declared, noted
from bench.norms import PULSE_ENERGY_J, WATT_HOUR_J
from bench.position import Position
from bench.pulse_error import energy_between
from bench.steps import Blocked, LineStep, OutOfCircuit
from drivers.load import Load

LEFT_WH = 0.025
"""What is aimed at before the starting test: more than a meter inside class 2 is fast in the watt-hour that it is stopped in."""
_LEAST_LEFT_WH = 0.002
"""With less the pulse comes while the starting current settles, and another whole period is waited for."""
_ACCEPTED_WH = 0.08
"""By the reference, whose readings are 0.1 s apart while a load changes."""
MOST_LEFT_WH = 0.1
"""Of a meter that is 2 % slow, which class 2 may be."""


@dataclass(frozen=True)
class _Manner:
    """How meters are stopped."""

    power_w: float
    """The same for every type."""
    left_wh: float
    """What is aimed at."""
    guess_wh: float
    """What passes after the command, before it is known; too little costs the first meter a second try, too much a little time."""

    @property
    def period_s(self) -> float:
        """From pulse to pulse."""
        return PULSE_ENERGY_J / self.power_w


_FOR_STARTING = _Manner(1800.0, LEFT_WH, 0.1)
"""After a point that ended with a pulse the next one comes as soon as this has settled for 2 s."""
_FOR_SCREENING = _Manner(1150.0, 0.05, 0.1)
"""A screening counts on what is left, and lets it be far above the steps of energy inside any meter (R1)."""
_TRIES = 3
_EACH_S = 9.0
"""A meter waits up to 1.6 s for a pulse and runs on for up to 3 s; switching its current off, and on for the next, settles twice."""
_LEFT = "left to the next pulse"
WHILE_PARKED = "pulses while parked"


@dataclass(frozen=True)
class Parking(LineStep):
    """One meter after another: after a pulse 0.95 Wh more, then its current is switched off, and it waits bypassed for the others."""

    for_screening: bool = False
    """Whether what follows proves nothing without it."""

    needs_bypass: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """Name in the record."""
        return "parking"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Parking before a pulse"

    @property
    def load(self) -> Load:
        """The same power for every type."""
        return load_at(self.meter, self._manner.power_w / (self.meter.u_n * self.meter.phase_count))

    def measurements(self) -> tuple[Declared, ...]:
        """The energy that is missing, by the meter's own pulses."""
        return (
            noted(_LEFT, "Wh", "by the reference, from the last pulse until the current was gone"),
            noted(WHILE_PARKED, source="until the last meter was parked; the no-load screen counts them"),
        )

    def duration(self) -> float:
        """Of one meter; each further one takes as long again."""
        return _EACH_S

    def longest(self) -> float:
        """A line of twelve, and a second try for each."""
        return 2 * 12 * _EACH_S

    async def run_line(self, positions: tuple[Position, ...], out_of_circuit: OutOfCircuit) -> None:
        """Park one after another. Raises `Blocked` where a screening would rest on a meter that was not parked."""
        if not self.for_screening and len(positions) * _EACH_S > self._saved(len(positions)):
            for position in positions:
                position.leave_out(f"parking {len(positions)} meters takes longer than it saves", _LEFT, WHILE_PARKED)
            return
        parked: frozenset[int] = frozenset()
        counts: dict[int, int] = {}
        after_off = self._manner.guess_wh
        for position in positions:
            parked |= {position.number}
            if position.mute and not self.for_screening:
                position.leave_out("parking: the meter gives no pulses", _LEFT, WHILE_PARKED)
                continue
            after_off = await self._park(position, parked, out_of_circuit, after_off)
            counts[position.number] = position.s0.count
            position.show(len(parked) / len(positions))
        for position in positions:
            if position.number in counts:
                position.record(WHILE_PARKED, float(position.s0.count - counts[position.number]))

    async def _park(
        self, position: Position, parked: frozenset[int], out_of_circuit: OutOfCircuit, after_off: float
    ) -> float:
        """Stop one meter. A source's current takes its time to go: `after_off` Wh pass, known better after each try; returns them."""
        loop = asyncio.get_running_loop()
        for attempt in range(_TRIES):
            if attempt:
                await out_of_circuit(parked - {position.number})
            pulse = await self._run_up(position, after_off)
            off, count = loop.time(), position.s0.count
            await out_of_circuit(parked)
            if pulse is None:
                return after_off  # no pulses: what was never measured fails
            after_off, left = _passed(position, off, off), 1.0 - _passed(position, pulse, off)
            if position.s0.count == count and _LEAST_LEFT_WH <= left <= _ACCEPTED_WH:
                position.record(_LEFT, left)
                return after_off
        late = f"{after_off:.2f} Wh pass after the command that switches the current off"
        if self.for_screening:
            raise Blocked(
                f"position {position.number}: the meter cannot be stopped before a pulse, in {_TRIES} tries: {late}. "
                "Take eol instead of a screening with this source."
            )
        position.record(_LEFT, 1.0, note=f"not parked: {late}")
        return after_off

    async def _run_up(self, position: Position, after_off: float) -> float | None:
        """Wait for a pulse and for most of the next one; the time of that pulse, None where none comes."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(3 * self._manner.period_s):
                await position.s0.wait_for(position.s0.count + 1)
        except TimeoutError:
            return None
        pulse = position.s0.pulses[-1].rise
        await asyncio.sleep(pulse + (1.0 - self._manner.left_wh - after_off) * self._manner.period_s - loop.time())
        return pulse

    @property
    def _manner(self) -> _Manner:
        return _FOR_SCREENING if self.for_screening else _FOR_STARTING

    def _saved(self, positions: int) -> float:
        """Of so many first pulses the last is waited for so much less, s."""
        period = pulse_period(starting(self.meter))
        return period * (positions / (positions + 1) - self._manner.left_wh)


def _passed(position: Position, start: float, off: float) -> float:
    """Wh from `start` until the current that was switched off at `off` is gone, by the reference."""
    readings = position.readings
    # The last reading before may be a second old, and one that was asked for at the command may show what came after it.
    steady = max(power for time, power in readings if time <= off)
    falling = [each for each in readings if each[0] > off]
    gone = next((time for time, power in falling if power < 0.01 * steady), falling[-1][0])
    points = [(start, steady), (off, steady), *falling]
    return energy_between([time for time, _ in points], [power for _, power in points], start, gone) / WATT_HOUR_J
