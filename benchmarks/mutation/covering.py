"""Which tests run through which function, and how long each takes: a mutant meets those that can kill it, the quickest first.

The hand-worked, golden and end-to-end tests; property tests are off, for what they find by chance nobody has thought of.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from changes import ROOT, Mutant

OPTIONS = ("-q", "--tb=no", "--assert=plain", "-pno:cacheprovider", "-pno:hypothesispytest", f"--rootdir={ROOT}")
_QUICK_S = 0.2
Function = tuple[str, int]
"""A file of the project and the line where a function begins; 0 for the module itself."""


@dataclass(frozen=True)
class Test:
    """One test, the functions it runs through, and the fixtures whose making is part of that."""

    node: str
    seconds: float
    functions: frozenset[Function]
    fixtures: frozenset[str]


@dataclass
class Covering:
    """What the tests run through."""

    tests: list[Test] = field(default_factory=list)
    fixture_seconds: dict[str, float] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    """Those that fail on the unchanged project: they can say nothing of a mutant."""

    def add(self, found: dict[str, Any]) -> None:
        """Take in what one process has recorded. Raises `RuntimeError` where its tests could not be run."""
        if found["code"] not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise RuntimeError(f"the tests cannot be run on the unchanged project:\n{found['said'][-3000:]}")
        self.failing += tuple(found["failing"])
        self.fixture_seconds.update(found["fixture_seconds"])
        self.tests += [
            Test(
                each["node"],
                each["seconds"],
                frozenset((file, line) for file, line in each["functions"]),
                frozenset(each["fixtures"]),
            )
            for each in found["tests"]
            if each["node"] not in found["failing"]
        ]

    def of(self, mutant: Mutant, folders: Sequence[str], most_seconds: float) -> list[str]:
        """The tests of these folders that run through the place of `mutant`, as many of the quickest as fit into the time."""
        at = _function_at(mutant)
        tests = [each for each in self.tests if each.node.startswith(tuple(folders)) and _runs_through(each, at)]
        tests.sort(key=lambda test: self._order(test, f"/test_{Path(at[0]).stem}"))
        chosen: list[str] = []
        made: set[str] = set()
        seconds = 0.0
        for test in tests:
            cost = self._cost(test, made)
            if chosen and seconds + cost > most_seconds:
                continue
            seconds += cost
            made |= test.fixtures
            chosen.append(test.node)
        return chosen

    def _order(self, test: Test, own: str) -> tuple[bool, bool, str, int, float]:
        """The quick ones first, of these the module's own, then who runs through little; the slow ones by file, for shared fixtures."""
        slow = self._cost(test, set()) > _QUICK_S
        file = test.node.partition("::")[0]
        return slow, own not in file, file if slow else "", len(test.functions), test.seconds

    def _cost(self, test: Test, made: set[str]) -> float:
        return test.seconds + sum(self.fixture_seconds.get(each, 0.0) for each in test.fixtures - made)


