"""Logic: hours, quarter-hours and peak of the 382 over two hours of different powers, judged by the meter's own pulses.

Half of Imax for two windows sets the peak whenever the windows begin; Imax for half a window must not: a window that is too short
shows the burst, one that is too long less than the plateau. What takes months (R28) does not fit on a bench.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.fixture import Snapshot
from bench.load_points import at as load_at
from bench.load_points import voltage_only
from bench.measurements import Declared, noted, reads
from bench.norms import PULSE_ENERGY_J
from bench.position import Position
from bench.profile import Profile
from bench.steps import Step
from bench.whole_test import part_of_a_test
from drivers.load import Load
from reference_meter import TypeNumber
from reference_meter.registers import SEVEN_DIGITS, TRIP_WRAPS_AT_WH
from sequences.hours_and_windows import HOURS_A_MONTH, Span, hour_length, peak_by_pulses, peak_told
from sequences.read_out import FinalReadOut
from sequences.register_rate import TRIP_QUANTUM_WH
from sequences.s0_wiring import S0Wiring
from sequences.sign_on import MODE_A_ALONE, SignOn

_MINUTE_S = 60.0
_READ_EVERY_S = 60.0
"""An hour is told to twice this time and a readout, at either end."""
_POWER_SHARE = 0.01
"""The actual power agrees with the pulses to this share and 1 W (R23)."""
_BASELINE_S, _FIRST_HOUR_S = 45 * _MINUTE_S, 60 * _MINUTE_S
"""So long after sign-on every window is over that began before the first hour; and so long the first hour still lasts."""


@part_of_a_test("it shows on samples that hours and windows are right, and measures no error")
def logic(meter: TypeNumber, profile: Profile) -> list[Step]:
    """Two hours, so that the hours counter steps at least twice; the first ends every window that began before the run."""
    half, full = 0.5 * meter.i_max, float(meter.i_max)
    two_hours = (
        Stretch(meter, profile, "stretch-first-hour", 0.0, "", 61),
        Stretch(meter, profile, "stretch-plateau", half, "0.5 Imax", 31),
        Stretch(meter, profile, "stretch-between", 0.0, "", 16),
        Stretch(meter, profile, "stretch-burst", full, "Imax", 7),
        Stretch(meter, profile, "stretch-last", 0.0, "", 7),
    )
    return [
        SignOn(meter, profile),
        S0Wiring(meter, profile),
        *two_hours,
        HoursAndPeak(meter, profile, tuple(each.name for each in two_hours)),
        FinalReadOut(meter, profile),
    ]


@dataclass(frozen=True)
class Stretch(Step):
    """A steady load for some minutes, under which the registers are read every minute by the finest protocol."""

    called: str
    current: float
    point: str
    """The current in the field's words; empty for none."""
    minutes: int

    @property
    def name(self) -> str:
        """Name in the record."""
        return self.called

    @property
    def title(self) -> str:
        """For instance "31 min at 0.5 Imax"."""
        return f"{self.minutes} min {f'at {self.point}' if self.point else 'without current'}"

    @property
    def load(self) -> Load:
        """The current on all phases, power factor 1."""
        return load_at(self.meter, self.current)

    def measurements(self) -> tuple[Declared, ...]:
        """The actual power against the pulses, and how many there were."""
        return (
            reads("actual power", "follows the pulses", "average of the load that stands, ±1 % and ±1 W (R23)"),
            noted("pulses"),
        )

    def duration(self) -> float:
        """The minutes, and the readout that ends them."""
        return self.minutes * _MINUTE_S + 10.0

    async def run(self, at: Position) -> None:
        """Read every minute until the time is over."""
        loop = asyncio.get_running_loop()
        began, first = loop.time(), at.s0.count
        end = began + self.minutes * _MINUTE_S
        snapshot = await read_finest(at)
        while (left := end - loop.time()) > 0.0:
            await asyncio.sleep(min(left, _READ_EVERY_S))
            snapshot = await read_finest(at)
            at.show(min(1.0, (loop.time() - began) / (end - began)))
        at.record("pulses", float(at.s0.count - first))
        watts = snapshot.registers.power_w
        if watts is None:
            at.leave_out(MODE_A_ALONE, "actual power")
            return
        expected = _power([pulse.rise for pulse in at.s0.pulses[first:]]) if self.load.has_current else 0.0
        text = f"{watts} W, {expected:.1f} W by the pulses"
        agrees = abs(watts - expected) <= _POWER_SHARE * expected + 1.0
        at.record("actual power", "follows the pulses" if agrees else text, note=text)


