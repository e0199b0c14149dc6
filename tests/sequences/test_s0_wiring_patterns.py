"""The patterns run on a line: what is bridged and for how long, and what the inputs and the heads show of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bench.fixture import Snapshot
from bench.load_points import at
from bench.measurements import reads
from bench.plan import make_plan
from bench.position import Position
from bench.profile import STANDARD
from bench.record import Outcome
from bench.s0_channel import S0Channel
from bench.steps import Blocked
from bench.verdict import Verdict
from drivers.load import Load
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.s0_wiring import S0Wiring, doubt_the_heads, failing, trace
from sequences.sign_on import SignOn
from tests.sequences.standing import Standing

METER = TypeNumber.parse("685-381-OK-50")
IMAX = at(METER, 80.0)
"""55.2 kW: a pulse every 65.2 ms."""
WINDOW_S = 3.5 * 0.0652174 + 0.1
Simulated = Callable[[Any], Any]


@dataclass
class Line:
    """Meters in one current circuit: each counts the time its current has flowed, and none flows through a bridged one."""

    numbers: tuple[int, ...]
    wires: Mapping[int, int] = field(default_factory=dict)
    """Whose pulses an input carries, where it is not its own meter's."""
    heads: Mapping[int, int] = field(default_factory=dict)
    """Whose registers a head reads, where it does not sit on its own meter."""
    tells: Mapping[int, tuple[float | None, float | None]] = field(default_factory=dict)
    """What a meter tells of its power under current and bridged, W; a meter that is not named has no native protocol."""
    period: Mapping[int, float] = field(default_factory=dict)
    """Seconds of current from pulse to pulse, where it is not what the load calls for."""
    ahead: Mapping[int, float] = field(default_factory=dict)
    """Seconds of current that it had already counted of its next pulse."""
    scanned: Mapping[int, str] = field(default_factory=dict)
    without_contactor: tuple[int, ...] = ()
    bridged: frozenset[int] = frozenset()
    since: float = 0.0
    """When that was switched, loop time."""
    flowed: dict[int, float] = field(default_factory=dict)
    """Seconds of current until then."""
    switched: list[tuple[set[int], float]] = field(default_factory=list)
    """What was bridged, and the current that then flowed; 0 for the load of the step."""
    stood: list[float] = field(default_factory=list)
    """How long what was switched before had stood, s."""
    asked: list[int] = field(default_factory=list)
    """The heads that were asked for a power."""

    async def __call__(self, numbers: frozenset[int], load: Load | None = None) -> bool:
        now = asyncio.get_running_loop().time()
        self.flowed = {number: self._flowed(number) for number in self.numbers}
        self.stood.append(now - self.since)
        self.switched.append((set(numbers), 0.0 if load is None else load.largest_current))
        self.bridged, self.since = numbers, now
        return True

    def _flowed(self, number: int) -> float:
        since = asyncio.get_running_loop().time() - self.since
        return self.flowed.get(number, 0.0) + (0.0 if number in self.bridged else since)

    def pulses(self, number: int) -> int:
        return int((self.ahead.get(number, 0.0) + self._flowed(number)) / self.period.get(number, 0.0652174))

    def positions(self) -> tuple[Position, ...]:
        return tuple(cast(Position, self._position(number)) for number in self.numbers)

    def _position(self, number: int) -> Standing:
        line, meter, read = self, self.wires.get(number, number), self.heads.get(number, number)

        class Input:
            @property
            def count(self) -> int:
                return line.pulses(meter)

        async def power_told() -> float | None:
            line.asked.append(number)
            await asyncio.sleep(0.2)
            return line.tells[read][read in line.bridged]

        told = Snapshot(0.0, 0.2, 0, 0, Registers(customer_number=f"2148000{read}"))
        return Standing(
            cast(S0Channel, Input()),
            number=number,
            serial=self.scanned.get(number, ""),
            snapshots=(told,),
            speaks_native=number in self.tells,
            power_told=power_told,
            can_be_bridged=number not in self.without_contactor,
        )


def traced(simulated: Simulated, line: Line) -> frozenset[int]:
    async def main() -> frozenset[int]:
        return await trace(line.positions(), IMAX, line)

    found: frozenset[int] = simulated(main)
    return found


