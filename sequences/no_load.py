"""No-load (creep): with the current circuit open the meter gives at most one pulse in the test time."""

from __future__ import annotations

from dataclasses import dataclass

from bench.load_points import no_load
from bench.measurements import Declared, at_most, noted
from bench.norms import EDITIONS, NO_LOAD_PULSES
from bench.position import Position
from bench.steps import Step
from drivers.load import Load

HIGHEST_V = 253.0
"""Un + 10 % (data sheet, Voltage range: 230 V ± 10 %)."""


@dataclass(frozen=True)
class NoLoad(Step):
    """No-load test: 115 % Un, no current, at most one pulse (IEC 62053-21:2003, 8.3.2; another edition by the profile).

    115 % Un is above the 253 V that the data sheet grants (Un ± 10 %); the norm asks for it, and plan and record say so.
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
        source = EDITIONS[self.profile.edition].no_load_source
        return (at_most("pulses", NO_LOAD_PULSES, source), noted("voltage", "V", source))

    def remark(self) -> str:
        """That the voltage is beyond what the data sheet grants."""
        volts = round(abs(self.load.u[0]), 6)
        if volts <= HIGHEST_V:
            return ""
        share = 100 * volts / self.meter.u_n
        return f"{share:g} % Un ({volts:g} V) is above the data sheet's {HIGHEST_V:g} V (Un + 10 %), as the norm asks"

    def duration(self) -> float:
        """The shortest time of the edition: 600e6 / (k m Un Imax) minutes for class 1, 480e6 for class 2, in that of 2003."""
        meter = self.meter
        return EDITIONS[self.profile.edition].no_load_seconds(
            meter.accuracy_class, meter.phase_count, meter.u_n, meter.i_b, meter.i_max
        )

    async def run(self, at: Position) -> None:
        """Count pulses for the whole time."""
        before = at.s0.count
        await at.wait(self.duration())
        at.record("pulses", float(at.s0.count - before))
        at.record("voltage", abs(self.load.u[0]), note=self.remark())
