"""Running on to shortly before a pulse: how long, before which points, and when there is nothing to run on from.

One phase and 5 A are 1150 W and 3.1304 s a pulse; at 0.05 Ib 57.5 W and 62.609 s. Aimed at is 0.025 Wh before the pulse, less the
2.2 s that the slow load settles, 0.0351 Wh, and less 0.15 s of switching: 0.9399 · 3.1304 s − 0.15 s = 2.7922 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from bench.position import Position
from bench.profile import STANDARD, Profile
from bench.steps import OutOfCircuit
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.run_on import RunOn, with_runs_on
from tests.sequences.standing import Standing, channel_of

METER = TypeNumber.parse("685-181-OK-50")
SECONDS = 2.7922
Simulated = Callable[[Any], Any]


def point(current: float, name: str = "Ib", profile: Profile = STANDARD) -> Accuracy:
    return Accuracy(METER, profile, current, name)


def run_on(profile: Profile = STANDARD) -> RunOn:
    return RunOn(METER, profile, point(5.0, profile=profile), point(0.25, "0.05 Ib", profile))


def runs_on(after: float, before: float) -> bool:
    """Whether a meter runs on between points of these currents."""
    steps = with_runs_on([point(after), point(before, "x Ib")])
    assert [step for step in steps if isinstance(step, Accuracy)] == [point(after), point(before, "x Ib")]
    return len(steps) == 3 and isinstance(steps[1], RunOn)


def test_it_lasts_as_long_as_leaves_a_fortieth_of_a_watt_hour_after_switching_and_settling() -> None:
    assert run_on().duration() == pytest.approx(SECONDS, abs=5e-5)
    # With 10 s of settling 0.1597 Wh pass: 0.8153 · 3.1304 s − 0.15 s.
    assert run_on(Profile(settle=10.0)).duration() == pytest.approx(2.4022, abs=5e-5)
    assert run_on(Profile(settle=1.0)).duration() == run_on().duration()


def test_it_is_named_after_the_point_it_runs_on_to() -> None:
    assert (run_on().name, run_on().title) == ("run-on-0.05ib", "Running on to 0.05 Ib")


@pytest.mark.parametrize(("before", "worth_it"), [(0.25, True), (1.34, True), (1.36, False), (5.0, False)])
def test_it_is_worth_more_than_a_second_in_the_mean(before: float, worth_it: bool) -> None:
    """At 1.34 A a pulse takes 11.681 s. Half of it is waited for in the mean, with a run on 0.025 of it and 2.2 s.

    The run on lasts (0.975 − 2.2 / 11.681) · 3.1304 − 0.15 s = 2.313 s: 1.036 s are saved; at 1.36 A 0.963 s.
    """
    assert runs_on(5.0, before) is worth_it


@pytest.mark.parametrize(("after_w", "worth_it"), [(2400.0, True), (2410.0, False), (18_400.0, False)])
def test_nothing_runs_on_at_a_load_of_more_than_a_pulse_in_ten_times_the_switching(
    after_w: float, worth_it: bool
) -> None:
    """1.5 s a pulse are 2400 W."""
    assert runs_on(after_w / 230.0, 0.25) is worth_it


# ---------------------------------------------------------------- on the line


def on_the_line(
    simulated: Simulated, pulse_s: float | None, now_s: float, positions: int = 1
) -> tuple[Standing, float]:
    """Its last pulse began then, and now the run on begins; the first position, and when it was over."""

    async def main() -> tuple[Standing, float]:
        rises = [] if pulse_s is None else [pulse_s]
        await asyncio.sleep(now_s)
        places = [Standing(channel_of(rises)) for _ in range(positions)]
        await run_on().run_line(cast(tuple[Position, ...], tuple(places)), cast(OutOfCircuit, None))
        return places[-1], asyncio.get_running_loop().time()

    found: tuple[Standing, float] = simulated(main)
    return found


@pytest.mark.parametrize("late_s", [0.1, 2.0, 2.75])
def test_the_time_runs_from_the_beginning_of_the_last_pulse(late_s: float, simulated: Simulated) -> None:
    seen, over_s = on_the_line(simulated, 10.0, 10.0 + late_s)
    assert over_s == pytest.approx(10.0 + SECONDS, abs=5e-5)
    assert seen.values == {"ran on": pytest.approx(SECONDS, abs=5e-5)}


def test_it_is_made_up_to_the_moment_at_which_the_next_load_is_due(simulated: Simulated) -> None:
    seen, over_s = on_the_line(simulated, 0.0, run_on().duration())
    assert (seen.left_out, over_s) == ([], run_on().duration())


@pytest.mark.parametrize("pulse_s", [None, 7.0], ids=["none", "3 s ago"])
def test_without_a_recent_pulse_there_is_nothing_to_run_on_from(pulse_s: float | None, simulated: Simulated) -> None:
    seen, over_s = on_the_line(simulated, pulse_s, 10.0)
    assert (seen.left_out, seen.why) == (["ran on"], "no pulse was there to run on from")
    assert (seen.values, over_s) == ({}, 10.0)


def test_two_meters_have_no_common_pulse(simulated: Simulated) -> None:
    seen, over_s = on_the_line(simulated, 9.0, 10.0, positions=2)
    assert (seen.left_out, seen.why) == (["ran on"], "several meters have no common pulse to stop before")
    assert (seen.values, over_s) == ({}, 10.0)
