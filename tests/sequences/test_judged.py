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
from bench.input_expectation import Gain
from bench.load_points import at
from bench.measurements import noted, within
from bench.oracle import Expectation
from bench.position import Position
from bench.profile import STANDARD, Profile
from bench.prompt import Prompt
from bench.pulse_error import ErrorResult, Point
from bench.record import Outcome
from bench.steps import Blocked, Step
from bench.verdict import Verdict
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.arrow_key import hold_at
from sequences.audit import Variation
from sequences.display import LIT, DisplayTest
from sequences.known_meter import KnownMeter
from sequences.label_and_seals import LabelAndSeals
from sequences.no_load import NoLoad
from sequences.output_2 import EachKilowattHour, _beside
from sequences.parking import WHILE_PARKED
from sequences.power_cut import Memory
from sequences.pulse_input import PulseInput
from sequences.read_out import FinalReadOut, disagreements
from sequences.s0_pulses import S0Pulses, raise_if_slow
from sequences.screening import NoLoadScreen, StartingScreen
from sequences.sign_on import SignOn
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


def read(at_s: float = 0.0, **registers: Any) -> Snapshot:
    return Snapshot(at_s, at_s + 0.2, 0, 0, Registers(**registers))


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


# ---------------------------------------------------------------- pulses


def train(count: int, *odd: int, odd_s: float = 0.026) -> list[SimpleNamespace]:
    """Pulses at Imax; these have another width."""
    found = []
    for k in range(count):
        width = odd_s if k in odd else 0.03
        rise = k * PERIOD
        found.append(SimpleNamespace(rise=rise, fall=rise + width, width_ms=width * 1e3))
    return found


class Heard:
    """An input that has heard all pulses already, and how many were waited for."""

    def __init__(self, pulses: list[SimpleNamespace]) -> None:
        self._all = pulses
        self.pulses: list[SimpleNamespace] = []

    @property
    def count(self) -> int:
        return len(self.pulses)

    async def wait_while_flowing(self, count: int, _patience: float) -> None:
        self.pulses = self._all[:count]
        if self.count < count:
            raise TimeoutError


@pytest.mark.parametrize(("odd", "observed", "outside"), [((), 500, 0.0), ((7,), 1000, 1.0), ((7, 8), 500, 2.0)])
def test_one_width_outside_makes_it_look_twice_as_long(
    odd: tuple[int, ...], observed: int, outside: float, simulated: Simulated
) -> None:
    async def main() -> Standing:
        s0: Any = Heard(train(1600, *odd))
        return await Standing(s0, load=IMAX, s0_offset_ms=(0.5, 0.1)).runs(S0Pulses(METER, STANDARD))

    seen = simulated(main)
    assert seen.values["pulses observed"] == observed
    assert seen.values["widths outside in 100"] == outside
    mean = 29.5 - 4.0 * len(odd) / observed
    assert (seen.values["mean width"], seen.uncertainties["mean width"]) == (pytest.approx(mean), pytest.approx(0.2))
    assert (seen.values["narrowest"], seen.values["widest"]) == (
        pytest.approx(25.5 if odd else 29.5),
        pytest.approx(29.5),
    )
    assert seen.values["shortest pause"] == pytest.approx(PERIOD * 1e3 - 30.0 + 0.5)
    assert (seen.values["missing pulses"], seen.values["double pulses"]) == (0.0, 0.0)


@pytest.mark.parametrize(("heard", "judged"), [(0, False), (1, False), (2, True)])
def test_a_pause_needs_two_pulses(heard: int, judged: bool, simulated: Simulated) -> None:
    async def main() -> Standing:
        s0: Any = Heard(train(heard))
        return await Standing(s0, load=IMAX).runs(S0Pulses(METER, STANDARD))

    if judged:
        assert simulated(main).values["pulses observed"] == heard
        return
    with pytest.raises(NoPulse, match=f"{heard} S0 pulses where 500 are expected within 41 s"):
        simulated(main)


def test_pulses_of_an_earlier_load_are_no_pulses_of_this_one(simulated: Simulated) -> None:
    async def main() -> Standing:
        s0: Any = Heard(train(4))
        s0.pulses = train(3)
        return await Standing(s0, load=IMAX).runs(S0Pulses(METER, STANDARD))

    with pytest.raises(NoPulse, match="1 S0 pulses where 500 are expected"):
        simulated(main)


