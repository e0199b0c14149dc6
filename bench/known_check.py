"""What one run found at one known meter: gathered from results, for charts to be made of.

Void steps are not in it, and failures are told apart by whether something was measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bench.results import ERROR, Result
from bench.verdict import Ending, Verdict

PURPOSES = ("golden", "simulated")
"""Runs that count: in a journal of real meters golden ones, never production nor engineering."""

STEP = "known-meter"
"""Name of the step that puts this judgement into the record."""


@dataclass(frozen=True)
class Point:
    """A percentage error as measured."""

    step: str
    title: str
    error_percent: float
    uncertainty_percent: float
    """Expanded."""


@dataclass(frozen=True)
class Check:
    """What one run found at one known meter."""

    run: str
    opened_at: datetime
    serial: str
    type_number: str
    complete: bool
    points: tuple[Point, ...]
    finished: frozenset[str]
    """Names of the steps that were finished."""
    failed: tuple[str, ...]
    """Titles of those it failed."""
    failed_by_value: frozenset[str]
    """Names of those it failed by something measured: a loose wire fails steps too, and proves nothing."""


def checks(results: Iterable[Result]) -> tuple[Check, ...]:
    """One check for each run and meter, in the order given."""
    return tuple(_check(tuple(group)) for _, group in groupby(results, key=lambda each: (each.run, each.position)))


def _check(results: tuple[Result, ...]) -> Check:
    first = results[0]
    failures = [each for each in results if each.verdict is Verdict.FAIL and each.step != STEP]
    points = tuple(
        Point(each.step, each.title, each.value, each.uncertainty)
        for each in results
        if each.measurement == ERROR
        and isinstance(each.value, float)
        and math.isfinite(each.value)
        and each.uncertainty
    )
    return Check(
        first.run,
        datetime.fromisoformat(first.opened_at),
        first.serial,
        first.type_number,
        first.ending is Ending.COMPLETE,
        points,
        frozenset(each.step for each in results),
        tuple(dict.fromkeys(each.title for each in failures)),
        frozenset(each.step for each in failures if each.value is not None),
    )
