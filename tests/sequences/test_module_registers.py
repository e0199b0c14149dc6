"""Registers read over a module between two readouts of the optical head: what agrees, and what is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.fixture import Snapshot
from bench.oracle import Expectation
from bench.position import Position
from drivers.mbus_frames import MBusReading
from drivers.mode_a_registers import Registers
from drivers.module_line import ModuleSilence
from drivers.native_registers import TariffBlock
from drivers.optical_head import NativeAnswer
from reference_meter import TypeNumber
from sequences.module_part import ModulePart
from sequences.module_registers import DataPulseRegisters, MBusRegisters, RegistersOverModule, _apart
from tests.sequences.standing import Standing

Simulated = Callable[[Callable[[], Awaitable[Standing]]], Standing]
IK = TypeNumber.parse("685-381-IK-50")
BEFORE = Registers("10865272", 9032, (9031, 1), 57_392, 4, Decimal("1.5"), Decimal("2.8"))
AFTER = replace(BEFORE, total_kwh=9033, tariff_kwh=(9032, 1))


@pytest.mark.parametrize("found", [BEFORE, AFTER, replace(AFTER, pulse_input=None, last_peak_kw=None)])
def test_registers_that_stood_or_stepped_in_between_agree(found: Registers) -> None:
    assert _apart(BEFORE, found, AFTER) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"total_kwh": 9034}, "total kwh: 9034, 9032 before and 9033 after"),
        ({"total_kwh": 9033}, "T1 and T2 do not add up to the total"),
        ({"tariff_kwh": (9030, 2)}, "tariff kwh: 9030 and 2, 9031 and 1 before and 9032 and 1 after"),
        ({"hours": 57_391}, "hours: 57391, 57392 before and 57392 after"),
        ({"peak_kw": Decimal("1.6")}, "peak kw: 1.6, 1.5 before and 1.5 after"),
        ({"pulse_input": 5}, "pulse input: 5, 4 before and 4 after"),
        ({"hours": None}, "hours is not told"),
    ],
)
def test_a_register_that_lies_outside_is_named(wrong: dict[str, Any], named: str) -> None:
    assert _apart(BEFORE, replace(BEFORE, **wrong), AFTER)[:1] == [named]


def test_a_register_that_rolls_over_in_between_agrees() -> None:
    before, after = replace(BEFORE, hours=9_999_999), replace(AFTER, hours=0)
    assert _apart(before, replace(BEFORE, hours=9_999_999), after) == []
    assert _apart(before, replace(BEFORE, hours=0), after) == []
    assert _apart(before, replace(BEFORE, hours=5), after) == ["hours: 5, 9999999 before and 0 after"]


def test_a_register_that_the_optical_head_told_only_once_is_no_measure() -> None:
    untold = replace(BEFORE, last_peak_kw=None)
    assert _apart(untold, replace(BEFORE, last_peak_kw=Decimal("9.9")), AFTER) == []
    assert _apart(BEFORE, replace(BEFORE, last_peak_kw=Decimal("9.9")), replace(AFTER, last_peak_kw=None)) == []


def test_tariffs_that_count_watt_hours_of_their_own_may_leave_a_kwh_of_the_total() -> None:
    # R16: 9032 kWh are 9031 + 0 and two remainders that together make the last one.
    before = replace(BEFORE, total_kwh=9032, tariff_kwh=(9031, 0))
    after = replace(BEFORE, total_kwh=9033, tariff_kwh=(9033, 0))
    for tariffs in ((9032, 0), (9033, 0)):
        assert _apart(before, replace(BEFORE, total_kwh=9033, tariff_kwh=tariffs), after) == []
    lost = replace(BEFORE, total_kwh=9033, tariff_kwh=(9031, 0))
    assert _apart(before, lost, after) == ["T1 and T2 do not add up to the total"]


def test_where_the_optical_head_tells_no_tariffs_only_those_of_the_module_say_nothing_either() -> None:
    before, after = replace(BEFORE, tariff_kwh=None), replace(AFTER, tariff_kwh=None)
    assert _apart(before, replace(BEFORE, tariff_kwh=None), after) == []


# ---------------------------------------------------------------- the course of it


@dataclass(frozen=True)
class Told(RegistersOverModule):
    """A module that takes 3 s to tell what a test gives it."""

    found: Registers
    natively: Registers | None = None

    async def read(self, at: Position, meter_number: str) -> Registers:
        """What is given."""
        await asyncio.sleep(3.0)
        return self.found

    async def read_natively(self, at: Position) -> Registers | None:
        """What is given."""
        return self.natively


def compared(
    simulated: Simulated,
    part: ModulePart,
    *,
    before: Registers = BEFORE,
    known: bool = True,
    **more: Any,
) -> Standing:
    """The part between a readout of `before` and one of `AFTER`; the reference meter stood at 9031 or 9032, then at 9033 or 9034."""

    async def main() -> Standing:
        expected = iter([Expectation(9031, 9032), Expectation(9033, 9034)])
        oracle = SimpleNamespace(pulses=1000, expectation=lambda _: next(expected))
        covered: list[float] = []

        async def covers(time: float) -> None:
            covered.append(time)

        seen = Standing(
            readouts=[Snapshot(0.0, 0.2, 0, 0, before), Snapshot(0.0, 0.2, 0, 0, AFTER)],
            oracle=oracle if known else None,
            energy=SimpleNamespace(covers=covers, power=55_200.0),
            telegrams=[],
            covered=covered,
            **more,
        )
        seen.keep_telegram = lambda _, raw, check: seen.telegrams.append((raw, check))  # type: ignore[attr-defined]
        await part.run(cast(Position, seen))
        return seen

    return simulated(main)


def test_a_module_that_tells_what_the_optical_head_tells_is_right(simulated: Simulated) -> None:
    seen = compared(simulated, Told(IK, BEFORE))
    assert seen.values == {
        "meter": "the one under the optical head",
        "registers vs optical head": "agree",
        "total vs reference meter": "agrees",
    }
    # Before it was asked the meter may have stood at 9031 kWh, and when it had told at 9034.
    assert seen.notes["total vs reference meter"] == "9032 kWh, 9031 to 9034 expected"
    assert (seen.covered, len(seen.snapshots)) == ([3.0], 2)  # type: ignore[attr-defined]


def test_a_module_that_answers_for_another_meter_is_named_and_so_are_registers_that_are_not_its_own(
    simulated: Simulated,
) -> None:
    other = replace(BEFORE, customer_number="10865273", total_kwh=9035, tariff_kwh=(9034, 1))
    seen = compared(simulated, Told(IK, other))
    assert seen.values["meter"] == "number 10865273"
    assert seen.values["registers vs optical head"] == (
        "total kwh: 9035, 9032 before and 9033 after; tariff kwh: 9034 and 1, 9031 and 1 before and 9032 and 1 after"
    )
    assert seen.values["total vs reference meter"] == "9035 kWh, 9031 to 9034 expected"


def test_a_total_that_the_module_keeps_to_itself_is_not_held_against_the_reference_meter(simulated: Simulated) -> None:
    seen = compared(simulated, Told(IK, replace(BEFORE, total_kwh=None)))
    assert seen.values["registers vs optical head"] == "total kwh is not told"
    assert "total vs reference meter" not in seen.values


@pytest.mark.parametrize("number", [None, "", "108652721", "1086527A"])
def test_a_meter_that_tells_no_number_of_eight_digits_is_not_asked_for_over_its_module(
    number: str | None, simulated: Simulated
) -> None:
    seen = compared(simulated, Told(IK, BEFORE), before=replace(BEFORE, customer_number=number))
    assert seen.values == {"meter": f"told {number or ''!r} over its optical head, which is no meter number"}
    assert seen.covered == []  # type: ignore[attr-defined]


def test_a_meter_whose_total_was_never_read_is_not_asked_over_its_module_either(simulated: Simulated) -> None:
    assert list(compared(simulated, Told(IK, BEFORE), known=False).values) == ["meter"]


@pytest.mark.parametrize(
    ("natively", "words"),
    [
        (BEFORE, "agree"),
        (AFTER, "agree"),
        (replace(BEFORE, customer_number="10865273"), "number 10865273"),
        (
            replace(BEFORE, customer_number="1", hours=57_393),
            "hours: 57393, 57392 before and 57392 after; number 1",
        ),
    ],
)
def test_what_a_second_protocol_tells_is_compared_too(natively: Registers, words: str, simulated: Simulated) -> None:
    seen = compared(simulated, Told(IK, BEFORE, natively))
    assert seen.values["native vs optical head"] == words
    assert seen.values["meter"] == "the one under the optical head"


# ---------------------------------------------------------------- M-Bus and the data/pulse module


def over_mbus(simulated: Simulated, power_w: int | None = 55_200, peak_w: int | None = 1559) -> Standing:
    """Two answers of a meter 10865272: 272 is above 250, so its primary address is 72. The first shows nothing that is compared."""
    told = MBusReading(72, "10865272", "KAM", 1, 2, 4, 9033, (9032, 1), 57_392, power_w, peak_w, b"second")
    first = replace(told, total_kwh=None, tariff_kwh=None, power_w=1, raw=b"first")

    async def mbus(number: str) -> tuple[MBusReading, MBusReading]:
        assert number == "10865272"
        await asyncio.sleep(2.0)
        return first, told

    return compared(simulated, MBusRegisters(IK), module=SimpleNamespace(mbus=mbus))


def test_an_mbus_module_is_read_by_both_addresses_and_judged_by_the_second(simulated: Simulated) -> None:
    seen = over_mbus(simulated)
    assert seen.values == {
        "meter": "the one under the optical head",
        "registers vs optical head": "agree",
        "total vs reference meter": "agrees",
        "primary address": 72.0,
        "actual power": 0.0,
    }
    assert seen.telegrams == [(b"first", "m-bus"), (b"second", "m-bus")]  # type: ignore[attr-defined]
    # What flowed when it was asked is known before its power is compared, and what flowed until it had told before its total is.
    assert seen.covered == [0.0, 2.0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("watts", "percent"), [(57_960, 5.0), (52_440, -5.0), (0, -100.0)])
def test_the_actual_power_is_told_in_per_cent_of_what_flows(watts: int, percent: float, simulated: Simulated) -> None:
    assert over_mbus(simulated, power_w=watts).values["actual power"] == pytest.approx(percent)


def test_an_mbus_module_that_tells_no_power_fails_by_that_alone(simulated: Simulated) -> None:
    seen = over_mbus(simulated, power_w=None)
    assert "actual power" not in seen.values
    assert seen.values["registers vs optical head"] == "agree"


PEAKS = [(1500, "agree"), (1599, "agree"), (1499, "1.4"), (1600, "1.6"), (None, "not told")]
"""W, against the 1.5 kW that mode A tells of 1500 to 1599 W (R24: cut off, not rounded)."""


def about_the_peak(told: str) -> str:
    if told == "agree":
        return told
    return "peak kw is not told" if told == "not told" else f"peak kw: {told}, 1.5 before and 1.5 after"


@pytest.mark.parametrize(("watts", "told"), PEAKS)
def test_a_peak_in_watts_over_mbus_is_cut_off_as_in_mode_a(watts: int | None, told: str, simulated: Simulated) -> None:
    assert over_mbus(simulated, peak_w=watts).values["registers vs optical head"] == about_the_peak(told)


class DataPulse(DataPulseRegisters):
    """Its mode A readout is another test's business."""

    async def read(self, at: Position, meter_number: str) -> Registers:
        """What the optical head told."""
        return BEFORE