def test_pulses_that_stay_away_are_waited_for_a_fifth_longer_and_2_s(simulated: Callable[..., Any]) -> None:
    async def main() -> float:
        async def never(_count: int, _patience: float) -> None:
            await asyncio.sleep(1e6)

        s0: Any = SimpleNamespace(count=0, pulses=[], wait_while_flowing=never)
        with pytest.raises(NoPulse):
            await Standing(s0, load=IMAX).runs(S0Pulses(METER, STANDARD))
        return asyncio.get_running_loop().time()

    assert simulated(main) == pytest.approx(500 * PERIOD * 1.2 + 2.0)


def slow(flashes: list[tuple[float, float]] | None, width_ms: float = 30.0, began: int = 1) -> None:
    """An input whose second pulse, at 1.0 s, and third are so long; the flashes are (beginning in s, length in ms)."""
    pulses = [SimpleNamespace(rise=rise, width_ms=width_ms) for rise in (0.0, 1.0, 2.0)]
    lit = [SimpleNamespace(rise=rise, width_ms=length) for rise, length in flashes or ()]
    channels = {} if flashes is None else {"diode_pin": SimpleNamespace(pulses=lit)}
    s0 = SimpleNamespace(pulses=pulses, count=3)
    at_it = SimpleNamespace(number=1, s0=s0, terminals=SimpleNamespace(channels=channels))
    raise_if_slow(cast(Position, at_it), began)


def test_an_input_that_lengthens_pulses_by_more_than_a_millisecond_is_the_fixtures_fault() -> None:
    slow(None, 99.0)
    slow([], 99.0)
    slow([(1.0, 30.0)], 99.0, began=3)
    for width_ms in (29.0, 30.0, 31.0):
        slow([(1.0, 30.0), (2.0, 30.0)], width_ms)
    for width_ms, told in ((31.05, r"\+1\.1 ms longer"), (28.95, r"-1\.1 ms longer")):
        with pytest.raises(Blocked, match=told):
            slow([(1.0, 30.0), (2.0, 30.0)], width_ms)


def test_a_flash_up_to_10_ms_before_the_first_pulse_is_its_own() -> None:
    with pytest.raises(Blocked):
        slow([(0.99, 28.0)])
    slow([(0.9895, 28.0)])
    slow([(0.9895, 28.0), (1.005, 30.0)])


def accuracy_seen(result: ErrorResult, simulated: Simulated) -> Standing:
    async def main() -> Standing:
        async def measure(_point: object) -> ErrorResult:
            return result

        errors = SimpleNamespace(measure=measure, pulses=train(6, 2, odd_s=0.034))
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


# ---------------------------------------------------------------- registers


def left(since: int, simulated: Simulated, *, total: int = 17, tariffs_agree: bool = True) -> Standing:
    oracle = SimpleNamespace(
        pulses=1000,
        expectation=lambda allowance: Expectation(16, 18) if allowance == pytest.approx(50.0) else Expectation(0, 0),
        tariffs_agree=lambda *_: tariffs_agree,
    )

    async def main() -> Standing:
        s0: Any = SimpleNamespace(count=40 + since)
        first = Snapshot(-9.0, -8.8, 40, 41, Registers(total_kwh=16))
        told = [read(total_kwh=total, tariff_kwh=(17, 0), hours=3)]
        return await Standing(s0, oracle=oracle, snapshots=(first,), readouts=told).runs(FinalReadOut(METER, STANDARD))

    return simulated(main)


@pytest.mark.parametrize(("since", "agrees"), [(1000, True), (1033, True), (1034, False), (967, True), (966, False)])
def test_pulses_agree_within_three_and_three_per_cent(since: int, agrees: bool, simulated: Simulated) -> None:
    text = f"{since} counted, 1000 by the reference meter"
    assert left(since, simulated).values["pulses vs ref. meter"] == ("agree" if agrees else text)


@pytest.mark.parametrize(("total", "agrees"), [(15, False), (16, True), (18, True), (19, False)])
def test_the_total_agrees_within_20_wh_and_three_per_cent(total: int, agrees: bool, simulated: Simulated) -> None:
    seen = left(1000, simulated, total=total)
    assert (seen.values["total vs reference meter"] == "agrees") is agrees
    assert (seen.values["total"], seen.values["hours"]) == (float(total), 3.0)
    assert seen.left_out == ["native registers"]


def test_tariff_registers_that_do_not_agree_are_said_so(simulated: Simulated) -> None:
    assert left(1000, simulated).values["tariff registers"] == "agree"
    assert left(1000, simulated, tariffs_agree=False).values["tariff registers"] == "disagree"


