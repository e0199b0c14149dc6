"""Measurements are declared before the run with unit and limits; the verdict is theirs, never an `assert` of the step.

One that was never set fails, NaN fails. A guarded one is accepted only while its uncertainty lies inside the limits too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.decision import guard as guard_band
from bench.record import Measurement, Value
from bench.verdict import Verdict


@dataclass(frozen=True)
class Declared:
    """What a step promises to measure at each position, and what is allowed."""

    name: str
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    expected: str | None = None
    """The text that must be read, where the measurement reads one."""
    marginal_upper: float | None = None
    """Above `upper` and up to this the verdict is MARGINAL."""
    guarded: bool = False
    """Accept only at limit − U: the expanded uncertainty must lie inside the limits too."""
    tighten_above: float | None = None
    """An expanded uncertainty above this tightens a guarded limit by the excess once more; None where it does not."""
    guard_factor: float = 1.0
    """The same at limit − r·U: r of the profile's guard rule, at least 1."""
    informative: bool = False
    """Kept for the record; without limits, but a missing one still fails."""
    source: str = ""

    def judge(self, value: Value, uncertainty: float | None = None, note: str = "") -> Measurement:
        """Judge a value, None where it was never set. `uncertainty` is expanded, in the measurement's unit."""
        verdict, why = self._verdict(value, uncertainty)
        return Measurement(
            name=self.name,
            unit=self.unit,
            value=value if not isinstance(value, float) or math.isfinite(value) else None,
            lower=self.lower,
            upper=self.upper,
            expected=self.expected,
            uncertainty=uncertainty,
            verdict=verdict,
            source=self.source,
            note="; ".join(text for text in (why, note) if text),
        )

    def _verdict(self, value: Value, uncertainty: float | None) -> tuple[Verdict, str]:
        if value is None:
            return Verdict.FAIL, "never measured"
        if self.expected is not None:
            return (Verdict.PASS, "") if value == self.expected else (Verdict.FAIL, "")
        if isinstance(value, str):
            return (Verdict.PASS, "") if self.informative else (Verdict.FAIL, "a number was expected")
        if not math.isfinite(value):
            return Verdict.FAIL, f"not a number: {value}"
        if self.guarded and (uncertainty is None or math.isnan(uncertainty)):
            return Verdict.FAIL, "no uncertainty was stated"
        expanded = uncertainty if self.guarded and uncertainty is not None else 0.0
        guard = guard_band(expanded, self.guard_factor, self.tighten_above)
        if (self.lower is not None and value < self.lower) or (self.upper is not None and value > self.upper):
            if self.marginal_upper is not None and self.upper is not None and self.upper < value <= self.marginal_upper:
                return Verdict.MARGINAL, ""
            return Verdict.FAIL, ""
        if (self.lower is not None and value < self.lower + guard) or (
            self.upper is not None and value > self.upper - guard
        ):
            return Verdict.FAIL, f"inside the guard band: within the limit, but not by {self._guard_in_words}"
        return Verdict.PASS, ""

    @property
    def _guard_in_words(self) -> str:
        return "its uncertainty" if self.guard_factor == 1.0 else f"{self.guard_factor:g} times its uncertainty"


def within(
    name: str,
    lower: float,
    upper: float,
    unit: str,
    source: str,
    *,
    guarded: bool = False,
    guard_factor: float = 1.0,
    tighten_above: float | None = None,
) -> Declared:
    """A number between two limits, both inclusive."""
    return Declared(
        name,
        unit,
        lower,
        upper,
        guarded=guarded,
        guard_factor=guard_factor,
        tighten_above=tighten_above,
        source=source,
    )


def at_most(name: str, upper: float, source: str, unit: str = "", *, marginal_upper: float | None = None) -> Declared:
    """A number up to a limit, inclusive; between it and `marginal_upper` the verdict is MARGINAL."""
    return Declared(name, unit, None, upper, marginal_upper=marginal_upper, source=source)


def at_least(name: str, lower: float, source: str, unit: str = "") -> Declared:
    """A number from a limit up, inclusive."""
    return Declared(name, unit, lower, None, source=source)


def reads(name: str, expected: str, source: str) -> Declared:
    """A text that must be read exactly so."""
    return Declared(name, expected=expected, source=source)


def noted(name: str, unit: str = "", source: str = "") -> Declared:
    """Kept for the record, without limits; a missing one still fails."""
    return Declared(name, unit, informative=True, source=source)


def limit_in_words(measurement: Measurement | Declared) -> str:
    """The limit as a person reads it: "±1 %", "27 to 33 ms", "at most 1", "685-381-OK-50"."""
    unit = f" {measurement.unit}" if measurement.unit else ""
    if measurement.expected is not None:
        return measurement.expected
    if measurement.lower is not None and measurement.upper is not None:
        if measurement.lower == -measurement.upper:
            return f"±{measurement.upper:g}{unit}"
        return f"{measurement.lower:g} to {measurement.upper:g}{unit}"
    if measurement.upper is not None:
        return f"at most {measurement.upper:g}{unit}"
    if measurement.lower is not None:
        return f"at least {measurement.lower:g}{unit}"
    return "no limit"
