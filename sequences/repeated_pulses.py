"""An output that repeats S0, pulse by pulse: the diode always, pulse output 2 where it was ordered so. Rides along with the S0 pulses."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass

from bench.error_calculator import NoPulse, patience
from bench.load_points import at as load_at
from bench.load_points import pulse_period
from bench.measurements import Declared, at_most, noted
from bench.module_ports import NotWired
from bench.position import Position
from bench.pulse_comparison import compare
from bench.s0_channel import S0Channel
from bench.steps import Blocked, Step
from sequences.s0_pulses import OBSERVED

WITHIN_S = 0.01
"""Partners lie no further apart: the data sheet gives no figure, and the shortest pause between two pulses is 5 ms and more."""

_SETTLE_S = 0.1
"""The last pulse has its partner by then."""


@dataclass(frozen=True)
class RepeatedPulses(Step):
    """Each of the S0 pulses has one partner on another output, and the other has no more."""

    @abstractmethod
    def channel(self, at: Position) -> S0Channel:
        """The other output. Raises `NotWired`."""

    @property
    @abstractmethod
    def source(self) -> str:
        """What promises it."""

    def measurements(self) -> tuple[Declared, ...]:
        """What the other output lacks, what it has too many, and how it lags."""
        return (
            at_most("missing", 0, self.source),
            at_most("without an S0 pulse", 0, self.source),
            noted("pulses compared"),
            noted("earliest", "ms"),
            noted("latest", "ms"),
        )

    def duration(self) -> float:
        """The pulses at Imax, which is where the step rides."""
        return OBSERVED * pulse_period(load_at(self.meter, float(self.meter.i_max))) * 1.05 + 2.0

    async def run(self, at: Position) -> None:
        """Wait for the S0 pulses, then compare; a position without an input for the other output is left out."""
        try:
            channel = self.channel(at)
        except NotWired as reason:
            at.leave_out(str(reason), *(each.name for each in self.measurements()))
            return
        anomalies = channel.anomalies
        began = at.s0.count
        try:
            async with asyncio.timeout(self.duration() * 1.2):
                await at.s0.wait_while_flowing(began + OBSERVED, patience(pulse_period(at.load)))
        except TimeoutError:
            if at.s0.count - began < 2:
                raise NoPulse(
                    f"{at.s0.count - began} S0 pulses to compare with where {OBSERVED} are expected"
                ) from None
        first, last = at.s0.pulses[began].rise, at.s0.pulses[-1].rise
        await asyncio.sleep(_SETTLE_S)
        if channel.anomalies != anomalies:
            raise lost(at, self.title)
        rises = [pulse.rise for pulse in at.s0.pulses[began:] if pulse.rise <= last]
        others = [pulse.rise for pulse in channel.pulses if first - WITHIN_S <= pulse.rise <= last + WITHIN_S]
        found = compare(rises, others, WITHIN_S)
        at.record("missing", float(found.missing))
        at.record("without an S0 pulse", float(found.extra))
        at.record("pulses compared", float(len(rises)))
        if found.earliest_s is None or found.latest_s is None:
            at.leave_out("a lag: there was no pulse to measure it with", "earliest", "latest")
        else:
            at.record("earliest", found.earliest_s * 1e3)
            at.record("latest", found.latest_s * 1e3)
        self.more(at, channel, first, last)

    def more(self, at: Position, channel: S0Channel, first: float, last: float) -> None:
        """What else is measured of the pulses that begin from `first` to `last`, loop time."""


def lost(at: Position, title: str) -> Blocked:
    """What is said where the input of another output lost edges."""
    return Blocked(
        f"position {at.number}: edges were lost or out of order during {title}; what was measured is void. "
        "Check its wire and what else this computer is doing."
    )
