"""(a) The operating characteristic of the accuracy points: how often a meter is accepted whose true error lies at, above, below the limit.

U is what the record states at the point for meters at the limit, the retest included: pilot runs find it. Each run tests one
point on a bench of its own, six meters above and six below zero.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable

from benchmarks.trusted.chances import Share, share
from benchmarks.trusted.judged import POSITIONS, Judged, Task, benches
from benchmarks.trusted.limits import limit_percent, points
from benchmarks.trusted.production import Placed
from benchmarks.trusted.result import TYPES, Pool, Result, at_least, at_most, percent

AT_LIMIT, ABOVE, BELOW = 0.025, 0.001, 0.97
"""Accepted at most so often at the limit and at limit + U, and at least so often at limit − 2U."""
BUDGETS = {0.0: AT_LIMIT, 1.0: ABOVE, -2.0: BELOW}
SWEEP = (-3.0, -1.5, -1.0, -0.5, 0.5)
"""More places, in U above the limit: for the table alone."""
PILOTS = 3
"""Runs a point that find U."""
TITLE = "Operating characteristic of the accuracy points"

Uncertainties = dict[tuple[str, str], float]
"""U in % by type and point."""
_found_before: Uncertainties = {}
"""What the pilots found for another part."""


def run(pool: Pool, *, quick: bool) -> Result:
    """Place meters around the limit and count who is accepted."""
    types = TYPES[:1] + TYPES[3:4] if quick else TYPES
    runs, sweep = (2, ()) if quick else (70, SWEEP)
    stated = uncertainties(pool, types)
    tasks = [task for at in BUDGETS for task in _tasks(stated, at, runs)]
    tasks += [task for at in sweep for task in _tasks(stated, at, 12)]
    return _result(pool(tasks), stated, quick=quick)


def uncertainties(pool: Pool, types: Iterable[str]) -> Uncertainties:
    """The median U that records state for meters whose true error stands at the limit."""
    types = tuple(types)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    tasks = [
        Task("pilot", seed, kind, _around(limit_percent(kind, step), step), only=step)
        for kind in types
        if (kind, points(kind)[0]) not in _found_before
        for step in points(kind)
        for seed in benches(PILOTS, "pilot", kind, step)
    ]
    for judged in pool(tasks):
        for position in judged.points:
            for step, stated in position.items():
                found[judged.task.type_number, step].append(stated.uncertainty)
    _found_before.update({where: statistics.median(each) for where, each in found.items()})
    return {(kind, step): _found_before[kind, step] for kind in types for step in points(kind)}


def _around(size: float, step: str) -> tuple[Placed, ...]:
    return tuple(Placed(size if k % 2 else -size, step) for k in range(POSITIONS))


def _tasks(stated: Uncertainties, at: float, runs: int) -> list[Task]:
    return [
        Task("a", seed, kind, _around(limit_percent(kind, step) + at * u, step), only=step, key=f"{at:g}")
        for (kind, step), u in stated.items()
        for seed in benches(runs, "a", kind, step, at)
    ]


def _result(found: Iterable[Judged], stated: Uncertainties, *, quick: bool) -> Result:
    result = Result("a", TITLE)
    clusters: dict[tuple[str, str, float], list[tuple[int, int]]] = defaultdict(list)
    for judged in found:
        task = judged.task
        result.expect(
            judged.ending == "COMPLETE", f"seed {task.seed}, {task.type_number}, {task.only}: {judged.reason}"
        )
        seen = [each[task.only] for each in judged.points if task.only in each]
        result.expect(
            len(seen) == len(task.meters), f"seed {task.seed}, {task.type_number}, {task.only}: not all judged"
        )
        clusters[task.type_number, task.only, float(task.key)].append((sum(e.accepted for e in seen), len(seen)))
    places = sorted({at for _, _, at in clusters})
    steps = list(dict.fromkeys(step for _, step in stated))

    def among(step: str | None, at: float, kind: str | None = None) -> Share:
        return share(
            [
                each
                for (k, s, a), some in clusters.items()
                if a == at and step in (None, s) and kind in (None, k)
                for each in some
            ]
        )

    result.table(
        ["point", "U, % of the types", *(f"limit {at:+g} U" if at else "limit" for at in places), "tries at the limit"],
        [
            [
                step.removeprefix("accuracy-"),
                " ".join(sorted({f"{u:.3f}" for (_, s), u in stated.items() if s == step})),
                *(percent(among(step, at)) for at in places),
                among(step, 0.0).tries,
            ]
            for step in steps
        ]
        + [["all", "", *(percent(among(None, at)) for at in places), among(None, 0.0).tries]],
    )
    result.lines.append(
        "Accepted, with the 95 % interval of Wilson for as many tries as are independent (meters of a run share a bench)."
    )
    exact = among(None, 0.0).clopper_pearson
    result.lines.append(f"At the limit, all points, Clopper-Pearson: {100 * exact[0]:.2f} to {100 * exact[1]:.2f} %.")
    for at, budget in BUDGETS.items():
        holds = at_least if at == -2.0 else at_most
        for step in steps:
            of_point = among(step, at)
            sentence = f"{step} at limit {at:+g} U: accepted {percent(of_point)}, budget {100 * budget:g} %"
            result.expect(holds(of_point, budget, quick=quick), sentence)
            for kind in sorted({k for k, s in stated if s == step}):
                cell = among(step, at, kind)
                sentence = f"{step} of {kind} at limit {at:+g} U: accepted {percent(cell)}, budget {100 * budget:g} %"
                result.expect(holds(cell, budget, quick=True), sentence)
        result.figures[f"accepted_at_{at:+g}_u"] = round(among(None, at).estimate, 5)
    result.figures["tries"] = sum(among(None, at).tries for at in places)
    return result