class _Recorder:
    """A plugin that keeps what each test, and each fixture that several share, runs through."""

    def __init__(self, files: frozenset[str]) -> None:
        self._names = {str(ROOT / file): file for file in files}
        self._seen: dict[CodeType, Function | None] = {}
        self._open: list[set[Function]] = []
        self._of_fixture: dict[str, set[Function]] = defaultdict(set)
        self._seconds: dict[str, float] = defaultdict(float)
        self._shared_seconds = 0.0
        self.tests: list[dict[str, Any]] = []
        self.failing: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep who fails."""
        if report.failed:
            self.failing.append(report.nodeid)

    def _called(self, frame: FrameType, _event: str, _arg: object) -> None:
        code = frame.f_code
        if code not in self._seen:
            file = self._names.get(code.co_filename)
            self._seen[code] = None if file is None else (file, code.co_firstlineno)
        found = self._seen[code]
        if found is not None and self._open:
            self._open[-1].add(found)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Without the property tests."""
        items[:] = [item for item in items if not _is_property(item)]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """A fixture that several tests share is made under the first, but runs for all."""
        if fixturedef.scope == "function":
            yield
            return
        name = f"{fixturedef.baseid}::{fixturedef.argname}"
        began = time.perf_counter()
        self._open.append(self._of_fixture[name])
        yield
        self._open.pop()
        took = time.perf_counter() - began
        self._seconds[name] += took
        self._shared_seconds += took

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run one test."""
        own: set[Function] = set()
        self._open = [own]
        self._shared_seconds = 0.0
        began = time.perf_counter()
        sys.settrace(self._called)
        yield
        sys.settrace(None)
        fixtures = {
            f"{each.baseid}::{each.argname}"
            for each_name in getattr(item, "fixturenames", ())
            for each in item._fixtureinfo.name2fixturedefs.get(each_name, ())  # type: ignore[attr-defined]
            if each.scope != "function"
        }
        for name in fixtures:
            own |= self._of_fixture[name]
        self.tests.append(
            {
                "node": item.nodeid,
                "seconds": max(0.0, time.perf_counter() - began - self._shared_seconds),
                "functions": sorted(own),
                "fixtures": sorted(fixtures & set(self._of_fixture)),
            }
        )

    def result(self) -> dict[str, Any]:
        """What goes through the file to the parent."""
        return {"tests": self.tests, "fixture_seconds": self._seconds, "failing": self.failing}


class Only:
    """A plugin that runs these tests alone, in this order."""

    def __init__(self, nodes: Sequence[str]) -> None:
        self._place = {node: place for place, node in enumerate(nodes)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Deselect all others."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._place), key=lambda item: self._place[item.nodeid]
        )


def record(tests: Sequence[str], files: frozenset[str], jobs: int) -> Covering:
    """Run the tests once, in so many processes of their own. Raises `RuntimeError` where they cannot be run."""
    paths = sorted({str(path.relative_to(ROOT)) for each in tests for path in _test_files(ROOT / each)})
    covering = Covering()
    with tempfile.TemporaryDirectory() as folder:
        for k in range(jobs):
            if os.fork() == 0:
                _record_in_child(paths[k::jobs], files, Path(folder) / f"{k}.json")
        for _ in range(jobs):
            os.wait()
        for kept in sorted(Path(folder).iterdir()):
            covering.add(json.loads(kept.read_text("utf-8")))
    return covering


def _record_in_child(paths: list[str], files: frozenset[str], kept: Path) -> None:
    recorder, said = _Recorder(files), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main([*OPTIONS, *(str(ROOT / each) for each in paths)], plugins=[recorder])
    kept.write_text(json.dumps({**recorder.result(), "code": int(code), "said": said.getvalue()}), "utf-8")
    os._exit(0)


def _test_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("test_*.py"))


def import_all(tests: Sequence[str]) -> None:
    """Import what the tests import, so that a child need import anew only what a mutant touches."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        pytest.main([*OPTIONS, "--collect-only", *(str(ROOT / each) for each in tests)])


def touched_by(module: str) -> set[str]:
    """The module and all of the project that imports it, directly or not: these a mutant makes stale."""
    users = _users(frozenset(sys.modules))
    found, fresh = {module}, [module]
    while fresh:
        for user in users[fresh.pop()] - found:
            found.add(user)
            fresh.append(user)
    return found


@functools.cache
def _users(loaded: frozenset[str]) -> dict[str, set[str]]:
    users: dict[str, set[str]] = defaultdict(set)
    for name in loaded:
        file = getattr(sys.modules[name], "__file__", None)
        if file is None or not Path(file).is_relative_to(ROOT) or ".venv" in file or not file.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(Path(file).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for used in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                    users[used].add(name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    users[alias.name].add(name)
    return users


def _is_property(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _runs_through(test: Test, at: Function) -> bool:
    if at[1]:
        return at in test.functions
    return f"test_{Path(at[0]).stem}.py" in test.node or any(file == at[0] for file, _ in test.functions)


def _function_at(mutant: Mutant) -> Function:
    """The innermost named function around the mutant's line, by the line its code begins at: that of its first decorator."""
    innermost = 0
    for node in ast.walk(_tree(mutant.path)):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body[0].lineno <= mutant.line <= (node.end_lineno or 0)
            and node.lineno > innermost
        ):
            innermost = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return (mutant.file, innermost)


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))
