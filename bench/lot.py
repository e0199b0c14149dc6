"""The lot of one order: which of its meters were inspected, which do not conform, and whether that accepts it. No I/O.

A sample is what was inspected first: a meter that failed cannot be tested until it passes. In 100 % inspection each meter counts as it
was found last, for one that was mended may be presented again; that it failed before is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bench.record import Run
from bench.sampling import SamplingPlan
from bench.verdict import Ending, Verdict

SEQUENCE = "acceptance"
"""The sequence that inspects."""


class State(StrEnum):
    """What may be said of the lot."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    CONTINUE = "CONTINUE"
    """More meters must be inspected."""


@dataclass(frozen=True)
class Inspected:
    """One meter, inspected by one run."""

    serial: str
    conforms: bool
    run: str
    profile: str = ""
    """The profile's name."""
    plan_hash: str = ""


@dataclass(frozen=True)
class PlanUsed:
    """A plan by which meters of the lot were inspected."""

    profile: str
    plan_hash: str
    runs: tuple[str, ...]
    """Ids."""
    inspected: int
    conforming: int


@dataclass(frozen=True)
class LotResult:
    """The lot as it stands."""

    state: State
    inspected: tuple[Inspected, ...]
    """The meters that count, in the order of their inspection."""
    wanted: int
    """Meters of the sample that is under way, or of the whole lot."""
    surplus: int
    """Meters inspected beyond the sample, which count for nothing."""
    failed_besides: tuple[Inspected, ...] = ()
    """Failures of meters that count as conforming by another run."""
    plans: tuple[PlanUsed, ...] = ()
    """By which plans all inspections were made, those that do not count among them."""

    @property
    def nonconforming(self) -> tuple[Inspected, ...]:
        """Those that failed."""
        return tuple(each for each in self.inspected if not each.conforms)


def inspected_by(run: Run, steps: Iterable[str]) -> tuple[tuple[Inspected, ...], str]:
    """The meters that a run has inspected, and why it counts for fewer than it held; `steps` are those of a whole inspection.

    A meter that failed is non-conforming whatever ended the run. One that did not fail conforms when the run is complete.
    """
    made = {step["name"] for step in json.loads(run.plan).get("steps", ())}
    missing = [step for step in steps if step not in made]
    if missing:
        failed = [
            each.serial or f"position {each.position}"
            for each in run.meters
            if run.verdict(each.position) is Verdict.FAIL
        ]
        told = f"; {', '.join(failed)} failed in it" if failed else ""
        return (), f"run {run.id[:8]} is no whole inspection: it did not make {', '.join(missing)}{told}"
    profile = str(json.loads(run.plan).get("profile", {}).get("name", ""))
    found, unnamed, unjudged = [], 0, 0
    for meter in run.meters:
        verdict = run.verdict(meter.position)
        if not meter.serial:
            unnamed += 1
        elif verdict is Verdict.FAIL:
            found.append(Inspected(meter.serial, False, run.id, profile, run.plan_hash))
        elif run.ending is Ending.COMPLETE and verdict is not Verdict.NONE:
            found.append(Inspected(meter.serial, True, run.id, profile, run.plan_hash))
        else:
            unjudged += 1
    why = [f"{unnamed} without a serial number"] if unnamed else []
    why += [f"{unjudged} without a verdict"] if unjudged else []
    return tuple(found), f"run {run.id[:8]} has meters that do not count: {', '.join(why)}" if why else ""


def judge(lot: int, inspections: Iterable[Inspected], plan: SamplingPlan | None) -> LotResult:
    """The state of a lot of `lot` meters, from its inspections in their order; without a plan each meter is inspected."""
    every = tuple(inspections)
    result = _state(lot, every, plan)
    conforming = {each.serial for each in result.inspected if each.conforms}
    besides = tuple(each for each in every if not each.conforms and each.serial in conforming)
    return replace(result, failed_besides=besides, plans=_plans(every))


def _state(lot: int, inspections: Iterable[Inspected], plan: SamplingPlan | None) -> LotResult:
    meters: dict[str, Inspected] = {}
    for each in inspections:
        if plan is None or each.serial not in meters:
            meters[each.serial] = each
    if len(meters) > lot:
        raise ValueError(f"{len(meters)} meters were inspected, and the lot has {lot}")
    if plan is None:
        return _every_meter(lot, tuple(meters.values()))
    everybody = tuple(meters.values())
    first = everybody[: plan.first]
    bad = _bad(first)
    if bad > plan.largest:
        return LotResult(State.REJECT, first, plan.first, len(everybody) - len(first))
    if len(first) < plan.first:
        return LotResult(State.CONTINUE, first, plan.first, 0)
    if bad <= plan.accept:
        return LotResult(State.ACCEPT, first, plan.first, len(everybody) - len(first))
    both = everybody[: plan.first + plan.second]
    surplus = len(everybody) - len(both)
    state = State.REJECT if _bad(both) > plan.accept_both else State.ACCEPT
    if state is State.ACCEPT and len(both) < plan.first + plan.second:
        state = State.CONTINUE
    return LotResult(state, both, plan.first + plan.second, surplus)


def _every_meter(lot: int, meters: tuple[Inspected, ...]) -> LotResult:
    state = State.CONTINUE if len(meters) < lot else State.REJECT if _bad(meters) else State.ACCEPT
    return LotResult(state, meters, lot, 0)


def _plans(inspections: Iterable[Inspected]) -> tuple[PlanUsed, ...]:
    by_plan: dict[str, list[Inspected]] = {}
    for each in inspections:
        by_plan.setdefault(each.plan_hash, []).append(each)
    return tuple(
        PlanUsed(
            some[0].profile, plan, tuple(dict.fromkeys(each.run for each in some)), len(some), len(some) - _bad(some)
        )
        for plan, some in by_plan.items()
    )


def _bad(meters: Iterable[Inspected]) -> int:
    return sum(1 for each in meters if not each.conforms)
