"""What a part of the benchmark found: its table, its figures, and each budget that does not hold, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.trusted.chances import Share
from benchmarks.trusted.judged import Judged, Task

Pool = Callable[[Sequence[Task]], Iterable[Judged]]
"""Judges tasks, as many at once as there are processors, and hands them back in their order."""

TYPES = (
    "685-381-OK-50", "685-382-OK-50", "685-181-OK-50", "685-182-OK-50", "685-281-OK-50", "685-321-OK-50",
)  # fmt: skip
"""Both classes, one, two and three phases, and the fastest pulses of all."""


@dataclass
class Result:
    """Of one part."""

    part: str
    title: str
    lines: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add a table in Markdown, as docs/trust.md shows it."""
        self.lines += ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
        self.lines += ["| " + " | ".join(str(each) for each in row) + " |" for row in rows]
        self.lines.append("")

    def expect(self, holds: bool, sentence: str) -> None:
        """A budget; the sentence says what was found where it does not hold."""
        if not holds:
            self.broken.append(f"({self.part}) {sentence}")


def percent(share: Share, digits: int = 2) -> str:
    """The share and its 95 % interval: 1.83 % (1.2 to 2.7)."""
    if not share.tries:
        return "–"
    low, high = share.wilson
    return f"{100 * share.estimate:.{digits}f} % ({100 * low:.{digits}f} to {100 * high:.{digits}f})"


def at_most(share: Share, budget: float, *, quick: bool) -> bool:
    """Whether a share keeps a budget: its estimate does; in a slice, unless its whole interval lies beyond."""
    return not share.tries or (share.wilson[0] if quick else share.estimate) <= budget


def at_least(share: Share, budget: float, *, quick: bool) -> bool:
    """The same the other way round."""
    return not share.tries or (share.wilson[1] if quick else share.estimate) >= budget
