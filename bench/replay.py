"""A run judged again from its record, without any instrument: edges and readings give the errors, values give the rest.

Under the run's own profile every verdict comes out as it stands, to the last bit; under a tighter one it shows what that would have cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bench.evidence import Evidence, NoEvidence
from bench.measurements import Declared
from bench.not_on_record import at_positions, given_up_earlier, made_otherwise, measured_otherwise
from bench.plan import Plan, make_plan
from bench.profile import Profile
from bench.record import Measurement, Outcome, Run
from bench.record import Step as StepRecord
from bench.sequences import sequence_named
from bench.steps import Finding, Step
from bench.verdict import Verdict
from reference_meter import MalformedTypeNumber, TypeNumber

_PASSED = (Verdict.PASS, Verdict.MARGINAL)


class CannotReplay(Exception):
    """The run cannot be judged again. The message is one sentence that says why."""


@dataclass(frozen=True)
class Change:
    """A measurement whose verdict is another now."""

    step: str
    position: int
    before: Measurement
    after: Measurement


@dataclass(frozen=True)
class Price:
    """What became of the meters at one step."""

    step: str
    judged: int
    """Positions at which the step was finished."""
    passed: int
    """Positions that passed it when it was tested."""
    lost: tuple[int, ...]
    """Positions that passed it then and do not now."""
    won: tuple[int, ...]
    """Positions that pass it now and did not then."""


@dataclass(frozen=True)
class Replay:
    """A run as it was judged, and as it is judged now."""

    before: Run
    after: Run
    profile: Profile
    unjudged: tuple[tuple[str, str], ...]
    """Steps that this profile tests otherwise, and why their record does not say what would have come out, or not at which positions."""

    def changes(self) -> tuple[Change, ...]:
        """Every measurement whose verdict changed, in the order of the run."""
        return tuple(
            Change(old.name, was.position, m, n)
            for old, new in self._steps()
            for was, now in zip(old.outcomes, new.outcomes, strict=True)
            for m, n in zip(was.measurements, now.measurements, strict=True)
            if m.verdict is not n.verdict
        )

    def prices(self) -> tuple[Price, ...]:
        """What every step costs, in the order of the run."""
        found = []
        for old, new in self._steps():
            then = {each.position for each in old.outcomes if not each.void and each.verdict in _PASSED}
            now = {each.position for each in new.outcomes if not each.void and each.verdict in _PASSED}
            judged = sum(not each.void for each in old.outcomes)
            found.append(Price(old.name, judged, len(then), tuple(sorted(then - now)), tuple(sorted(now - then))))
        return tuple(found)

    @property
    def same(self) -> bool:
        """Whether nothing at all came out otherwise."""
        return self.before == self.after

    def _steps(self) -> list[tuple[StepRecord, StepRecord]]:
        return list(zip(self.before.steps, self.after.steps, strict=True))


def replay(run: Run, profile: Profile | None = None) -> Replay:
    """Judge a run again under `profile`, or under its own. Raises `CannotReplay`."""
    old, only = _replanned(run)
    new = old if profile is None else _planned(run, profile, only)
    before = {step.name: step for step in old.steps}
    after = {step.name: step for step in new.steps}
    unjudged = made_otherwise(old, new)
    unjudged += [(name, "it was not made in this run") for name in after if name not in before]
    steps = []
    for record in run.steps:
        was, now = before[record.name], after.get(record.name)
        why = "this profile leaves it out" if now is None else measured_otherwise(was, now)
        if now is None or why:
            unjudged.append((record.name, why))
            steps.append(record)
            continue
        so_far = replace(run, steps=tuple(steps))
        wanting: dict[int, str] = {}
        outcomes = tuple(_judged(so_far, record, outcome, was, now, wanting) for outcome in record.outcomes)
        unjudged += [(record.name, each) for each in at_positions(wanting)]
        steps.append(replace(record, outcomes=outcomes))
    return Replay(run, replace(run, steps=tuple(steps)), new.profile, tuple(unjudged))


def run_steps(run: Run) -> list[dict[str, Any]]:
    """The steps of the plan on record. Raises `CannotReplay` for a plan that is none."""
    try:
        steps: list[dict[str, Any]] = json.loads(run.plan)["steps"]
        if not steps or not all(isinstance(step["name"], str) for step in steps):
            raise ValueError("no steps")
    except (ValueError, TypeError, KeyError) as error:
        raise CannotReplay(f"run {run.id}: its plan on record cannot be read ({error})") from None
    return steps


def plan_of(run: Run) -> Plan:
    """The plan of a recorded run, built anew. Raises `CannotReplay` where this software plans it otherwise."""
    return _replanned(run)[0]


def _replanned(run: Run) -> tuple[Plan, str]:
    """The plan, and the one step that was asked for; empty where all were."""
    recorded = run_steps(run)
    try:
        profile = Profile.from_json(json.loads(run.plan)["profile"])
    except (ValueError, TypeError, KeyError) as error:
        raise CannotReplay(f"run {run.id}: its profile on record is none that this software knows ({error})") from None
    only = ""
    plan = _planned(run, profile, only)
    if [step.name for step in plan.steps] != [step["name"] for step in recorded]:
        only = recorded[-1]["name"]  # gates come before the step that was asked for
        plan = _planned(run, profile, only)
    if plan.hash != run.plan_hash:
        planned = json.loads(plan.as_text())["steps"]
        differing = next((a["name"] for a, b in zip(recorded, planned, strict=False) if a != b), "")
        what = f"its step {differing}" if differing else "it"
        raise CannotReplay(
            f"run {run.id} was planned by {run.software}, and the software here plans {what} otherwise; "
            "replay it with the version that tested"
        )
    return plan, only


def _planned(run: Run, profile: Profile, only: str) -> Plan:
    """The plan under a profile."""
    try:
        meter, sequence = TypeNumber.parse(run.type_number), sequence_named(run.sequence)
        without = tuple(json.loads(run.plan).get("without_bypass", ()))
        return make_plan(run.sequence, sequence, meter, profile, only, without)
    except (MalformedTypeNumber, ValueError) as error:
        raise CannotReplay(f"run {run.id} cannot be planned again: {error}") from None


def _judged(run: Run, record: StepRecord, outcome: Outcome, was: Step, now: Step, wanting: dict[int, str]) -> Outcome:
    """One outcome judged again; `run` holds the steps before it as they are judged now.

    What the record does not hold of what is asked for goes into `wanting` by its position.
    """
    if outcome.void:
        return outcome
    found: Mapping[str, Finding] = {}
    missing = given_up_earlier(was, now, outcome)
    if any(each.value is not None for each in outcome.measurements):  # a meter without pulses has no error, now or then
        try:
            again = now.judge_again(Evidence(outcome, run.outcomes(outcome.position)))
        except NoEvidence as reason:
            raise CannotReplay(
                f"run {run.id}, {record.title}, position {outcome.position}: {reason}; it was recorded by {run.software}"
            ) from None
        if again is not None:
            found, missing = again.found, again.wanting
    if missing:
        wanting[outcome.position] = missing
    declared = {each.name: each for each in was.measurements()}
    measurements = []
    for wanted in now.measurements():
        measured = next((each for each in outcome.measurements if each.name == wanted.name), None)
        if measured is None:
            continue  # left out at this position: the note of the outcome says why
        if wanted.name in found:
            measurements.append(wanted.judge(*found[wanted.name]))
        else:
            stretched = now.profile.coverage_factor / was.profile.coverage_factor
            measurements.append(_judged_by_value(measured, declared[wanted.name], wanted, stretched))
    verdict = Verdict.worst(each.verdict for each in measurements)
    return replace(outcome, verdict=verdict, measurements=tuple(measurements))


def _judged_by_value(measured: Measurement, was: Declared, wanted: Declared, stretched: float) -> Measurement:
    """The value on record against what is wanted now; its uncertainty is `stretched` to the present coverage factor."""
    if measured.value is None:  # never set, or not a number: its note says which, and no limit changes it
        return replace(measured, lower=wanted.lower, upper=wanted.upper, expected=wanted.expected, source=wanted.source)
    reason = was.judge(measured.value, measured.uncertainty).note
    remark = measured.note.removeprefix(reason).removeprefix("; ")
    uncertainty = measured.uncertainty if measured.uncertainty is None else measured.uncertainty * stretched
    return wanted.judge(measured.value, uncertainty, remark)
