"""Closures of the pulse input and what its register makes of them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from bench.input_expectation import Gain
from bench.profile import STANDARD
from reference_meter import TypeNumber
from sequences.pulse_input import PulseInput
from tests.sequences.standing import Standing, read

METER = TypeNumber.parse("685-381-OK-50")
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


@pytest.mark.parametrize(
    ("gained", "register"),
    [(2, "2 gained, 3 to 4 expected"), (3, "agrees"), (4, "agrees"), (5, "5 gained, 3 to 4 expected")],
)
def test_a_pulse_input_counts_what_its_closures_are_worth(
    gained: int, register: str, simulated: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sequences.pulse_input.expected_gain", lambda *_: Gain(3, 4))

    async def main() -> Standing:
        async def play(_pattern: object) -> list[object]:
            return [object()] * 12

        told = [read(pulse_input=9_999_998), read(pulse_input=9_999_998 + gained - 10_000_000 * (gained > 1))]
        seen = Standing(readouts=told)
        seen.terminals = SimpleNamespace(pulse_input=SimpleNamespace(play=play))
        return await seen.runs(PulseInput(METER, STANDARD))

    assert simulated(main).values == {"closures": 12.0, "gained": float(gained), "register": register}


@pytest.mark.parametrize(("before", "after"), [(None, 3), (3, None)])
def test_a_telegram_without_the_register_of_the_input_tells_nothing(
    before: int | None, after: int | None, simulated: Simulated
) -> None:
    async def main() -> Standing:
        async def play(_pattern: object) -> list[object]:
            return []

        seen = Standing(readouts=[read(pulse_input=before), read(pulse_input=after)])
        seen.terminals = SimpleNamespace(pulse_input=SimpleNamespace(play=play))
        return await seen.runs(PulseInput(METER, STANDARD))

    assert simulated(main).values == {"closures": 0.0}
