"""(d) Faults of fixture and bench: each ends the run BLOCKED, no meter passed and none failed; what the bench heals harms no meter.

All meters are good. A fault that begins in mid-run begins at the catalogue's time, then at times drawn over the sequence; one that
has a size is tried at the catalogue's default and at the smallest it claims, in turn.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator

from benchmarks.trusted.critical import LONG_LINE, MODULE_LINE, SCANNED_LINE
from benchmarks.trusted.judged import Judged, Task, benches
from benchmarks.trusted.production import Placed
from benchmarks.trusted.result import TYPES, Pool, Result
from drivers.simulated.faults import CATALOGUE, Fault

RUNS = 12
TITLE = "Faults of fixture and bench"
LATEST_S = 400.0
"""The accuracy points of a three-phase meter are under way until then."""
NOBODY_ASKED_FROM_S = 110.0
"""Whatever is asked about twelve meters has been answered by then: a step that asks is not repeated, so nothing heals in it."""


def run(pool: Pool, *, quick: bool) -> Result:
    """Put each of them into lines of good meters."""
    faults = [each for each in CATALOGUE.values() if each.family != "meter" or each.ends != "FAIL"]
    return _result(pool([task for fault in faults for task in _tasks(fault, 1 if quick else RUNS, quick=quick)]))


def _tasks(fault: Fault, runs: int, *, quick: bool) -> Iterator[Task]:
    kind = TYPES[0].replace("-OK-", f"-{fault.module.split()[0]}-") if fault.module else TYPES[0]
    positions = _positions(fault, quick=quick)
    meters = (Placed(0.05, scattered=True),) * positions
    for number, seed in enumerate(benches(runs, "d", fault.name), start=1):
        rng = random.Random(f"bench:{fault.name}:{seed}")
        faults = (_typed(fault, number, positions, rng),)
        scanned = "serials" in fault.name
        yield Task("d", seed, kind, meters, fault.sequence, faults=faults, scanned=scanned, key=fault.name)


def _positions(fault: Fault, *, quick: bool) -> int:
    """As many as the fault leaves room for: only a scanning head sees a slow edge."""
    if fault.module:
        return MODULE_LINE
    return SCANNED_LINE if quick or fault.name == "slow-edge" else LONG_LINE


def _typed(fault: Fault, number: int, positions: int, rng: random.Random) -> str:
    """As `--fault` takes it: at the default first, then elsewhere, later, or as small as the catalogue claims."""
    value = (fault.default, *fault.smallest)[(number - 1) % (1 + len(fault.smallest))]
    heals = fault.ends == "COMPLETE"
    if fault.unit == "s" and (heals or number > 1):
        value = f"{rng.uniform(NOBODY_ASKED_FROM_S if heals else 1.0, LATEST_S):.1f}s"
    where = "line" if fault.family == "bench" else str(rng.randrange(1, positions + 1))
    return f"{where}:{fault.name}" + (f"={value}" if value else "")


def _result(found: Iterable[Judged]) -> Result:
    result = Result("d", TITLE)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    """By fault: runs, ended as the catalogue says, runs with a meter passed that was not to be, runs with one failed."""
    for judged in found:
        fault, task = CATALOGUE[judged.task.key], judged.task
        heals = fault.ends == "COMPLETE"
        right = judged.ending == fault.ends and (not heals or set(judged.verdicts) == {"PASS"})
        passed = not heals and not {"PASS", "MARGINAL"}.isdisjoint(judged.verdicts)
        failed = "FAIL" in judged.verdicts
        for k, holds in enumerate((True, right, passed, failed)):
            counts[fault.name][k] += holds
        where = f"seed {task.seed}, {task.faults[0]}"
        result.expect(right, f"{where}: {judged.ending}, not {fault.ends}; {judged.reason}")
        result.expect(not passed, f"{where}: meters were passed")
        blamed = sorted({step for each in judged.failed for step in each})
        result.expect(not failed, f"{where}: meters were failed, at {', '.join(blamed)}")
    rows = [[name, CATALOGUE[name].ends, *figures] for name, figures in counts.items()]
    total = [sum(each[k] for each in counts.values()) for k in range(4)]
    result.table(["fault", "must end", "runs", "did", "meters passed", "meters failed"], [*rows, ["all", "", *total]])
    result.figures = {
        "faults": len(counts),
        "runs": total[0],
        "right": total[1],
        "passed": total[2],
        "failed": total[3],
    }
    return result
