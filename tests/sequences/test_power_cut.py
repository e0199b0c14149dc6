"""What a power cut may cost a meter, and what is asked of it when its voltage is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from bench.fixture import Snapshot
from bench.profile import STANDARD, Profile
from reference_meter import TypeNumber
from sequences.power_cut import Memory
from tests.sequences.standing import Standing, read

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]

KEPT = {"total_kwh": 17, "tariff_kwh": (12, 5), "hours": 40, "customer_number": "21480001"}


def after_a_cut(simulated: Simulated, profile: Profile = STANDARD, trip: int = 7000, **changed: Any) -> Standing:
    async def main() -> Standing:
        await asyncio.sleep(20.0)
        seen = Standing(
            natively=[read(trip_wh=trip)],
            load_since=asyncio.get_running_loop().time() - 1.0,
            snapshots=(read(**KEPT), read(trip_wh=7500)),
        )
        after = read(**(KEPT | changed))

        async def answers() -> Snapshot:
            return after

        async def try_native() -> SimpleNamespace:
            return SimpleNamespace(type_text=METER.stored, constant=1000)

        seen.answers, seen.try_native = answers, try_native  # type: ignore[attr-defined]
        return await seen.runs(Memory(METER, profile))

    return simulated(main)


def test_registers_that_stand_are_kept_and_the_meter_is_asked_when_it_must_be_functional(simulated: Simulated) -> None:
    seen = after_a_cut(simulated)
    assert {seen.values[name] for name in ("total", "tariff registers", "hours", "numbers")} == {"kept"}
    assert (seen.values["start-up"], seen.values["memory"]) == ("functional", "no contradiction")
    assert seen.values["asked after"] == pytest.approx(5.0)
    assert seen.values["trip counter loses"] == 500.0


def test_a_trip_counter_that_began_anew_has_lost_all_it_held(simulated: Simulated) -> None:
    assert after_a_cut(simulated, trip=0).values["trip counter loses"] == 7500.0
    assert after_a_cut(simulated).values["total at the end"] == 17.0


@pytest.mark.parametrize(
    ("changed", "name", "words"),
    [
        ({"total_kwh": 16}, "total", "17 kWh before, 16 kWh after"),
        ({"tariff_kwh": (12, 4)}, "tariff registers", "(12, 5) before, (12, 4) after"),
        ({"hours": 39}, "hours", "40 h before, 39 h after"),
        ({"hours": 41}, "hours", "kept"),
        ({"hours": 42}, "hours", "40 h before, 42 h after"),
        ({"customer_number": "0"}, "numbers", "21480001 before, 0 after"),
    ],
)
def test_what_a_cut_changed_is_told(changed: dict[str, Any], name: str, words: str, simulated: Simulated) -> None:
    assert after_a_cut(simulated, **changed).values[name] == words
