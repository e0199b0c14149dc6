"""No-load (creep): with the current circuit open the meter gives at most one pulse in the test time."""

from __future__ import annotations

from dataclasses import dataclass

from bench.load_points import no_load
from bench.measurements import Declared, at_most, noted
from bench.norms import NO_LOAD_PULSES, NO_LOAD_SOURCE, no_load_seconds
from bench.position import Position
from bench.steps import Step
from drivers.load import Load


@dataclass(frozen=True)
class NoLoad(Step):
    """No-load test: 115 % Un, no current, at most one pulse (IEC 62053-21:2003, 8.3.2).

    115 % Un is above the 253 V that the data sheet grants (Un ± 10 %); the norm asks for it, and the record says so.
    """

    @property
    def name(self) -> str:
        """Name in the record."""
        return "no-load"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "No-load"

    @property
    def load(self) -> Load:
        """The profile's multiple of Un, no current."""
        return no_load(self.meter, self.profile.no_load_voltage)

    def measurements(self) -> tuple[Declared, ...]:
        """At most one pulse."""
        return (at_most("pulses", NO_LOAD_PULSES, NO_LOAD_SOURCE), noted("voltage", "V", NO_LOAD_SOURCE))

    def duration(self) -> float:
        """600e6 / (k m Un Imax) minutes for class 1, 480e6 for class 2."""
        return no_load_seconds(self.meter.accuracy_class, self.meter.phase_count, self.meter.i_max, self.meter.u_n)

    async def run(self, at: Position) -> None:
        """Count pulses for the whole time."""
        before = at.s0.count
        await at.wait(self.duration())
        at.record("pulses", float(at.s0.count - before))
        volts = self.meter.u_n * self.profile.no_load_voltage
        above = volts > self.meter.u_n * 1.1
        at.record("voltage", volts, note="above the data sheet's Un + 10 %, as the norm asks" if above else "")
