"""What the pace of the pulses says of a line and of each phase: who is suspected, who is silent, what blocks the bench."""

from __future__ import annotations

import asyncio
import cmath
import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.load_points import UNITY, at
from bench.position import Position
from bench.profile import STANDARD
from bench.steps import Blocked, OutOfCircuit
from drivers.load import Load
from drivers.s0 import Pulse
from reference_meter import TypeNumber
from sequences.connections import Connections, Phase, backwards, phase_found, rate, sentence
from tests.sequences.standing import Standing, Switched, channel_of, circuit

METER = TypeNumber.parse("685-381-OK-50")
"""Three phases of 80 A: 55.2 kW at Imax, a pulse every 65.217 ms."""
PERIOD = 3600.0 / 55_200.0
Simulated = Callable[[Any], Any]


def heard(simulated: Simulated, *inputs: Sequence[float]) -> tuple[list[Standing], Switched]:
    """A line whose inputs hear pulses that begin at these times."""

    async def main() -> tuple[list[Standing], Switched]:
        switched: Switched = []
        energy = SimpleNamespace(covers=_nothing, between=lambda start, end: (end - start) * 55_200.0)
        places = [Standing(channel_of(rises), number=number, energy=energy) for number, rises in enumerate(inputs, 1)]
        step = Connections(METER, STANDARD)
        await step.run_line(cast(tuple[Position, ...], tuple(places)), circuit(switched))
        return places, switched

    found: tuple[list[Standing], Switched] = simulated(main)
    return found


def connected(simulated: Simulated, *paces: float) -> tuple[list[Standing], Switched]:
    """A line whose meters give so many of the pulses that Imax calls for, whatever phase carries it."""
    # A hundred take 6.4 s and more; the pace is listened to for 0.29 s, and three phases in two directions for 0.88 s each.
    return heard(simulated, *([0.001 + k * PERIOD / pace for k in range(100)] if pace else [] for pace in paces))


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


def test_a_meter_at_exactly_0_85_of_its_pulses_is_not_suspected(simulated: Simulated) -> None:
    # Two intervals of 1 Wh each, in the time of 2 / 0.85; from a sixteenth of a second on no bit of their sum is lost.
    seconds = 2 * PERIOD / 0.85
    _, switched = heard(simulated, [0.0625, 0.0625 + seconds / 2, 0.0625 + seconds])
    assert switched == []


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


def test_a_line_that_is_right_takes_four_and_a_half_pulses() -> None:
    # 4.5 × 65.217 ms and a tenth of a second
    assert Connections(METER, STANDARD).duration() == pytest.approx(0.39348, abs=1e-5)


# ---------------------------------------------------------------- leads that are wrong


class Leads:
    """A meter whose phases get the voltages of these phases, and whose currents flow so; it counts each phase that is positive (R8)."""

    def __init__(self, voltages: tuple[int, int, int], currents: tuple[float, float, float]) -> None:
        self._voltages, self._currents = voltages, currents
        self._rises: list[float] = []

    def under(self, load: Load) -> None:
        """The load changes: a first pulse half a Wh from now."""
        now = asyncio.get_running_loop().time()
        phases = zip(self._voltages, self._currents, load.i, strict=True)
        power = sum(max(0.0, (load.u[u] * (sign * i).conjugate()).real) for u, sign, i in phases)
        self._rises = [rise for rise in self._rises if rise <= now]
        self._rises += [now + (k + 0.5) * 3600.0 / power for k in range(20)] if power > 1.0 else []

    @property
    def pulses(self) -> list[Pulse]:
        """Those that have begun."""
        return [Pulse(rise, rise + 0.03) for rise in self._rises if rise <= asyncio.get_running_loop().time()]

    def count_until(self, time: float) -> int:
        """So many had begun."""
        return sum(rise <= time for rise in self._rises)


def led(simulated: Simulated, *leads: Leads) -> list[dict[str, Any]]:
    """What is recorded of a line of these leads."""

    async def main() -> list[dict[str, Any]]:
        energy = SimpleNamespace(covers=_nothing, between=lambda start, end: (end - start) * 55_200.0)
        places = [Standing(cast(Any, each), number=number, energy=energy) for number, each in enumerate(leads, 1)]

        async def switch(_numbers: frozenset[int], load: Load | None = None) -> bool:
            for each in leads:
                each.under(at(METER, 80.0) if load is None else load)
            return True

        await switch(frozenset())
        step = Connections(METER, STANDARD)
        await step.run_line(cast(tuple[Position, ...], tuple(places)), cast(OutOfCircuit, switch))
        return [place.values for place in places]

    found: list[dict[str, Any]] = simulated(main)
    return found


