"""(b) Escapes: every fault of a meter in the catalogue, at its critical size, on six types: is it caught, by the step it names?

Faults stand beside good meters on the same line; a good one that is not passed is told as well.
"""

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.trusted import operating_characteristic
from benchmarks.trusted.critical import CRITICAL
from benchmarks.trusted.judged import Judged, Task, benches
from benchmarks.trusted.operating_characteristic import Uncertainties
from benchmarks.trusted.production import Placed
from benchmarks.trusted.result import TYPES, Pool, Result
from drivers.simulated.faults import CATALOGUE, Fault

RUNS = 3
"""Tries of each fault and each value of it on each type."""
SLICE = 3
"""A slice tries one fault in so many."""
LONG = ("logic",)
"""Sequences of hours, which a slice does without."""
TITLE = "Escapes of faults at their critical size"
GOOD = Placed(0.05, scattered=True)
EXACT = Placed(0.0)


@dataclass(frozen=True)
class Tried:
    """One fault in a run."""

    fault: Fault
    value: str
    without_error: bool

    def typed(self, position: int) -> str:
        """As `--fault` takes it."""
        return f"{position}:{self.fault.name}" + (f"={self.value}" if self.value else "")

    def found_by(self, kind: str) -> str:
        """The step that must find it in a meter of this type."""
        step = CRITICAL[self.fault.name].step
        return step(kind) if step else self.fault.found_by


def run(pool: Pool, *, quick: bool) -> Result:
    """Try them all."""
    types = TYPES[:1] if quick else TYPES
    stated = operating_characteristic.uncertainties(pool, types)
    with tempfile.TemporaryDirectory() as folder:
        made = list(_runs(types, stated, 1 if quick else RUNS, Path(folder), quick=quick))
        judged = list(pool([task for task, _ in made]))
    return _result(zip(judged, (tried for _, tried in made), strict=True))


@dataclass(frozen=True)
class _Line:
    """What faults that are tried together have in common."""

    kind: str
    type_number: str
    """The same with the module that the faults need."""
    sequence: str
    positions: int
    profile: str
    """What the profile says; empty for the norm as it stands."""


def _runs(
    types: tuple[str, ...], stated: Uncertainties, runs: int, folder: Path, *, quick: bool
) -> Iterator[tuple[Task, tuple[Tried, ...]]]:
    lines: dict[_Line, list[Fault]] = defaultdict(list)
    for kind in types:
        for fault in [each for each in CATALOGUE.values() if each.family == "meter" and each.ends == "FAIL"][
            :: SLICE if quick else 1
        ]:
            if not (quick and fault.sequence in LONG):
                module, how = fault.module.split()[:1], CRITICAL[fault.name]
                type_number = kind.replace("-OK-", f"-{module[0]}-") if module else kind
                lines[_Line(kind, type_number, fault.sequence, how.positions, how.profile)].append(fault)
    for number, (line, faults) in enumerate(lines.items()):
        profile = folder / f"{number}.toml"
        profile.write_text(line.profile, encoding="utf-8")
        path = str(profile) if line.profile else ""
        # A slice makes the step alone where one step must find them all.
        steps = {each.found_by for each in faults}
        only = steps.pop() if quick and len(steps) == 1 and line.sequence == "eol" else ""
        for tried in _together(line, faults, stated, quick=quick):
            meters = (*(EXACT if each.without_error else GOOD for each in tried), GOOD)
            typed = tuple(each.typed(position) for position, each in enumerate(tried, start=1))
            for seed in benches(runs, "b", line.type_number, *typed):
                yield Task("b", seed, line.type_number, meters, line.sequence, only, typed, path), tried


