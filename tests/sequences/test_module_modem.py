"""Modules behind a telephone number: what they tell, whose call the arrow key provokes, and how long a whole line may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fixture import Snapshot
from bench.oracle import Expectation
from bench.profile import STANDARD, Profile
from bench.steps import Step
from drivers.mode_a_registers import Registers
from drivers.mode_a_telegram import DataSet, Identification, Telegram
from drivers.module_line import ModuleSilence
from reference_meter import TypeNumber
from sequences.module import module_test
from tests.sequences.standing import Standing

NUMBER = "10865272"
TELEGRAM = Telegram(
    Identification("KAM", " ", "685-381-HK-50"),
    (DataSet("0.0", NUMBER), DataSet("1.20", "0009032", "kWh"), DataSet("1.31", "0057392", "h")),
    "sum7",
    b"/KAM 685-381-HK-50",
)
CALL = "call by the arrow key"
RIGHT = {
    "meter": "the one under the optical head",
    "registers vs optical head": "agree",
    "total vs reference meter": "agrees",
}
Simulated = Callable[[Callable[[], Awaitable[Standing]]], Standing]


def step(code: str, profile: Profile = STANDARD) -> Step:
    (found,) = module_test(TypeNumber.parse(f"685-381-{code}-50"), profile)
    return found


class Key:
    """The contact at the arrow key: how long it was closed each time."""

    def __init__(self) -> None:
        self.closures: list[Any] = []
        self.closed: list[float] = []

    async def play(self, pattern: list[tuple[float, float]]) -> None:
        self.closed += [closed for closed, _ in pattern]


def by_telephone(
    simulated: Simulated, code: str, profile: Profile = STANDARD, *, key: Key | None = None, calls: bool = True
) -> Standing:
    """A meter that is reached, and calls within 60 s of its key or does not."""

    async def data_call() -> tuple[float, Telegram]:
        return 1.0, TELEGRAM

    async def message() -> Telegram:
        await asyncio.sleep(20.0)
        return TELEGRAM

    async def called_by_meter(act: Callable[[], Awaitable[object]], within_s: float) -> str:
        assert within_s == 60.0
        await act()
        if not calls:
            raise ModuleSilence("position 1: no call within 60 s")
        return "21"

    async def covers(_time: float) -> None:
        """The reference energy is there."""

    async def main() -> Standing:
        await asyncio.sleep(100.0)
        told = Snapshot(0.0, 0.2, 0, 0, Registers(NUMBER, 9032, hours=57_392))
        kept: list[tuple[float, bytes, str]] = []
        seen = Standing(
            readouts=[told, told],
            oracle=SimpleNamespace(pulses=0, expectation=lambda _: Expectation(9032, 9033)),
            energy=SimpleNamespace(covers=covers),
            terminals=SimpleNamespace(button=key),
            module=SimpleNamespace(data_call=data_call, message=message, called_by_meter=called_by_meter),
            keep_telegram=lambda *telegram: kept.append(telegram),
            kept=kept,
        )
        return await seen.runs(step(code, profile))

    return simulated(main)


def test_a_meter_is_called_and_the_key_makes_it_call_with_its_own_number(simulated: Simulated) -> None:
    key = Key()
    seen = by_telephone(simulated, "HK", key=key)
    assert seen.values == {**RIGHT, CALL: "the meter's number"}
    # Data sheet, Display, every indication ordered and one tariff: power, hours, trip, peak, number, input, customer data, test, Call.
    assert key.closed == [0.3] * 9 + [6.5]
    assert seen.kept == [(1.0, b"/KAM 685-381-HK-50", "sum7")]  # type: ignore[attr-defined]


def test_a_meter_that_does_not_call_when_its_key_is_held_says_so(simulated: Simulated) -> None:
    seen = by_telephone(simulated, "HK", key=Key(), calls=False)
    assert seen.values == {**RIGHT, CALL: "position 1: no call within 60 s"}


def test_without_an_actuator_nobody_is_made_to_call(simulated: Simulated) -> None:
    seen = by_telephone(simulated, "HK")
    assert (seen.values, seen.left_out) == (RIGHT, [CALL])


WITHOUT_CALL = Profile(display_options="12345678")
"""Data sheet, Configuration, Display: indication 9 is Call, and optional."""


def test_a_meter_ordered_without_call_is_called_and_not_asked_to_call(simulated: Simulated) -> None:
    key = Key()
    seen = by_telephone(simulated, "HK", WITHOUT_CALL, key=key)
    assert (seen.values, seen.left_out, key.closed) == (RIGHT, [], [])
    assert seen.why == "Call by the arrow key: the meters were ordered without this indication (R37)"
    declared = {each.name for each in step("HK").measurements()}
    assert declared - {each.name for each in step("HK", WITHOUT_CALL).measurements()} == {CALL}


def test_twelve_positions_take_turns_on_one_modem() -> None:
    # A call of 15 s, or one given up after 70; the key to the first ring in 20 s, or 60 more in vain; 135.2 s until the last key is held.
    assert (step("HK", WITHOUT_CALL).duration(), step("HK", WITHOUT_CALL).longest()) == (12 * 15 + 30, 12 * 70 + 30)
    assert step("HK").duration() == pytest.approx(12 * (15 + 20) + 135.2 + 30)
    assert step("HK").longest() == pytest.approx(12 * (70 + 20 + 60) + 135.2 + 30)


def test_a_gsm_module_answers_by_short_message_and_its_gprs_stays_untested(simulated: Simulated) -> None:
    seen = by_telephone(simulated, "YN")
    assert (seen.values, seen.left_out) == (RIGHT, [])
    assert seen.why == "GPRS: it needs the operator's network"
    # What was asked at 100 s may date from then.
    assert seen.kept == [(100.0, b"/KAM 685-381-HK-50", "sum7")]  # type: ignore[attr-defined]
