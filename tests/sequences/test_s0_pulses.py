"""S0 pulses: how many are looked at, their widths, the pauses between them, and an input that makes them longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.error_calculator import NoPulse
from bench.load_points import at
from bench.measurements import Declared
from bench.position import Position
from bench.profile import STANDARD
from bench.steps import Blocked
from bench.verdict import Verdict
from drivers.s0 import Pulse
from reference_meter import TypeNumber
from sequences.s0_pulses import WINDOW, S0Pulses, _perhaps_slow, most_outside, raise_if_slow, shortest_pause_ms
from tests.sequences.standing import Standing

METER = TypeNumber.parse("685-381-OK-50")
"""Three phases of 80 A: 55.2 kW at Imax, a pulse every 65.217 ms."""
IMAX = at(METER, 80.0)
PERIOD = 3600.0 / 55_200.0
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


def widths(*outside: int, length: int = 500, wrong: float = 26.0) -> list[float]:
    """Good widths, but for those at these places."""
    return [wrong if k in outside else 30.0 for k in range(length)]


def declared(type_number: str, name: str) -> Declared:
    step = S0Pulses(TypeNumber.parse(type_number), STANDARD)
    return next(each for each in step.measurements() if each.name == name)


@pytest.mark.parametrize(
    ("places", "most"),
    [
        ((), 0),
        ((0,), 1),
        ((499,), 1),
        ((100, 199), 2),  # the first and the last of a hundred in a row
        ((100, 200), 1),
        ((0, 99, 198, 297), 2),
        ((10, 20, 300, 310, 320), 3),
    ],
)
def test_the_worst_hundred_in_a_row_counts(places: tuple[int, ...], most: int) -> None:
    assert most_outside(widths(*places), 0.1) == most


@pytest.mark.parametrize(
    ("width", "outside"),
    [(26.99, 1), (27.0, 1), (27.09, 1), (27.25, 0), (32.75, 0), (32.95, 1), (33.0, 1), (33.1, 1)],
)
def test_a_width_is_inside_only_by_its_uncertainty(width: float, outside: int) -> None:
    assert most_outside([30.0, width, 30.0], 0.25) == outside


def test_without_pulses_nothing_is_outside() -> None:
    assert most_outside([], 0.1) == 0


@given(st.lists(st.booleans(), max_size=350))
def test_it_is_the_most_that_any_window_holds(wrong: list[bool]) -> None:
    found = most_outside([20.0 if each else 30.0 for each in wrong], 0.0)
    windows = [sum(wrong[k : k + WINDOW]) for k in range(max(1, len(wrong)))]
    assert found == max(windows)


@pytest.mark.parametrize(
    ("outside", "verdict"), [(0, Verdict.PASS), (1, Verdict.MARGINAL), (2, Verdict.FAIL), (100, Verdict.FAIL)]
)
def test_one_outside_is_marginal_and_two_in_a_hundred_fail(outside: int, verdict: Verdict) -> None:
    assert declared("685-381-OK-50", "widths outside in 100").judge(float(outside)).verdict is verdict


@pytest.mark.parametrize(
    ("type_number", "pause_ms"),
    [("685-181-OK-50", 30.0), ("685-381-OK-50", 30.0), ("685-311-OK-50", 5.0), ("685-321-OK-50", 5.0)],
)
def test_the_pause_of_the_standard_is_asked_only_of_meters_that_can_keep_it(type_number: str, pause_ms: float) -> None:
    assert declared(type_number, "shortest pause").lower == pause_ms


def test_the_shortest_pause_lies_between_the_end_of_a_pulse_and_the_next_beginning() -> None:
    assert shortest_pause_ms([0.0, 0.1, 0.15], [0.03, 0.13, 0.18]) == pytest.approx(20.0)


# ---------------------------------------------------------------- the course of the step


def train(count: int, *odd: int) -> list[SimpleNamespace]:
    """Pulses at Imax; these have another width."""
    found = []
    for k in range(count):
        width = 0.026 if k in odd else 0.03
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


LOOKS_THE_SAME = "a slow input looks the same"


@pytest.mark.parametrize(
    ("widths_ms", "expanded_ms", "told"),
    [
        ([33.0, 33.0], 0.0, False),  # ±10 % of 30 ms are inclusive
        ([33.0, 33.0], 0.0625, True),
        ([33.125, 33.125], 0.0, True),
        ([33.0, 35.0], 0.0, True),  # an edge of input and meter may each be 1 ms apart
        ([33.0, 35.125], 0.0, False),
    ],
)
def test_every_pulse_is_long_where_their_mean_is_and_all_lie_within_2_ms(
    widths_ms: list[float], expanded_ms: float, told: bool
) -> None:
    assert (LOOKS_THE_SAME in _perhaps_slow(cast(Position, Standing()), widths_ms, expanded_ms)) is told


@pytest.mark.parametrize(
    ("width_ms", "odd", "head", "said"),
    [
        (35.0, (), False, True),
        (32.9, (), False, True),  # inside the limit, but not by U
        (32.7, (), False, False),
        (26.0, (), False, False),
        (35.0, (3,), False, False),  # 26 ms among them: no input makes one pulse shorter
        (35.0, (), True, False),  # a head has seen flashes as long: the meter makes them so
    ],
)
def test_where_every_pulse_is_long_and_no_head_looks_the_note_says_that_a_slow_input_looks_the_same(
    width_ms: float, odd: tuple[int, ...], head: bool, said: bool, simulated: Simulated
) -> None:
    pulses = [
        SimpleNamespace(rise=k * PERIOD, fall=k * PERIOD + width / 1e3, width_ms=width)
        for k in range(1600)
        for width in [26.0 if k in odd else width_ms]
    ]
    channels = {"diode_pin": SimpleNamespace(pulses=pulses)} if head else {}

    async def main() -> Standing:
        s0: Any = Heard(pulses)
        terminals = SimpleNamespace(channels=channels, button=None)
        return await Standing(s0, load=IMAX, s0_offset_ms=(0.0, 0.1), terminals=terminals).runs(
            S0Pulses(METER, STANDARD)
        )

    note = simulated(main).notes["mean width"]
    assert (LOOKS_THE_SAME in note) == said
    assert ("no scanning head" in note) == said


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


def test_a_slow_meter_with_one_odd_width_is_looked_at_for_no_longer_than_the_step_says(simulated: Any) -> None:
    """At half the pace 500 pulses do not come in the 41.13 s that they may take, nor 1000 in another 80.26 s."""
    pulses = [Pulse(2 * k * PERIOD, 2 * k * PERIOD + (0.026 if k == 7 else 0.03)) for k in range(1000)]

    class Flowing:
        @property
        def pulses(self) -> list[Pulse]:
            now = asyncio.get_running_loop().time()
            return [pulse for pulse in pulses if pulse.fall <= now]

        @property
        def count(self) -> int:
            return len(self.pulses)

        async def wait_while_flowing(self, _count: int, _patience: float) -> None:
            await asyncio.sleep(1e6)

    step = S0Pulses(METER, STANDARD)

    async def main() -> float:
        s0: Any = Flowing()
        seen = await Standing(s0, load=IMAX).runs(step)
        assert seen.values["widths outside in 100"] == 1.0
        return asyncio.get_running_loop().time()

    seconds = simulated(main)
    assert seconds == pytest.approx(41.130 + 80.261, abs=0.001)
    assert seconds <= step.longest() + 1e-6


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
