"""A plan: sequence × type × profile, in stages, with its hash. Nothing is switched on by making one."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from bench.accuracy_points import TEST_POINTS
from bench.left_out import LeftOut
from bench.let_through import let_through_by
from bench.profile import Profile
from bench.steps import LineStep, Sequence, Step
from bench.whole_test import why_no_whole_test
from drivers.load import OFF, Load
from drivers.power_source import Capabilities
from reference_meter import TypeNumber

SMALLEST_I_MAX = 60.0
"""A meter that has not said what it is may be a 10 – 60 A type (data sheet, Ordering details): it never sees more."""


@dataclass(frozen=True)
class Stage:
    """Steps that share one load and run at the same time: one that asks for it, and those that ride along."""

    load: Load
    steps: tuple[Step, ...]

    @property
    def gate(self) -> bool:
        """Whether anything later must wait for a pass."""
        return any(step.gate for step in self.steps)

    def duration(self) -> float:
        """Seconds the slowest of its steps takes."""
        return max(step.duration() for step in self.steps)

    def deadline(self) -> float:
        """Seconds after which the stage is given up: a fifth and 5 s more than its slowest step may take."""
        return max(step.longest() for step in self.steps) * 1.2 + 5.0


@dataclass(frozen=True)
class Plan:
    """What a run will do."""

    sequence: str
    meter: TypeNumber
    profile: Profile
    stages: tuple[Stage, ...]
    left_out: tuple[LeftOut, ...] = ()
    without_bypass: tuple[int, ...] = ()
    """Positions to be tested whose meter no contactor can take out of the current circuit."""
    not_tested: str = ""
    """What the sequence lets through by design."""
    no_whole_test: str = ""
    """Why the sequence is less than a whole test, in one sentence; empty where it is one."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return tuple(step for stage in self.stages for step in stage.steps)

    def expected_seconds(self, settle: float) -> float:
        """Seconds the run takes on meters that work, with `settle` seconds after each change of load."""
        changes = sum(1 for before, after in _pairs(self.stages) if before != after)
        return sum(stage.duration() for stage in self.stages) + self.profile.settling(settle) * changes

    def person_needed(self) -> tuple[Step, ...]:
        """The steps that ask a person."""
        return tuple(step for step in self.steps if step.asks())

    def no_production(self) -> str:
        """Why it is no production test, in one sentence; empty where it is one."""
        return self.no_whole_test or self.reduced()

    def reduced(self) -> str:
        """Which points its profile leaves out, so that it is no production test, in one sentence; empty where none."""
        missing = [each.title for each in self.left_out if each.reduces]
        if not missing:
            return ""
        return (
            f"the profile {self.profile.name} leaves out {', '.join(missing)}: a reduced test is no production test; "
            "add the points to the profile, or test with --purpose engineering"
        )

    @property
    def screens(self) -> tuple[str, ...]:
        """The norm's tests that it screens in place of and does not prove."""
        return tuple(step.screens for step in self.steps if step.screens)

    def warnings(self) -> tuple[str, ...]:
        """What the station cannot do for this plan, a sentence each."""
        later = list(itertools.dropwhile(lambda stage: not stage.gate, self.stages))[1:]
        wanted = max((stage.load.largest_current for stage in later), default=0.0)
        if not self.without_bypass or wanted <= SMALLEST_I_MAX:
            return ()
        return (
            f"{no_bypass(self.without_bypass)}: a meter there that fails a gate ends the run BLOCKED before "
            f"{wanted:g} A would flow through it",
        )

    def refusals(self, capabilities: Capabilities) -> list[str]:
        """Every step that the source cannot make, one sentence each."""
        return [
            f"{step.title}: {reason}"
            for stage in self.stages
            for step in stage.steps[:1]
            for reason in capabilities.refusals(stage.load)
        ]

    def as_json(self) -> dict[str, Any]:
        """The plan as it is kept in the record."""
        return {
            "sequence": self.sequence,
            "type": str(self.meter),
            "profile": self.profile.as_json(),
            "left_out": [asdict(each) for each in self.left_out],
            "not_tested": self.not_tested,
            "whole_test": not self.no_whole_test,
            "without_bypass": list(self.without_bypass),
            "steps": [
                {
                    "name": step.name,
                    "title": step.title,
                    "gate": step.gate,
                    "load": str(stage.load),
                    "phasors": _phasors(stage.load),
                    "rides": step.load is None,
                    "seconds": round(step.duration(), 3),
                    "measurements": [asdict(each) for each in step.measurements()],
                    "asks": [asdict(each) for each in step.asks()],
                    "remark": step.remark(),
                    "screens": step.screens,
                }
                for stage in self.stages
                for step in stage.steps
            ],
        }

    def as_text(self) -> str:
        """The plan as one line of JSON with sorted keys, as the record keeps it."""
        return _line(self.as_json())

    @property
    def hash(self) -> str:
        """SHA-256 of what would be done, hexadecimal: of the text without what it says of positions of the station."""
        done = {name: value for name, value in self.as_json().items() if name != "without_bypass"}
        done["left_out"] = [each.name for each in self.left_out]
        return hashlib.sha256(_line(done).encode()).hexdigest()