def _together(line: _Line, faults: list[Fault], stated: Uncertainties, *, quick: bool) -> Iterator[tuple[Tried, ...]]:
    """Each fault with each of its values, as many as leave the last position to a good meter.

    Dealt to and fro, so that neighbours of the catalogue come onto different lines and too much beside too little: meters that are
    all off alike would be the bench's fault.
    """
    tried = [
        Tried(fault, value, CRITICAL[fault.name].without_error)
        for fault in faults
        for value in CRITICAL[fault.name].values(line.kind, lambda step: stated[line.kind, step])[
            : 1 if quick else None
        ]
    ]
    count = math.ceil(len(tried) / (line.positions - 1))
    lines: list[list[Tried]] = [[] for _ in range(count)]
    for number, each in enumerate(tried):
        turn, k = divmod(number, count)
        lines[k if turn % 2 == 0 else count - 1 - k].append(each)
    yield from map(tuple, lines)


def _result(found: Iterable[tuple[Judged, tuple[Tried, ...]]]) -> Result:
    result = Result("b", TITLE)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    """By fault: tries, caught where it says, caught elsewhere alone, not judged, escaped."""
    by_type: dict[str, list[int]] = defaultdict(lambda: [0] * 7)
    """The same, then the good meters beside, and those of them that were not passed."""
    values: dict[str, set[str]] = defaultdict(set)
    for judged, tried in found:
        task = judged.task
        of_type = by_type[next(kind for kind in TYPES if kind[:7] == task.type_number[:7])]
        where = f"seed {task.seed}, {task.type_number}, {' '.join(task.faults)}"
        result.expect(judged.ending == "COMPLETE", f"{where}: {judged.ending}, {judged.reason}")
        for position, each in enumerate(tried):
            verdict = judged.verdicts[position]
            step = each.found_by(task.type_number)
            caught, failed = step in judged.failed[position], verdict == "FAIL"
            escaped = verdict in ("PASS", "MARGINAL")
            for k, holds in enumerate((True, caught, failed and not caught, not failed and not escaped, escaped)):
                counts[each.fault.name][k] += holds
                of_type[k] += holds
            values[each.fault.name].add(each.value)
            sentence = f"seed {task.seed}, {task.type_number}: {each.typed(position + 1)} was {verdict}"
            result.expect(not escaped, f"{sentence}: it escaped")
            result.expect(failed or escaped or judged.ending != "COMPLETE", f"{sentence}: nobody judged it")
            failed_at = ", ".join(judged.failed[position])
            result.expect(caught or not failed, f"{sentence} at {failed_at} and not at {step}")
        of_type[5] += 1
        of_type[6] += judged.verdicts[-1] != "PASS"
        failed_at = ", ".join(judged.failed[-1])
        harmed = judged.ending == "COMPLETE" and judged.verdicts[-1] != "PASS"
        result.expect(not harmed, f"{where}: the good meter beside was {judged.verdicts[-1]} {failed_at}")
    rows = [[name, _some(values[name]), CATALOGUE[name].found_by, *figures] for name, figures in counts.items()]
    total = [sum(each[k] for each in by_type.values()) for k in range(7)]
    head = ["tries", "caught there", "caught elsewhere alone", "not judged", "escaped"]
    result.table(["fault", "sizes", "step", *head], rows)
    result.table(
        ["type", *head, "good beside", "not passed"],
        [*([kind, *figures] for kind, figures in by_type.items()), ["all", *total]],
    )
    result.lines += _left_out()
    result.figures = {
        "faults": len(counts),
        "tries": total[0],
        "caught": total[1],
        "elsewhere": total[2],
        "not_judged": total[3],
        "escapes": total[4],
    }
    result.figures |= {"good_beside": total[5], "good_not_passed": total[6]}
    return result


def _left_out() -> Iterator[str]:
    """Which type cannot have which fault, and why."""
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, how in CRITICAL.items():
        for kind in TYPES:
            if not how.values(kind, lambda _: 0.0):
                reasons[kind, how.without].append(name)
    for (kind, reason), names in reasons.items():
        yield f"Not tried: {kind} {reason}: {', '.join(names)}."


def _some(values: set[str]) -> str:
    shown = sorted(each for each in values if each)
    return ", ".join(shown) if len(shown) <= 4 else f"{', '.join(shown[:3])}, …"
