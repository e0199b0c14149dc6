"""Whether the bench can be trusted: whole simulated runs, twelve meters at once, judged by an oracle that knows every true error.

    python benchmarks/trust.py [--quick] [--part a] [--part b] … [--processes N]

(a) operating characteristic of the accuracy points, (b) escapes of faults at their critical size, (c) overkill of a production,
(d) faults of fixture and bench, (e) coverage of the stated uncertainty. The oracle's limits are typed from the norm once more, and it
shares no code with the bench's accuracy; the bench is asked through its engine alone. Every seed is fixed. It prints a table a part,
then each budget that does not hold, ends with one line of JSON, and exits 0 only if all hold. --quick is a slice of each part.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[0] = str(ROOT)  # this folder's own reference_meter.py would hide the meter's
sys.path.append(str(ROOT / "benchmarks" / "trusted"))  # where the sequence of accuracy points is announced

from benchmarks.trusted import bench_faults, coverage, escapes, operating_characteristic, overkill  # noqa: E402  # see above
from benchmarks.trusted.judged import Judged, Task, judge, settle_in  # noqa: E402
from benchmarks.trusted.result import Pool, Result  # noqa: E402

PARTS: dict[str, Callable[..., Result]] = {
    "a": operating_characteristic.run,
    "b": escapes.run,
    "c": overkill.run,
    "d": bench_faults.run,
    "e": coverage.run,
}
MOST_TOLD = 40
"""Sentences on broken budgets that are printed of one part."""


def main(parts: Sequence[str], processes: int, *, quick: bool) -> int:
    """Make the parts with so many processes; 0 when all their budgets hold."""
    figures: dict[str, object] = {"quick": quick}
    broken = 0
    with tempfile.TemporaryDirectory() as home, _workers(home, processes) as workers:
        for part in parts:
            began = time.monotonic()
            result = PARTS[part](_pool(workers), quick=quick)
            print(f"## ({part}) {result.title}\n")
            print("\n".join(result.lines))
            for sentence in result.broken[:MOST_TOLD]:
                print(f"BROKEN {sentence}")
            if len(result.broken) > MOST_TOLD:
                print(f"BROKEN and {len(result.broken) - MOST_TOLD} more")
            took = round(time.monotonic() - began, 1)
            print(f"{len(result.broken)} broken, {took} s\n", flush=True)
            figures[part] = {**result.figures, "broken": len(result.broken), "seconds": took}
            broken += len(result.broken)
    print(json.dumps(figures))
    return 1 if broken else 0


def _workers(home: str, processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), settle_in, (home,))


def _pool(workers: ProcessPoolExecutor) -> Pool:
    def judged(tasks: Sequence[Task]) -> Iterable[Judged]:
        return workers.map(judge, tasks, chunksize=max(1, min(8, len(tasks) // 8)))

    return judged


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--part", action="append", choices=list(PARTS))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    sys.exit(main(given.part or list(PARTS), given.processes, quick=given.quick))
