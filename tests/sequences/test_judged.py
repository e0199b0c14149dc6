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
from bench.influences import VOLTAGE
from bench.load_points import at
from bench.measurements import noted, within
from bench.profile import STANDARD
from bench.pulse_error import ErrorResult, Point
from bench.record import Outcome
from bench.verdict import Verdict
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.audit import Variation
from sequences.known_meter import KnownMeter
from sequences.no_load import NoLoad
from sequences.parking import WHILE_PARKED
from sequences.screening import NoLoadScreen, StartingScreen
from sequences.starting import Starting
from tests.sequences.standing import Standing, channel_of

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
        ((391.0, 782.0), 2.0, 782.03),
        ((391.0, 782.4), 1.0, 391.03 + 391.304),  # heard at its end, 30 ms later
        ((6.0, 397.4), 1.0, 6.03 + 391.304),
        ((391.3,), 0.0, 391.304),
        ((), 0.0, 391.304),
    ],
)
def test_starting_waits_for_two_pulses_and_for_each_no_longer_than_one_and_a_half_periods(
    rises: tuple[float, ...], pulses: float, seconds: float, simulated: Simulated
) -> None:
    """A period of 13.8 W is 260.87 s."""

    async def main() -> Standing:
        await asyncio.sleep(5.0)
        return await Standing(channel_of([1.0, *(5.0 + rise for rise in rises)])).runs(Starting(METER, STANDARD))

    seen = simulated(main)
    assert seen.values["pulses"] == pulses
    assert seen.values["time"] == pytest.approx(seconds, abs=0.01)
    assert seen.shown == [0.5, 1.0][: int(pulses)]
    assert seen.left_out == ([] if pulses else ["mean width"])


@pytest.mark.parametrize(
    ("rises", "longest"), [((6.0, 266.0), 260.0), ((261.0, 300.0), 261.03), ((6.0, 398.0), 391.304), ((), 391.304)]
)
def test_the_longest_wait_for_a_pulse_at_the_starting_current_is_told(
    rises: tuple[float, ...], longest: float, simulated: Simulated
) -> None:
    async def main() -> Standing:
        return await Standing(channel_of(rises)).runs(Starting(METER, STANDARD))

    assert simulated(main).values["longest wait"] == pytest.approx(longest, abs=0.001)


def test_the_pulses_at_the_starting_current_are_as_wide_as_all(simulated: Simulated) -> None:
    """Told less what the fixture adds."""

    async def main() -> Standing:
        at = Standing(channel_of([6.0, 266.0], width_s=0.032), s0_offset_ms=(1.0, 0.25))
        return await at.runs(Starting(METER, STANDARD))

    assert simulated(main).values["mean width"] == pytest.approx(31.0)


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
    again = step.judge_again(cast(Evidence, SimpleNamespace(error=lambda _: result)))
    assert ("; undecided where the pulses on record end" in again.found["error"][2]) is undecided
    short = (
        "the record has 5 of 6 periods"
        if periods < 6
        else f"undecided after the {periods} periods on record, of 24 at most"
    )
    assert again.wanting == (short if undecided else "")


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


# ---------------------------------------------------------------- known meters


@pytest.mark.parametrize(("as_known", "found"), [(True, "as known"), (False, "it moved")])
def test_a_known_meter_is_as_known_or_told_how_not(as_known: bool, found: str, simulated: Simulated) -> None:
    async def main() -> Standing:
        async def known_meter() -> SimpleNamespace:
            return SimpleNamespace(as_known=as_known, words="it moved")

        return await Standing(known_meter=known_meter).runs(KnownMeter(METER, STANDARD))

    assert simulated(main).values == {"found": found}
