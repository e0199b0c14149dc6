"""What the registers may show after two hours of different powers, and the sequence that loads the meter for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fixture import Snapshot
from bench.plan import make_plan
from bench.profile import STANDARD
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.logic import HoursAndPeak, logic
from tests.sequences.standing import Standing

METER = TypeNumber.parse("685-381-OK-50")
MINUTE = 60.0
Simulated = Callable[[Callable[[], Awaitable[Standing]]], Standing]


def heard(rises: Sequence[float]) -> Any:
    """An input that has counted pulses at these times."""
    return SimpleNamespace(pulses=[SimpleNamespace(rise=rise) for rise in rises], count=len(rises))


# ---------------------------------------------------------------- hours and energies

WAS = {"hours": 5, "total_kwh": 9_999_999, "trip_wh": 99_999_000}


def registers_after(
    simulated: Simulated,
    counted: tuple[int, int] = (3100, 3101),
    seconds: float = 7200.0,
    before: Mapping[str, int] = WAS,
    first: Sequence[Snapshot] = (),
    **changed: int,
) -> Standing:
    """3000 pulses in two hours, two of them under way at either readout."""
    was = Snapshot(0.0, 2.0, 100, 101, Registers(**before))  # type: ignore[arg-type]  # whole numbers
    now = {"hours": 7, "total_kwh": 2, "trip_wh": 2000} | changed
    last = Snapshot(seconds, seconds + 2.0, *counted, Registers(**now))  # type: ignore[arg-type]  # likewise

    async def main() -> Standing:
        seen = Standing(heard([]), natively=[last], snapshots=(*first, was), speaks_native=True)
        return await seen.runs(HoursAndPeak(METER, STANDARD, ()))

    return simulated(main)


@pytest.mark.parametrize(
    ("changed", "name", "follows"),
    [
        # 2998 to 3002 pulses; a register of whole kWh shows them within 999 Wh, one of 10 Wh within 9
        ({"total_kwh": 1}, "total", True),
        ({"total_kwh": 2}, "total", True),
        ({"total_kwh": 3}, "total", True),
        ({"total_kwh": 0}, "total", False),
        ({"total_kwh": 4}, "total", False),
        ({"trip_wh": 1989}, "trip counter", True),
        ({"trip_wh": 1988}, "trip counter", False),
        ({"trip_wh": 2011}, "trip counter", True),
        ({"trip_wh": 2012}, "trip counter", False),
    ],
)
def test_energy_registers_follow_the_pulses_to_their_resolution(
    changed: dict[str, int], name: str, follows: bool, simulated: Simulated
) -> None:
    seen = registers_after(simulated, **changed)  # type: ignore[arg-type]  # whole numbers
    assert (seen.values[name] == "follows the pulses") is follows
    assert seen.values["hours"] == 7.0


@pytest.mark.parametrize(
    ("hours", "seconds", "right"),
    [
        (5, 7200.0, False),
        (6, 7200.0, True),
        (7, 7200.0, True),
        (8, 7200.0, True),
        (9, 7200.0, False),
        (8, 7190.0, False),  # three steps are more than two hours, 7200 s
        (6, 7300.0, False),  # one step is less than two
        # Between the answer to the first readout and the request of the last, from 2 s on; or from its request to that answer.
        (5, 3601.9, True),
        (5, 3602.0, False),  # whoever stands for an hour counts none of 3600 s
        (8, 7198.0, False),  # who steps three times in 7200 s counts shorter ones
        (8, 7198.1, True),
    ],
)
def test_the_hours_counter_steps_as_often_as_hours_fit(
    hours: int, seconds: float, right: bool, simulated: Simulated
) -> None:
    seen = registers_after(simulated, seconds=seconds, hours=hours)
    assert (seen.values["hours counter"] == "counts hours") is right


@pytest.mark.parametrize(
    ("counted", "follows"),
    [
        # two steps are 1001 to 2999 Wh; a pulse more or less may be under way at either end
        ((3101, 3102), True),
        ((3102, 3103), False),
        ((1099, 1100), True),
        ((1098, 1099), False),
    ],
)
def test_two_steps_of_the_total_are_1001_to_2999_pulses(
    counted: tuple[int, int], follows: bool, simulated: Simulated
) -> None:
    seen = registers_after(simulated, counted, total_kwh=1)
    assert (seen.values["total"] == "follows the pulses") is follows


def test_registers_that_stand_at_zero_are_read_as_zero(simulated: Simulated) -> None:
    new = {"hours": 0, "total_kwh": 0, "trip_wh": 0}
    # 2998 pulses at least: 2 kWh are 2999 Wh at most, 2989 Wh of the trip counter 2998.
    after = registers_after(simulated, before=new, total_kwh=2, trip_wh=2989, hours=0)
    assert (after.values["total"], after.values["trip counter"]) == ("follows the pulses", "follows the pulses")
    assert after.values["hours"] == 0.0
    assert registers_after(simulated, (3101, 3102), before=new, total_kwh=2, trip_wh=2990).values["total"] == (
        "follows the pulses"
    )
    # 2998 to 3002 pulses again: a trip counter that rolls over to zero has gained 2989 Wh, or one less than it may.
    old = {"hours": 5, "total_kwh": 9_999_996}
    for trip_wh, follows in ((99_997_011, True), (99_997_012, False)):
        seen = registers_after(simulated, before={**old, "trip_wh": trip_wh}, total_kwh=0, trip_wh=0)
        assert (seen.values["trip counter"] == "follows the pulses") is follows
        assert seen.values["total"] == "follows the pulses"


def test_the_trip_counter_counts_from_the_first_readout_that_tells_it(simulated: Simulated) -> None:
    # Mode A at sign-on, when 50 pulses fewer had come: the total counts from there, the trip counter does not.
    sign_on = Snapshot(-60.0, -58.0, 50, 51, Registers(hours=5, total_kwh=9_999_999))
    seen = registers_after(simulated, (3101, 3102), first=[sign_on], total_kwh=1)
    assert seen.values["trip counter"] == "follows the pulses"
    assert seen.notes["total"] == "1001 to 2999 Wh, 3049 to 3053 pulses"


def test_a_meter_without_the_hours_register_fails_and_stops_nobody(simulated: Simulated) -> None:
    async def main() -> Standing:
        told = Snapshot(0.0, 2.0, 0, 0, Registers(total_kwh=7))
        return await Standing(heard([]), natively=[told], speaks_native=True).runs(HoursAndPeak(METER, STANDARD, ()))

    seen = simulated(main)
    assert (seen.values, seen.left_out) == ({}, [])


# ---------------------------------------------------------------- the peak


SIGNED_ON = Snapshot(28.0, 30.0, 0, 0, Registers(hours=5, peak_w=500))


def reading(minute: float, hours: int, **more: Any) -> Snapshot:
    """A readout that takes 2 s, so many minutes after sign-on was answered."""
    begin = SIGNED_ON.latest + minute * MINUTE
    return Snapshot(begin, begin + 2.0, 0, 0, Registers(hours=hours, trip_wh=0, **more))


PLATEAU = [61 * MINUTE + 0.5 + k for k in range(31 * 60)]
"""3600 W for 31 minutes: 900 Wh in a quarter of an hour, one more or less; 3596 to 3604 W whenever the windows begin."""


def judged(simulated: Simulated, *readings: Snapshot, rises: Sequence[float] = PLATEAU) -> Standing:
    """What is said of the peak, after these readouts, the last of them the step's own."""

    async def main() -> Standing:
        seen = Standing(heard(rises), natively=readings[-1:], snapshots=readings[:-1], speaks_native=True)
        return await seen.runs(HoursAndPeak(METER, STANDARD, ()))

    return simulated(main)


