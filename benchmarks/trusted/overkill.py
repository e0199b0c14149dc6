"""(c) Overkill: good meters that are rejected, among 10,000 of a production N(0.05 %, 0.30 %), against what the guard band must cost.

Each meter has the same true error at every point, and is of class 1: of class 2 this production has none near its limits. Nobody whose
true error lies 3 U inside every limit may be rejected.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

from benchmarks.trusted import operating_characteristic, truth
from benchmarks.trusted.chances import quantile
from benchmarks.trusted.guard_band import Guarded, overkill
from benchmarks.trusted.judged import POSITIONS, Judged, Task, benches
from benchmarks.trusted.limits import accuracy_class, limit_percent
from benchmarks.trusted.operating_characteristic import Uncertainties
from benchmarks.trusted.production import Placed
from benchmarks.trusted.result import TYPES, Pool, Result

MEAN, DEVIATION = 0.05, 0.30
"""The production, %."""
TITLE = "Overkill of a production N(0.05 %, 0.30 %)"
METERS = 10_000


def run(pool: Pool, *, quick: bool) -> Result:
    """Judge a production at all its points."""
    types = TYPES[:1] if quick else tuple(kind for kind in TYPES if accuracy_class(kind) == 1)
    meters = 120 if quick else METERS
    stated = operating_characteristic.uncertainties(pool, types)
    return _result(pool(_tasks(types, meters)), stated)


def _tasks(types: tuple[str, ...], meters: int) -> list[Task]:
    runs = -(-meters // (POSITIONS * len(types)))
    return [_task(kind, seed) for kind in types for seed in benches(runs, "c", kind)]


def _task(kind: str, seed: int) -> Task:
    rng = random.Random(f"overkill:{kind}:{seed}")
    return Task("c", seed, kind, tuple(Placed(rng.gauss(MEAN, DEVIATION)) for _ in range(POSITIONS)))


def _result(found: Iterable[Judged], stated: Uncertainties) -> Result:
    result = Result("c", TITLE)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    """By type: meters, rejected though good, bad by the norm, accepted though bad, rejected though 3 U inside."""
    for judged in found:
        kind = judged.task.type_number
        result.expect(judged.ending == "COMPLETE", f"seed {judged.task.seed}, {kind}: {judged.reason}")
        guards = {step: u for (k, step), u in stated.items() if k == kind}
        for placed, verdict, failed in zip(judged.task.meters, judged.verdicts, judged.failed, strict=True):
            errors = dict.fromkeys(guards, placed.percent)
            good, rejected = truth.is_good(kind, errors), verdict == "FAIL"
            safe = all(abs(placed.percent) <= limit_percent(kind, step) - 3 * u for step, u in guards.items())
            facts = (True, rejected and good, not good, not good and not rejected, rejected and safe)
            counts[kind] = [before + fact for before, fact in zip(counts[kind], facts, strict=True)]
            result.expect(
                not (rejected and safe),
                f"seed {judged.task.seed}, {kind}: true error {placed.percent:+.3f} % rejected by {', '.join(failed)}",
            )
    rows, fewest, most = [], 0.0, 0.0
    for kind, (meters, lost, bad, escaped, unsafe) in counts.items():
        predicted = overkill(
            MEAN, DEVIATION, [Guarded(limit_percent(k, s), u) for (k, s), u in stated.items() if k == kind]
        )
        fewest += meters * predicted.fewest
        most += meters * predicted.most
        expected = f"{meters * predicted.fewest:.1f} to {meters * predicted.most:.1f}"
        rows.append([kind, meters, lost, expected, bad, escaped, unsafe])
    total = [sum(each[k] for each in counts.values()) for k in range(5)]
    low, high = _band(total[0], fewest, most)
    rows.append(["all", total[0], total[1], f"{fewest:.1f} to {most:.1f}; 99 %: {low} to {high}", *total[2:]])
    result.table(
        [
            "type",
            "meters",
            "good and rejected",
            "predicted",
            "bad by the norm",
            "bad and accepted",
            "3 U inside and rejected",
        ],
        rows,
    )
    result.expect(
        low <= total[1] <= high,
        f"{total[1]} good meters of {total[0]} rejected; the guard band predicts {low} to {high}",
    )
    result.figures = {
        "meters": total[0],
        "overkill": total[1],
        "predicted": [low, high],
        "bad": total[2],
        "bad_accepted": total[3],
    }
    result.figures["rejected_3u_inside"] = total[4]
    return result


def _band(meters: int, fewest: float, most: float) -> tuple[int, int]:
    """What 99 of 100 such productions would show, whatever the points have in common."""
    return quantile(0.005, meters, fewest / meters), quantile(0.995, meters, most / meters)
