"""One error calculator a position: it opens on a pulse edge, closes on a later one, and says how far the meter is off.

It prolongs the run of pulses while the error with its uncertainty straddles the guard band, up to the most periods allowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bench.accuracy import Budget, budget, decided, percentage_error, pulse_train
from bench.climate import Climate
from bench.corrections import correction_uncertainty
from bench.norms import PULSE_ENERGY_J
from bench.profile import Profile
from bench.reference_energy import ReferenceEnergy
from bench.s0_channel import S0Channel
from bench.station import PositionDescription
from drivers.load import Load

_PATIENCE_PERIODS = 3.0
"""A pulse is given up after so many expected periods: far more than any error the bench could call an error."""
_PATIENCE_S = 2.0


class NoPulse(Exception):
    """The meter gives no pulses under load. The message is for the person at the bench."""


@dataclass(frozen=True)
class ErrorResult:
    """One finished determination of the percentage error."""

    error_percent: float
    expanded_percent: float
    """k·u in %."""
    periods: int
    seconds: float
    missing: int
    """Pulses that the intervals say are missing."""
    doubled: int
    """Pulses too many."""
    budget: Budget
    uncorrected_percent: float
    """The error against the energy as the reference measured it, without the position's corrections."""


class ErrorCalculator:
    """Percentage errors at one position. `show` is told the latest error and the share done.

    `energy` is the reference's, corrected for this position; `measured` is the same before correction.
    """

    def __init__(
        self,
        s0: S0Channel,
        energy: ReferenceEnergy,
        position: PositionDescription,
        reference_percent: float,
        show: Callable[[float | None, float], None],
        measured: ReferenceEnergy | None = None,
        climate: Climate | None = None,
    ) -> None:
        self._s0 = s0
        self._energy = energy
        self._measured = measured or energy
        self._climate = climate
        self._position = position
        self._reference_percent = reference_percent
        self._show = show

    async def measure(self, load: Load, fewest: int, most: int, limit_percent: float, profile: Profile) -> ErrorResult:
        """Measure over at least `fewest` and at most `most` whole periods. Raises `NoPulse`."""
        period = PULSE_ENERGY_J / load.total_power
        began = asyncio.get_running_loop().time()
        first = await self._pulse(self._s0.count, period)
        while self._s0.pulses[first].rise < began:
            # A pulse is handed on at its end: this one was under way, and began before the reference was first read.
            first = await self._pulse(first + 1, period)
        periods = 0
        while True:
            periods += 1
            latest = await self._pulse(first + periods, period)
            if periods < fewest:
                self._show(self._so_far(first), periods / fewest)
                continue
            start, end = self._s0.pulses[first].rise, self._s0.pulses[latest].rise
            await self._energy.covers(end)
            error = percentage_error(periods, self._energy.between(start, end))
            parts = budget(
                load,
                periods,
                reference_percent=self._reference_percent,
                circuit_percent=self._position.circuit_accuracy_percent,
                circuit_mrad=self._position.circuit_phase_mrad,
                profile=profile,
                correction_percent=correction_uncertainty(load, self._position),
                temperature_percent=self._climate.uncertainty(load) if self._climate else 0.0,
            )
            expanded = profile.coverage_factor * parts.combined
            self._show(error, min(1.0, periods / fewest))
            if decided(error, expanded, limit_percent) or periods >= most:
                break
        train = pulse_train([pulse.rise for pulse in self._s0.pulses[first : latest + 1]], period)
        return ErrorResult(
            error_percent=error,
            expanded_percent=expanded,
            periods=periods,
            seconds=end - start,
            missing=train.missing,
            doubled=train.doubled,
            budget=parts,
            uncorrected_percent=percentage_error(periods, self._measured.between(start, end)),
        )

    def _so_far(self, first: int) -> float | None:
        """The error up to the last pulse that a reading covers already: for the screen, never for a verdict."""
        last = self._s0.count_until(self._energy.covered_until) - 1
        if last <= first:
            return None
        energy = self._energy.between(self._s0.pulses[first].rise, self._s0.pulses[last].rise)
        return percentage_error(last - first, energy)

    async def _pulse(self, index: int, period: float) -> int:
        """Wait for the pulse with this index; the index, once it is there."""
        patience = _PATIENCE_PERIODS * period + _PATIENCE_S
        try:
            async with asyncio.timeout(patience):
                await self._s0.wait_for(index + 1)
        except TimeoutError:
            raise NoPulse(
                f"no S0 pulse within {patience:.1f} s, one every {period:.3g} s is expected. Is the S0 wire connected?"
            ) from None
        return index
