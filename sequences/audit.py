"""Audit: how far the error moves with the influence quantities that the source can make. A type test made on samples, not on each meter.

Each limit of variation compares with the error at reference conditions and the same load, which the same run has measured just before.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from functools import partial
from itertools import combinations

from bench.accuracy import Budget, budget, periods_needed
from bench.derived import measured
from bench.influences import FREQUENCY, REVERSED_SEQUENCE, VOLTAGE, Influence, without
from bench.load_points import inductive, pulse_period
from bench.measurements import Declared, noted
from bench.norms import ErrorLimit, variation_limit
from bench.position import Position
from bench.profile import Profile
from bench.pulse_error import Point
from bench.steps import Step
from bench.whole_test import part_of_a_test
from drivers.load import Load
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.read_out import FinalReadOut
from sequences.s0_pulses import WHOLE_TRAIN
from sequences.s0_wiring import S0Wiring
from sequences.sign_on import SignOn


@part_of_a_test("it shows on samples what moves the error, and leaves out what each meter is tested for")
def audit(meter: TypeNumber, profile: Profile) -> list[Step]:
    """From the high current to the low one, each reference point before what is compared with it; then the read-out."""
    accuracy = partial(Accuracy, meter, profile)
    at_ib, at_half = accuracy(meter.i_b, "Ib"), accuracy(meter.i_b, "Ib", power_factor=inductive(0.5))
    low = accuracy(0.1 * meter.i_b, "0.1 Ib")
    unbalanced = [
        without(*phases) for count in range(1, meter.phase_count) for phases in combinations(meter.phases, count)
    ]
    return [
        SignOn(meter, profile),
        S0Wiring(meter, profile),
        at_ib,
        *(Variation(meter, profile, at_ib, each) for each in (*VOLTAGE, *FREQUENCY, *unbalanced)),
        at_half,
        *(Variation(meter, profile, at_half, each) for each in (*VOLTAGE, *FREQUENCY)),
        *([low, Variation(meter, profile, low, REVERSED_SEQUENCE)] if meter.phase_count == 3 else []),
        FinalReadOut(meter, profile),
    ]


@dataclass(frozen=True)
class Variation(Step):
    """The error under one influence less the error at `point` (IEC 62053-21:2003, 8.2, table 8)."""

    point: Accuracy
    """The step that measures the same load at reference conditions."""
    influence: Influence

    @property
    def name(self) -> str:
        """For instance influence-u+10-ib-pf0.5."""
        return f"influence-{self.influence.name}-{self.point.name.removeprefix('accuracy-')}"

    @property
    def title(self) -> str:
        """For instance "Influence U +10 % at Ib PF 0.5 ind"."""
        return f"Influence {self.influence.title} at {self.point.title.removeprefix('Accuracy ')}"

    @property
    def load(self) -> Load:
        """The load of the reference point under the influence."""
        return self.influence.on(self.point.load)

    @property
    def limit(self) -> ErrorLimit:
        """The norm's limit of variation times the profile's factor."""
        limit = variation_limit(
            self.influence.quantity,
            self.meter.accuracy_class,
            self.point.current / self.meter.i_b,
            self.point.power_factor.value,
            inductive=self.point.power_factor.inductive,
        )
        return ErrorLimit(limit.percent * self.profile.limit_factor, limit.source)

    @property
    def periods(self) -> int:
        """Whole pulse periods, as many as the limit of variation needs."""
        return periods_needed(self.load, self.limit.percent, self.profile)

    def measurements(self) -> tuple[Declared, ...]:
        """The variation is guarded by the uncertainty of both errors."""
        limit = self.limit
        return (
            self.guarded("variation", -limit.percent, limit.percent, "%", limit.source),
            noted("error", "%", f"under the influence; compared with {self.point.title}"),
            *WHOLE_TRAIN,
        )

    def duration(self) -> float:
        """One period to find an edge, then the periods, at the slowest a meter inside the limits can be."""
        return (1 + self.periods) * pulse_period(self.load) * 1.05 + 2.0

    async def run(self, at: Position) -> None:
        """Measure the error and compare it with the one at reference conditions."""
        before = measured(at.earlier, self.point.name, "error")
        if before is None:
            at.leave_out(
                f"the variation: this run has no error of {self.point.title}",
                *(each.name for each in self.measurements()),
            )
            return
        periods = self.periods
        result = await at.errors.measure(Point(self.load, self.limit.percent, periods, periods, self.profile))
        at.record("error", result.error_percent, result.expanded_percent)
        # Reference and circuit are the same in both errors, but nobody has certified how they follow the influence.
        reference, its_expanded = before
        expanded = math.hypot(result.expanded_percent, its_expanded)
        at.record(
            "variation",
            result.error_percent - reference,
            expanded,
            f"{result.error_percent:+.3f} % less {reference:+.3f} % at reference conditions",
        )
        at.record("missing pulses", float(result.missing))
        at.record("double pulses", float(result.doubled))

    def planned_budget(
        self, reference_percent: float, circuit_percent: float, circuit_mrad: float, correction_percent: float = 0.0
    ) -> Budget:
        """The uncertainties of the variation that the plan expects within 23 ± 2 °C: those of both errors, cause by cause."""
        under = budget(
            self.load,
            self.periods,
            reference_percent=reference_percent,
            circuit_percent=circuit_percent,
            circuit_mrad=circuit_mrad,
            profile=self.profile,
            correction_percent=correction_percent,
        )
        before = self.point.planned_budget(reference_percent, circuit_percent, circuit_mrad, correction_percent)
        return Budget(*map(math.hypot, astuple(under), astuple(before)))
