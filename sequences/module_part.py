"""One thing that a module adds to the meter, as a part of the module's step: what it measures, how long it takes, how it is tested."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from bench.load_points import at as load_at
from bench.load_points import pulse_period
from bench.measurements import Declared
from bench.oracle import Expectation
from bench.position import Position
from drivers.load import Load
from reference_meter import TypeNumber


@dataclass(frozen=True)
class ModulePart(ABC):
    """What one function of a module must do. It is tested at Imax, where registers move soonest."""

    meter: TypeNumber

    @property
    def load(self) -> Load:
        """Imax, as in the step before: nothing has to settle."""
        return load_at(self.meter, float(self.meter.i_max))

    @property
    def period(self) -> float:
        """Seconds between two S0 pulses."""
        return pulse_period(self.load)

    def wired_to(self) -> tuple[str, ...]:
        """Keys of a position in the station file without which it is left out."""
        return ()

    @abstractmethod
    def measurements(self) -> tuple[Declared, ...]:
        """Everything it will record."""

    @abstractmethod
    def duration(self) -> float:
        """The time it takes on a meter that works, s."""

    def longest(self) -> float:
        """The time it may take on a meter that does not answer, s."""
        return self.duration()

    @abstractmethod
    async def run(self, at: Position) -> None:
        """Test one meter. Raises `NotWired` where the station has no port for it, `ModuleError` for the meter's fault."""


def against_reference(before: Expectation, after: Expectation, total_kwh: int) -> tuple[str, str]:
    """Whether a total that was read between two moments is what the reference meter allows: the value to record, and its note."""
    allowed = Expectation(before.lowest_kwh, after.highest_kwh)
    text = f"{total_kwh} kWh, {allowed.lowest_kwh} to {allowed.highest_kwh} expected"
    return ("agrees" if allowed.contains(total_kwh) else text), text
