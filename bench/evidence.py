"""What the record keeps of one step at one position, as a step sees it when it judges again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.pulse_error import ErrorResult, Looks, Point, whole_ns
from bench.record import Outcome


class NoEvidence(Exception):
    """The record does not hold what it takes. The message says what is missing, in half a sentence."""


@dataclass(frozen=True)
class Evidence:
    """The outcome on record."""

    outcome: Outcome
    earlier: Mapping[str, Outcome] = field(default_factory=dict)
    """By the names of the steps before it, at the same position: as they are judged now."""

    def error(self, point: Point) -> ErrorResult:
        """The error as the error calculator would have found it, from as many of the pulses as this point wants.

        Where it wants more than there are, from all of them. Raises `NoEvidence`.
        """
        edges, basis = self.outcome.edges, self.outcome.basis
        if edges is None or basis is None or basis.first_ns not in edges.rises_ns:
            raise NoEvidence("the record does not say what its error was reckoned with")
        rises = edges.rises_ns[edges.rises_ns.index(basis.first_ns) :]
        covered = whole_ns(basis.readings[-1].time)
        there = sum(1 for rise in rises if rise <= covered) - 1
        looks = Looks(point)
        for periods in range(min(point.looked_at_from, there), there + 1):
            result = looks.look(rises[: periods + 1], basis)
            if point.ended(result):
                break
        return result