def wired(simulated: Simulated, line: Line) -> list[Standing]:
    async def main() -> list[Standing]:
        places = line.positions()
        await S0Wiring(METER, STANDARD).run_line(places, line)
        return [cast(Standing, place) for place in places]

    found: list[Standing] = simulated(main)
    return found


# ---------------------------------------------------------------- S0 inputs


def test_two_meters_are_bridged_one_after_the_other_and_at_last_none(simulated: Simulated) -> None:
    line = Line((1, 2))
    places = wired(simulated, line)
    assert line.switched == [({1}, 80.0), ({2}, 80.0), (set(), 0.0)]
    assert line.stood[1:] == pytest.approx([WINDOW_S] * 2, abs=1e-4)
    assert [place.values for place in places] == [{"S0 input carries": "its own meter"}] * 2
    assert [place.left_out for place in places] == [["optical head reads"]] * 2


def test_twelve_meters_take_four_patterns_with_a_native_reading_and_a_change_of_load_in_each() -> None:
    # 4 × (3.5 × 65.217 ms + 0.1 s, 1.3 s for a request and 80 characters at 1200 baud, 10 s)
    assert S0Wiring(METER, STANDARD).duration() == pytest.approx(46.513, abs=1e-3)


def test_three_meters_take_a_third_pattern_for_a_dead_output_not_to_look_like_the_third(simulated: Simulated) -> None:
    line = Line((3, 5, 9))
    traced(simulated, line)
    assert [numbers for numbers, _ in line.switched] == [{3, 9}, {5, 9}, set()]


def test_a_lone_meter_has_no_other_to_be_crossed_with(simulated: Simulated) -> None:
    line = Line((4,))
    (place,) = wired(simulated, line)
    assert line.switched == []
    assert (place.values, place.left_out) == ({}, ["S0 input carries", "optical head reads"])


def test_crossed_wires_block_after_a_second_and_longer_look(simulated: Simulated) -> None:
    line = Line((1, 2), wires={1: 2, 2: 1})
    with pytest.raises(Blocked, match=r"position 1 carries .* position 2; .* position 2 carries .* position 1\."):
        traced(simulated, line)
    assert line.stood[1:] == pytest.approx([WINDOW_S] * 2 + [10 * WINDOW_S], abs=1e-3)


def test_a_dead_output_is_not_looked_at_again(simulated: Simulated) -> None:
    line = Line((1, 2), period={2: 1e6})
    assert [place.values["S0 input carries"] for place in wired(simulated, line)] == ["its own meter"] * 2
    assert len(line.switched) == 3


def test_a_meter_that_gives_a_pulse_in_3_4_s_is_slow_and_not_crossed(simulated: Simulated) -> None:
    # Its first pulse comes after 0.4 s of current: it misses the second pattern of the first look, which stands for 0.328 s, and is
    # taken for the third meter. Of the second look, whose patterns stand for 3.28 s, each without a bridge holds one at 3.4 s.
    assert traced(simulated, Line((1, 2, 3), period={1: 3.4}, ahead={1: 3.0})) == frozenset()


def test_a_meter_that_gives_a_pulse_in_3_6_s_is_too_slow_to_be_told_from_a_crossed_one(simulated: Simulated) -> None:
    line = Line((1, 2, 3), period={1: 3.6}, ahead={1: 3.2})
    with pytest.raises(Blocked, match="the S0 input of position 1 carries the pulses of the meter at position 3"):
        traced(simulated, line)


# ---------------------------------------------------------------- heads


TELLS = {1: (55_190.0, 0.0), 2: (55_210.0, 0.0), 3: (55_200.0, 0.0)}


def test_a_head_whose_power_goes_with_its_own_meter_sits_on_it(simulated: Simulated) -> None:
    line = Line((1, 2, 3), tells=TELLS)
    places = wired(simulated, line)
    assert line.asked == [1, 2, 3] * 3
    assert [place.values["optical head reads"] for place in places] == ["its own meter"] * 3
    assert {place.notes["optical head reads"] for place in places} == {""}


def test_heads_that_are_crossed_block(simulated: Simulated) -> None:
    line = Line((1, 2, 3), tells=TELLS, heads={2: 3, 3: 2})
    with pytest.raises(Blocked, match="the optical head of position 2 reads the meter at position 3;"):
        traced(simulated, line)