def left_natively(simulated: Simulated, power_w: int, oracle: bool = True) -> Standing:
    there = SimpleNamespace(pulses=0, expectation=lambda _: Expectation(16, 18), tariffs_agree=lambda *_: True)
    natively = {"total_kwh": 17, "trip_wh": 500, "hours": 0, "peak_w": 0}

    async def main() -> Standing:
        s0: Any = SimpleNamespace(count=0)
        seen = Standing(
            s0,
            oracle=there if oracle else None,
            snapshots=(read(**natively),),
            readouts=[read(total_kwh=17, hours=0)],
            natively=[read(**natively, power_w=power_w)],
        )
        return await seen.runs(FinalReadOut(METER, STANDARD))

    return simulated(main)


def test_native_registers_are_judged_where_the_port_tells_them(simulated: Simulated) -> None:
    seen = left_natively(simulated, 0)
    assert (seen.values["native registers"], seen.values["hours"], seen.left_out) == ("agree", 0.0, [])
    assert seen.values["tariff registers"] == "agree"
    assert left_natively(simulated, 7).values["native registers"] == "power 7 W without current"
    assert left_natively(simulated, 0, oracle=False).values == {}


FIRST = Snapshot(10.0, 10.3, 0, 0, Registers(total_kwh=7, trip_wh=7120, hours=3, power_w=0, peak_w=900))
LAST = Snapshot(3610.0, 3610.3, 0, 0, Registers(total_kwh=9, trip_wh=9110, hours=4, power_w=0, peak_w=7000))


@pytest.mark.parametrize(
    ("changed", "odd"),
    [
        # 1985 Wh, 80 Wh allowed and 10 Wh of resolution; two hours in 1 h and a moment; 4 × 2065 + 1 W in a quarter
        ({"trip_wh": 7120 + 1985 + 90}, 0),
        ({"trip_wh": 7120 + 1985 + 91}, 1),
        ({"trip_wh": 7120 + 1985 - 90}, 0),
        ({"trip_wh": 7120 + 1985 - 91}, 1),
        ({"hours": 3}, 0),
        ({"hours": 2}, 1),
        ({"hours": 5}, 0),
        ({"hours": 6}, 1),
        ({"peak_w": 900}, 0),
        ({"peak_w": 899}, 1),
        ({"peak_w": 8261}, 0),
        ({"peak_w": 8262}, 1),
    ],
)
def test_a_native_register_may_be_off_by_its_resolution_and_no_more(changed: dict[str, int], odd: int) -> None:
    last = replace(LAST, registers=replace(LAST.registers, **changed))  # type: ignore[arg-type]  # one field, an int
    assert len(disagreements(FIRST, last, 9, 1985, 80.0)) == odd


def test_a_peak_that_stood_higher_before_may_stay() -> None:
    first = replace(FIRST, registers=replace(FIRST.registers, peak_w=9000))
    last = replace(LAST, registers=replace(LAST.registers, peak_w=9000))
    assert disagreements(first, last, 9, 1985, 80.0) == []


def test_registers_of_a_new_meter_count_from_zero() -> None:
    first = replace(FIRST, registers=Registers(total_kwh=0, trip_wh=0, hours=0, power_w=0, peak_w=0))

    def odd(trip: int, hours: int) -> int:
        last = replace(LAST, registers=Registers(total_kwh=0, trip_wh=trip, hours=hours, power_w=0, peak_w=0))
        return len(disagreements(first, last, 0, 100, 5.0))

    # 100 Wh, 5 Wh allowed and 10 Wh of resolution; no hour or two
    assert [odd(115, 0), odd(116, 0), odd(85, 2), odd(84, 0), odd(100, 3)] == [0, 1, 0, 1, 1]
    wrapped = replace(FIRST, registers=replace(FIRST.registers, trip_wh=99_999_885, hours=0))
    last = replace(LAST, registers=Registers(total_kwh=0, trip_wh=0, hours=0, power_w=0, peak_w=900))
    assert disagreements(wrapped, last, 0, 100, 5.0) == []
    assert len(disagreements(replace(wrapped, registers=replace(wrapped.registers, hours=1)), last, 0, 100, 5.0)) == 1


def test_hours_are_counted_to_the_whole_one_that_may_have_been_under_way() -> None:
    # 0.9999 h after the first readout no second hour can be full.
    last = replace(LAST, latest=3609.6, registers=replace(LAST.registers, hours=5))
    assert disagreements(FIRST, last, 9, 1985, 80.0) == ["2 h gained in 1.00 h"]


