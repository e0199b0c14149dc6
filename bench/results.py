"""Results across runs: what was measured at one meter in one step, with the run it belongs to, flat as charts and studies want it."""

from __future__ import annotations

from dataclasses import dataclass

from bench.record import Run, Value
from bench.verdict import Ending, Verdict

ERROR = "error"
"""The measurement that holds a percentage error."""


@dataclass(frozen=True)
class Result:
    """One measurement, or that a step was finished without any worth telling; void steps have none."""

    run: str
    opened_at: str
    """Wall clock, ISO 8601 UTC."""
    ending: Ending | None
    type_number: str
    plan_hash: str
    operator: str
    position: int
    serial: str
    step: str
    title: str
    """Of the step."""
    measurement: str | None
    """Its name; None where the step measured no error and failed nothing."""
    value: Value = None
    uncertainty: float | None = None
    lower: float | None = None
    upper: float | None = None
    verdict: Verdict = Verdict.NONE


def results_of(run: Run, position: int) -> tuple[Result, ...]:
    """Of one meter of a run: every error, every failure, and every other step that was finished."""
    (serial,) = (meter.serial for meter in run.meters if meter.position == position)
    found = []
    for step in run.steps:
        head = (
            run.id, run.opened_at, run.ending, run.type_number, run.plan_hash, run.operator, position, serial, step.name, step.title,
        )  # fmt: skip
        for outcome in step.outcomes:
            if outcome.position != position or outcome.void:
                continue
            told = [m for m in outcome.measurements if m.name == ERROR or m.verdict is Verdict.FAIL]
            found += [Result(*head, m.name, m.value, m.uncertainty, m.lower, m.upper, m.verdict) for m in told]
            if not told:
                found.append(Result(*head, None))
    return tuple(found)