def peaks(before: int, after: int, hours: tuple[int, int] = (5, 7)) -> list[Snapshot]:
    return [SIGNED_ON, reading(46, hours[0], peak_w=before), reading(125, hours[1], peak_w=after)]


@pytest.mark.parametrize(("told", "agrees"), [(3595, False), (3596, True), (3604, True), (3605, False)])
def test_the_peak_agrees_with_the_pulses_or_it_is_said_how_far_it_does_not(
    told: int, agrees: bool, simulated: Simulated
) -> None:
    text = f"{told} W, 3596 to 3604 W by the pulses"
    seen = judged(simulated, *peaks(500, told))
    assert (seen.values["peak"], seen.notes["peak"]) == ("agrees" if agrees else text, text)


def test_a_peak_that_the_load_before_the_run_has_left_is_taken_as_it_stands_after_45_minutes(
    simulated: Simulated,
) -> None:
    # At sign-on 500 W, a quarter of an hour later 3600 W: the window under way at sign-on is not this run's.
    assert judged(simulated, *peaks(3600, 3600)).values["peak"] == "agrees"
    assert judged(simulated, *peaks(3600, 3599)).values["peak"] == "3599 W, 3600 to 3604 W by the pulses"


@pytest.mark.parametrize(("second", "read"), [(2699.9, False), (2700.0, True), (3599.9, True), (3600.0, False)])
def test_the_peak_before_is_read_between_the_45th_minute_and_the_end_of_the_first_hour(
    second: float, read: bool, simulated: Simulated
) -> None:
    seen = judged(simulated, SIGNED_ON, reading(second / 60.0, 5, peak_w=500), reading(125, 7, peak_w=3600))
    assert ("peak" in seen.values) is read
    assert seen.left_out == ([] if read else ["peak"])
    assert ("this run has not read it in its first hour" in seen.why) is not read


def test_a_peak_that_either_readout_does_not_tell_is_not_judged(simulated: Simulated) -> None:
    for before, after in (({}, {"peak_w": 3600}), ({"peak_w": 500}, {})):
        seen = judged(simulated, SIGNED_ON, reading(46, 5, **before), reading(125, 7, **after))
        assert seen.left_out == ["peak"]
        assert seen.why.startswith("the peak: this run has not read it in its first hour")


def test_a_peak_that_was_higher_than_the_test_goes_is_not_judged(simulated: Simulated) -> None:
    assert judged(simulated, *peaks(3604, 3604)).values["peak"] == "agrees"
    seen = judged(simulated, *peaks(3605, 3605))
    assert "peak" not in seen.values
    assert seen.why.startswith("the peak: it stood at 3605 W before, higher than this test goes")


def test_a_peak_is_judged_in_the_first_hours_of_a_month(simulated: Simulated) -> None:
    assert judged(simulated, *peaks(500, 3600, (730, 732))).values["peak"] == "agrees"


def test_a_peak_is_not_judged_where_the_meters_month_ended(simulated: Simulated) -> None:
    seen = judged(simulated, *peaks(500, 3600, (729, 731)))
    assert "peak" not in seen.values
    assert "the meter's month ended in this run" in seen.why


# ---------------------------------------------------------------- the two hours


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
