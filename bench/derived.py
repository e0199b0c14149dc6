"""A derived measurement: a pure function of what earlier steps found at the same position.

Nothing is applied and nothing is waited for; a run judged again derives it from the errors as they are judged then.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from bench.evidence import Evidence
from bench.position import Position
from bench.record import Outcome
from bench.steps import Finding, JudgedAgain, Step


@dataclass(frozen=True)
class Derived(Step):
    """A comparison across steps. It rides along with a later stage than theirs."""

    @abstractmethod
    def follows(self) -> tuple[str, ...]:
        """Names of the steps it compares; a plan in which one of them is not closed before is refused."""

    @abstractmethod
    def derive(self, earlier: Mapping[str, Outcome]) -> dict[str, Finding]:
        """The measurements from the outcomes of those steps. One that cannot be derived is left unset, and fails."""

    def duration(self) -> float:
        """No time."""
        return 0.0

    async def run(self, at: Position) -> None:
        """Derive and record."""
        for name, (value, uncertainty, note) in self.derive(at.earlier).items():
            at.record(name, value, uncertainty, note)

    def judge_again(self, evidence: Evidence) -> JudgedAgain:
        """The same from what the earlier steps come to now."""
        return JudgedAgain(self.derive(evidence.earlier))


def measured(earlier: Mapping[str, Outcome], step: str, name: str) -> tuple[float, float] | None:
    """A number that an earlier step measured, and its expanded uncertainty; None where it has none or there is no such step."""
    for each in earlier[step].measurements if step in earlier else ():
        if each.name == name and isinstance(each.value, float) and each.uncertainty is not None:
            return each.value, each.uncertainty
    return None
