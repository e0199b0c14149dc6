"""S0 pulses: width of each, pauses, and whether any is missing or doubled. Rides along wherever pulses come fast."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass

from bench.accuracy import pulse_train
from bench.error_calculator import NoPulse, patience
from bench.load_points import at as load_at
from bench.load_points import pulse_period
from bench.measurements import Declared, at_least, at_most, noted
from bench.norms import PULSE_ENERGY_J, PULSE_WIDTH_MS, PULSE_WIDTH_SOURCE, STANDARD_PAUSE_UP_TO_W
from bench.position import Position
from bench.steps import Blocked, Step

OBSERVED = 500
"""Pulses looked at; twice as many when one width lies outside."""

WINDOW = 100
"""Two widths outside among so many in a row fail the meter; a single one is marginal."""

_EDGES_APART_MS = 1.0
"""S0 input and scanning head may differ so much in the length of a pulse; a third of what the data sheet allows the meter."""

_FLASH_LAG_S = 0.01
"""A flash belongs to the pulse that begins within this time of it."""

WHOLE_TRAIN = tuple(
    at_most(name, 0, "data sheet, S0 pulse output: 1000 imp/kWh") for name in ("missing pulses", "double pulses")
)
"""What every step that measures with S0 pulses judges of their number."""


@dataclass(frozen=True)
class S0Pulses(Step):
    """S0 pulse output: 30 ms ± 10 %, 1000 imp/kWh (data sheet, S0 pulse output; R5–R7)."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "s0-pulses"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "S0 pulses"

    def measurements(self) -> tuple[Declared, ...]:
        """Mean width, widths outside, pauses, missing and double pulses."""
        return (
            self.guarded("mean width", *PULSE_WIDTH_MS, "ms", PULSE_WIDTH_SOURCE),
            at_most("widths outside in 100", 0, PULSE_WIDTH_SOURCE, marginal_upper=1),
            at_least("shortest pause", *self._shortest_pause, "ms"),
            *WHOLE_TRAIN,
            noted("narrowest", "ms"),
            noted("widest", "ms"),
            noted("pulses observed"),
        )

    def duration(self) -> float:
        """The pulses at Imax, which is where the step rides."""
        return OBSERVED * PULSE_ENERGY_J / self._imax_power * 1.05 + 2.0

    def longest(self) -> float:
        """Both looks at a meter that counts slowly, where one width lies outside."""
        period = PULSE_ENERGY_J / self._imax_power
        return _longest_look(OBSERVED, period) + _longest_look(2 * OBSERVED, period)

    async def run(self, at: Position) -> None:
        """Observe, and observe twice as long when one width lies outside."""
        began = at.s0.count
        offset, u_ms = at.s0_offset_ms
        expanded = self.profile.coverage_factor * u_ms
        await self._observe(at, began, OBSERVED)
        widths = [pulse.width_ms - offset for pulse in at.s0.pulses[began:]]
        if most_outside(widths, expanded) == 1:
            await self._observe(at, began, 2 * OBSERVED)
            widths = [pulse.width_ms - offset for pulse in at.s0.pulses[began:]]
        if most_outside(widths, expanded):
            raise_if_slow(at, began)
        pulses = at.s0.pulses[began:]
        rises = [pulse.rise for pulse in pulses]
        train = pulse_train(rises, pulse_period(at.load))
        at.record("mean width", statistics.fmean(widths), expanded, _perhaps_slow(at, widths, expanded))
        at.record("widths outside in 100", float(most_outside(widths, expanded)))
        at.record("shortest pause", shortest_pause_ms(rises, [pulse.fall for pulse in pulses]) + offset)
        at.record("missing pulses", float(train.missing))
        at.record("double pulses", float(train.doubled))
        at.record("narrowest", min(widths))
        at.record("widest", max(widths))
        at.record("pulses observed", float(len(pulses)))

    async def _observe(self, at: Position, began: int, pulses: int) -> None:
        period = pulse_period(at.load)
        longest = _longest_look(pulses, period)
        try:
            async with asyncio.timeout(longest):
                await at.s0.wait_while_flowing(began + pulses, patience(period))
        except TimeoutError:
            seen = at.s0.count - began
            if seen < 2:
                raise NoPulse(f"{seen} S0 pulses where {pulses} are expected within {longest:.0f} s") from None

    @property
    def _imax_power(self) -> float:
        return load_at(self.meter, float(self.meter.i_max)).total_power

    @property
    def _shortest_pause(self) -> tuple[float, str]:
        """How short a pause may be, ms, and where that comes from."""
        if self._imax_power <= STANDARD_PAUSE_UP_TO_W:
            return 30.0, "IEC 62053-31: pause at least 30 ms"
        return 5.0, "above 57.1 kW a 33 ms pulse leaves no 30 ms at 1000 imp/kWh (R7): 5 ms keeps pulses countable"


def _longest_look(pulses: int, period: float) -> float:
    """How long so many pulses may take, s: a fifth longer than those of a meter without error, and the load may be settling."""
    return pulses * period * 1.2 + 2.0


def raise_if_slow(at: Position, began: int) -> None:
    """Raise `Blocked` where the input makes pulses longer than the diode flashes: the same transistor drives both (R6).

    Without a scanning head nothing but the meter says how long its pulses are.
    """
    flashes = at.terminals.channels.get("diode_pin")
    if flashes is None or at.s0.count == began:
        return
    first = at.s0.pulses[began].rise
    lit = [flash.width_ms for flash in flashes.pulses if flash.rise >= first - _FLASH_LAG_S]
    if not lit:
        return
    longer = statistics.median(pulse.width_ms for pulse in at.s0.pulses[began:]) - statistics.median(lit)
    if abs(longer) > _EDGES_APART_MS:
        raise Blocked(
            f"position {at.number}: a pulse at the S0 input is {longer:+.1f} ms longer than the flash of its diode: an edge comes late. "
            "Check the pull-up, the filter and the length of the S0 wire, and the scanning head."
        )


def _perhaps_slow(at: Position, widths_ms: list[float], expanded_ms: float) -> str:
    """What stays open where every pulse is too long by the same and nobody has looked at the diode; else nothing."""
    too_long = statistics.fmean(widths_ms) > PULSE_WIDTH_MS[1] - expanded_ms
    alike = max(widths_ms) - min(widths_ms) <= 2 * _EDGES_APART_MS
    if not (too_long and alike) or "diode_pin" in at.terminals.channels:
        return ""
    return (
        "every pulse is long and there is no scanning head here: a slow input looks the same. "
        "Check the pull-up, the filter and the length of the S0 wire, or test the meter at another position"
    )


def most_outside(widths_ms: list[float], expanded_ms: float) -> int:
    """The most widths outside the guarded limits among any `WINDOW` in a row."""
    lower, upper = PULSE_WIDTH_MS
    places = [k for k, w in enumerate(widths_ms) if not lower + expanded_ms <= w <= upper - expanded_ms]
    return max((sum(1 for other in places if first <= other < first + WINDOW) for first in places), default=0)


def shortest_pause_ms(rises: list[float], falls: list[float]) -> float:
    """The shortest time from the end of a pulse to the next one's beginning, ms; beginnings and ends in s, at least two pulses."""
    return min((rise - fall) * 1e3 for rise, fall in zip(rises[1:], falls, strict=False))