def right() -> Leads:
    return Leads((0, 1, 2), (1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("voltages", "currents", "said"),
    [
        (
            (1, 0, 2),
            (1.0, 1.0, 1.0),
            "L1 and L2 counted with the voltage of another phase: its voltage leads are mixed",
        ),
        ((1, 2, 0), (1.0, 1.0, 1.0), "L1, L2 and L3 counted with the voltage of another phase"),
        ((0, 1, 2), (1.0, -1.0, 1.0), "the current of L2 flows backwards: its current leads are exchanged"),
        ((0, 2, 1), (-1.0, 1.0, 1.0), "L2 and L3 counted with .* mixed; the current of L1 flows backwards"),
    ],
)
def test_leads_that_are_mixed_or_exchanged_are_told_by_position_and_phase(
    voltages: tuple[int, int, int], currents: tuple[float, float, float], said: str, simulated: Simulated
) -> None:
    with pytest.raises(Blocked, match=rf"^position 2: {said}"):
        led(simulated, right(), Leads(voltages, currents))


def test_a_phase_that_the_meter_itself_does_not_count_is_no_fault_of_its_leads(simulated: Simulated) -> None:
    assert led(simulated, right(), Leads((0, 1, 2), (1.0, 0.0, 1.0))) == [{"connections": "right"}] * 2


# ---------------------------------------------------------------- what rates and phases say


def counted(voltage_deg: float, current_deg: float) -> float:
    """What a meter counts of a full load: reverse power adds nothing (R8)."""
    return max(0.0, math.cos(math.radians(voltage_deg - current_deg)))


@pytest.mark.parametrize("phase_deg", [0.0, -120.0, 120.0])
@pytest.mark.parametrize(
    ("voltage_turned", "current_turned", "found"),
    [
        (0.0, 0.0, Phase.OWN),
        (0.0, 180.0, Phase.BACKWARDS),
        (120.0, 0.0, Phase.ANOTHER),
        (-120.0, 0.0, Phase.ANOTHER),
    ],
)
def test_forwards_and_backwards_tell_how_a_phase_is_connected(
    phase_deg: float, voltage_turned: float, current_turned: float, found: Phase
) -> None:
    voltage, current = phase_deg + voltage_turned, phase_deg + current_turned
    assert phase_found(counted(voltage, current), counted(voltage, current + 180.0)) is found


def test_a_phase_that_counts_too_little_or_not_at_all_is_the_meters_own() -> None:
    assert phase_found(0.3, 0.0) is Phase.OWN
    assert phase_found(0.0, 0.0) is Phase.NOTHING


def test_a_rate_is_that_of_the_intervals_and_needs_two_pulses() -> None:
    assert rate([1.0, 1.5, 2.0, 2.5], 0.5) == pytest.approx(1.0)
    assert rate([1.0, 2.0], 0.5) == pytest.approx(0.5)
    assert rate([1.0], 0.5) == rate([], 0.5) == 0.0


def test_backwards_is_the_same_load_with_its_power_negative() -> None:
    load = at(TypeNumber.parse("685-381-OK-50"), 10.0, only="L2")
    assert backwards(load).u == load.u
    assert backwards(load).total_power == pytest.approx(-load.total_power)
    assert cmath.isclose(backwards(load).i[1], -load.i[1])


def test_what_is_wrong_is_said_with_the_position_the_phases_and_what_to_check() -> None:
    assert sentence(3, {"L1": Phase.OWN, "L2": Phase.NOTHING, "L3": Phase.OWN}) == ""
    assert sentence(3, {"L1": Phase.ANOTHER, "L2": Phase.ANOTHER, "L3": Phase.BACKWARDS}) == (
        "position 3: L1 and L2 counted with the voltage of another phase: its voltage leads are mixed; "
        "the current of L3 flows backwards: its current leads are exchanged. Check the leads and transformers of this position"
    )
