"""How many wrong meters the tests catch: each comparison of `reference_meter/` flipped, each constant moved, one at a time.

Only the hand-worked and golden tests run; the property tests and those that use the model as its own yardstick are off.
`python benchmarks/mutants.py [--quick]` takes every 8th mutant with `--quick`. It lists the survivors with the
reason why each may live, ends with one JSON line, and exits 0 only if at least 80 % were killed.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.util
import io
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "reference_meter"
TESTS = (
    *("test_type_number.py", "test_energy.py", "test_registers.py", "test_demand.py", "test_memory.py"),
    *(
        "test_display.py",
        "test_inputs_and_modules.py",
        "test_golden.py",
        "test_readout.py",
        "test_trace.py",
        "test_values.py",
    ),
)
OPTIONS = (
    "-x",
    "-q",
    "--assert=plain",
    "-pno:cacheprovider",
    "-pno:hypothesispytest",
    f"--rootdir={ROOT}",
    "-knot 36_months_at",
)
"""Of pytest; the test of 36 months at Imax takes a third of a second and shows nothing the others do not."""

BUDGET_PERCENT = 80.0
SECONDS_A_MUTANT = 20
"""A mutant that runs longer hangs, and a hanging meter is noticed: it counts as killed."""

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}

REASONS = {
    "strict=True": "a guard for the programmer: the types already fix the lengths",
    "1 << 100": "any time that does not come will do",
    "_CONFIGURATION = 0x": "an address of the model's own layout; another free one serves as well",
    "_REGISTERS = 0x": "an address of the model's own layout; another free one serves as well",
    "_HOURLY = 0x": "an address of the model's own layout; another free one serves as well",
    "_MONTHS = 0x": "an address of the model's own layout; another free one serves as well",
    "_REGISTER_BYTES = ": "the model's own layout; a byte more serves as well",
    "_STORED_LAYOUT.pack(*month)": "turns the ring of the model's own layout; it is read by hour counter",
    "image.number(_NUMBER, 4)": "the next byte is 0 in every image",
    "write(": "a byte more is overwritten by the next write",
    "a < 0 or b < 0 or c < 0": "at 0 both branches give the same",
    "at = max(0": "a nanosecond later is the same unless a phase pulse falls just there",
    "self._changes": "before the first load there is nothing to average",
    "changes[1][0]": "one change more is remembered than is needed",
    "energy = 0": "1 µW·ns more never makes a whole watt",
    "since < until": "at equality nothing is added either way",
    "self._since_change_ns = 0": "a nanosecond moves no square unless it falls just there",
    "power_uw if running else 0": "1 µW never makes a whole watt",
    "len(events) > len(begins)": "sorts what is sorted already",
    "self._closed_since = 0": "is set by the first closure",
    "self._counted = True": "is set by the first closure",
    "Tariff = Literal": "a type, seen by mypy alone",
    "self._free = 0": "any time that has passed will do",
    "self.page_since_ns = 0": "is set anew when the voltage comes",
    "self._acted = False": "is set anew by the first press",
}
"""Why a survivor is right to live, by a piece of its line."""


class Mutant:
    """One module with one node changed."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.number = number
        self.tree = ast.parse(path.read_text("utf-8"))
        node, self.what = _sites(self.tree)[number]
        self.line = node.lineno
        self.text = path.read_text("utf-8").splitlines()[node.lineno - 1].strip()
        _change(node)

    @property
    def name(self) -> str:
        """The module's dotted name."""
        return f"reference_meter.{self.path.stem}"

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}  {self.what}  |  {self.text}"


def _sites(tree: ast.AST) -> list[tuple[ast.Compare | ast.Constant, str]]:
    """All nodes that can be changed, in the order of the file, with what the change is."""
    sites: list[tuple[ast.Compare | ast.Constant, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sites.append((node, f"{type(node.ops[0]).__name__} → {FLIPPED[type(node.ops[0])].__name__}"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int):
            sites.append((node, f"{node.value} → {_moved(node.value)}"))
    return sites


def _moved(value: bool | int) -> bool | int:
    return not value if isinstance(value, bool) else value + 1


def _change(node: ast.Compare | ast.Constant) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = FLIPPED[type(node.ops[0])]()
    else:
        assert isinstance(node.value, bool | int)
        node.value = _moved(node.value)


def mutants() -> Iterator[Mutant]:
    """Every mutant of the package."""
    for path in sorted(PACKAGE.glob("*.py")):
        for number in range(len(_sites(ast.parse(path.read_text("utf-8"))))):
            yield Mutant(path, number)


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
        exec(compile(self._mutant.tree, str(self._mutant.path), "exec"), module.__dict__)


def tests_pass(mutant: Mutant | None) -> bool:
    """Run the tests in a process of their own, with `mutant` in place of its module."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS_A_MUTANT)
        if mutant:
            sys.meta_path.insert(0, _Loader(mutant))
        files = sorted(
            TESTS, key=lambda name: mutant is not None and mutant.path.stem not in name
        )  # the likeliest first
        arguments = [*OPTIONS, *(str(ROOT / "tests" / "reference_meter" / name) for name in files)]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = pytest.main(arguments)
        os._exit(0 if code == pytest.ExitCode.OK else 1)
    return os.waitpid(child, 0)[1] == 0


def reason(mutant: Mutant) -> str:
    """Why a survivor may live; empty where nobody has found one."""
    return next((why for piece, why in REASONS.items() if piece in mutant.text), "")


def main(quick: bool) -> int:
    """Try the mutants; 0 when enough were killed."""
    sys.dont_write_bytecode = True
    if not tests_pass(None):
        print("the tests fail on the unchanged meter; nothing can be said of mutants")
        return 1
    tried = list(mutants())[:: 8 if quick else 1]
    survivors = []
    for mutant in tried:
        if tests_pass(mutant):
            survivors.append(mutant)
            print(f"{mutant}\n    lives: {reason(mutant) or 'no reason known'}", flush=True)
    killed = len(tried) - len(survivors)
    percent = 100 * killed / len(tried)
    print(f"{killed} of {len(tried)} mutants killed, {percent:.1f} % (budget {BUDGET_PERCENT} %)")
    figures = {"mutants": len(tried), "killed": killed, "percent": round(percent, 1)}
    print(json.dumps(figures))
    return 0 if percent >= BUDGET_PERCENT else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main("--quick" in sys.argv[1:]))
