"""Accuracy at one load point: the percentage error from the meter's own pulse edges against the reference energy.

The pulses that it is measured with are looked at as well: a width may be wrong at one load and right at all others.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from bench.accuracy import Budget, budget, periods_needed
from bench.evidence import Evidence
from bench.load_points import UNITY, PowerFactor, pulse_period
from bench.load_points import at as load_at
from bench.measurements import Declared, at_most, noted
from bench.norms import (
    PULSE_WIDTH_MS,
    PULSE_WIDTH_SOURCE,
    SCATTER_SHARE,
    SCATTER_SOURCE,
    ErrorLimit,
    error_limit,
)
from bench.position import Position
from bench.pulse_error import ErrorResult, Point
from bench.steps import Finding, JudgedAgain, Step
from drivers.load import Load
from sequences.s0_pulses import WHOLE_TRAIN, most_outside, shortest_pause_ms


@dataclass(frozen=True)
class Accuracy(Step):
    """Percentage error at `current` amperes, `power_factor`, on all phases or on the one named by `only` (IEC 62053-21:2003, 8.1)."""

    current: float
    point: str
    """The current in the field's words: "Ib", "Imax", "0.05 Ib"."""
    power_factor: PowerFactor = UNITY
    only: str | None = None

    @property
    def name(self) -> str:
        """For instance accuracy-ib-pf0.5, accuracy-ib-l2."""
        parts = ["accuracy", self.point.lower().replace(" ", "")]
        if self.power_factor != UNITY:
            parts.append(f"pf{self.power_factor.value:g}")
        if self.only:
            parts.append(self.only.lower())
        return "-".join(parts)

    @property
    def title(self) -> str:
        """For instance "Accuracy Ib PF 0.5 ind"."""
        return " ".join(part for part in ("Accuracy", self.point, str(self.power_factor), self.only or "") if part)

    @property
    def load(self) -> Load:
        """The load point."""
        return load_at(self.meter, self.current, self.power_factor, self.only)

    @property
    def limit(self) -> ErrorLimit:
        """The norm's limit times the profile's factor."""
        limit = error_limit(
            self.meter.accuracy_class,
            self.current / self.meter.i_b,
            self.power_factor.value,
            inductive=self.power_factor.inductive,
            single_phase_load=self.only is not None and self.meter.polyphase,
        )
        return ErrorLimit(limit.percent * self.profile.limit_factor, limit.source)

    @property
    def fewest_periods(self) -> int:
        """Whole pulse periods of the first decision."""
        return periods_needed(self.load, self.limit.percent, self.profile)

    def measurements(self) -> tuple[Declared, ...]:
        """The error is guarded by its uncertainty; the pulse train must be whole."""
        limit = self.limit
        return (
            self.guarded(
                "error",
                -limit.percent,
                limit.percent,
                "%",
                limit.source,
                tighten_above=self.judged_at.tighten_above,
            ),
            *WHOLE_TRAIN,
            at_most("unexplained scatter", limit.percent * SCATTER_SHARE, SCATTER_SOURCE, "%"),
            noted("least squares", "%"),
            self.guarded("mean width", *PULSE_WIDTH_MS, "ms", PULSE_WIDTH_SOURCE),
            at_most("widths outside", 0, PULSE_WIDTH_SOURCE, marginal_upper=1),
            noted("narrowest", "ms"),
            noted("widest", "ms"),
            noted("shortest pause", "ms"),
            noted("periods"),
        )

    def duration(self) -> float:
        """One period to find an edge, then the periods, at the slowest a meter inside the limits can be."""
        return (1 + self.fewest_periods) * self._period * 1.05 + 2.0

    def longest(self) -> float:
        """The most periods, where the error stays inside the guard band."""
        return (1 + self.fewest_periods * self.profile.most_periods_factor) * self._period * 1.05 + 2.0

    async def run(self, at: Position) -> None:
        """Measure until the error is decided or the periods allowed are used up."""
        result = await at.errors.measure(self.judged_at)
        for name, (value, uncertainty, note) in _found(result).items():
            at.record(name, value, uncertainty, note)
        offset, u_ms = at.s0_offset_ms
        expanded = self.profile.coverage_factor * u_ms
        pulses = at.errors.pulses
        widths = [pulse.width_ms - offset for pulse in pulses]
        pause = shortest_pause_ms([pulse.rise for pulse in pulses], [pulse.fall for pulse in pulses])
        at.record("mean width", statistics.fmean(widths), expanded)
        at.record("widths outside", float(most_outside(widths, expanded)))
        at.record("narrowest", min(widths))
        at.record("widest", max(widths))
        at.record("shortest pause", pause + offset)

    def judge_again(self, evidence: Evidence) -> JudgedAgain:
        """The error from the edges on record, as far as this profile wants them."""
        point = self.judged_at
        result = evidence.error(point)
        found = _found(result)
        wanting = ""
        if result.periods < point.looked_at_from:
            wanting = f"the record has {result.periods} of {point.looked_at_from} periods"
        elif not point.ended(result):
            wanting = f"undecided after the {result.periods} periods on record, of {point.most} at most"
        if wanting:
            value, uncertainty, note = found["error"]
            found["error"] = (value, uncertainty, f"{note}; undecided where the pulses on record end")
        return JudgedAgain(found, wanting)

    @property
    def judged_at(self) -> Point:
        """The load point with its limit and its periods."""
        fewest = self.fewest_periods
        return Point(self.load, self.limit.percent, fewest, fewest * self.profile.most_periods_factor, self.profile)

    @property
    def _period(self) -> float:
        return pulse_period(self.load)

    def planned_budget(
        self, reference_percent: float, circuit_percent: float, circuit_mrad: float, correction_percent: float = 0.0
    ) -> Budget:
        """The uncertainties that the plan expects within 23 ± 2 °C, of the planned periods."""
        return budget(
            self.load,
            self.fewest_periods,
            reference_percent=reference_percent,
            circuit_percent=circuit_percent,
            circuit_mrad=circuit_mrad,
            profile=self.profile,
            correction_percent=correction_percent,
        )


def _found(result: ErrorResult) -> dict[str, Finding]:
    parts = result.budget
    note = f"reference {parts.reference:.3f}, circuit {parts.circuit:.3f}, random {result.random_percent:.3f} %"
    if result.uncorrected_percent != result.error_percent:
        note += f", correction {parts.correction:.3f} %; {result.uncorrected_percent:+.3f} % without it"
    if parts.temperature:
        note += f"; temperature {parts.temperature:.3f} %"
    tried = result.first_try
    if tried is not None:
        why = "undecided" if tried.agrees else f"with {tried.scatters:.1f} times the scatter expected"
        note += f"; first try {tried.error_percent:+.3f} ± {tried.expanded_percent:.3f} % over {tried.periods} periods, {why}"
    scatters = f"the edges scatter {result.scatters:.1f} times as far as the budget explains"
    return {
        "error": (result.error_percent, result.expanded_percent, note),
        "missing pulses": (float(result.missing), None, ""),
        "double pulses": (float(result.doubled), None, ""),
        "unexplained scatter": (result.unexplained_percent, None, "" if result.agrees else scatters),
        "least squares": (result.least_squares_percent, None, ""),
        "periods": (float(result.periods), None, ""),
    }