def make_plan(
    name: str,
    sequence: Sequence,
    meter: TypeNumber,
    profile: Profile,
    only: str = "",
    without_bypass: tuple[int, ...] = (),
) -> Plan:
    """Build the steps and put them into stages. Raises `ValueError` for an unknown step in `only` and for names that stand twice.

    Also for a profile that leaves out what asks nobody, and for a question asked under current.
    With `only`, gates before the step are kept: no meter sees a current before it has said what it is.
    """
    steps = sequence(meter, profile)
    doubled = sorted({step.name for step in steps if [other.name for other in steps].count(step.name) > 1})
    if doubled:
        raise ValueError(f"the sequence {name} has steps of the same name: {', '.join(doubled)}")
    _check_limits(steps, profile)
    whole = steps if profile.points == TEST_POINTS else sequence(meter, replace(profile, points=TEST_POINTS))
    left_out = (
        *_left_out(name, steps, profile, without_bypass),
        *(
            _reducing(step, profile)
            for step in whole
            if step.name not in {each.name for each in steps} and _judges(step)
        ),
    )
    steps = [step for step in steps if step.name not in [each.name for each in left_out]]
    if only:
        missing = [str(each) for each in left_out if each.name == only]
        if missing:
            raise ValueError(f"the step {only!r} is left out: {missing[0]}")
        names = [step.name for step in steps]
        if only not in names:
            raise ValueError(f"the sequence {name} has no step {only!r}; it has: {', '.join(names)}")
        place = names.index(only)
        steps = [step for k, step in enumerate(steps) if k == place or (step.gate and k < place)]
    plan = Plan(
        name,
        meter,
        profile,
        _stages(steps),
        left_out,
        without_bypass,
        let_through_by(sequence),
        why_no_whole_test(name, sequence),
    )
    closed: set[str] = set()
    for stage in plan.stages:
        for step in stage.steps:
            missing = [each for each in step.follows() if each not in closed]
            if missing:
                raise ValueError(
                    f"the step {step.name} needs what {', '.join(missing)} found; "
                    f"{_why_missing(missing, left_out, only)}"
                )
            if step.asks() and stage.load.has_current:
                raise ValueError(
                    f"the step {step.name} asks a person while {stage.load} flows; give it a load without current"
                )
        closed |= {step.name for step in stage.steps}
    return plan


def _check_limits(steps: list[Step], profile: Profile) -> None:
    """Every point must have a limit. Raises `ValueError` with all that have none."""
    wrong = []
    for step in steps:
        try:
            step.measurements()
        except ValueError as error:
            wrong.append(f"{step.title}: {error}")
    if wrong:
        raise ValueError(f"profile {profile.name}: {'; '.join(wrong)}")


def _reducing(step: Step, profile: Profile) -> LeftOut:
    return LeftOut(step.name, step.title, f"by the profile {profile.name}", reduces=True)


def _judges(step: Step) -> bool:
    """Whether a meter can fail it; one that only saves time is missed by nobody."""
    return any((each.lower, each.upper, each.expected) != (None, None, None) for each in step.measurements())


def _why_missing(missing: list[str], left_out: tuple[LeftOut, ...], only: str) -> str:
    reasons = [f"left out: {each}" for each in left_out if each.name in missing]
    if reasons:
        return "; ".join(reasons)
    return "ask for the whole sequence" if only else "put it into a later stage than those"


def no_bypass(positions: tuple[int, ...]) -> str:
    """Which positions have no contactor, in words."""
    return f"no bypass contactor at position{'s' * (len(positions) > 1)} {', '.join(map(str, positions))}"


def _left_out(name: str, steps: list[Step], profile: Profile, without_bypass: tuple[int, ...]) -> tuple[LeftOut, ...]:
    """What the profile does not want asked or has no wires for, and what the station cannot do."""
    optional = [step.name for step in steps if step.asks() or step.wired_to()]
    for each in profile.leave_out:
        if each not in optional:
            raise ValueError(
                f"profile {profile.name}: leave_out names {each!r}; the sequence {name} can leave out what asks a person and what "
                f"an ordered module needs wires for: {', '.join(optional) or 'nothing'}"
            )
    found = []
    for step in steps:
        if step.not_made():
            found.append(LeftOut(step.name, step.title, step.not_made()))
        elif step.name in profile.leave_out:
            found.append(LeftOut(step.name, step.title, f"by the profile {profile.name}"))
        elif step.needs_bypass and without_bypass:
            found.append(LeftOut(step.name, step.title, no_bypass(without_bypass)))
    return tuple(found)


def _stages(steps: list[Step]) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    for step in steps:
        rides = step.load is None and stages and not isinstance(step, LineStep)
        if rides and not isinstance(stages[-1].steps[-1], LineStep):
            stages[-1] = Stage(stages[-1].load, (*stages[-1].steps, step))
        else:
            load = step.load or (stages[-1].load if stages else OFF)
            stages.append(Stage(load, (step,)))
    return tuple(stages)


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _phasors(load: Load) -> dict[str, Any]:
    """The load for the hash: finer than any source sets it, coarser than the last bit in which two computers differ."""
    parts = {
        name: [round(part, 9) + 0.0 for phasor in phasors for part in (phasor.real, phasor.imag)]  # −0.0 reads as 0.0
        for name, phasors in (("u", load.u), ("i", load.i))
    }
    return {**parts, "frequency": load.frequency}


def _pairs(stages: tuple[Stage, ...]) -> list[tuple[Load, Load]]:
    loads = [OFF, *(stage.load for stage in stages)]
    return list(itertools.pairwise(loads))