# ---------------------------------------------------------------- after a power cut

KEPT = {"total_kwh": 17, "tariff_kwh": (12, 5), "hours": 40, "customer_number": "21480001"}


def after_a_cut(simulated: Simulated, profile: Profile = STANDARD, trip: int = 7000, **changed: Any) -> Standing:
    async def main() -> Standing:
        await asyncio.sleep(20.0)
        seen = Standing(
            natively=[read(trip_wh=trip)],
            load_since=asyncio.get_running_loop().time() - 1.0,
            snapshots=(read(**KEPT), read(trip_wh=7500)),
        )
        after = read(**(KEPT | changed))

        async def answers() -> Snapshot:
            return after

        async def try_native() -> SimpleNamespace:
            return SimpleNamespace(type_text=METER.stored, constant=1000)

        seen.answers, seen.try_native = answers, try_native  # type: ignore[attr-defined]
        return await seen.runs(Memory(METER, profile))

    return simulated(main)


def test_registers_that_stand_are_kept_and_the_meter_is_asked_when_it_must_be_functional(simulated: Simulated) -> None:
    seen = after_a_cut(simulated)
    assert {seen.values[name] for name in ("total", "tariff registers", "hours", "numbers")} == {"kept"}
    assert (seen.values["start-up"], seen.values["memory"]) == ("functional", "no contradiction")
    assert seen.values["asked after"] == pytest.approx(5.0)
    assert seen.values["trip counter loses"] == 500.0


def test_a_trip_counter_that_began_anew_has_lost_all_it_held(simulated: Simulated) -> None:
    assert after_a_cut(simulated, trip=0).values["trip counter loses"] == 7500.0
    assert after_a_cut(simulated).values["total at the end"] == 17.0


@pytest.mark.parametrize(
    ("changed", "name", "words"),
    [
        ({"total_kwh": 16}, "total", "17 kWh before, 16 kWh after"),
        ({"tariff_kwh": (12, 4)}, "tariff registers", "(12, 5) before, (12, 4) after"),
        ({"hours": 39}, "hours", "40 h before, 39 h after"),
        ({"hours": 41}, "hours", "kept"),
        ({"hours": 42}, "hours", "40 h before, 42 h after"),
        ({"customer_number": "0"}, "numbers", "21480001 before, 0 after"),
    ],
)
def test_what_a_cut_changed_is_told(changed: dict[str, Any], name: str, words: str, simulated: Simulated) -> None:
    assert after_a_cut(simulated, **changed).values[name] == words


# ---------------------------------------------------------------- pulse output 2


def beside(steps: int, *rises: float) -> str:
    """The register read at 10.0 to 10.2 s and at 100.0 to 100.2 s, so many steps later, across the roll-over."""
    return _beside([read(10.0, total_kwh=9_999_999), read(100.0, total_kwh=9_999_999 + steps - 10_000_000)], rises)


@pytest.mark.parametrize(
    ("steps", "rises", "fits"),
    [
        (2, (20.0, 90.0), True),
        (1, (20.0, 90.0), False),
        (3, (20.0, 90.0), False),
        # what begins within a readout, or 10 ms beside it, may belong to it or not
        (1, (10.0, 50.0), True),
        (2, (10.1, 50.0), True),
        (1, (10.2, 50.0), True),
        (2, (10.21, 50.0), True),
        (1, (10.21, 50.0), False),
        (1, (50.0, 100.0), True),
        (1, (50.0, 99.99), False),
        (2, (50.0, 100.2), True),
        (2, (9.995, 50.0), True),
        (2, (50.0, 100.205), True),
        (2, (9.985, 50.0), False),
        (2, (50.0, 100.215), False),
    ],
)
def test_a_pulse_on_output_2_comes_with_each_step_as_far_as_readouts_tell(
    steps: int, rises: tuple[float, ...], fits: bool
) -> None:
    assert (beside(steps, *rises) == "one with each kWh") is fits


def on_output_2(simulated: Simulated, *rises: float, s0_every: float = 0.065) -> Standing:
    async def main() -> Standing:
        s0 = channel_of([k * s0_every for k in range(2400)])
        seen = Standing(s0, s0_offset_ms=(0.5, 0.1))
        seen.terminals = SimpleNamespace(output_2=channel_of(rises, 0.06))
        return await seen.runs(EachKilowattHour(METER, STANDARD))

    return simulated(main)


