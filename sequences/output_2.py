"""Pulse output 2 of a data/pulse module: a pulse a kWh beside the register test, or S0 repeated, as the meter was ordered."""

from __future__ import annotations

import asyncio
import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bench.fixture import Snapshot
from bench.load_points import at as load_at
from bench.load_points import pulse_period
from bench.measurements import Declared, noted, reads, within
from bench.module_ports import NotWired
from bench.position import Position
from bench.profile import Profile
from bench.s0_channel import S0Channel
from bench.steps import Step
from reference_meter import Output2, TypeNumber
from reference_meter.registers import SEVEN_DIGITS
from sequences.register import PULSES_PER_KWH
from sequences.repeated_pulses import RepeatedPulses, lost

_SOURCE = "data sheet, In/out functions: pulse output 2 (R59)"
_PULSES = 2
"""The register test sees two kWh steps, and so are two pulses seen without more time."""
_SETTLE_S = 0.2
"""A pulse of 60 ms that has begun has ended by then."""
_TOGETHER_S = 0.01
"""The S0 pulse that completes a kWh begins no further from the pulse on output 2."""


@dataclass(frozen=True)
class EachKilowattHour(Step):
    """1 imp/kWh, 60 ms ± 10 %: one pulse with each step of the kWh register. Rides along with the register test."""

    width_ms: ClassVar[tuple[float, float]] = (54.0, 66.0)

    @property
    def name(self) -> str:
        """Name in the record."""
        return "output-2"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Pulse output 2"

    def wired_to(self) -> tuple[str, ...]:
        """The input of output 2."""
        return ("output_2_pin",)

    def measurements(self) -> tuple[Declared, ...]:
        """Width, the S0 pulses from one to the next, and the register's steps beside them."""
        return (
            self.guarded("mean width", *self.width_ms, "ms", f"{_SOURCE}: 60 ms ± 10 %"),
            within("S0 pulses between two", PULSES_PER_KWH, PULSES_PER_KWH, "", f"{_SOURCE}: 1 imp/kWh"),
            reads("pulses", "one with each kWh", f"{_SOURCE}: 1 imp/kWh"),
            noted("pulses observed"),
        )

    def duration(self) -> float:
        """Two kWh, as the register test."""
        period = pulse_period(load_at(self.meter, float(self.meter.i_max)))
        return _PULSES * PULSES_PER_KWH * period * 1.05 + 5.0

    async def run(self, at: Position) -> None:
        """Wait for two pulses, at most two kWh long; a position without an input for them is left out."""
        try:
            channel = at.terminals.output_2
        except NotWired as reason:
            at.leave_out(str(reason), *(each.name for each in self.measurements()))
            return
        anomalies, began, readouts = channel.anomalies, channel.count, len(at.snapshots)
        try:
            async with asyncio.timeout(self.duration()):
                await channel.wait_for(began + _PULSES)
        except TimeoutError:
            pass  # the measurements say what came
        await asyncio.sleep(_SETTLE_S)
        if channel.anomalies != anomalies:
            raise lost(at, self.title)
        pulses = channel.pulses[began:]
        at.record("pulses observed", float(len(pulses)))
        if not pulses:
            return  # what was never measured fails
        offset, u_ms = at.s0_offset_ms
        at.record(
            "mean width",
            statistics.fmean(pulse.width_ms for pulse in pulses) - offset,
            self.profile.coverage_factor * u_ms,
        )
        if len(pulses) > 1:
            between = at.s0.count_until(pulses[1].rise + _TOGETHER_S) - at.s0.count_until(pulses[0].rise + _TOGETHER_S)
            at.record("S0 pulses between two", float(between))
        at.record("pulses", _beside(at.snapshots[readouts:], [pulse.rise for pulse in pulses]))


def _beside(readouts: Sequence[Snapshot], rises: Sequence[float]) -> str:
    """Whether between any two readouts as many pulses came as the register stepped, as far as the readouts' times decide it."""
    for before, after in itertools.combinations(readouts, 2):
        one, two = before.registers.total_kwh, after.registers.total_kwh
        if one is None or two is None:
            continue
        steps = (two - one) % SEVEN_DIGITS
        fewest = sum(before.latest < rise < after.earliest for rise in rises)
        most = sum(before.earliest - _TOGETHER_S < rise < after.latest + _TOGETHER_S for rise in rises)
        if not fewest <= steps <= most:
            return f"{most} where the register stepped by {steps}"
    return "one with each kWh"


@dataclass(frozen=True)
class EachPulse(RepeatedPulses):
    """1000 imp/kWh, 30 ms ± 10 %: as S0. Rides along with the S0 pulses."""

    width_ms: ClassVar[tuple[float, float]] = (27.0, 33.0)

    @property
    def name(self) -> str:
        """Name in the record."""
        return "output-2"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Pulse output 2"

    @property
    def source(self) -> str:
        """The data sheet's sentence."""
        return f"{_SOURCE}: 1000 imp/kWh"

    def wired_to(self) -> tuple[str, ...]:
        """The input of output 2."""
        return ("output_2_pin",)

    def channel(self, at: Position) -> S0Channel:
        """The input of output 2. Raises `NotWired`."""
        return at.terminals.output_2

    def measurements(self) -> tuple[Declared, ...]:
        """The comparison, and the width."""
        width = self.guarded("mean width", *self.width_ms, "ms", f"{_SOURCE}: 30 ms ± 10 %")
        return (*super().measurements(), width)

    def more(self, at: Position, channel: S0Channel, first: float, last: float) -> None:
        """The mean width; never set where there is no pulse."""
        offset, u_ms = at.s0_offset_ms
        widths = [pulse.width_ms - offset for pulse in channel.pulses if first <= pulse.rise <= last]
        if widths:
            at.record("mean width", statistics.fmean(widths), self.profile.coverage_factor * u_ms)


def output_2(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The step of pulse output 2, by the profile's order data; none for a meter without one."""
    if not meter.ordered_module.output_2:
        return []
    each_kwh = profile.ordered.output_2 is Output2.ONE_PER_KWH
    return [EachKilowattHour(meter, profile) if each_kwh else EachPulse(meter, profile)]
