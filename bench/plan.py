"""A plan: sequence × type × profile, in stages, with its hash. Nothing is switched on by making one."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import asdict, dataclass
from typing import Any

from bench.profile import Profile
from bench.steps import LineStep, Sequence, Step
from drivers.load import OFF, Load
from drivers.power_source import Capabilities
from reference_meter import TypeNumber


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

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return tuple(step for stage in self.stages for step in stage.steps)

    def expected_seconds(self, settle: float) -> float:
        """Seconds the run takes on meters that work, with `settle` seconds after each change of load."""
        changes = sum(1 for before, after in _pairs(self.stages) if before != after)
        return sum(stage.duration() for stage in self.stages) + settle * changes

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
                }
                for stage in self.stages
                for step in stage.steps
            ],
        }

    def as_text(self) -> str:
        """The plan as one line of JSON with sorted keys: what the hash is taken of."""
        return json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def hash(self) -> str:
        """SHA-256 of the plan, hexadecimal."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()


def make_plan(name: str, sequence: Sequence, meter: TypeNumber, profile: Profile, only: str = "") -> Plan:
    """Build the steps and put them into stages. Raises `ValueError` for an unknown step in `only` and for names that stand twice.

    With `only`, gates before the step are kept: no meter sees a current before it has said what it is.
    """
    steps = sequence(meter, profile)
    doubled = sorted({step.name for step in steps if [other.name for other in steps].count(step.name) > 1})
    if doubled:
        raise ValueError(f"the sequence {name} has steps of the same name: {', '.join(doubled)}")
    if only:
        names = [step.name for step in steps]
        if only not in names:
            raise ValueError(f"the sequence {name} has no step {only!r}; it has: {', '.join(names)}")
        place = names.index(only)
        steps = [step for k, step in enumerate(steps) if k == place or (step.gate and k < place)]
    return Plan(name, meter, profile, _stages(steps))


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
