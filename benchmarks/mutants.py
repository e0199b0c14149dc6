"""How many wrong benches and wrong meters the tests catch: each limit, sign, comparison and condition changed, one at a time.

`python benchmarks/mutants.py [--quick] [--jobs N] [TARGET or FILE …]` tries `reference_meter/`, the measurement chain of `bench/`
and `sequences/`, or the files named. First all tests run once and tell which function each runs through; a mutant then meets those
that run through its own, in a process of its own. `--quick` takes a seeded slice (of files named, all), and the quick tests alone.
Survivors are listed with the reason why each may live; a line of JSON comes last, and the exit code is 0 only if each target's budget
holds.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import io
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
sys.path[:1] = [
    str(ROOT),
    str(Path(__file__).parent / "mutation"),
]  # this folder's reference_meter.py would hide the meter's

import pytest  # noqa: E402
from changes import Mutant, mutants_of  # noqa: E402
from covering import OPTIONS, Covering, Only, import_all, record, touched_by  # noqa: E402
from equivalents import changes_nothing, reason  # noqa: E402

SECONDS_A_MUTANT = 60
"""A mutant that runs longer hangs, and what hangs is noticed: it counts as killed."""
TESTS_SECONDS, QUICK_TESTS_SECONDS = 12.0, 1.0
"""So much time of tests a mutant meets at most."""
SEED = 382


@dataclass(frozen=True)
class Target:
    """Modules that belong together, the tests that must kill their mutants, and how many of them at least."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    budget_percent: float
    """Of the mutants that are not known to change nothing."""
    quick_budget_percent: float
    """The same of the slice, which only the quick tests meet."""
    slice: int | None
    """How many mutants `--quick` takes; None for all."""

    def mutants(self) -> list[Mutant]:
        """Every mutant of its modules."""
        return [mutant for path in self.paths() for mutant in mutants_of(path)]

    def paths(self) -> list[Path]:
        """Its modules."""
        return sorted({path for module in self.modules for path in ROOT.glob(module)})

    def of(self, files: Sequence[str]) -> Target:
        """The same of these files alone, none of their mutants left out."""
        return replace(self, modules=tuple(files), slice=None)


TARGETS = (
    Target("reference_meter", ("reference_meter/*.py",), ("tests/reference_meter/",), 80.0, 75.0, 40),
    Target(
        "bench",
        tuple(
            f"bench/{name}.py"
            for name in (
                *("accuracy", "decision", "pulse_error", "edge_fit", "norms", "measurements"),
                *("uncertainty_rule", "common_cause"),
            )
        ),
        ("tests/bench/", "tests/sequences/", "tests/end_to_end/"),
        100.0,
        95.0,
        30,
    ),
    Target(
        "sequences", ("sequences/*.py",), ("tests/bench/", "tests/sequences/", "tests/end_to_end/"), 100.0, 95.0, 30
    ),
)

QUICK_TESTS = (
    "tests/reference_meter",
    "tests/sequences",
    *(
        f"tests/bench/test_{name}.py"
        for name in (
            *("accuracy", "decision", "pulse_error", "edge_fit", "norms", "measurements", "uncertainty_rule"),
            *("common_cause", "climate", "load_points", "error_calculator", "plan"),
        )
    ),
)
FULL_TESTS = (
    *QUICK_TESTS,
    *(
        f"tests/end_to_end/test_{name}.py"
        for name in (
            *("eol", "faults", "audit", "acceptance", "logic", "golden", "modules", "prompts", "configuration_step"),
            *("bench_faults", "fixture_faults", "corrections", "dropping_out", "let_through", "replay"),
        )
    ),
)
"""The end-to-end tests that run in this process."""


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Puts the changed module in the place of the real one."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  # asked for by the import system
        target: ModuleType | None = None,  # noqa: ARG002  # likewise
    ) -> ModuleSpec | None:
        if fullname != self._mutant.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self._mutant.path))

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self._mutant.path)
        exec(compile(self._mutant.tree(), str(self._mutant.path), "exec"), module.__dict__)


