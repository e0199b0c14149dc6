"""The error calculator of a position, fed with hand-made pulses and readings in simulated time."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bench.error_calculator import ErrorCalculator, NoPulse
from bench.profile import Profile
from bench.pulse_error import ErrorResult, Point
from bench.reference_energy import ReferenceEnergy
from bench.s0_channel import S0Channel
from bench.station import PositionDescription
from drivers.load import symmetrical
from drivers.power_source import Reading
from drivers.s0 import S0Input
from drivers.simulated.pins import SimulatedPinFactory

Run = Callable[..., Any]

LOAD = symmetrical(240.0, 5.0)
"""3600 W: a pulse a second."""

POSITION = PositionDescription(1, "GPIO4", "simulated://1", circuit_accuracy_percent=0.0, circuit_phase_mrad=0.0)


def measured(quantum_wh: float, edge_jitter_s: float = 50e-6) -> Profile:
    """A profile whose parts of the uncertainty somebody has measured."""
    return Profile(
        quantum_wh=quantum_wh, edge_jitter_s=edge_jitter_s, quantum_measured="here", edge_jitter_measured="here"
    )


EXACT = measured(0.0, 0.0)

NANOSECOND = 1e-9 / 4.8 * 100
"""What rounding the edges as the record keeps them does to an error over 5 s, %."""


@dataclass
class Bench:
    """One position whose pulses and reference readings are written down beforehand."""

    rises: Sequence[float]
    watts: Callable[[float], float] = lambda _: 3600.0
    reference_percent: float = 0.0
    shown: list[tuple[float | None, float]] = field(default_factory=list)

    async def measure(
        self, fewest: int, most: int, limit: float = 1.0, profile: Profile = EXACT, at: float = 0.0
    ) -> ErrorResult:
        loop = asyncio.get_running_loop()
        factory = SimulatedPinFactory(loop.time)
        s0 = S0Input(4, pin_factory=factory)
        channel, energy, pin = S0Channel(s0), ReferenceEnergy(), factory.pin(4)
        for rise in self.rises:
            loop.call_at(rise, pin.edge, rise, False)
            loop.call_at(rise + 0.03, pin.edge, rise + 0.03, True)
        reading = asyncio.create_task(self._read(energy))
        calculator = ErrorCalculator(
            channel, energy, POSITION, self.reference_percent, lambda error, share: self.shown.append((error, share))
        )
        try:
            await asyncio.sleep(at)
            return await calculator.measure(Point(LOAD, limit, fewest, most, profile))
        finally:
            reading.cancel()
            s0.close()

    async def _read(self, energy: ReferenceEnergy) -> None:
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            energy.add(Reading(now, LOAD.u, LOAD.i, (self.watts(now), 0.0, 0.0), 50.0))
            await asyncio.sleep(0.25)


def train(error_percent: float, pulses: int = 60, first: float = 0.4) -> list[float]:
    """Rises of a meter with this error at one pulse a second."""
    return [first + k / (1 + error_percent / 100) for k in range(pulses)]


@pytest.mark.parametrize("error", [0.0, 2.5, -2.5, 0.3])
def test_the_error_of_an_even_train_is_exact_and_begins_at_an_edge(simulated: Run, error: float) -> None:
    bench = Bench(train(error))
    result = simulated(lambda: bench.measure(5, 20))
    assert result.error_percent == pytest.approx(error, abs=NANOSECOND)
    assert result.periods == 5
    assert result.seconds == pytest.approx(5 / (1 + error / 100))
    assert (result.missing, result.doubled) == (0, 0)


def test_power_that_drifts_is_no_error_of_the_meter(simulated: Run) -> None:
    def watts(t: float) -> float:
        return 3600.0 + 36.0 * t

    rises: list[float] = []
    energy = t = 0.0
    while len(rises) < 8:  # a pulse wherever 3600 t + 18 t² reaches the next 3600 J
        energy += 3600.0
        t = (-3600.0 + (3600.0**2 + 4 * 18.0 * energy) ** 0.5) / 36.0
        rises.append(t)
    bench = Bench(rises, watts)
    assert simulated(lambda: bench.measure(5, 5)).error_percent == pytest.approx(0.0, abs=NANOSECOND)


def test_it_opens_on_the_first_edge_after_it_was_asked(simulated: Run) -> None:
    late = [*train(0.0, 5), *(10.0 + k / 1.1 for k in range(10))]  # 10 % fast after the fifth pulse
    bench = Bench(late)
    result = simulated(lambda: bench.measure(5, 5, limit=20.0, at=9.0))
    assert result.error_percent == pytest.approx(10.0)


def test_a_pulse_that_ended_before_it_was_asked_is_not_counted(simulated: Run) -> None:
    bench = Bench(train(0.0, 10))

    async def main() -> float:
        await bench.measure(3, 3, at=2.0)
        return asyncio.get_running_loop().time()

    assert simulated(main) == pytest.approx(5.5)  # edges at 2.4 and 5.4 s, and the reading that covers the last


def test_inside_the_guard_band_a_second_try_goes_on_until_it_is_three_sigma_sure(simulated: Run) -> None:
    # Three phases at 0.01 Wh: 0.707 % / n. With U = 2u and three sigma, 0.8 % is inside 1 % once 5 · 0.707 / n ≤ 0.2: from n = 18 on.
    bench = Bench(train(0.8))
    result = simulated(lambda: bench.measure(5, 20, profile=measured(0.01, 0.0)))
    assert result.periods == 18
    assert result.first_try is not None
    assert (result.first_try.periods, result.first_try.first_try) == (5, None)
    assert result.first_try.error_percent == pytest.approx(0.8, abs=NANOSECOND)
    assert result.first_try.expanded_percent == pytest.approx(2 * 0.7071 / 5, abs=1e-4)


def test_an_error_that_stays_undecided_ends_with_the_most_periods(simulated: Run) -> None:
    bench = Bench(train(0.93), reference_percent=0.05)
    result = simulated(lambda: bench.measure(5, 20, profile=measured(0.002, 0.0)))
    assert result.periods == 20
    assert result.expanded_percent == pytest.approx(2 * math.hypot(0.05 / 3**0.5, 0.1414 / 20), abs=1e-5)


def test_where_no_uncertainty_is_left_to_shrink_nothing_is_tried_again(simulated: Run) -> None:
    bench = Bench(train(1.0), reference_percent=0.05)
    result = simulated(lambda: bench.measure(5, 20))
    assert (result.periods, result.first_try) == (5, None)


def jittery(sigma_s: float, pulses: int = 60, seed: int = 1) -> list[float]:
    """Rises of an exact meter whose edges scatter by so much."""
    rng = random.Random(seed)
    return [rise + rng.gauss(0.0, sigma_s) for rise in train(0.0, pulses)]


def test_edges_that_scatter_more_than_the_model_prolong_the_run_and_widen_the_uncertainty(simulated: Run) -> None:
    bench = Bench(jittery(2e-3))
    result = simulated(lambda: bench.measure(5, 20, profile=measured(0.0)))
    assert result.periods == 20
    assert not result.agrees
    assert result.first_try is not None
    assert not result.first_try.agrees
    # √2 · 2 ms / 20 s is 0.0141 %; twenty edges know it to a sixth
    assert result.random_percent == pytest.approx(0.0141, rel=0.4)
    assert result.expanded_percent == pytest.approx(2 * result.random_percent)
    assert result.budget.random == pytest.approx(0.00035, abs=1e-5)
    assert result.scatters == pytest.approx(40.0, rel=0.4)


def test_edges_that_scatter_as_the_model_says_end_the_run_as_planned(simulated: Run) -> None:
    for seed in range(1, 6):
        bench = Bench(jittery(50e-6, seed=seed))
        result = simulated(lambda bench=bench: bench.measure(5, 20, profile=measured(0.0)))
        assert (result.periods, result.agrees, result.first_try) == (5, True, None)
        assert result.random_percent == result.budget.random


def test_least_squares_stands_beside_first_to_last(simulated: Run) -> None:
    bench = Bench(jittery(50e-6))
    result = simulated(lambda: bench.measure(5, 5, profile=measured(0.0)))
    assert result.least_squares_percent == pytest.approx(result.error_percent, abs=4 * result.budget.random)
    assert result.least_squares_percent != result.error_percent


def test_an_early_stop_needs_three_sigma_and_is_off_unless_the_profile_allows_it(simulated: Run) -> None:
    # 0.02 Wh: 1.414 % / n. At 5 periods U is 0.566 % and three sigma are 0.849 %: together above 1, and at 8 below 0.884.
    patient = measured(0.02, 0.0)
    hasty = replace(patient, early_stop=True)
    assert simulated(lambda: Bench(train(0.1)).measure(40, 40, profile=patient)).periods == 40
    early = simulated(lambda: Bench(train(0.1)).measure(40, 40, profile=hasty))
    assert (early.periods, early.first_try) == (8, None)
    assert simulated(lambda: Bench(train(-5.0)).measure(40, 40, profile=hasty)).periods == 5


def test_an_error_far_outside_is_decided_at_once(simulated: Run) -> None:
    bench = Bench(train(-4.0), reference_percent=0.05)
    assert simulated(lambda: bench.measure(5, 20)).periods == 5


def test_a_missing_pulse_and_a_double_one_are_counted(simulated: Run) -> None:
    rises = train(0.0, 20)
    lost, doubled = rises[:3] + rises[4:], sorted([*rises, rises[3] + 0.1])
    missing = simulated(lambda: Bench(lost).measure(6, 6))
    assert (missing.missing, missing.doubled) == (1, 0)
    double = simulated(lambda: Bench(doubled).measure(6, 6))
    assert (double.missing, double.doubled) == (0, 1)


def test_without_pulses_it_gives_up_and_says_what_was_expected(simulated: Run) -> None:
    with pytest.raises(
        NoPulse, match=r"no S0 pulse within 5\.0 s, one every 1 s is expected\. Is the S0 wire connected\?"
    ):
        simulated(lambda: Bench([]).measure(5, 20))


def test_a_meter_that_stops_in_the_middle_gives_up_as_well(simulated: Run) -> None:
    with pytest.raises(NoPulse):
        simulated(lambda: Bench(train(0.0, 4)).measure(5, 20))


def test_the_share_done_rises_to_one_and_the_last_error_shown_is_the_result(simulated: Run) -> None:
    bench = Bench(train(0.5))
    result = simulated(lambda: bench.measure(5, 20))
    shares = [share for _, share in bench.shown]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert bench.shown[-1][0] == result.error_percent
    live = [error for error, _ in bench.shown if error is not None]
    assert live == pytest.approx([0.5] * len(live), abs=NANOSECOND)