def over_data_pulse(simulated: Simulated, *, speaks_native: bool = True, peak_w: int | None = 1559) -> Standing:
    """A step of the total fell between the register block and the tariff block."""
    block = Registers("10865272", 9032, None, 57_392, peak_w=peak_w)
    tariffs = TariffBlock(1, 9033, (9032, 1))

    async def native() -> tuple[NativeAnswer[Registers], NativeAnswer[TariffBlock]]:
        if peak_w == 0:
            raise ModuleSilence("position 1: no answer from the module RK")
        return NativeAnswer(3.0, 3.1, block, b"HFE90"), NativeAnswer(4.0, 4.1, tariffs, b"HFE95")

    part = DataPulse(TypeNumber.parse("685-381-RK-50"))
    return compared(simulated, part, module=SimpleNamespace(native=native), speaks_native=speaks_native)


def test_total_and_tariffs_of_the_native_protocol_are_those_of_one_instant(simulated: Simulated) -> None:
    seen = over_data_pulse(simulated)
    assert seen.values["native vs optical head"] == "agree"
    assert seen.telegrams == [(b"HFE90", "lrc"), (b"HFE95", "lrc")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("watts", "told"), PEAKS)
def test_a_native_peak_over_a_module_is_cut_off_as_in_mode_a(
    watts: int | None, told: str, simulated: Simulated
) -> None:
    seen = over_data_pulse(simulated, peak_w=watts)
    assert seen.values["native vs optical head"] == about_the_peak(told)


def test_a_module_silent_on_the_native_protocol_says_so_where_the_meters_head_speaks_it(simulated: Simulated) -> None:
    seen = over_data_pulse(simulated, peak_w=0)
    assert seen.values["native vs optical head"] == "position 1: no answer from the module RK"
    assert seen.values["registers vs optical head"] == "agree"


def test_a_meter_that_speaks_mode_a_alone_is_not_asked_natively_over_its_module(simulated: Simulated) -> None:
    seen = over_data_pulse(simulated, speaks_native=False)
    assert seen.left_out == ["native vs optical head"]
    assert seen.telegrams == []  # type: ignore[attr-defined]
