"""What the steps that look at the whole line make of its pulses: who is suspected, who is silent, what blocks the bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.load_points import UNITY, at
from bench.position import Position
from bench.profile import STANDARD
from bench.steps import Blocked, OutOfCircuit
from drivers.load import Load
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.connections import Connections, Phase, backwards, phase_found, sentence
from sequences.sign_on import SignOn
from tests.sequences.standing import Standing, channel_of

METER = TypeNumber.parse("685-381-OK-50")
PERIOD = 3600.0 / 55_200.0
Switched = list[tuple[frozenset[int], float]]
Simulated = Callable[[Any], Any]


def circuit(switched: Switched, possible: bool = True) -> OutOfCircuit:
    """Keeps what is taken out of the circuit and the current that then flows."""

    async def switch(numbers: frozenset[int], load: Load | None = None) -> bool:
        switched.append((numbers, 0.0 if load is None else load.largest_current))
        return possible

    return cast(OutOfCircuit, switch)


def connected(simulated: Simulated, *rates: float) -> tuple[list[Standing], Switched]:
    """A line whose meters give so many of the pulses that Imax calls for, whatever phase carries it."""

    async def main() -> tuple[list[Standing], Switched]:
        switched: Switched = []
        energy = SimpleNamespace(covers=_nothing, between=lambda start, end: (end - start) * 55_200.0)
        places = []
        for number, rate in enumerate(rates, start=1):
            rises = [0.001 + k * PERIOD / rate for k in range(400)] if rate else []
            places.append(Standing(channel_of(rises), number=number, energy=energy))
        step = Connections(METER, STANDARD)
        await step.run_line(cast(tuple[Position, ...], tuple(places)), circuit(switched))
        return places, switched

    found: tuple[list[Standing], Switched] = simulated(main)
    return found


async def _nothing(_time: float) -> None:
    """The reference energy is there."""


@pytest.mark.parametrize(("rates", "looked_closer"), [((1.0, 0.86), False), ((1.0, 0.84), True), ((0.92, 0.92), False)])
def test_a_meter_below_0_85_of_its_pulses_is_looked_at_phase_by_phase(
    rates: Sequence[float], looked_closer: bool, simulated: Simulated
) -> None:
    places, switched = connected(simulated, *rates)
    assert [place.values for place in places] == [{"connections": "right"}] * 2
    # Two directions a phase with the good one out of the circuit, and then the load of the step again.
    assert switched == ([(frozenset({1}), 80.0)] * 6 + [(frozenset(), 80.0)] if looked_closer else [])


def test_one_silent_meter_is_left_out_and_two_as_well(simulated: Simulated) -> None:
    places, _ = connected(simulated, 1.0, 0.0)
    assert [(place.values, place.left_out) for place in places] == [
        ({"connections": "right"}, []),
        ({}, ["connections"]),
    ]
    places, _ = connected(simulated, 0.0, 0.0)
    assert [place.left_out for place in places] == [["connections"]] * 2


def test_three_silent_inputs_have_one_cause(simulated: Simulated) -> None:
    with pytest.raises(Blocked, match="no S0 input hears a pulse under load"):
        connected(simulated, 0.0, 0.0, 0.0)
    places, _ = connected(simulated, 0.0, 0.0, 1.0)
    assert places[2].values == {"connections": "right"}


@pytest.mark.parametrize(
    ("rates", "together"),
    [((0.985,) * 3, False), ((0.975,) * 3, True), ((1.025,) * 3, True), ((0.985, 0.985, 0.979), True)],
)
def test_three_meters_off_together_by_more_than_2_per_cent_share_the_cause(
    rates: Sequence[float], together: bool, simulated: Simulated
) -> None:
    if not together:
        assert connected(simulated, *rates)[0][0].values == {"connections": "right"}
        return
    with pytest.raises(Blocked, match=r"positions 1, 2 and 3 are off together"):
        connected(simulated, *rates)


@pytest.mark.parametrize(("slowest", "together"), [(0.956, True), (0.954, False)])
def test_three_are_alike_within_one_and_a_half_per_cent_of_their_middle(
    slowest: float, together: bool, simulated: Simulated
) -> None:
    try:
        connected(simulated, 0.97, 0.97, slowest)
    except Blocked:
        assert together
    else:
        assert not together


def test_two_pulses_tell_a_pace_and_one_does_not(simulated: Simulated) -> None:
    # 0.2935 s hold two pulses that are 0.17 s apart, at 0.38 of the pace, and one where they are 0.3 s apart.
    with pytest.raises(Blocked, match="are off together by about -61"):
        connected(simulated, 0.384, 0.384, 0.384)
    assert connected(simulated, 0.217, 0.217, 1.0)[0][2].values == {"connections": "right"}


def test_backwards_turns_every_phase() -> None:
    load = at(METER, 10.0, UNITY)
    assert backwards(load).i == tuple(-i for i in load.i)


@pytest.mark.parametrize(
    ("reverse", "phase"), [(0.0, Phase.NOTHING), (0.01, Phase.ANOTHER), (0.75, Phase.ANOTHER), (0.8, Phase.BACKWARDS)]
)
def test_half_the_rate_backwards_is_another_voltage_and_three_quarters_still_are(reverse: float, phase: Phase) -> None:
    assert phase_found(0.0, reverse) is phase


def test_one_wrong_phase_is_told_by_itself() -> None:
    own = {"L1": Phase.OWN, "L2": Phase.OWN}
    assert sentence(2, {**own, "L3": Phase.BACKWARDS}).startswith("position 2: the current of L3 flows backwards")
    assert "voltage of another phase" not in sentence(2, {**own, "L3": Phase.BACKWARDS})
    assert sentence(2, {**own, "L3": Phase.ANOTHER}).startswith("position 2: L3 counted with the voltage of another")
    assert "backwards" not in sentence(2, {**own, "L3": Phase.ANOTHER})


# ---------------------------------------------------------------- meters that are silent


def signed_on(simulated: Simulated, *rises: float, possible: bool = True, silent: bool = True) -> Switched:
    """Position 1 has answered; position 2 has not, and gives pulses at these times."""
    switched: Switched = []

    async def main() -> Switched:
        answered = Standing(channel_of([]), number=1, serial="1")
        answered.snapshots = (cast(Any, SimpleNamespace(registers=Registers(customer_number="1"))),)
        quiet = Standing(channel_of(rises, 0.001), number=2)
        told: dict[int, Any] = {
            1: SimpleNamespace(telegrams=("a telegram",)),
            2: SimpleNamespace(telegrams=() if silent else ("a telegram",)),
        }
        places = cast(tuple[Position, ...], (answered, quiet))
        await SignOn(METER, STANDARD).examine_fixture(places, told, circuit(switched, possible))
        return switched

    await_it: Switched = simulated(main)
    return await_it


def test_a_silent_meter_that_counts_half_of_the_smallest_imax_is_there(simulated: Simulated) -> None:
    # 30 A on three phases are 20.7 kW, a pulse every 0.174 s; 3.5 of them are 0.609 s.
    assert signed_on(simulated, 0.6) == [(frozenset({1}), 30.0), (frozenset(), 0.0)]


@pytest.mark.parametrize("rises", [(), (0.62,), (0.66,)])
def test_one_that_is_silent_and_counts_nothing_is_asked_for_by_its_position(
    rises: tuple[float, ...], simulated: Simulated
) -> None:
    with pytest.raises(Blocked, match=r"^position 2: no answer from its optical head, and no S0 pulse under 30 A"):
        signed_on(simulated, *rises)


def test_nobody_is_looked_for_where_all_answer_or_the_source_cannot(simulated: Simulated) -> None:
    assert signed_on(simulated, silent=False) == []
    assert signed_on(simulated, possible=False) == [(frozenset({1}), 30.0)]