def test_between_two_pulses_of_output_2_lie_a_thousand_of_s0(simulated: Simulated) -> None:
    # S0 pulses begin every 65 ms; the one that completes a kWh begins up to 10 ms after the pulse on output 2.
    for late in (0.0, 0.02, -0.009):
        seen = on_output_2(simulated, 65.0 * 0.5 + late, 65.0 * 1.5 + late)
        assert seen.values["S0 pulses between two"] == 1000.0
    assert on_output_2(simulated, 32.5, 97.5 + 0.065).values["S0 pulses between two"] == 1001.0
    assert (seen.values["pulses observed"], seen.values["pulses"]) == (2.0, "one with each kWh")
    assert (seen.values["mean width"], seen.uncertainties["mean width"]) == (pytest.approx(59.5), pytest.approx(0.2))


def test_a_single_pulse_on_output_2_tells_its_width_and_none_tells_nothing(simulated: Simulated) -> None:
    one = on_output_2(simulated, 30.0)
    assert (one.values["pulses observed"], one.values["mean width"]) == (1.0, pytest.approx(59.5))
    assert "S0 pulses between two" not in one.values
    assert on_output_2(simulated).values == {"pulses observed": 0.0}


# ---------------------------------------------------------------- sign-on


def signed_on(simulated: Simulated, memory: SimpleNamespace | None, *, customer: str | None = "21480001") -> Standing:
    async def main() -> Standing:
        told = [Snapshot(6.0, 6.4, 0, 0, Registers(customer_number=customer, total_kwh=17))]
        seen = Standing(readouts=told, natively=[read(production_number="10001093")], serial="10001093")

        async def try_native() -> SimpleNamespace | None:
            seen.speaks_native = memory is not None
            return memory

        seen.try_native = try_native  # type: ignore[attr-defined]
        return await seen.runs(SignOn(METER, STANDARD))

    return simulated(main)


def test_sign_on_tells_what_the_meter_says_of_itself(simulated: Simulated) -> None:
    seen = signed_on(simulated, SimpleNamespace(type_text=METER.stored, constant=1000))
    assert seen.values == {
        "type": "685-381-OK-50",
        "customer number": "21480001",
        "total at start": 17.0,
        "block check": "xor",
        "reaction": pytest.approx(0.4),
        "memory": "no contradiction",
        "registers are read by": "native",
        "production number": "10001093",
        "serial number is": "production number",
    }


@pytest.mark.parametrize(("type_text", "constant"), [("381OK40", 1000), (METER.stored, 500)])
def test_a_memory_that_names_another_type_or_constant_contradicts(
    type_text: str, constant: int, simulated: Simulated
) -> None:
    seen = signed_on(simulated, SimpleNamespace(type_text=type_text, constant=constant))
    assert seen.values["memory"] == f"{type_text}, {constant} imp/kWh"


def test_without_native_the_memory_is_left_out_and_a_meter_without_number_has_none(simulated: Simulated) -> None:
    seen = signed_on(simulated, None, customer=None)
    assert seen.left_out == ["memory"]
    assert (seen.values["registers are read by"], seen.values["customer number"]) == ("mode A", "none")
    assert seen.values["serial number is"] == "neither number of the meter"


# ---------------------------------------------------------------- what a person sees


def asked(simulated: Simulated, step: Step, *answers: str, **more: Any) -> tuple[Standing, list[Prompt]]:
    prompts: list[Prompt] = []

    async def main() -> Standing:
        seen = Standing(**more)
        told = iter(answers)

        async def ask(prompt: Prompt) -> str:
            prompts.append(prompt)
            return next(told)

        seen.ask = ask  # type: ignore[attr-defined]
        seen.terminals.button = None
        return await seen.runs(step)

    return simulated(main), prompts


@pytest.mark.parametrize(
    ("answers", "values"),
    [
        (("same", "same"), {"reading": "as read", "display test": "all lit"}),
        (("differs", "same"), {"reading": "another than the optical port's", "display test": "all lit"}),
        (("same", "differs"), {"reading": "as read", "display test": "something dark"}),
    ],
)
def test_the_display_is_what_the_person_says(
    answers: tuple[str, ...], values: dict[str, str], simulated: Simulated
) -> None:
    seen, prompts = asked(simulated, DisplayTest(METER, STANDARD), *answers, snapshots=(read(total_kwh=17),))
    assert seen.values == values
    assert [prompt.by_key for prompt in prompts] == [False, True]
    assert (seen.shown, LIT.by_key) == ([0.5], False)


