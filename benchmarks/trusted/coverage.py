"""(e) Coverage: how often the true error lies within the stated U, with all that the budget calls uncertain redrawn a run.

Reference, circuit, certificates and leads are the line's; jitter, quantum and its phase, ripple and temperature coefficient the
meter's; the room is anywhere from 18 to 28 °C. u must not be large for safety's sake either: at most 1.5 times the rms that is seen.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable

from benchmarks.trusted.chances import Share, share
from benchmarks.trusted.judged import POSITIONS, Judged, Stated, Task, benches
from benchmarks.trusted.limits import points
from benchmarks.trusted.production import Placed
from benchmarks.trusted.result import TYPES, Pool, Result, at_least, percent

COVERED, LARGEST_RATIO = 0.94, 1.5
ROOM_C = (18.0, 28.0)
TITLE = "Coverage of the stated uncertainty"
COVERAGE_FACTOR = 2.0
"""The record states U = 2 u."""


def run(pool: Pool, *, quick: bool) -> Result:
    """Judge good meters and compare what is stated with what is true."""
    types = TYPES[:1] + TYPES[3:4] if quick else TYPES
    runs = 8 if quick else 150
    return _result(pool([_task(kind, seed) for kind in types for seed in benches(runs, "e", kind)]), types, quick=quick)


def _task(kind: str, seed: int) -> Task:
    rng = random.Random(f"coverage:{kind}:{seed}")
    meters = tuple(Placed(rng.gauss(0.05, 0.15), scattered=True) for _ in range(POSITIONS))
    return Task("e", seed, kind, meters, room_c=round(rng.uniform(*ROOM_C), 2))


class _Cell:
    """One point of one type."""

    def __init__(self) -> None:
        self.clusters: list[tuple[int, int]] = []
        self.seen: list[Stated] = []

    def take(self, found: list[Stated]) -> None:
        self.clusters.append((sum(abs(each.error - each.truth) <= each.uncertainty for each in found), len(found)))
        self.seen += found

    @property
    def covered(self) -> Share:
        return share(self.clusters)

    @property
    def rms(self) -> float:
        return math.sqrt(math.fsum((each.error - each.truth) ** 2 for each in self.seen) / len(self.seen))

    @property
    def u(self) -> float:
        return math.sqrt(math.fsum(each.uncertainty**2 for each in self.seen) / len(self.seen)) / COVERAGE_FACTOR

    @property
    def ratio(self) -> float:
        return self.u / self.rms


def _result(found: Iterable[Judged], types: tuple[str, ...], *, quick: bool) -> Result:
    result = Result("e", TITLE)
    cells: dict[tuple[str, str], _Cell] = defaultdict(_Cell)
    for judged in found:
        kind = judged.task.type_number
        result.expect(judged.ending == "COMPLETE", f"seed {judged.task.seed}, {kind}: {judged.reason}")
        for step in points(kind):
            cells[kind, step].take([each[step] for each in judged.points if step in each])
    rows = []
    for kind in types:
        for step in points(kind):
            cell = cells[kind, step]
            if not cell.seen:
                result.expect(False, f"{kind}, {step}: never measured")
                continue
            spread = (f"{cell.u:.4f}", f"{cell.rms:.4f}", f"{cell.ratio:.2f}")
            rows.append([kind, step.removeprefix("accuracy-"), len(cell.seen), percent(cell.covered, 1), *spread])
            name = f"{step} of {kind}"
            result.expect(at_least(cell.covered, COVERED, quick=quick), f"{name}: {percent(cell.covered, 1)} covered")
            result.expect(
                cell.ratio <= LARGEST_RATIO * (1.25 if quick else 1.0),
                f"{name}: u is {cell.ratio:.2f} times the rms seen",
            )
    result.table(["type", "point", "errors", "within U", "u stated, %", "rms seen, %", "u ÷ rms"], rows)
    seen = [cell for cell in cells.values() if cell.seen]
    result.figures = {
        "errors": sum(len(cell.seen) for cell in seen),
        "least_coverage": round(min(cell.covered.estimate for cell in seen), 4),
        "largest_ratio": round(max(cell.ratio for cell in seen), 3),
        "smallest_ratio": round(min(cell.ratio for cell in seen), 3),
    }
    return result
