"""What changed between two plans: steps, limits and seconds, and for each percentage error the accept limit, yield and consumer's risk.

A pure function of two plan documents as `bench plan --json` prints them and a run keeps them, whichever version wrote the older one.
"""

from __future__ import annotations

import difflib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bench.accuracy import budget, periods_needed
from bench.decision import guard
from bench.measurements import Declared, limit_in_words
from bench.profile import Profile
from bench.yield_and_risk import TYPICAL, consumers_risk, expected_yield
from drivers.load import Load


class NoPlan(Exception):
    """A document that is no plan. The message says what is wrong with it."""


@dataclass(frozen=True)
class Reckoned:
    """What the uncertainties of both plans are reckoned with: half-widths as a station declares them."""

    settle: float
    """Seconds after a change of load."""
    reference_percent: float
    circuit_percent: float
    circuit_mrad: float


@dataclass(frozen=True)
class _Step:
    name: str
    gate: bool
    load: str
    rides: bool
    seconds: float
    asks: Any
    measurements: Mapping[str, Declared]
    phasors: Load


@dataclass(frozen=True)
class _Plan:
    sequence: str
    type_number: str
    profile: Profile
    steps: tuple[_Step, ...]

    def seconds(self, settle: float) -> float:
        """Steps that ride along take no time of their own beside a longer one."""
        stages: list[list[_Step]] = []
        for step in self.steps:
            if step.rides and stages:
                stages[-1].append(step)
            else:
                stages.append([step])
        loads = ["off", *(stage[0].load for stage in stages)]
        changes = sum(before != after for before, after in itertools.pairwise(loads))
        return sum(max(step.seconds for step in stage) for stage in stages) + self.profile.settling(settle) * changes


def plan_diff(old_text: str, new_text: str, reckoned: Reckoned) -> list[str]:
    """The changes from the plan of one JSON text to another, a line each; empty where there are none. Raises `NoPlan`."""
    old, new = _read(old_text), _read(new_text)
    lines = [
        f"{what}: {before} → {after}"
        for what, before, after in (
            ("sequence", old.sequence, new.sequence),
            ("type", old.type_number, new.type_number),
            *(
                (f"profile {f.name}", getattr(old.profile, f.name), getattr(new.profile, f.name))
                for f in fields(Profile)
            ),
        )
        if before != after
    ]
    before = {step.name: step for step in old.steps}
    after = {step.name: step for step in new.steps}
    lines += [f"step gone: {name}" for name in before if name not in after]
    lines += [f"step added: {name}" for name in after if name not in before]
    lines += [f"step moved: {name}" for name in _moved(list(before), list(after))]
    for name, step in after.items():
        if name in before:
            lines += _step(before[name], step, old.profile, new.profile, reckoned)
    then, now = old.seconds(reckoned.settle), new.seconds(reckoned.settle)
    if round(then) != round(now):
        lines.append(f"seconds of the run: {then:.0f} → {now:.0f}")
    return lines


def _step(old: _Step, new: _Step, before: Profile, after: Profile, reckoned: Reckoned) -> list[str]:
    lines = [
        f"{new.name}  {what}: {was} → {now}"
        for what, was, now in (
            ("load", old.load, new.load),
            ("gate", old.gate, new.gate),
            ("seconds", f"{old.seconds:.0f}", f"{new.seconds:.0f}"),
        )
        if was != now
    ]
    if old.asks != new.asks:
        lines.append(f"{new.name}  asks a person otherwise")
    for name in [*old.measurements, *(each for each in new.measurements if each not in old.measurements)]:
        was, now = old.measurements.get(name), new.measurements.get(name)
        if was is None or now is None:
            lines.append(f"{new.name}  {name}: {'added' if was is None else 'gone'}")
            continue
        first = _accepted(was, old.phasors, before, reckoned)
        second = _accepted(now, new.phasors, after, reckoned)
        if was == now and first == second:
            continue
        words = (limit_in_words(was), limit_in_words(now))
        changed = f"limit {words[0]} → {words[1]}" if words[0] != words[1] else f"limit {words[0]}"
        if first is not None and second is not None:
            changed += (
                f"; accepted up to ±{first.limit:.3f} → ±{second.limit:.3f} %; "
                f"yield {first.share * 100:.3f} → {second.share * 100:.3f} %; "
                f"consumer's risk {_ppm(first.risk)} → {_ppm(second.risk)} ppm"
            )
        elif words[0] == words[1]:
            changed = "declared otherwise"
        lines.append(f"{new.name}  {name}: {changed}")
    return lines


def _ppm(share: float) -> str:
    return f"{share * 1e6:.3g}" if share >= 1e-9 else "< 0.001"


@dataclass(frozen=True)
class _Accepted:
    limit: float
    """Limit less expanded uncertainty, %."""
    share: float
    risk: float


def _accepted(declared: Declared, load: Load, profile: Profile, reckoned: Reckoned) -> _Accepted | None:
    """Of a guarded percentage error; None for anything else, a variation of the error too: how those spread is not known."""
    if (
        declared.name != "error"
        or not declared.guarded
        or declared.unit != "%"
        or declared.upper is None
        or load.total_power <= 0.0
    ):
        return None
    parts = budget(
        load,
        periods_needed(load, declared.upper, profile),
        reference_percent=reckoned.reference_percent,
        circuit_percent=reckoned.circuit_percent,
        circuit_mrad=reckoned.circuit_mrad,
        profile=profile,
    )
    accept = declared.upper - guard(
        profile.coverage_factor * parts.combined, profile.guard_factor, declared.tighten_above
    )
    norm = declared.upper / profile.limit_factor  # a meter between a tightened limit and the norm's is a good one
    return _Accepted(
        accept,
        expected_yield(TYPICAL, accept, parts.combined),
        consumers_risk(TYPICAL, norm, accept, parts.combined),
    )


def _moved(old: list[str], new: list[str]) -> list[str]:
    """The steps of both plans that stand in another order, as few as explain it."""
    first, second = [name for name in old if name in new], [name for name in new if name in old]
    blocks = difflib.SequenceMatcher(a=first, b=second, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in first[block.a : block.a + block.size]}
    return [name for name in second if name not in stayed]


def _read(text: str) -> _Plan:
    try:
        document = json.loads(text)
        profile = Profile.from_json(document["profile"])
        steps = tuple(_read_step(step) for step in document["steps"])
        return _Plan(document["sequence"], document["type"], profile, steps)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoPlan(f"it is no plan that this software understands ({type(error).__name__}: {error})") from None


def _read_step(step: dict[str, Any]) -> _Step:
    def phasors(name: str) -> tuple[complex, complex, complex]:
        parts = step["phasors"][name]
        return (complex(*parts[0:2]), complex(*parts[2:4]), complex(*parts[4:6]))

    return _Step(
        name=step["name"],
        gate=step["gate"],
        load=step["load"],
        rides=step["rides"],
        seconds=float(step["seconds"]),
        asks=step.get("asks", []),
        measurements={each["name"]: Declared(**each) for each in step["measurements"]},
        phasors=Load(phasors("u"), phasors("i"), step["phasors"]["frequency"]),
    )
