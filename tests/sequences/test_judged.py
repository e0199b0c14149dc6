"""What each step makes of pulses and readouts, at the edge of what it accepts and one beyond."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.accuracy import Budget
from bench.error_calculator import NoPulse
from bench.evidence import Evidence
from bench.fixture import Snapshot
from bench.influences import VOLTAGE
from bench.load_points import at, voltage_only
from bench.measurements import noted, within
from bench.profile import STANDARD
from bench.pulse_error import ErrorResult, Point
from bench.record import Outcome
from bench.verdict import Verdict
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.audit import Variation
from sequences.hours_and_windows import Span, hour_length, peak_by_pulses
from sequences.known_meter import KnownMeter
from sequences.logic import HoursAndPeak, Stretch
from sequences.no_load import NoLoad
from sequences.parking import WHILE_PARKED
from sequences.screening import NoLoadScreen, StartingScreen
from sequences.starting import Starting
from tests.sequences.standing import Standing, channel_of, read

METER = TypeNumber.parse("685-381-OK-50")
IMAX = at(METER, 80.0)
PERIOD = 3600.0 / 55_200.0
RESULT = ErrorResult(
    error_percent=0.2,
    expanded_percent=0.1,
    periods=5,
    seconds=5.0,
    missing=0,
    doubled=0,
    budget=Budget(reference=0.03, circuit=0.01, timing=0.03, quantum=0.0, ripple=0.0),
    random_percent=0.03,
    scatters=1.0,
    agrees=True,
    least_squares_percent=0.19,
    uncorrected_percent=0.2,
)

Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


# ---------------------------------------------------------------- no-load and starting


@pytest.mark.parametrize(
    ("rises", "pulses"), [((), 0.0), ((10.0,), 1.0), ((10.0, 600.0), 2.0), ((-5.0, 652.0), 1.0), ((653.0,), 0.0)]
)
def test_pulses_count_from_the_beginning_of_the_no_load_test_to_its_end(
    rises: tuple[float, ...], pulses: float, simulated: Simulated
) -> None:
    async def main() -> Standing:
        begun = asyncio.get_running_loop().time()
        await asyncio.sleep(10.0)
        channel = channel_of([begun + 10.0 + rise for rise in rises])
        return await Standing(channel).runs(NoLoad(METER, STANDARD))

    seen = simulated(main)
    assert seen.values["pulses"] == pulses
    assert seen.values["voltage"] == pytest.approx(264.5)
    assert isinstance(seen.values["voltage"], float)


@pytest.mark.parametrize(
    ("rises", "pulses", "seconds"),
    [
        ((100.0, 360.0, 621.0), 2.0, 360.03),
        ((782.0, 782.5), 2.0, 782.53),
        ((782.0, 783.0), 1.0, 782.609),
        ((), 0.0, 782.609),
    ],
)
def test_starting_waits_for_two_pulses_and_for_no_more_than_three_periods(
    rises: tuple[float, ...], pulses: float, seconds: float, simulated: Simulated
) -> None:
    async def main() -> Standing:
        await asyncio.sleep(5.0)
        return await Standing(channel_of([1.0, *(5.0 + rise for rise in rises)])).runs(Starting(METER, STANDARD))

    seen = simulated(main)
    assert seen.values["pulses"] == pulses
    assert seen.values["time"] == pytest.approx(seconds, abs=0.01)
    assert seen.shown == [0.5, 1.0][: int(pulses)]


def test_starting_does_not_wait_for_a_meter_that_gave_no_pulse_under_larger_loads(simulated: Simulated) -> None:
    async def main() -> Standing:
        return await Standing(channel_of([]), mute=True).runs(Starting(METER, STANDARD))

    with pytest.raises(NoPulse, match="Is the S0 wire connected"):
        simulated(main)


@pytest.mark.parametrize(("rises", "pulses"), [((), 1.0), ((1.0,), 2.0), ((65.0,), 2.0), ((65.3,), 1.0)])
def test_the_no_load_screen_counts_what_came_while_others_were_parked(
    rises: tuple[float, ...], pulses: float, simulated: Simulated
) -> None:
    parked = Outcome(
        1,
        Verdict.PASS,
        void=False,
        measurements=(noted(WHILE_PARKED).judge(1.0), noted("left to the next pulse").judge(7.0)),
    )

    async def main() -> Standing:
        await asyncio.sleep(5.0)
        channel = channel_of([1.0, 2.0, *(5.0 + rise for rise in rises)])
        seen = Standing(channel, earlier={"parking": parked})
        return await seen.runs(NoLoadScreen(METER, STANDARD))

    assert simulated(main).values["pulses"] == pulses


@pytest.mark.parametrize(
    ("rises", "pulses", "seconds"), [((20.0, 30.0), 1.0, 20.03), ((39.0,), 1.0, 39.03), ((39.2,), 0.0, 39.13)]
)
def test_the_starting_screen_waits_for_one_pulse(
    rises: tuple[float, ...], pulses: float, seconds: float, simulated: Simulated
) -> None:
    async def main() -> Standing:
        await asyncio.sleep(5.0)
        return await Standing(channel_of([1.0, *(5.0 + rise for rise in rises)])).runs(StartingScreen(METER, STANDARD))

    seen = simulated(main)
    assert (seen.values["pulses"], seen.values["time"]) == (pulses, pytest.approx(seconds, abs=0.01))


# ---------------------------------------------------------------- accuracy


def train(count: int, odd: int) -> list[SimpleNamespace]:
    """Pulses at Imax of 30 ms, but for one of 34 ms."""
    widths = [34.0 if k == odd else 30.0 for k in range(count)]
    rises = [k * PERIOD for k in range(count)]
    return [
        SimpleNamespace(rise=rise, fall=rise + width / 1e3, width_ms=width)
        for rise, width in zip(rises, widths, strict=True)
    ]


def accuracy_seen(result: ErrorResult, simulated: Simulated) -> Standing:
    async def main() -> Standing:
        async def measure(_point: object) -> ErrorResult:
            return result

        errors = SimpleNamespace(measure=measure, pulses=train(6, 2))
        seen = Standing(None, load=IMAX, errors=errors, s0_offset_ms=(0.5, 0.1))
        return await seen.runs(Accuracy(METER, STANDARD, 80.0, "Imax"))

    return simulated(main)


def test_an_accuracy_point_records_its_error_and_the_widths_of_its_pulses(simulated: Simulated) -> None:
    seen = accuracy_seen(RESULT, simulated)
    assert (seen.values["error"], seen.uncertainties["error"]) == (0.2, 0.1)
    assert seen.notes["error"] == "reference 0.030, circuit 0.010, random 0.030 %"
    assert (seen.values["missing pulses"], seen.values["double pulses"]) == (0.0, 0.0)
    assert (seen.values["unexplained scatter"], seen.notes["unexplained scatter"]) == (0.0, "")
    assert (seen.values["mean width"], seen.uncertainties["mean width"]) == (
        pytest.approx(29.5 + 4 / 6),
        pytest.approx(0.2),
    )
    assert (seen.values["narrowest"], seen.values["widest"]) == (pytest.approx(29.5), pytest.approx(33.5))
    assert seen.values["widths outside"] == 1.0
    assert seen.values["shortest pause"] == pytest.approx(PERIOD * 1e3 - 34.0 + 0.5)


def test_the_note_of_an_error_names_what_was_corrected_and_what_the_first_try_found(simulated: Simulated) -> None:
    first = replace(RESULT, error_percent=0.9, expanded_percent=0.2)
    parts = replace(RESULT.budget, correction=0.02, temperature=0.015)
    result = replace(RESULT, budget=parts, uncorrected_percent=-0.3, first_try=first, periods=20)
    assert accuracy_seen(result, simulated).notes["error"] == (
        "reference 0.030, circuit 0.010, random 0.030 %, correction 0.020 %; -0.300 % without it; temperature 0.015 %; "
        "first try +0.900 ± 0.200 % over 5 periods, undecided"
    )
    scattered = replace(result, first_try=replace(first, agrees=False, scatters=3.0), agrees=False, scatters=2.0)
    notes = accuracy_seen(scattered, simulated).notes
    assert notes["error"].endswith("with 3.0 times the scatter expected")
    assert notes["unexplained scatter"] == "the edges scatter 2.0 times as far as the budget explains"


@pytest.mark.parametrize(
    ("error", "periods", "undecided"),
    [(0.2, 6, False), (0.2, 5, True), (0.85, 6, True), (0.85, 24, False), (0.85, 23, True)],
)
def test_edges_on_record_that_end_too_soon_say_so(error: float, periods: int, undecided: bool) -> None:
    step = Accuracy(METER, STANDARD, 80.0, "Imax")
    assert step.fewest_periods == 6
    result = replace(RESULT, error_percent=error, periods=periods, random_percent=0.05)
    found = step.judge_again(cast(Evidence, SimpleNamespace(error=lambda _: result)))
    assert ("; undecided where the pulses on record end" in found["error"][2]) is undecided


def varied(simulated: Simulated, earlier: dict[str, Outcome]) -> Standing:
    reference = Accuracy(METER, STANDARD, 5.0, "Ib")

    async def main() -> Standing:
        async def measure(point: Point) -> ErrorResult:
            assert (point.limit_percent, point.fewest, point.most) == (0.7, 7, 7)
            return replace(RESULT, error_percent=0.5, expanded_percent=0.12, doubled=1)

        seen = Standing(None, errors=SimpleNamespace(measure=measure), earlier=earlier)
        return await seen.runs(Variation(METER, STANDARD, reference, VOLTAGE[0]))

    return simulated(main)


def test_a_variation_is_the_error_less_the_one_at_reference_conditions(simulated: Simulated) -> None:
    error = within("error", -1.0, 1.0, "%", "norm", guarded=True).judge(0.2, 0.05)
    seen = varied(simulated, {"accuracy-ib": Outcome(1, Verdict.PASS, void=False, measurements=(error,))})
    assert (seen.values["variation"], seen.uncertainties["variation"]) == (pytest.approx(0.3), pytest.approx(0.13))
    assert seen.notes["variation"] == "+0.500 % less +0.200 % at reference conditions"
    assert (seen.values["missing pulses"], seen.values["double pulses"]) == (0.0, 1.0)


def test_without_that_error_there_is_no_variation(simulated: Simulated) -> None:
    assert varied(simulated, {}).left_out == ["variation", "error", "missing pulses", "double pulses"]


# ---------------------------------------------------------------- logic


def stretched(watts: int, simulated: Simulated) -> Standing:
    async def main() -> Standing:
        await asyncio.sleep(10.0)
        # Before it another load; then 11 pulses, 36 s apart: 100 W, so 99 to 101 W and one more on each side.
        rises = [-5.0, *(7.0 + 36.0 * k for k in range(11))]
        s0: Any = SimpleNamespace(count=1, pulses=[SimpleNamespace(rise=rise) for rise in rises])
        seen = Standing(s0, load=at(METER, 5.0), natively=[read(power_w=watts)] * 9, speaks_native=True)
        return await seen.runs(Stretch(METER, STANDARD, "stretch", 5.0, "Ib", 2))

    return simulated(main)


@pytest.mark.parametrize(("watts", "agrees"), [(97, False), (98, True), (100, True), (102, True), (103, False)])
def test_the_actual_power_follows_the_pulses_to_a_per_cent_and_a_watt(
    watts: int, agrees: bool, simulated: Simulated
) -> None:
    seen = stretched(watts, simulated)
    assert seen.values["actual power"] == ("follows the pulses" if agrees else f"{watts} W, 100.0 W by the pulses")
    assert seen.shown == pytest.approx([0.5, 1.0])
    assert seen.values["pulses"] == 0.0


@pytest.mark.parametrize(("watts", "agrees"), [(9900, True), (9895, False), (10_100, True), (10_105, False)])
def test_of_10_kw_a_per_cent_is_100_w(watts: int, agrees: bool, simulated: Simulated) -> None:
    async def main() -> Standing:
        s0: Any = SimpleNamespace(count=0, pulses=[SimpleNamespace(rise=0.36 * k) for k in range(11)])
        seen = Standing(s0, load=IMAX, natively=[read(power_w=watts)] * 9, speaks_native=True)
        return await seen.runs(Stretch(METER, STANDARD, "stretch", 80.0, "Imax", 1))

    assert (simulated(main).values["actual power"] == "follows the pulses") is agrees


@pytest.mark.parametrize(
    ("rises", "watts", "agrees"),
    [
        ((5.0,), 0, True),  # one pulse tells no power
        ((5.0,), 2, False),
        ((5.0, 5.0 + 3600 / 95), 96, True),
        ((5.0, 5.0 + 3600 / 95), 97, False),  # 95 W, so 1.95 W are allowed
    ],
)
def test_two_pulses_tell_a_power(rises: tuple[float, ...], watts: int, agrees: bool, simulated: Simulated) -> None:
    async def main() -> Standing:
        s0: Any = SimpleNamespace(count=0, pulses=[SimpleNamespace(rise=rise) for rise in rises])
        seen = Standing(s0, load=IMAX, natively=[read(power_w=watts)] * 9, speaks_native=True)
        return await seen.runs(Stretch(METER, STANDARD, "stretch", 80.0, "Imax", 1))

    assert (simulated(main).values["actual power"] == "follows the pulses") is agrees


def test_without_current_a_watt_is_the_most(simulated: Simulated) -> None:
    def told(watts: int) -> object:
        async def main() -> Standing:
            s0: Any = SimpleNamespace(count=0, pulses=[])
            seen = Standing(s0, load=voltage_only(METER), natively=[read(power_w=watts)] * 9, speaks_native=True)
            return await seen.runs(Stretch(METER, STANDARD, "stretch", 0.0, "", 1))

        return simulated(main).values["actual power"]

    assert [told(0), told(1), told(2)] == ["follows the pulses", "follows the pulses", "2 W, 0.0 W by the pulses"]


WAS = {"hours": 5, "total_kwh": 9_999_999, "trip_wh": 99_999_000}


def registers_after(
    simulated: Simulated,
    counted: tuple[int, int] = (3100, 3101),
    seconds: float = 7200.0,
    before: dict[str, int] = WAS,
    **changed: int,
) -> Standing:
    """3000 pulses in two hours, two of them under way at either readout."""
    was = Snapshot(0.0, 2.0, 100, 101, Registers(**before))  # type: ignore[arg-type]  # whole numbers
    now = {"hours": 7, "total_kwh": 2, "trip_wh": 2000} | changed
    last = Snapshot(seconds, seconds + 2.0, *counted, Registers(**now))  # type: ignore[arg-type]  # likewise

    async def main() -> Standing:
        s0: Any = SimpleNamespace(pulses=[])
        seen = Standing(s0, natively=[last], snapshots=(was,), speaks_native=True)
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
    seen = registers_after(simulated, **changed)
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
        (8, 7190.0, False),  # three steps are at least two hours, 7200 s
        (6, 7300.0, False),  # one step is less than two
    ],
)
def test_two_hours_step_the_hours_counter_as_often_as_hours_fit(
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
    old = {"hours": 5, "total_kwh": 9_999_996, "trip_wh": 99_996_988}
    seen = registers_after(simulated, before=old, total_kwh=0, trip_wh=0)
    assert seen.values["trip counter"] != "follows the pulses"
    assert seen.values["total"] == "follows the pulses"


# ---------------------------------------------------------------- hours and windows


def test_spans_meet_where_they_touch() -> None:
    assert Span(1, 2).meets(Span(2, 3))
    assert Span(2, 3).meets(Span(1, 2))
    assert not Span(1, 2).meets(Span(2.001, 3))
    assert not Span(2.001, 3).meets(Span(1, 2))


def test_a_plateau_of_22_minutes_may_fill_a_window_or_no_more_than_11_minutes_of_one() -> None:
    # 8000 W from minute 20 to 42. Windows that begin at minute 31 hold 11 minutes of it, 1467 Wh; others 2000 Wh.
    rises = [1200.0 + 0.45 * k for k in range(round(22 * 60 / 0.45))]
    peak = peak_by_pulses(rises, 0.0, 60 * 60.0, Span(0, 0))
    assert peak == Span((1467 - 1) * 4, (2000 + 1) * 4)
    assert peak_by_pulses([], 0.0, 40 * 60.0, Span(0, 0)) == Span(0, 4)


def test_a_gain_of_one_hour_bounds_its_length_from_below_and_of_two_from_above_too() -> None:
    one = hour_length([read(0.0, hours=3), read(3000.0, hours=4)])
    assert (one.low, one.high) == (pytest.approx((3000.0 - 0.2) / 2), float("inf"))
    two = hour_length([read(0.0, hours=3), read(7000.0, hours=5)])
    assert (two.low, two.high) == (pytest.approx((7000.0 - 0.2) / 3), pytest.approx(7000.2))
    none = hour_length([read(0.0, hours=3), read(3000.0, hours=3)])
    assert (none.low, none.high) == (pytest.approx(2999.8), float("inf"))


# ---------------------------------------------------------------- known meters


@pytest.mark.parametrize(("as_known", "found"), [(True, "as known"), (False, "it moved")])
def test_a_known_meter_is_as_known_or_told_how_not(as_known: bool, found: str, simulated: Simulated) -> None:
    async def main() -> Standing:
        async def known_meter() -> SimpleNamespace:
            return SimpleNamespace(as_known=as_known, words="it moved")

        return await Standing(known_meter=known_meter).runs(KnownMeter(METER, STANDARD))

    assert simulated(main).values == {"found": found}
