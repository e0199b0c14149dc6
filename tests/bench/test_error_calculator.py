"""The error calculator of a position, fed with hand-made pulses and readings in simulated time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bench.error_calculator import ErrorCalculator, ErrorResult, NoPulse
from bench.profile import Profile
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
EXACT = Profile(quantum_wh=0.0, edge_jitter_s=0.0)

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
            return await calculator.measure(LOAD, fewest, most, limit, profile)
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


def test_inside_the_guard_band_it_goes_on_until_the_uncertainty_has_shrunk(simulated: Run) -> None:
    # Three phases at 0.01 Wh: 0.707 % / n; with k = 2 an error of 0.8 % is decided against 1 % from n = 8 on.
    bench = Bench(train(0.8))
    result = simulated(lambda: bench.measure(5, 20, profile=Profile(quantum_wh=0.01, edge_jitter_s=0.0)))
    assert result.periods == 8
    assert result.error_percent + result.expanded_percent <= 1.0


def test_an_error_that_stays_undecided_ends_with_the_most_periods(simulated: Run) -> None:
    bench = Bench(train(1.0), reference_percent=0.05)
    result = simulated(lambda: bench.measure(5, 20))
    assert result.periods == 20
    assert result.expanded_percent == pytest.approx(2 * 0.05 / 3**0.5)


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