def test_a_register_that_nobody_could_read_is_not_asked_for(simulated: Simulated) -> None:
    for snapshots in ((), (read(),)):
        seen, prompts = asked(simulated, DisplayTest(METER, STANDARD), "same", snapshots=snapshots)
        assert seen.values == {"display test": "all lit"}
        assert [prompt.name for prompt in prompts] == ["test"]


@pytest.mark.parametrize(
    ("answer", "label", "seals"),
    [
        ("right", "as ordered", "whole"),
        ("label", "differs", "whole"),
        ("seal", "as ordered", "missing or broken"),
        ("both", "differs", "missing or broken"),
    ],
)
def test_label_and_seals_are_judged_apart(answer: str, label: str, seals: str, simulated: Simulated) -> None:
    snapshots = (read(customer_number="21480001"),)
    for serial, number in (("10001093", "10001093"), ("", "21480001")):
        step = LabelAndSeals(METER, STANDARD)
        seen, (prompt,) = asked(simulated, step, answer, snapshots=snapshots, serial=serial)
        assert seen.values == {"label": label, "seals": seals}
        assert [mark.reads for mark in prompt.marks if mark.what == "number"] == [number]


# ---------------------------------------------------------------- known meters


@pytest.mark.parametrize(("as_known", "found"), [(True, "as known"), (False, "it moved")])
def test_a_known_meter_is_as_known_or_told_how_not(as_known: bool, found: str, simulated: Simulated) -> None:
    async def main() -> Standing:
        async def known_meter() -> SimpleNamespace:
            return SimpleNamespace(as_known=as_known, words="it moved")

        return await Standing(known_meter=known_meter).runs(KnownMeter(METER, STANDARD))

    assert simulated(main).values == {"found": found}


# ---------------------------------------------------------------- the arrow key


@pytest.mark.parametrize(("ended", "begins"), [((), 10.0), ((3.0, 7.0), 128.0), ((7.0, 3.0), 128.0)])
def test_the_key_is_held_once_the_display_has_fallen_back(
    ended: tuple[float, ...], begins: float, simulated: Callable[..., Any]
) -> None:
    """121 s after the last activation ended; at once where there was none."""

    async def main() -> list[tuple[float, Any]]:
        loop, played = asyncio.get_running_loop(), []

        async def play(pattern: Any) -> None:
            played.append((loop.time(), pattern))

        await asyncio.sleep(10.0 - loop.time())
        button: Any = SimpleNamespace(closures=[SimpleNamespace(ended=each) for each in ended], play=play)
        await hold_at(button, 2)
        return played

    played = simulated(main)
    assert [pattern for _, pattern in played] == [[(0.3, 0.5)] * 2, [(6.5, 0.5)]]
    assert played[0][0] == pytest.approx(begins)


# ---------------------------------------------------------------- pulse input


@pytest.mark.parametrize(
    ("gained", "register"),
    [(2, "2 gained, 3 to 4 expected"), (3, "agrees"), (4, "agrees"), (5, "5 gained, 3 to 4 expected")],
)
def test_a_pulse_input_counts_what_its_closures_are_worth(
    gained: int, register: str, simulated: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sequences.pulse_input.expected_gain", lambda *_: Gain(3, 4))

    async def main() -> Standing:
        async def play(_pattern: object) -> list[object]:
            return [object()] * 12

        told = [read(pulse_input=9_999_998), read(pulse_input=9_999_998 + gained - 10_000_000 * (gained > 1))]
        seen = Standing(readouts=told)
        seen.terminals = SimpleNamespace(pulse_input=SimpleNamespace(play=play))
        return await seen.runs(PulseInput(METER, STANDARD))

    assert simulated(main).values == {"closures": 12.0, "gained": float(gained), "register": register}


@pytest.mark.parametrize(("before", "after"), [(None, 3), (3, None)])
def test_a_telegram_without_the_register_of_the_input_tells_nothing(
    before: int | None, after: int | None, simulated: Simulated
) -> None:
    async def main() -> Standing:
        async def play(_pattern: object) -> list[object]:
            return []

        seen = Standing(readouts=[read(pulse_input=before), read(pulse_input=after)])
        seen.terminals = SimpleNamespace(pulse_input=SimpleNamespace(play=play))
        return await seen.runs(PulseInput(METER, STANDARD))

    assert simulated(main).values == {"closures": 0.0}
