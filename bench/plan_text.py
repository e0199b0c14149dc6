"""The plan as a person reads it: one line a step with load, limit, expected uncertainty and seconds, its chart over time, and the hash."""

from __future__ import annotations

from bench.gantt import BARS, WIDTH, gantt
from bench.measurements import limit_in_words
from bench.plan import Plan
from bench.plan_diff import Reckoned
from bench.reference_check import not_checked
from bench.screening import screening_lines
from bench.station import Station
from bench.uncertainty_rule import WHAT_TO_DO, planned_budget, too_uncertain

_SETTLE_S = 2.0
"""Settling time reckoned with where no station is named."""
_REFERENCE_PERCENT, _CIRCUIT_PERCENT, _CIRCUIT_MRAD = 0.05, 0.02, 0.2
"""Accuracies reckoned with where no station is named: a 0.05 % standard and isolating transformers of 0.02 %."""


def reckoned_with(station: Station | None) -> Reckoned:
    """Settling time and accuracies of a station; without one a 0.05 % standard is reckoned with."""
    if station is None:
        return Reckoned(_SETTLE_S, _REFERENCE_PERCENT, _CIRCUIT_PERCENT, _CIRCUIT_MRAD)
    return Reckoned(
        station.source.capabilities.settle,
        station.reference_accuracy_percent,
        max(each.circuit_accuracy_percent for each in station.positions),
        max(each.circuit_phase_mrad for each in station.positions),
    )


def plan_text(plan: Plan, station: Station | None = None, width: int = WIDTH, bars: str = BARS) -> str:
    """The plan as text. `station` gives settling time and accuracies; without one a 0.05 % standard is reckoned with.

    The chart of its steps over time is `width` columns wide and drawn with `bars`.
    """
    reckoned = reckoned_with(station)
    settle = plan.profile.settling(reckoned.settle)
    rows = [("no", "step", "load", "limits", "U %", "s")]
    for k, step in enumerate(plan.steps, start=1):
        parts = planned_budget(step, reckoned, station)
        limits = [each for each in step.measurements() if not each.informative]
        rows.append(
            (
                str(k),
                step.title + (" (gate)" if step.gate else ""),
                str(step.load) if step.load is not None else "rides along",
                f"{limits[0].name} {limit_in_words(limits[0])}" if limits else "",
                f"{plan.profile.coverage_factor * parts.combined:.3f}" if parts is not None else "",
                f"{step.duration():.0f}",
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(6)]
    lines = [f"{plan.sequence}  {plan.meter}  profile {plan.profile.name}"]
    lines += screening_lines(plan.screens)
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += ["", *gantt(plan, settle, width, bars), f"{bars[0]} asks for its load  {bars[1]} rides along", ""]
    lines += [
        f"asks a person: {step.title}: {prompt.text} ({', '.join(choice.answer for choice in prompt.choices)})"
        for step in plan.person_needed()
        for prompt in step.asks()
    ]
    lines += [f"left out: {each}" for each in plan.left_out]
    lines += [f"no production run: {plan.no_production()}"] * bool(plan.no_production())
    lines += [f"not tested by design: {plan.not_tested}"] * bool(plan.not_tested)
    lines += [f"assumed for U: {each}" for each in plan.profile.measured]
    lines += [f"note: {step.title}: {step.remark()}" for step in plan.steps if step.remark()]
    lines += [f"note: {warning}" for warning in (*plan.warnings(), _unchecked(station)) if warning]
    beyond = too_uncertain(plan, reckoned, station)
    lines += [f"no production run: {each}" for each in beyond]
    if beyond:
        lines.append(f"what to do: {WHAT_TO_DO}")
    total = plan.expected_seconds(settle)
    lines.append(f"{total:.0f} s ({total / 60:.1f} min) with {settle:g} s of settling after each change of load")
    lines.append(f"hash {plan.hash}")
    return "\n".join(lines)


def _unchecked(station: Station | None) -> str:
    if station is None:
        return ""
    return not_checked(standard=station.standard is not None, positions=len(station.positions))
