"""Parking, meter after meter: when its current is switched off, what is left to the next pulse then, and when it is tried again.

Before the starting test each meter takes 1800 W, 2 s a pulse; before a screening 1150 W, 3.130 s a pulse. The source of these tests
fades evenly: a current that takes t s to go passes t / 4 Wh of 1800 W.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.plan import make_plan
from bench.position import Position
from bench.profile import STANDARD
from bench.steps import Blocked, OutOfCircuit
from drivers.load import Load
from reference_meter import TypeNumber
from sequences.eol import end_of_line_short
from sequences.parking import Parking, _passed
from sequences.screening import NoLoadScreen, StartingScreen
from tests.sequences.standing import Standing, channel_of

METER = TypeNumber.parse("685-381-OK-50")
STARTING = Parking(METER, STANDARD)
SCREENING = Parking(METER, STANDARD, for_screening=True)
LEFT, WHILE_PARKED = "left to the next pulse", "pulses while parked"
Simulated = Callable[[Any], Any]


class Line:
    """Meters in circuit, each with pulses of its own, and a source that takes so long to switch off: the first time, the next, …"""

    def __init__(self, step: Parking, rises: Sequence[Sequence[float]], fades_s: Sequence[float], mute: bool) -> None:
        self._step = step
        assert step.load is not None
        self._watts = step.load.total_power
        self.places = [
            Standing(channel_of(each), number=number, mute=mute, readings=[(0.0, self._watts)])
            for number, each in enumerate(rises, start=1)
        ]
        self._fades_s = list(fades_s)
        self.switched: list[tuple[set[int], float]] = []
        """Who was taken out of the circuit, and when."""

    async def run(self) -> Line:
        """Park all."""
        places = cast(tuple[Position, ...], tuple(self.places))
        await self._step.run_line(places, cast(OutOfCircuit, self._out_of_circuit))
        return self

    async def _out_of_circuit(self, numbers: frozenset[int], _load: Load | None = None) -> bool:
        now = asyncio.get_running_loop().time()
        back = bool(self.switched) and len(numbers) < len(self.switched[-1][0])
        self.switched.append((set(numbers), now))
        fades_s = 0.1 if back or not self._fades_s else self._fades_s.pop(0)
        for place in self.places:
            place.readings.append((now + fades_s, 0.0 if place.number in numbers else self._watts))
        await asyncio.sleep(1.0)
        return True


def line(
    simulated: Simulated, step: Parking, *rises: Sequence[float], fades_s: Sequence[float] = (), mute: bool = False
) -> Line:
    async def main() -> Line:
        return await Line(step, rises, fades_s, mute).run()

    found: Line = simulated(main)
    return found


# ---------------------------------------------------------------- when a meter is stopped


def test_every_type_is_stopped_at_1800_w_and_before_a_screening_at_1150_w() -> None:
    for type_number in ("685-381-OK-50", "685-162-OK-50", "685-211-OK-50"):
        loads = [Parking(TypeNumber.parse(type_number), STANDARD, screening).load for screening in (False, True)]
        assert [load.total_power for load in loads] == pytest.approx([1800.0, 1150.0])


def test_the_first_meter_is_stopped_0_125_wh_before_its_pulse_and_the_next_as_late_as_the_first_has_shown(
    simulated: Simulated,
) -> None:
    """Aimed at are 0.025 Wh. 0.1 Wh may pass after the command, as long as nobody knows; it was 0.06."""
    seen = line(simulated, STARTING, (1.0,), (1.5, 3.5, 5.5), fades_s=(0.24, 0.24))
    first, second = seen.places
    assert seen.switched == [({1}, pytest.approx(1.0 + 1.75)), ({1, 2}, pytest.approx(5.5 + 1.83))]
    assert first.values[LEFT] == pytest.approx(0.065)
    assert second.values[LEFT] == pytest.approx(0.025)
    assert (first.shown, second.shown) == ([0.5], [1.0])


def test_before_a_screening_twice_as_much_is_left(simulated: Simulated) -> None:
    """0.15 Wh of 3.130 s, 0.470 s, before the pulse of the first; 0.08 Wh pass, and so 0.13 Wh before the pulse of the second."""
    seen = line(simulated, SCREENING, (1.0,), (5.0,), fades_s=(0.32 * 1800 / 1150,) * 2)
    first, second = seen.places
    assert [at_s for _, at_s in seen.switched] == pytest.approx([1.0 + 2.6609, 5.0 + 2.7235], abs=1e-4)
    assert (first.values[LEFT], second.values[LEFT]) == pytest.approx((0.07, 0.05))


def test_where_a_position_has_no_contactor_none_is_parked_and_nothing_is_screened() -> None:
    plan = make_plan("parked", lambda meter, profile: [Parking(meter, profile)], METER, STANDARD, without_bypass=(2,))
    assert (plan.stages, [each.name for each in plan.left_out]) == ((), ["parking"])
    with pytest.raises(ValueError, match="no bypass contactor at position 2"):
        make_plan("eol-short", end_of_line_short, METER, STANDARD, without_bypass=(2,))


# ---------------------------------------------------------------- which stop counts


@pytest.mark.parametrize(
    ("fades_s", "left", "tries"),
    [
        (0.4916, 0.0021, 1),  # 0.1229 Wh of the 0.125
        (0.4924, 0.025, 2),  # 0.0019 would be left
        (0.1804, 0.0799, 1),
        (0.1796, 0.025, 2),  # 0.0801 would be left
    ],
)
def test_a_meter_with_less_than_2_mwh_to_go_or_more_than_80_is_stopped_again(
    fades_s: float, left: float, tries: int, simulated: Simulated
) -> None:
    seen = line(simulated, STARTING, (1.0, 5.0), fades_s=(fades_s, fades_s))
    again = [(set(), pytest.approx(3.75)), ({1}, pytest.approx(5.0 + (0.975 - fades_s / 4) * 2))]
    assert seen.switched == [({1}, pytest.approx(2.75)), *again[: 2 * tries - 2]]
    assert seen.places[0].values[LEFT] == pytest.approx(left)


def test_only_the_meter_that_is_stopped_again_comes_back_into_the_circuit(simulated: Simulated) -> None:
    seen = line(simulated, STARTING, (1.0,), (5.0, 9.0), fades_s=(0.24, 0.5, 0.5))
    assert [numbers for numbers, _ in seen.switched] == [{1}, {1, 2}, {1}, {1, 2}]


def test_a_meter_whose_pulse_came_while_its_current_went_is_stopped_again(simulated: Simulated) -> None:
    seen = line(simulated, STARTING, (1.0, 2.85, 4.85), fades_s=(0.24, 0.24))
    assert [at_s for _, at_s in seen.switched] == pytest.approx([2.75, 3.75, 4.85 + 1.83])
    assert seen.places[0].values == {LEFT: pytest.approx(0.025), WHILE_PARKED: 0.0}


def test_with_a_source_that_takes_another_time_each_time_three_tries_are_enough(simulated: Simulated) -> None:
    rises = [1.0 + 2.0 * k for k in range(12)]
    seen = line(simulated, STARTING, rises, fades_s=(0.12, 0.9) * 3)
    assert [numbers for numbers, _ in seen.switched] == [{1}, set(), {1}, set(), {1}]
    assert (seen.places[0].values[LEFT], seen.places[0].notes[LEFT]) == (
        1.0,
        "not parked: 0.03 Wh pass after the command that switches the current off",
    )


def test_nothing_is_screened_on_a_meter_that_three_tries_did_not_park(simulated: Simulated) -> None:
    rises = [1.0 + 3.1304 * k for k in range(12)]
    with pytest.raises(Blocked, match=r"position 1: .* in 3 tries: 0\.02 Wh pass .* Take eol instead of a screening"):
        line(simulated, SCREENING, rises, fades_s=(0.12, 2.0) * 3)


def test_a_screening_gives_a_meter_time_for_all_that_can_be_left_to_one_that_is_2_per_cent_slow() -> None:
    """0.92 Wh and more have passed of the 1.02 Wh that such a meter, still inside class 2, takes for a pulse: 0.1 Wh are left."""
    left = 1.02 - 0.92
    no_load_s, starting_period_s = 652.174, 260.870
    assert NoLoadScreen(METER, STANDARD).duration() == pytest.approx(left * no_load_s, rel=1e-5)
    assert StartingScreen(METER, STANDARD).duration() == pytest.approx(left * starting_period_s, rel=1e-5)


# ---------------------------------------------------------------- who gives no pulses, and what comes while parked


def test_pulses_count_from_when_a_meter_was_parked_until_the_last_one_is(simulated: Simulated) -> None:
    seen = line(simulated, STARTING, (1.0, 4.0, 5.0, 9.0), (5.5, 9.0), fades_s=(0.24, 0.24))
    assert [place.values[WHILE_PARKED] for place in seen.places] == [2.0, 0.0]


def test_a_meter_without_pulses_is_given_three_periods_and_nothing_of_it_is_recorded_as_left(
    simulated: Simulated,
) -> None:
    seen = line(simulated, STARTING, (), (7.5,), fades_s=(0.24, 0.24))
    assert seen.switched == [({1}, pytest.approx(6.0)), ({1, 2}, pytest.approx(7.5 + 1.75))]
    assert LEFT not in seen.places[0].values


@pytest.mark.parametrize("step", [STARTING, SCREENING], ids=["starting", "screening"])
def test_a_meter_known_to_give_no_pulses_is_not_waited_for_but_where_a_screening_rests_on_it(
    step: Parking, simulated: Simulated
) -> None:
    seen = line(simulated, step, (), mute=True)
    waited = step is SCREENING
    assert seen.places[0].left_out == ([] if waited else [LEFT, WHILE_PARKED])
    assert seen.switched == ([({1}, pytest.approx(9.391, abs=1e-3))] if waited else [])


@pytest.mark.parametrize(("positions", "worth_it"), [(15, True), (16, False)])
def test_of_each_first_pulse_all_is_saved_but_what_parking_leaves(
    positions: int, worth_it: bool, simulated: Simulated
) -> None:
    # 156.5 s a pulse at 23 W: 15 save 0.9125 of it, 142.8 s, and take 135 s; 16 save 0.9162, 143.4 s, and take 144 s.
    step = Parking(TypeNumber.parse("685-262-OK-50"), STANDARD)
    seen = line(simulated, step, *[()] * positions)
    assert [bool(place.left_out) for place in seen.places] == [not worth_it] * positions


@pytest.mark.parametrize(
    ("watts", "passed_j"), [(10.5, 50.525 + 105.0 + 0.525), (10.0, 50.5 + 100.0 + 0.5), (9.9, 50.495)]
)
def test_a_current_is_not_gone_while_one_hundredth_of_it_flows(watts: float, passed_j: float) -> None:
    """1000 W are switched off at 10 s; a tenth of a second later so much is left, for another 10 s."""
    readings = ((8.0, 1000.0), (10.1, watts), (20.1, watts), (20.2, 0.0))
    at = cast(Position, SimpleNamespace(readings=readings))
    assert _passed(at, 10.0, 10.0) * 3600.0 == pytest.approx(passed_j)
