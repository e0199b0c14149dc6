"""What hours counter and peak may show, worked by hand, and the sequence that loads the meter for it."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.fixture import Snapshot
from bench.plan import make_plan
from bench.position import Position
from bench.profile import STANDARD
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.hours_and_windows import Span, hour_length, peak_by_pulses, peak_told
from sequences.logic import HoursAndPeak, logic

METER = TypeNumber.parse("685-161-OK-50")
MINUTE = 60.0


def reading(minute: float, hours: int, **more: Any) -> Snapshot:
    """A readout that takes 2 s, so many minutes after the start."""
    at = minute * MINUTE
    return Snapshot(at, at + 2.0, 0, 0, Registers(hours=hours, **more))


def pulses(watts: float, start_min: float, end_min: float) -> list[float]:
    """One pulse a watt-hour."""
    period = 3600.0 / watts
    return [start_min * MINUTE + k * period for k in range(round((end_min - start_min) * MINUTE / period))]


# ---------------------------------------------------------------- hours


def test_two_steps_of_the_hours_counter_bracket_the_hour() -> None:
    # Steps between minute 19 and 20, and between 79 and 80: 3600 s, one readout's interval more or less.
    readings = [reading(19, 4), reading(20, 5), reading(79, 5), reading(80, 6)]
    assert hour_length(readings) == Span(59 * MINUTE - 2.0, 61 * MINUTE + 2.0)


def test_a_counter_that_stands_makes_the_hour_longer_than_the_time_that_passed() -> None:
    assert hour_length([reading(0, 7), reading(130, 7)]).low == 130 * MINUTE - 2.0


def test_a_counter_that_runs_backwards_fits_no_hour() -> None:
    length = hour_length([reading(0, 7), reading(10, 6)])
    assert not length.low < 3600.0


def test_readings_without_hours_say_nothing() -> None:
    nothing = [Snapshot(0.0, 1.0, 0, 0, Registers(total_kwh=1)), reading(10, 3)]
    assert hour_length(nothing).low == 0.0


# ---------------------------------------------------------------- the peak


@pytest.mark.parametrize("start_min", [0.0, 3.7, 14.9])
def test_half_an_hour_sets_the_peak_whenever_the_windows_begin(start_min: float) -> None:
    # 8000 W are 2000 Wh in a window; one pulse more or less are 4 W, and one may lie on either edge.
    rises = pulses(8000.0, start_min + 20.0, start_min + 51.0)
    peak = peak_by_pulses(rises, start_min, 80 * MINUTE, Span(0, 0))
    assert 7992 <= peak.low <= 8000 <= peak.high <= 8008
    assert peak.high - peak.low <= 16


def test_seven_minutes_of_twice_the_power_do_not_reach_it() -> None:
    rises = pulses(8000.0, 20.0, 51.0) + pulses(16_000.0, 67.0, 74.0)
    peak = peak_by_pulses(rises, 0.0, 81 * MINUTE, Span(0, 0))
    assert peak.high <= 8008


def test_what_was_higher_before_stays() -> None:
    assert peak_by_pulses(pulses(8000.0, 20.0, 51.0), 0.0, 80 * MINUTE, Span(9000, 9099)) == Span(9000, 9099)


def test_a_window_that_is_not_over_counts_for_nothing() -> None:
    assert peak_by_pulses(pulses(8000.0, 0.0, 14.0), 0.0, 14 * MINUTE, Span(0, 0)) == Span(0, 0)


def test_mode_a_tells_the_peak_to_a_hundred_watts() -> None:
    assert peak_told(Registers(peak_kw=Decimal("6.8"))) == Span(6800, 6899)
    assert peak_told(Registers(peak_w=6897, peak_kw=Decimal("6.8"))) == Span(6897, 6897)
    assert peak_told(Registers()) is None


# ---------------------------------------------------------------- the step


class Seen:
    """A position of which only readouts and pulses are there."""

    def __init__(self, readings: list[Snapshot], rises: list[float]) -> None:
        self.snapshots = tuple(readings)
        self.speaks_native = True
        self.s0 = SimpleNamespace(pulses=[SimpleNamespace(rise=rise) for rise in rises], count=len(rises))
        self.values: dict[str, object] = {}
        self.why = ""

    async def read_native(self) -> Snapshot:
        return self.snapshots[-1]

    def record(self, name: str, value: object, uncertainty: float | None = None, note: str = "") -> None:
        self.values[name] = value

    def leave_out(self, why: str, *names: str) -> None:
        self.why += why


def judged(peaks: tuple[int, int], hours: tuple[int, int], simulated: Any) -> Seen:
    """The peak and hours before the plateau, and after it."""
    first = [reading(0, hours[0], peak_w=peaks[0]), reading(46, hours[0], peak_w=peaks[0])]
    last = reading(125, hours[1], peak_w=peaks[1], trip_wh=0, total_kwh=0)
    seen = Seen([*first, last], pulses(8000.0, 61.0, 92.0))

    async def main() -> None:
        await HoursAndPeak(METER, STANDARD, ()).run(cast(Position, seen))

    simulated(main)
    return seen


def test_the_peak_agrees_with_the_pulses_or_it_is_said_how_far_it_does_not(simulated: Any) -> None:
    assert judged((500, 8000), (5, 7), simulated).values["peak"] == "agrees"
    assert "8100 W, 79" in str(judged((500, 8100), (5, 7), simulated).values["peak"])


def test_a_peak_that_was_higher_than_the_test_goes_is_not_judged(simulated: Any) -> None:
    seen = judged((13_000, 13_000), (5, 7), simulated)
    assert "peak" not in seen.values
    assert seen.why == "the peak: it stood at 13000 W before, higher than this test goes"


def test_a_peak_is_not_judged_where_the_meters_month_ended(simulated: Any) -> None:
    seen = judged((500, 8000), (729, 731), simulated)
    assert "peak" not in seen.values
    assert "the meter's month ended in this run" in seen.why


@pytest.mark.parametrize(("type_number", "plateau"), [("685-161-OK-50", 30.0), ("685-322-OK-50", 60.0)])
def test_the_burst_is_half_a_window_and_twice_the_plateau(type_number: str, plateau: float) -> None:
    plan = make_plan("logic", logic, TypeNumber.parse(type_number), STANDARD)
    stretches = {step.name: step for step in plan.steps if step.name.startswith("stretch")}
    loads = {name: step.load.largest_current for name, step in stretches.items() if step.load is not None}
    assert loads == {
        "stretch-first-hour": 0.0,
        "stretch-plateau": plateau,
        "stretch-between": 0.0,
        "stretch-burst": 2 * plateau,
        "stretch-last": 0.0,
    }
    assert sum(step.duration() for step in stretches.values()) > 2 * 3600.0
