"""Pulses on output 2 beside the register's steps and the S0 pulses."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bench.load_points import at
from bench.module_ports import NotWired
from bench.profile import STANDARD
from bench.steps import Step
from bench.verdict import Verdict
from drivers.s0 import Pulse
from reference_meter import TypeNumber
from sequences.output_2 import EachKilowattHour, EachPulse, _beside
from tests.sequences.standing import Standing, channel_of, read

METER = TypeNumber.parse("685-381-OK-50")
"""Three phases of 80 A: 55.2 kW at Imax, a pulse every 65.217 ms."""
Simulated = Callable[[Callable[[], Coroutine[Any, Any, Standing]]], Standing]


def beside(steps: int, *rises: float) -> str:
    """The register read at 10.0 to 10.2 s and at 100.0 to 100.2 s, so many steps later, across the roll-over."""
    return _beside([read(10.0, total_kwh=9_999_999), read(100.0, total_kwh=9_999_999 + steps - 10_000_000)], rises)


@pytest.mark.parametrize(
    ("steps", "rises", "fits"),
    [
        (2, (20.0, 90.0), True),
        (1, (20.0, 90.0), False),
        (3, (20.0, 90.0), False),
        # what begins within a readout, or 10 ms beside it, may belong to it or not
        (1, (10.0, 50.0), True),
        (2, (10.1, 50.0), True),
        (1, (10.2, 50.0), True),
        (2, (10.21, 50.0), True),
        (1, (10.21, 50.0), False),
        (1, (50.0, 100.0), True),
        (1, (50.0, 99.99), False),
        (2, (50.0, 100.2), True),
        (2, (9.995, 50.0), True),
        (2, (50.0, 100.205), True),
        (2, (9.985, 50.0), False),
        (2, (50.0, 100.215), False),
    ],
)
def test_a_pulse_on_output_2_comes_with_each_step_as_far_as_readouts_tell(
    steps: int, rises: tuple[float, ...], fits: bool
) -> None:
    assert (beside(steps, *rises) == "one with each kWh") is fits


def on_output_2(simulated: Simulated, *rises: float, width_s: float = 0.06) -> Standing:
    """Pulses on output 2 that begin at these times, beside S0 pulses at 0, 65, 130 … ms."""

    async def main() -> Standing:
        s0: Any = SimpleNamespace(count_until=lambda time: math.floor(time / 0.065) + 1)
        seen = Standing(s0, s0_offset_ms=(0.5, 0.1))
        seen.terminals = SimpleNamespace(output_2=channel_of(rises, width_s))
        return await seen.runs(EachKilowattHour(METER, STANDARD))

    return simulated(main)


def test_between_two_pulses_of_output_2_lie_a_thousand_of_s0(simulated: Simulated) -> None:
    # S0 pulses begin every 65 ms; the one that completes a kWh begins up to 10 ms after the pulse on output 2.
    for late in (0.0, 0.02, -0.009):
        seen = on_output_2(simulated, 65.0 * 0.5 + late, 65.0 * 1.5 + late)
        assert seen.values["S0 pulses between two"] == 1000.0
    assert on_output_2(simulated, 32.5, 97.5 + 0.065).values["S0 pulses between two"] == 1001.0
    assert (seen.values["pulses observed"], seen.values["pulses"]) == (2.0, "one with each kWh")
    assert (seen.values["mean width"], seen.uncertainties["mean width"]) == (pytest.approx(59.5), pytest.approx(0.2))


def test_a_single_pulse_on_output_2_tells_its_width_and_none_tells_nothing(simulated: Simulated) -> None:
    one = on_output_2(simulated, 30.0)
    assert (one.values["pulses observed"], one.values["mean width"]) == (1.0, pytest.approx(59.5))
    assert "S0 pulses between two" not in one.values
    assert on_output_2(simulated).values == {"pulses observed": 0.0}


def test_the_s0_pulse_that_completes_a_kilowatt_hour_begins_no_more_than_10_ms_after_the_one_on_output_2(
    simulated: Simulated,
) -> None:
    for late in (-0.0095, 0.0):
        assert on_output_2(simulated, 32.5 - 0.0095, 97.5 + late).values["S0 pulses between two"] == 1000.0
    assert on_output_2(simulated, 32.5 - 0.0095, 97.5 - 0.0105).values["S0 pulses between two"] == 999.0


def test_the_second_pulse_ends_the_wait_and_what_ends_within_a_fifth_of_a_second_of_it_is_seen_too(
    simulated: Simulated,
) -> None:
    # The second pulse ends at 97.56 s, and the input is listened to until 97.76 s.
    assert on_output_2(simulated, 32.5, 97.5, 97.69).values["pulses observed"] == 3.0
    assert on_output_2(simulated, 32.5, 97.5, 97.71).values["pulses observed"] == 2.0


def test_two_kilowatt_hours_at_imax_are_waited_for_and_no_longer(simulated: Simulated) -> None:
    # 2000 pulses of 65.217 ms and 5 % more, and 5 s: 141.957 s. A pulse that has begun by then has ended 0.2 s later.
    assert on_output_2(simulated, 141.95).values["pulses observed"] == 1.0
    assert on_output_2(simulated, 142.11).values["pulses observed"] == 0.0


@pytest.mark.parametrize(
    ("width_ms", "expanded_ms", "verdict"),
    [
        (54.0, 0.0, Verdict.PASS),
        (53.9, 0.0, Verdict.FAIL),
        (66.0, 0.0, Verdict.PASS),
        (66.1, 0.0, Verdict.FAIL),
        (54.1, 0.2, Verdict.FAIL),
        (65.7, 0.2, Verdict.PASS),
    ],
)
def test_a_pulse_for_each_kilowatt_hour_lasts_60_ms_within_a_tenth(
    width_ms: float, expanded_ms: float, verdict: Verdict
) -> None:
    """Data sheet, Pulse output 2: pulse time, 1 imp/kWh, 60 ms ± 10 %."""
    width = EachKilowattHour(METER, STANDARD).measurements()[0]
    assert width.judge(width_ms, expanded_ms).verdict is verdict


@pytest.mark.parametrize(("rises", "fits"), [((9.99, 50.0), False), ((9.991, 50.0), True)])
def test_a_pulse_10_ms_before_a_readout_began_does_not_belong_to_it(rises: tuple[float, ...], fits: bool) -> None:
    assert (beside(2, *rises) == "one with each kWh") is fits


@pytest.mark.parametrize(("rises", "fits"), [((50.0, 100.01), False), ((50.0, 100.009), True)])
def test_a_pulse_10_ms_after_a_readout_was_answered_does_not_belong_to_it(rises: tuple[float, ...], fits: bool) -> None:
    answered = replace(read(99.5, total_kwh=2), latest=100.0)
    assert (_beside([read(10.0, total_kwh=0), answered], rises) == "one with each kWh") is fits


def test_a_readout_without_the_total_decides_nothing() -> None:
    for one, two in ((None, 7), (7, None), (None, None)):
        assert _beside([read(10.0, total_kwh=one), read(100.0, total_kwh=two)], [50.0]) == "one with each kWh"
    wrong = [read(10.0, total_kwh=7), read(50.0), read(100.0, total_kwh=9)]
    assert _beside(wrong, [60.0]) == "1 where the register stepped by 2"


# ---------------------------------------------------------------- 1000 imp/kWh


def repeated(simulated: Simulated, *pulses: tuple[float, float]) -> Standing:
    """Output 2 with pulses of (beginning in s, width in ms) beside S0 pulses that begin at 0.5, 0.6, 0.7 and 0.8 s."""
    there = [Pulse(rise, rise + width_ms / 1e3) for rise, width_ms in pulses]

    async def main() -> Standing:
        seen = Standing(channel_of([0.5, 0.6, 0.7, 0.8]), load=at(METER, 80.0), s0_offset_ms=(0.5, 0.1))
        seen.terminals = SimpleNamespace(output_2=SimpleNamespace(pulses=there, anomalies=0))
        return await seen.runs(EachPulse(METER, STANDARD))

    return simulated(main)


def test_the_width_of_output_2_is_that_of_the_pulses_from_the_first_of_s0_to_the_last(simulated: Simulated) -> None:
    seen = repeated(simulated, (0.5, 33.0), (0.6, 30.0), (0.7, 30.0), (0.8, 33.0))
    # (33 + 30 + 30 + 33) / 4 ms less the 0.5 ms that the fixture adds
    assert (seen.values["mean width"], seen.uncertainties["mean width"]) == (pytest.approx(31.0), pytest.approx(0.2))
    assert (seen.values["missing"], seen.values["without an S0 pulse"]) == (0.0, 0.0)
    beside = repeated(simulated, (0.499, 60.0), (0.6, 30.0), (0.7, 30.0), (0.801, 60.0))
    assert beside.values["mean width"] == pytest.approx(29.5)


def test_an_output_2_that_is_dead_has_no_width(simulated: Simulated) -> None:
    seen = repeated(simulated)
    assert seen.values == {"missing": 4.0, "without an S0 pulse": 0.0, "pulses compared": 4.0}


@pytest.mark.parametrize("step", [EachKilowattHour(METER, STANDARD), EachPulse(METER, STANDARD)])
def test_a_position_without_an_input_for_output_2_is_left_out(step: Step, simulated: Simulated) -> None:
    class Bare:
        @property
        def output_2(self) -> None:
            raise NotWired("no input for pulse output 2")

    async def main() -> Standing:
        return await Standing(channel_of([]), terminals=Bare()).runs(step)

    seen = simulated(main)
    assert (seen.values, seen.why) == ({}, "no input for pulse output 2")
    assert set(seen.left_out) == {each.name for each in step.measurements()}