@dataclass(frozen=True)
class HoursAndPeak(Step):
    """What two hours have made of the registers (data sheet, Calculation and Permanent memory; R19–R25, R51)."""

    stretches: tuple[str, ...]
    """The steps that make the two hours: without them it would find every meter good."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "hours-and-peak"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Hours and peak"

    @property
    def load(self) -> Load:
        """Un, no current."""
        return voltage_only(self.meter)

    def follows(self) -> tuple[str, ...]:
        """Every stretch of the two hours."""
        return self.stretches

    def measurements(self) -> tuple[Declared, ...]:
        """Each register against the pulses and the time that passed."""
        return (
            reads("hours counter", "counts hours", "data sheet, Hour counter: accumulated operating hours (R25)"),
            reads("peak", "agrees", "data sheet, Calculation: every 15 minutes, the highest of the month (R19–R22)"),
            reads("trip counter", "follows the pulses", "data sheet, Trip recorder: two decimals (R51)"),
            reads("total", "follows the pulses", "data sheet, Calculation: 1000 pulses step the kWh register (R4)"),
            noted("hours", "h"),
        )

    def duration(self) -> float:
        """One readout."""
        return 10.0

    async def run(self, at: Position) -> None:
        """Read once more, and judge all that was read since the first hour."""
        last = await read_finest(at)
        readings = [each for each in at.snapshots if each.registers.hours is not None]
        if not readings:
            return  # it tells no hours: the declared measurements stay unset and fail
        first = readings[0]
        length = hour_length(readings)
        text = f"an hour lasts {length.low:.0f} to {length.high:.0f} s"
        right = length.low < 3600.0 < length.high
        at.record("hours counter", "counts hours" if right else text, note=text)
        at.record("hours", float(last.registers.hours or 0))
        self._peak(at, readings, last)
        counted = Span(last.fewest_pulses - first.most_pulses - 1, last.most_pulses - first.fewest_pulses + 1)
        total = ((last.registers.total_kwh or 0) - (first.registers.total_kwh or 0)) % SEVEN_DIGITS * 1000
        _follows(at, "total", Span(total - 999, total + 999), counted)
        finest = [each for each in readings if each.registers.trip_wh is not None]
        if not finest:
            at.leave_out(MODE_A_ALONE, "trip counter")
            return
        counted = Span(last.fewest_pulses - finest[0].most_pulses - 1, last.most_pulses - finest[0].fewest_pulses + 1)
        trip = ((last.registers.trip_wh or 0) - (finest[0].registers.trip_wh or 0)) % TRIP_WRAPS_AT_WH
        _follows(at, "trip counter", Span(trip - TRIP_QUANTUM_WH + 1, trip + TRIP_QUANTUM_WH - 1), counted)

    def _peak(self, at: Position, readings: list[Snapshot], last: Snapshot) -> None:
        begun = readings[0].latest
        start = next((each for each in readings if _BASELINE_S <= each.earliest - begun < _FIRST_HOUR_S), None)
        before = None if start is None else peak_told(start.registers)
        told = peak_told(last.registers)
        if start is None or before is None or told is None:
            at.leave_out("the peak: this run has not read it in its first hour", "peak")
            return
        hours = (each.registers.hours for each in (start, last))
        if len({each // HOURS_A_MONTH for each in hours if each is not None}) > 1:
            at.leave_out("the peak: the meter's month ended in this run; test it again", "peak")
            return
        rises = [pulse.rise for pulse in at.s0.pulses]
        reached = peak_by_pulses(rises, start.latest, last.latest, Span(0, 0))
        if before.low > reached.high:
            at.leave_out(f"the peak: it stood at {before.low:.0f} W before, higher than this test goes", "peak")
            return
        expected = peak_by_pulses(rises, start.latest, last.latest, before)
        text = f"{told.low:.0f} W, {expected.low:.0f} to {expected.high:.0f} W by the pulses"
        at.record("peak", "agrees" if told.meets(expected) else text, note=text)


async def read_finest(at: Position) -> Snapshot:
    """The registers by the finest protocol the port speaks."""
    if at.speaks_native:
        return await at.read_native()
    _, snapshot = await at.read_out()
    return snapshot


def _power(rises: list[float]) -> float:
    """The mean power between the first and the last of these pulses, W; 0 for fewer than two."""
    return (len(rises) - 1) * PULSE_ENERGY_J / (rises[-1] - rises[0]) if len(rises) > 1 else 0.0


def _follows(at: Position, name: str, told: Span, counted: Span) -> None:
    text = f"{told.low:.0f} to {told.high:.0f} Wh, {counted.low:.0f} to {counted.high:.0f} pulses"
    at.record(name, "follows the pulses" if told.meets(counted) else text, note=text)
