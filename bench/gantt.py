"""A plan over its seconds as text: a row a step, so that a person sees what rides along with what. A pure function of plan and width."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from bench.plan import Plan
from bench.steps import Step
from drivers.load import OFF

WIDTH = 100
"""Columns where no terminal says how many it has."""
_NARROWEST = 10
"""Columns of the bars at least."""
BARS = "█▒"
"""A step that asks for the load, and one that rides along."""
PLAIN_BARS = "#="
"""The same where a terminal has no blocks."""


@dataclass(frozen=True)
class Span:
    """When a step is made, s since the plan began, on meters that work."""

    step: Step
    begins: float
    ends: float
    rides: bool
    """Whether it takes the load of the step before it."""


def spans(plan: Plan, settle: float) -> Iterator[Span]:
    """Each step with its time; `settle` seconds pass after each change of load."""
    now = 0.0
    for before, stage in itertools.pairwise([None, *plan.stages]):
        assert stage is not None  # only the first of the pairs has None, and in front
        if stage.load != (before.load if before is not None else OFF):
            now += plan.profile.settling(settle)
        for k, step in enumerate(stage.steps):
            yield Span(step, now, now + step.duration(), rides=k > 0)
        now += stage.duration()


def gantt(plan: Plan, settle: float, width: int = WIDTH, bars: str = BARS) -> list[str]:
    """The chart, a line a step below a line that says how many seconds the columns span. No line is longer than `width`."""
    rows = list(spans(plan, settle))
    total = max((each.ends for each in rows), default=0.0)
    labels = [f"{k:>2} {each.step.title}" for k, each in enumerate(rows, start=1)]
    room = min(max(map(len, labels), default=0), max(0, width - _NARROWEST - 2))
    columns = max(_NARROWEST, width - room - 2)
    lines = [f"{'':{room}}  0{f'{total:.0f} s':>{columns - 1}}"]
    for label, each in zip(labels, rows, strict=True):
        first = min(columns - 1, int(each.begins / total * columns)) if total else 0
        last = max(first + 1, math.ceil(each.ends / total * columns - 1e-9)) if total else 1
        lines.append(f"{_cut(label, room):{room}}  {'':{first}}{bars[each.rides] * (last - first)}")
    return lines


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(0, room - 1)] + "."
