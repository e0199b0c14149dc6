"""Tariffs by a module, registers that a module must not touch, and meters that are parked before a pulse, worked by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.fixture import Snapshot
from bench.oracle import Expectation
from bench.position import Position
from bench.profile import STANDARD
from bench.steps import OutOfCircuit
from drivers.load import Load
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.module_supply import S0Supply
from sequences.module_tariff import TariffSwitching
from sequences.module_untouched import Untouched
from sequences.parking import Parking, _passed
from sequences.power_cut import PowerCut
from tests.sequences.standing import Standing, channel_of

EK = TypeNumber.parse("685-381-EK-50")
Simulated = Callable[[Any], Any]
Told = tuple[int | None, tuple[int, int] | None]


def read(total: int | None, tariffs: tuple[int, int] | None, pulses: int = 0, **more: Any) -> Snapshot:
    return Snapshot(0.0, 0.2, pulses, pulses + 3, Registers(total_kwh=total, tariff_kwh=tariffs, **more))


# ---------------------------------------------------------------- tariffs


class Counting:
    """An input that has counted whatever is waited for, and keeps what that was."""

    def __init__(self) -> None:
        self.count = 0
        self.waited: list[int] = []

    async def wait_while_flowing(self, count: int, _patience: float) -> None:
        self.waited.append(count)
        self.count = count


def switched(simulated: Simulated, *told: Told) -> tuple[Standing, list[int], list[int]]:
    """The readouts before and after the kWh of tariff 2, and of tariff 1."""
    selected: list[int] = []
    s0: Any = Counting()

    async def main() -> Standing:
        readouts = [read(total, tariffs, pulses=50 * k) for k, (total, tariffs) in enumerate(told)]
        seen = Standing(s0, readouts=readouts, select_tariff=selected.append)
        await TariffSwitching(EK).run(cast(Position, seen))
        return seen

    return simulated(main), selected, s0.waited


def test_tariff_2_counts_while_it_is_asked_for_and_tariff_1_afterwards(simulated: Simulated) -> None:
    seen, selected, waited = switched(
        simulated, (9_999_998, (5, 9_999_999)), (9_999_999, (5, 0)), (9_999_999, (5, 0)), (0, (6, 0))
    )
    assert seen.values == {"tariff 2 asked for": "T2 counts", "tariff 1 asked for": "T1 counts"}
    assert selected == [2, 1]
    # One kWh after the last pulse of the readout, and one pulse more.
    assert waited == [3 + 1001, 103 + 1001]
    assert seen.shown == [0.5, 1.0]


@pytest.mark.parametrize(
    ("told", "two", "one"),
    [
        (
            ((7, (5, 2)), (8, (6, 2)), (8, (6, 2)), (9, (6, 3))),
            "total +1 kWh, T1 +1, T2 +0",
            "total +1 kWh, T1 +0, T2 +1",
        ),
        (
            ((7, (5, 2)), (8, (6, 3)), (8, (6, 3)), (9, (7, 4))),
            "total +1 kWh, T1 +1, T2 +1",
            "total +1 kWh, T1 +1, T2 +1",
        ),
        (
            ((7, (5, 2)), (7, (5, 2)), (7, (5, 2)), (7, (5, 2))),
            "total +0 kWh, T1 +0, T2 +0",
            "total +0 kWh, T1 +0, T2 +0",
        ),
        (((7, (5, 2)), (9, (5, 4)), (9, (5, 4)), (11, (7, 4))), "T2 counts", "T1 counts"),
        (((7, None), (8, None), (8, (6, 2)), (9, None)), *["the telegram has no tariff registers"] * 2),
        (((None, (5, 2)), (8, (5, 3)), (8, (5, 3)), (None, (6, 3))), *["the telegram has no tariff registers"] * 2),
    ],
)
def test_another_register_than_the_one_asked_for_is_told(
    told: tuple[Told, ...], two: str, one: str, simulated: Simulated
) -> None:
    assert switched(simulated, *told)[0].values == {"tariff 2 asked for": two, "tariff 1 asked for": one}


def test_a_meter_without_pulses_is_given_a_fifth_more_than_a_kwh_and_5_s(simulated: Simulated) -> None:
    async def main() -> float:
        told = [read(7, (5, 2))] * 4
        s0: Any = Counting()

        async def never(_count: int, _patience: float) -> None:
            await asyncio.sleep(1e6)

        s0.wait_while_flowing = never
        seen = Standing(s0, readouts=told, select_tariff=lambda _: None)
        await TariffSwitching(EK).run(cast(Position, seen))
        return asyncio.get_running_loop().time()

    # 3 + 1001 pulses of 65.217 ms, twice, and 2 s for the relay
    assert simulated(main) == pytest.approx(2 * (2.0 + 1004 * 0.0652174 * 1.2 + 5.0), rel=1e-4)


# ---------------------------------------------------------------- a module that supplies, or says nothing


@pytest.mark.parametrize(("pulses", "present"), [(20, True), (30, False), (19, True)])
def test_a_supply_module_sends_20_pulses_on(pulses: int, present: bool, simulated: Simulated) -> None:
    async def main() -> Standing:
        s0 = channel_of([-1.0, *(0.01 + 0.0652174 * k for k in range(pulses))])
        await asyncio.sleep(0.0)
        seen = Standing(s0, module=SimpleNamespace(supply_present=present))
        await S0Supply(TypeNumber.parse("685-381-SK-50")).run(cast(Position, seen))
        return seen

    seen = simulated(main)
    assert seen.values == {"pulses": float(min(pulses, 20)), "supply voltage": "present" if present else "absent"}


@pytest.mark.parametrize(
    ("total", "tariffs", "agree", "values"),
    [
        (16, (16, 0), True, ("agrees", "agree")),
        (18, (18, 0), False, ("agrees", "disagree")),
        (19, None, False, ("19 kWh, 16 to 18 expected", "agree")),
        (15, None, False, ("15 kWh, 16 to 18 expected", "agree")),
    ],
)
def test_a_module_that_says_nothing_leaves_the_registers_alone(
    total: int, tariffs: tuple[int, int] | None, agree: bool, values: tuple[str, str], simulated: Simulated
) -> None:
    async def main() -> Standing:
        expected = iter([Expectation(16, 17), Expectation(17, 18)])
        oracle = SimpleNamespace(pulses=1000, expectation=lambda _: next(expected), tariffs_agree=lambda *_: agree)

        async def covers(_time: float) -> None:
            """The reference energy is there."""

        seen = Standing(readouts=[read(total, tariffs)], oracle=oracle, energy=SimpleNamespace(covers=covers))
        await Untouched(TypeNumber.parse("685-381-QR-50"), "the radio link").run(cast(Position, seen))
        return seen

    seen = simulated(main)
    assert (seen.values["total vs reference meter"], seen.values["tariff registers"]) == values


def test_what_was_never_read_is_not_judged(simulated: Simulated) -> None:
    async def main(oracle: Any) -> dict[str, Any]:
        async def covers(_time: float) -> None:
            """The reference energy is there."""

        seen = Standing(readouts=[read(None, None)], oracle=oracle, energy=SimpleNamespace(covers=covers))
        await Untouched(TypeNumber.parse("685-381-QR-50"), "the radio link").run(cast(Position, seen))
        return seen.values

    assert simulated(lambda: main(None)) == {}
    there = SimpleNamespace(pulses=0, expectation=lambda _: Expectation(0, 1))
    assert simulated(lambda: main(there)) == {"type": "685-381-OK-50"}


def test_a_power_cut_lasts_5_s_from_the_moment_the_voltage_is_off(simulated: Simulated) -> None:
    async def main() -> Standing:
        await asyncio.sleep(20.0)
        seen = Standing(load_since=asyncio.get_running_loop().time() - 2.0)
        return await seen.runs(PowerCut(EK, STANDARD))

    assert simulated(main).values == {"without voltage": pytest.approx(5.0)}


# ---------------------------------------------------------------- parking


def passed(start: float, *readings: tuple[float, float]) -> float:
    """J from `start` until a current that was switched off at 10 s is gone."""
    return _passed(cast(Position, SimpleNamespace(readings=readings)), start, 10.0) * 3600.0


def test_what_passes_while_a_current_goes_by_hand() -> None:
    fading = ((8.0, 1150.0), (10.1, 1150.0), (10.2, 600.0), (10.3, 5.0), (10.4, 0.0))
    # 115 J, 87.5 J and 30.25 J in a tenth of a second each; before the command 1150 J a second
    assert passed(10.0, *fading) == pytest.approx(232.75)
    assert passed(9.0, *fading) == pytest.approx(1382.75)


def test_a_current_is_gone_below_a_hundredth_of_the_power() -> None:
    assert passed(10.0, (8.0, 1000.0), (10.1, 12.0), (10.2, 11.5), (10.3, 0.0)) == pytest.approx(50.6 + 1.175 + 0.575)
    # Where it never goes, all that was read has passed.
    assert passed(10.0, (8.0, 1000.0), (10.1, 1000.0)) == pytest.approx(100.0)


def test_a_reading_asked_for_at_the_command_may_show_either_side_of_it() -> None:
    assert passed(10.0, (9.0, 1000.0), (10.0, 5.0), (10.1, 0.0)) == pytest.approx(50.0)
    assert passed(10.0, (9.0, 900.0), (10.0, 1000.0), (10.1, 0.0)) == pytest.approx(50.0)


def parked(simulated: Simulated, type_number: str, positions: int, for_screening: bool = False) -> list[Standing]:
    """A line whose meters give no pulses."""

    async def main() -> list[Standing]:
        places = [Standing(channel_of([]), number=number) for number in range(1, positions + 1)]

        async def out_of_circuit(_numbers: frozenset[int], _load: Load | None = None) -> bool:
            return True

        step = Parking(TypeNumber.parse(type_number), STANDARD, for_screening)
        await step.run_line(cast(tuple[Position, ...], tuple(places)), cast(OutOfCircuit, out_of_circuit))
        for place in places:
            place.earlier["seconds"] = asyncio.get_running_loop().time()
        return places

    found: list[Standing] = simulated(main)
    return found


@pytest.mark.parametrize(("positions", "worth_it"), [(10, True), (11, False)])
def test_parking_is_left_out_where_it_takes_longer_than_it_saves(
    positions: int, worth_it: bool, simulated: Simulated
) -> None:
    # 104.35 s a pulse at 34.5 W: ten save 0.884 of one, 92.3 s, and take 90 s; eleven save 93.0 s and take 99 s.
    places = parked(simulated, "685-362-OK-50", positions)
    names = ["left to the next pulse", "pulses while parked"]
    assert [place.left_out for place in places] == [[] if worth_it else names] * positions
    assert [place.values for place in places] == [{"pulses while parked": 0.0} if worth_it else {}] * positions


def test_for_a_screening_all_are_parked_and_each_is_waited_for_three_periods(simulated: Simulated) -> None:
    places = parked(simulated, "685-362-OK-50", 12, for_screening=True)
    assert [place.values for place in places] == [{"pulses while parked": 0.0}] * 12
    assert [place.shown for place in places] == [[pytest.approx(k / 12)] for k in range(1, 13)]
    assert places[0].earlier["seconds"] == pytest.approx(12 * 3 * 3600 / 1150)
