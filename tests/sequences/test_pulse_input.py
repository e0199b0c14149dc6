"""Closures of the pulse input and what its register makes of them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from bench.input_expectation import Gain, expected_gain
from bench.module_ports import NotWired
from bench.profile import STANDARD
from drivers.contact import Closure
from reference_meter import Configuration, InputMode, TypeNumber
from sequences.pulse_input import TIMING_S, PulseInput, closures_made
from tests.sequences.standing import Standing, read

METER = TypeNumber.parse("685-381-OK-50")
WITH_INPUT = TypeNumber.parse("685-381-RK-50")
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


def made(mode: InputMode) -> list[Closure]:
    """When the contact is closed and opened, from the first closure."""
    found, now = [], 0.0
    for closed, opened in closures_made(mode):
        found.append(Closure(now, now + closed))
        now += closed + opened
    return found


def test_a_normal_input_gets_three_closures_longer_than_a_second_and_one_that_is_not() -> None:
    # Three bounces of 4 ms with 6 ms open, 1.2 s closed, three more bounces and 0.8 s open: 2.06 s. Then at half a hertz, the most
    # that the data sheet allows.
    closures = made(InputMode.NORMAL)
    assert [each.began for each in closures if each.ended - each.began > 1.0] == pytest.approx([0.03, 3.66, 5.66])
    assert [each.began for each in closures if 0.1 < each.ended - each.began <= 1.0] == pytest.approx([2.06])
    assert closures[-1].ended == pytest.approx(6.86)


def test_a_quick_input_gets_sixteen_closures_in_a_second_and_one_that_is_too_short() -> None:
    # 30 ms of bounces, 50 ms closed, 6 + 10 + 10 + 4 ms of bounces, 50 ms open: 0.16 s.
    closures = made(InputMode.QUICK)
    long_enough = [each.began for each in closures if each.ended - each.began >= 0.03]
    assert long_enough == pytest.approx([0.03, *(0.23 + k / 16 for k in range(16))])
    assert closures[7].began == pytest.approx(0.16)
    assert closures[-1].ended == pytest.approx(0.23 + 15 / 16 + 0.035)


def test_the_contact_bounces_for_24_ms_before_and_after_a_closure_and_none_of_it_counts_alone() -> None:
    for mode, closed in ((InputMode.NORMAL, 1.2), (InputMode.QUICK, 0.05)):
        bounces = made(mode)[:7]
        lengths = [each.ended - each.began for each in bounces]
        gaps = [after.began - before.ended for before, after in pairwise(bounces)]
        assert lengths == pytest.approx([*[0.004] * 3, closed, *[0.004] * 3])
        assert gaps == pytest.approx([0.006] * 6)


@pytest.mark.parametrize(("mode", "counted"), [(InputMode.NORMAL, 3), (InputMode.QUICK, 17)])
def test_a_meter_as_the_data_sheet_has_it_counts_what_is_long_enough(mode: InputMode, counted: int) -> None:
    gain = expected_gain(WITH_INPUT, Configuration(input_mode=mode), made(mode), TIMING_S)
    assert (gain.fewest, gain.most) == (counted, counted)


@pytest.mark.parametrize(
    ("closed_s", "register"),
    [
        (1.0041, "5 gained, 1 expected"),
        (1.0039, "5 gained, 0 to 1 expected"),
        (0.9961, "5 gained, 0 to 1 expected"),
        (0.9959, "5 gained, 0 expected"),
    ],
)
def test_each_end_of_a_closure_is_known_to_2_ms(closed_s: float, register: str, simulated: Simulated) -> None:
    """Data sheet, In/out functions: a normal input counts what lasts longer than 1 s. The register gains 5, which is never right."""

    async def main() -> Standing:
        async def play(_pattern: object) -> list[Closure]:
            return [Closure(7.0, 7.0 + closed_s)]

        seen = Standing(readouts=[read(pulse_input=0), read(pulse_input=5)])
        seen.terminals = SimpleNamespace(pulse_input=SimpleNamespace(play=play))
        return await seen.runs(PulseInput(WITH_INPUT, STANDARD))

    assert simulated(main).values["register"] == register


def test_a_position_without_a_contact_is_left_out(simulated: Simulated) -> None:
    class Bare:
        @property
        def pulse_input(self) -> None:
            raise NotWired("no contact for the pulse input")

    async def main() -> Standing:
        return await Standing(terminals=Bare()).runs(PulseInput(WITH_INPUT, STANDARD))

    seen = simulated(main)
    assert (seen.values, seen.why) == ({}, "no contact for the pulse input")
    assert set(seen.left_out) == {"register", "gained", "closures"}