def _run(mutant: Mutant, nodes: Sequence[str], stale: Iterable[str]) -> int:
    """In a child: put the mutant in the place of its module and run the tests; 0 where all pass."""
    signal.alarm(SECONDS_A_MUTANT)
    for name in stale:
        sys.modules.pop(name, None)
        package, _, last = name.rpartition(".")
        if package in sys.modules:
            vars(sys.modules[package]).pop(last, None)  # or `from package import last` would find the old one
    sys.meta_path.insert(0, _Loader(mutant))
    files = list(dict.fromkeys(node.partition("::")[0] for node in nodes))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = pytest.main([*OPTIONS, "-x", *(str(ROOT / file) for file in files)], plugins=[Only(nodes)])
    return 0 if code == pytest.ExitCode.OK else 1


def survivors(mutants: Iterable[tuple[Mutant, list[str]]], jobs: int) -> list[Mutant]:
    """Those that all their tests let live, so many at a time."""
    running: dict[int, Mutant] = {}
    alive = []

    def wait_for_one() -> None:
        child, status = os.wait()
        mutant = running.pop(child)
        if status == 0:
            alive.append(mutant)
            print(f"{mutant}\n    lives: {reason(mutant) or 'no reason known'}", flush=True)

    for mutant, nodes in mutants:
        if not nodes:
            alive.append(mutant)
            print(f"{mutant}\n    lives: {reason(mutant) or 'no test runs through it'}", flush=True)
            continue
        if len(running) == jobs:
            wait_for_one()
        stale = touched_by(mutant.name)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = _run(mutant, nodes, stale)
            finally:
                os._exit(code)
        running[child] = mutant
    while running:
        wait_for_one()
    return alive


def _tried(target: Target, covering: Covering, quick: bool) -> list[tuple[Mutant, list[str]]]:
    """The mutants with their tests; of the quick slice only such as the quick tests run through."""
    seconds = QUICK_TESTS_SECONDS if quick else TESTS_SECONDS
    found = [(mutant, covering.of(mutant, target.tests, seconds)) for mutant in target.mutants()]
    if not quick or target.slice is None:
        return found
    within_reach = [each for each in found if each[1]]
    return random.Random(SEED).sample(within_reach, min(target.slice, len(within_reach)))


def _chosen(names: Sequence[str]) -> list[Target]:
    """What was named, all targets where nothing was. Raises `SystemExit` for a name that is neither a target nor a file of one."""
    if not names:
        return list(TARGETS)
    chosen, left = [], set(names)
    for target in TARGETS:
        files = [file for path in target.paths() if (file := str(path.relative_to(ROOT))) in left]
        if target.name in left:
            chosen.append(target)
        elif files:
            chosen.append(target.of(files))
        left -= {target.name, *files}
    if left:
        raise SystemExit(f"neither a target nor a file of one: {', '.join(sorted(left))}")
    return chosen


def main(quick: bool, jobs: int, names: Sequence[str]) -> int:
    """Try the mutants; 0 when enough were killed of each target."""
    sys.dont_write_bytecode = True
    began = time.monotonic()
    targets = _chosen(names)
    tests = QUICK_TESTS if quick else FULL_TESTS
    covering = record(tests, frozenset(mutant.file for target in targets for mutant in target.mutants()), jobs)
    for node in covering.failing:
        print(f"fails on the unchanged project, and judges nothing: {node}")
    import_all(tests)
    figures = {}
    held = not covering.failing
    for target in targets:
        tried = _tried(target, covering, quick)
        alive = survivors(tried, jobs)
        equivalent = sum(1 for each in alive if changes_nothing(each))
        killed, counted = len(tried) - len(alive), len(tried) - equivalent
        percent = 100 * killed / counted
        budget = target.quick_budget_percent if quick else target.budget_percent
        held &= percent >= budget
        print(
            f"{target.name}: {killed} of {counted} mutants killed, {percent:.1f} % (budget {budget:g} %); "
            f"{equivalent} more change nothing",
            flush=True,
        )
        figures[target.name] = {
            "mutants": counted,
            "killed": killed,
            "percent": round(percent, 1),
            "equivalent": equivalent,
        }
    print(json.dumps({**figures, "seconds": round(time.monotonic() - began)}))
    return 0 if held else 1


if __name__ == "__main__":
    words = sys.argv[1:]
    workers = int(words.pop(words.index("--jobs") + 1)) if "--jobs" in words else len(os.sched_getaffinity(0))
    if unknown := [each for each in words if each.startswith("-") and each not in ("--quick", "--jobs")]:
        sys.exit(f"unknown: {' '.join(unknown)}. {(__doc__ or '').partition('`')[2].partition('`')[0]}")
    sys.exit(main("--quick" in words, workers, [each for each in words if not each.startswith("-")]))
