"""One error calculator a position: it opens on a pulse edge, closes on a later one, and says how far the meter is off.

It prolongs the run of pulses into a second try while the error is not decided or its edges scatter too much.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.accuracy import percentage_error
from bench.climate import Climate
from bench.corrections import correction_uncertainty
from bench.load_points import pulse_period
from bench.pulse_error import ErrorResult, Looks, Point, whole_ns
from bench.record import ErrorBasis, TerminalPower
from bench.reference_energy import ReferenceEnergy
from bench.s0_channel import S0Channel
from bench.station import PositionDescription

if TYPE_CHECKING:
    from drivers.s0 import Pulse

_PATIENCE_PERIODS = 3.0
"""A pulse is given up after so many expected periods: far more than any error the bench could call an error."""
_PATIENCE_S = 2.0


def patience(period: float) -> float:
    """How long a pulse is waited for, s, where one is expected every `period` seconds."""
    return _PATIENCE_PERIODS * period + _PATIENCE_S


class NoPulse(Exception):
    """The meter gives no pulses under load. The message is for the person at the bench."""


class ErrorCalculator:
    """Percentage errors at one position. `show` is told the latest error and the share done.

    `energy` is the reference's, corrected for this position; `measured` is the same before correction. `opened` is the loop time from
    which the record counts: the error is reckoned from the record's own figures, so that they give it again.
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
        opened: float = 0.0,
    ) -> None:
        self.basis: ErrorBasis | None = None
        """What the latest error rests on, for the record."""
        self.pulses: tuple[Pulse, ...] = ()
        """The pulses that it was measured with."""
        self._s0 = s0
        self._energy = energy
        self._measured = measured or energy
        self._climate = climate
        self._position = position
        self._reference_percent = reference_percent
        self._show = show
        self._opened = opened

    async def measure(self, point: Point) -> ErrorResult:
        """Measure until the point is decided or its most periods are used up. Raises `NoPulse`."""
        period = pulse_period(point.load)
        began = asyncio.get_running_loop().time()
        first = await self._pulse(self._s0.count, period)
        while self._s0.pulses[first].rise < began:
            # A pulse is handed on at its end: this one was under way, and began before the reference was first read.
            first = await self._pulse(first + 1, period)
        basis = ErrorBasis(
            first_ns=self._ns(self._s0.pulses[first].rise),
            reference_percent=self._reference_percent,
            circuit_percent=self._position.circuit_accuracy_percent,
            circuit_mrad=self._position.circuit_phase_mrad,
            correction_percent=correction_uncertainty(point.load, self._position),
            temperature_percent=self._climate.uncertainty(point.load) if self._climate else 0.0,
            readings=(),
        )
        looks = Looks(point)
        periods = 0
        while True:
            periods += 1
            latest = await self._pulse(first + periods, period)
            share = min(1.0, periods / point.fewest)
            if periods < point.looked_at_from:
                self._show(self._so_far(first), share)
                continue
            pulses = self._s0.pulses[first : latest + 1]
            await self._energy.covers(pulses[-1].rise)
            basis = replace(basis, readings=self._readings(pulses[0].rise, pulses[-1].rise))
            result = looks.look([self._ns(pulse.rise) for pulse in pulses], basis)
            self._show(result.error_percent, share)
            if point.ended(result):
                self.basis, self.pulses = basis, tuple(pulses)
                return result

    def _ns(self, time: float) -> int:
        return whole_ns(time - self._opened)

    def _readings(self, start: float, end: float) -> tuple[TerminalPower, ...]:
        corrected, measured = self._energy.readings(start, end), self._measured.readings(start, end)
        return tuple(
            TerminalPower(time - self._opened, watts, there)
            for (time, watts), (_, there) in zip(measured, corrected, strict=True)
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
        longest = patience(period)
        try:
            async with asyncio.timeout(longest):
                await self._s0.wait_for(index + 1)
        except TimeoutError:
            raise NoPulse(
                f"no S0 pulse within {longest:.1f} s, one every {period:.3g} s is expected. Is the S0 wire connected?"
            ) from None
        return index
