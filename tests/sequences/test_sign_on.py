"""What a meter says of itself, numbers that are told elsewhere than they were scanned, and meters that say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.fixture import Snapshot
from bench.position import Position
from bench.profile import STANDARD
from bench.steps import Blocked
from bench.verdict import Verdict
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.sign_on import SignOn, crossed_numbers, which_number
from tests.sequences.standing import Standing, Switched, channel_of, circuit, read

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Any], Any]


def signed_on(
    simulated: Simulated, memory: SimpleNamespace | None, *, customer: str | None = "21480001", serial: str = "10001093"
) -> Standing:
    async def main() -> Standing:
        told = [Snapshot(6.0, 6.4, 0, 0, Registers(customer_number=customer, total_kwh=17))]
        seen = Standing(readouts=told, natively=[read(production_number="10001093")], serial=serial)

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


def test_the_number_on_the_plate_is_the_production_number_or_the_one_the_customer_chose(simulated: Simulated) -> None:
    memory = SimpleNamespace(type_text=METER.stored, constant=1000)
    assert signed_on(simulated, memory, serial="21480001").values["serial number is"] == "meter number"
    assert signed_on(simulated, memory, serial="").values["serial number is"] == "none scanned"


@pytest.mark.parametrize(
    ("scanned", "production", "meter", "which"),
    [
        ("0010001093", "10001093", "21480001", "production number"),
        ("21480001", "10001093", "0021480001", "meter number"),
        ("10001093", "10001093", "10001093", "production number"),
        ("4711", "10001093", "21480001", "neither number of the meter"),
        ("0", "", "", "neither number of the meter"),  # a meter that tells no number is not known by zeroes
    ],
)
def test_leading_zeroes_of_a_plate_do_not_count(scanned: str, production: str, meter: str, which: str) -> None:
    assert which_number(scanned, production, meter) == which


def test_the_meter_is_read_once_it_must_be_functional(simulated: Simulated) -> None:
    """IEC 62053-21:2003, 8.3.1: within 5 s after the voltage came. The whole takes 15 s with its readouts."""

    async def main() -> float:
        asked: list[float] = []

        async def read_out() -> tuple[SimpleNamespace, Snapshot]:
            asked.append(asyncio.get_running_loop().time())
            return SimpleNamespace(type_text="685-381-OK-50", check="xor"), read(total_kwh=17)

        async def try_native() -> None:
            return None

        await Standing(read_out=read_out, try_native=try_native).runs(SignOn(METER, STANDARD))
        return asked[0]

    assert simulated(main) == pytest.approx(5.0)
    assert SignOn(METER, STANDARD).duration() == 15.0


@pytest.mark.parametrize(
    ("reaction_s", "verdict"), [(0.02, Verdict.PASS), (1.5, Verdict.PASS), (1.6, Verdict.PASS), (1.61, Verdict.FAIL)]
)
def test_a_meter_answers_within_a_second_and_a_half_and_what_a_head_needs(reaction_s: float, verdict: Verdict) -> None:
    """IEC 62056-21, reaction time: from 200 ms (20 ms where agreed) to 1500 ms."""
    (limit,) = (each for each in SignOn(METER, STANDARD).measurements() if each.name == "reaction")
    assert limit.judge(reaction_s).verdict is verdict


@pytest.mark.parametrize(("type_text", "verdict"), [("685-381-OK-50", Verdict.PASS), ("685-382-OK-50", Verdict.FAIL)])
def test_a_meter_of_another_accuracy_class_than_planned_fails(type_text: str, verdict: Verdict) -> None:
    (limit,) = (each for each in SignOn(METER, STANDARD).measurements() if each.name == "type")
    assert limit.judge(type_text).verdict is verdict


# ---------------------------------------------------------------- crossed numbers

A, B, C = (frozenset({number}) for number in ("21480001", "21480002", "21480003"))


def test_two_that_are_exchanged_are_both_named() -> None:
    said = crossed_numbers({1: "21480002", 2: "21480001", 3: "21480003"}, {1: A, 2: B, 3: C})
    assert "scanned at position 1, 21480002, is told by the meter under the head of position 2;" in said
    assert "scanned at position 2, 21480001, is told by the meter under the head of position 1." in said
    assert "position 3" not in said
    assert said.endswith("scan these meters again, and follow the heads' cables.")


def test_what_was_scanned_where_it_is_told_is_right_and_leading_zeroes_do_not_count() -> None:
    assert crossed_numbers({1: "021480001", 2: "21480002"}, {1: A, 2: B}) == ""


def test_a_number_that_no_meter_tells_is_no_crossing() -> None:
    assert crossed_numbers({1: "4711", 2: ""}, {1: A, 2: B}) == ""
    assert crossed_numbers({1: "000"}, {1: A, 2: frozenset()}) == ""


def test_a_serial_number_that_two_meters_bear_is_no_crossing_where_its_own_tells_it() -> None:
    assert crossed_numbers({1: "21480001"}, {1: A, 2: A}) == ""


# ---------------------------------------------------------------- meters that are silent


def looked_for(simulated: Simulated, *rises: float, possible: bool = True, silent: bool = True) -> Switched:
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
    assert looked_for(simulated, 0.6) == [(frozenset({1}), 30.0), (frozenset(), 0.0)]


@pytest.mark.parametrize("rises", [(), (0.62,), (0.66,)])
def test_one_that_is_silent_and_counts_nothing_is_asked_for_by_its_position(
    rises: tuple[float, ...], simulated: Simulated
) -> None:
    with pytest.raises(Blocked, match=r"^position 2: no answer from its optical head, and no S0 pulse under 30 A"):
        looked_for(simulated, *rises)


def test_nobody_is_looked_for_where_all_answer_or_the_source_cannot(simulated: Simulated) -> None:
    assert looked_for(simulated, silent=False) == []
    assert looked_for(simulated, possible=False) == [(frozenset({1}), 30.0)]
