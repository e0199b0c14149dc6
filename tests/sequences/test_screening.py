"""A screening on parked meters: a tenth of the norm's time, at the norm's voltage and current.

685-162, class 2, one phase of 60 A: without load 480e6 / (1000 · 1 · 230 V · 60 A) = 34.783 min of IEC 62053-21:2003, 8.3.2, are 2087.0 s;
at 0.005 Ib = 0.05 A, 11.5 W, 8.3.3, a pulse takes 313.04 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench.measurements import noted
from bench.profile import STANDARD
from bench.record import Outcome
from bench.verdict import Verdict
from reference_meter import TypeNumber
from sequences.parking import WHILE_PARKED
from sequences.screening import NoLoadScreen, StartingScreen
from tests.sequences.standing import Standing, channel_of

METER = TypeNumber.parse("685-162-OK-50")
Simulated = Callable[[Any], Any]


def parked(*found: float) -> dict[str, Outcome]:
    """What parking found: so many pulses while the other meters were parked, or nothing."""
    measurements = tuple(noted(WHILE_PARKED).judge(each) for each in found)
    return {"parking": Outcome(1, Verdict.PASS, void=False, measurements=measurements)}


def screened(
    simulated: Simulated, step: NoLoadScreen | StartingScreen, pulse_s: float, *while_parked: float
) -> tuple[Standing, float]:
    """A meter with a pulse so long after the beginning; what was recorded, and how long it took."""

    async def main() -> tuple[Standing, float]:
        seen = await Standing(channel_of([pulse_s]), earlier=parked(*while_parked)).runs(step)
        return seen, asyncio.get_running_loop().time()

    found: tuple[Standing, float] = simulated(main)
    return found


@pytest.mark.parametrize(("pulse_s", "pulses"), [(208.0, 1.0), (209.0, 0.0)])
def test_without_load_a_parked_meter_is_watched_for_a_tenth_of_the_time(
    pulse_s: float, pulses: float, simulated: Simulated
) -> None:
    seen, seconds = screened(simulated, NoLoadScreen(METER, STANDARD), pulse_s, 0.0)
    assert seen.values["pulses"] == pulses
    assert seconds == pytest.approx(208.70, abs=0.01)


def test_the_voltage_of_a_screening_is_the_norms_and_told_in_volts(simulated: Simulated) -> None:
    """115 % of 230 V (8.3.2), beyond the data sheet's 230 V ± 10 %."""
    seen, _ = screened(simulated, NoLoadScreen(METER, STANDARD), 1000.0, 0.0)
    assert isinstance(seen.values["voltage"], float)
    assert seen.values["voltage"] == pytest.approx(264.5)
    assert seen.notes["voltage"].startswith("115 % Un (264.5 V) is above the data sheet's 253 V")


def test_a_pulse_that_was_never_looked_for_while_parked_is_none(simulated: Simulated) -> None:
    assert screened(simulated, NoLoadScreen(METER, STANDARD), 1.0)[0].values["pulses"] == 1.0
    assert screened(simulated, NoLoadScreen(METER, STANDARD), 1.0, 2.0)[0].values["pulses"] == 3.0


@pytest.mark.parametrize(("pulse_s", "pulses", "seconds"), [(46.9, 1.0, 46.93), (47.0, 0.0, 46.957)])
def test_at_the_starting_current_a_parked_meter_has_a_tenth_of_one_and_a_half_periods(
    pulse_s: float, pulses: float, seconds: float, simulated: Simulated
) -> None:
    seen, over_s = screened(simulated, StartingScreen(METER, STANDARD), pulse_s, 0.0)
    assert seen.values == {"pulses": pulses, "time": pytest.approx(seconds, abs=1e-3)}
    assert over_s == pytest.approx(seconds, abs=1e-3)
