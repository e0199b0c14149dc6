"""The S0 diode, seen by a scanning head: it flashes with each pulse of the S0 output, and at no other time."""

from __future__ import annotations

from dataclasses import dataclass

from bench.position import Position
from bench.s0_channel import S0Channel
from sequences.repeated_pulses import RepeatedPulses


@dataclass(frozen=True)
class S0Diode(RepeatedPulses):
    """Diode and S0 output emit in parallel (data sheet, S0 pulse output; R6)."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return "s0-diode"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "S0 diode"

    @property
    def source(self) -> str:
        """The data sheet's sentence."""
        return "data sheet, S0 pulse output: the diode flashes with the output (R6)"

    def channel(self, at: Position) -> S0Channel:
        """The scanning head. Raises `NotWired`."""
        return at.terminals.diode