@pytest.mark.parametrize(("left_w", "shown"), [(5519.0, True), (5520.0, False)])
def test_a_bridged_meter_shows_less_than_a_tenth_of_the_load(left_w: float, shown: bool, simulated: Simulated) -> None:
    line = Line((1, 2), tells={1: (55_200.0, left_w)})
    assert traced(simulated, line) == (frozenset({1}) if shown else frozenset())


@pytest.mark.parametrize(("flowing_w", "shown"), [(5520.0, True), (5519.0, False)])
def test_a_meter_that_shows_a_tenth_of_the_load_carries_its_current(
    flowing_w: float, shown: bool, simulated: Simulated
) -> None:
    line = Line((1, 2), tells={2: (flowing_w, 0.0)})
    assert traced(simulated, line) == (frozenset({2}) if shown else frozenset())


def test_a_head_that_falls_silent_is_asked_no_more_and_its_test_left_out(simulated: Simulated) -> None:
    line = Line((1, 2), tells={1: (55_200.0, None), 2: (55_200.0, 0.0)})
    places = wired(simulated, line)
    assert line.asked == [1, 2, 2]
    assert [place.left_out for place in places] == [["optical head reads"], []]
    assert places[0].why == "the optical head: its port told no power that follows the load"


def test_a_head_that_read_the_scanned_number_has_shown_its_place_already(simulated: Simulated) -> None:
    line = Line((1, 2), tells=TELLS, scanned={1: "0021480001", 2: "4711"})
    places = wired(simulated, line)
    assert line.asked == [2, 2]
    assert [place.values["optical head reads"] for place in places] == ["its own meter"] * 2
    assert [place.notes["optical head reads"] for place in places] == [
        "it read the number that was scanned from the plate",
        "",
    ]


# ---------------------------------------------------------------- heads in doubt


def doubted(simulated: Simulated, in_doubt: list[int], **odd: Any) -> Line:
    line = Line((1, 2, 3), tells=TELLS, **odd)

    async def main() -> None:
        await doubt_the_heads(METER, line.positions(), in_doubt, line)

    simulated(main)
    return line


def test_two_meters_that_are_not_what_their_heads_said_are_traced_before_it_is_held_against_them(
    simulated: Simulated,
) -> None:
    assert doubted(simulated, [1, 3]).switched == [({1, 3}, 80.0), ({2, 3}, 80.0), (set(), 80.0), (set(), 0.0)]
    with pytest.raises(Blocked, match="Put the heads on the meters of their own positions"):
        doubted(simulated, [1, 3], heads={1: 3, 3: 1})


@pytest.mark.parametrize(("in_doubt", "without"), [([], ()), ([2], ()), ([1, 3], (2,))])
def test_one_meter_alone_or_a_line_without_contactors_is_not_traced(
    in_doubt: list[int], without: tuple[int, ...], simulated: Simulated
) -> None:
    assert doubted(simulated, in_doubt, without_contactor=without, heads={1: 3, 3: 1}).switched == []


def test_a_position_fails_a_measurement_by_its_value_and_not_by_having_none() -> None:
    reading, lit = reads("reading", "as read", ""), reads("display test", "all lit", "")
    outcomes = {
        number: Outcome(number, Verdict.FAIL, False, measurements)
        for number, measurements in {
            1: (reading.judge("another"), lit.judge("all lit")),
            2: (reading.judge("as read"), lit.judge("something dark")),
            3: (reading.judge(None), lit.judge("all lit")),
            4: (reading.judge("another"), lit.judge("something dark")),
        }.items()
    }
    assert failing(outcomes, "reading") == [1, 4]
    assert failing(outcomes, "display test") == [2, 4]


def test_a_line_with_a_position_that_cannot_be_bridged_is_planned_without_it() -> None:
    plan = make_plan("wiring", lambda *of: [SignOn(*of), S0Wiring(*of)], METER, STANDARD, without_bypass=(2,))
    assert [(each.name, each.why) for each in plan.left_out] == [("s0-wiring", "no bypass contactor at position 2")]
    whole = make_plan("wiring", lambda *of: [SignOn(*of), S0Wiring(*of)], METER, STANDARD)
    assert [step.name for step in whole.steps] == ["sign-on", "s0-wiring"]
