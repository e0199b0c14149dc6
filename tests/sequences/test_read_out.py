"""The final read-out: registers against the reference meter, at the edge of what a good meter may differ."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fixture import Snapshot
from bench.oracle import Expectation
from bench.profile import STANDARD
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.read_out import FinalReadOut, disagreements
from tests.sequences.standing import Standing, read

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


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


def test_hours_between_may_both_become_full_where_exactly_one_has_passed() -> None:
    # Asked for at 10 s and answered at 3610 s: 3 h were about to become 4 h, and 5 h have just been reached.
    last = replace(LAST, latest=3610.0, registers=replace(LAST.registers, hours=5))
    assert disagreements(FIRST, last, 9, 1985, 80.0) == []


@pytest.mark.parametrize(("peak_w", "odd"), [(8489, 0), (8490, 1)])
def test_a_quarter_of_an_hour_holds_at_most_all_the_energy_of_the_run(peak_w: int, odd: int) -> None:
    # 2041 Wh passed and 20 Wh + 3 % more are allowed: 2122.23 Wh in a quarter are 8488.92 W, and a watt is rounded.
    last = replace(LAST, registers=replace(LAST.registers, trip_wh=7120 + 2040, peak_w=peak_w))
    assert len(disagreements(FIRST, last, 9, 2041, 20.0 + 0.03 * 2041)) == odd


def test_a_peak_of_a_watt_that_is_gone_is_told() -> None:
    first = replace(FIRST, registers=replace(FIRST.registers, peak_w=1))
    last = replace(LAST, registers=replace(LAST.registers, peak_w=0))
    assert disagreements(first, last, 9, 1985, 80.0) == ["peak 0 W, 1 to 8261 W possible"]
