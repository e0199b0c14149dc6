"""A gauge study from the journal: its runs sorted into parts, positions or operators, and trials, and each point reckoned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.gauge import GaugeStudy, gauge_study
from bench.results import ERROR, Result
from bench.verdict import Ending

SEQUENCE = "gauge"
PURPOSES = ("engineering", "golden", "simulated")
"""A study is no production."""

FIT_PERCENT = 10.0
"""Largest share of the tolerance that the bench may use up (AIAG MSA, 4th edition, chapter II D)."""

_TOLD_CELLS = 6


class Appraiser(StrEnum):
    """Who or what measures the parts."""

    POSITION = "position"
    OPERATOR = "operator"


class NoStudy(Exception):
    """These runs make no study. The message says what is missing, and what to do."""


@dataclass(frozen=True)
class StudiedPoint:
    """One load point; deviations in %, as the errors."""

    step: str
    title: str
    tolerance: float
    """Width between the limits, %."""
    study: GaugeStudy

    @property
    def percent_of_tolerance(self) -> float:
        """What the bench uses up of it, %."""
        return self.study.percent_of_tolerance(self.tolerance)

    @property
    def fit(self) -> bool:
        """Whether that is little enough."""
        return self.percent_of_tolerance <= FIT_PERCENT


@dataclass(frozen=True)
class Studied:
    """A whole study."""

    name: str
    type_number: str
    by: Appraiser
    parts: tuple[str, ...]
    """Serial numbers."""
    appraisers: tuple[str, ...]
    trials: int
    points: tuple[StudiedPoint, ...]
    left_out: tuple[str, ...]
    """Ids of runs that did not end COMPLETE."""
    without: tuple[str, ...] = ()
    """Ids of runs that were left out by name."""

    @property
    def fit(self) -> bool:
        """Whether the bench is fit at every point."""
        return all(each.fit for each in self.points)


def studied(name: str, results: Sequence[Result], by: Appraiser, without: Sequence[str] = ()) -> Studied:
    """Reckon the study from the results of its runs, oldest first. Raises `NoStudy`.

    `without` are beginnings of the ids of runs that are left out, one run each.
    """
    named = tuple(dict.fromkeys(_run_named(name, prefix, results) for prefix in without))
    results = [each for each in results if each.run not in named]
    whole = [each for each in results if each.ending is Ending.COMPLETE]
    left_out = tuple(dict.fromkeys(each.run for each in results if each.ending is not Ending.COMPLETE))
    errors = [each for each in whole if each.measurement == ERROR]
    if not errors:
        raise NoStudy(
            f"no run of the study {name!r} has ended COMPLETE: bench run {SEQUENCE} --order {name} --purpose engineering, or --simulated"
        )
    _check_heads(name, errors, by)
    # Who failed sign-on has no error: it is a part all the same, and its cells are missing.
    parts = tuple(sorted({each.serial for each in whole}))
    appraisers = tuple(sorted({_appraiser(each, by) for each in whole}, key=lambda who: (len(who), who)))
    titles = {each.step: each.title for each in errors}
    values: dict[tuple[str, str, str], list[float]] = {}
    for each in errors:
        if isinstance(each.value, float):
            values.setdefault((each.step, _appraiser(each, by), each.serial), []).append(each.value)
    trials = max(map(len, values.values()), default=0)
    if min(len(parts), len(appraisers), trials) < 2:
        raise NoStudy(
            f"the study {name!r} has {len(parts)} meters, {len(appraisers)} {by}s and {trials} trials of each: "
            "at least two of each are needed"
        )
    cells = [(step, who, part) for step in titles for who in appraisers for part in parts]
    short = [cell for cell in cells if len(values.get(cell, ())) < trials]
    if short:
        told = dict.fromkeys(
            f"meter {part} {_at(who, by)} has {len(values.get((step, who, part), ()))} of {trials} trials of {titles[step]}"
            for step, who, part in short
        )
        more = f", and {len(told) - _TOLD_CELLS} more" if len(told) > _TOLD_CELLS else ""
        raise NoStudy(
            f"the study {name!r} is not whole: {'; '.join(list(told)[:_TOLD_CELLS])}{more}. Measure what is missing"
            f"{_stray(whole)}."
        )
    return Studied(
        name,
        errors[0].type_number,
        by,
        parts,
        appraisers,
        trials,
        tuple(
            StudiedPoint(
                step,
                title,
                _tolerance(step, errors),
                gauge_study([[values[step, who, part] for part in parts] for who in appraisers]),
            )
            for step, title in titles.items()
        ),
        left_out,
        named,
    )


def _run_named(name: str, prefix: str, results: Sequence[Result]) -> str:
    """The run of the study whose id begins so. Raises `NoStudy` where it is not one."""
    found = list(dict.fromkeys(each.run for each in results if prefix and each.run.startswith(prefix)))
    if len(found) != 1:
        raise NoStudy(
            f"{f'{len(found)} runs' if found else 'no run'} of the study {name!r} "
            f"begin{'' if found else 's'} with {prefix!r}; --without takes the beginning of one run's id"
        )
    return found[0]


def _stray(results: Sequence[Result]) -> str:
    """What to do about meters that stand in one run alone: their serial numbers may be mistakes."""
    runs: dict[str, set[str]] = {}
    for each in results:
        runs.setdefault(each.serial, set()).add(each.run)
    alone = [f"{serial} is in run {next(iter(where))[:8]} alone" for serial, where in runs.items() if len(where) == 1]
    return f"; {', '.join(alone)}: leave a run with a wrong serial out with --without RUN" if alone else ""


def _check_heads(name: str, errors: Sequence[Result], by: Appraiser) -> None:
    plans = {each.plan_hash: each.run for each in errors}
    if len(plans) > 1:
        first, other = list(plans.values())[:2]
        raise NoStudy(
            f"the runs {first} and {other} of the study {name!r} have different plans: a study is of one type, profile and set of points; "
            "leave one out with --without RUN"
        )
    unknown = [each.run for each in errors if not each.serial or (by is Appraiser.OPERATOR and not each.operator)]
    if unknown:
        raise NoStudy(
            f"run {unknown[0]} of the study {name!r} does not say whose meter or which operator it was; "
            "leave it out with --without RUN"
        )


def _appraiser(result: Result, by: Appraiser) -> str:
    return result.operator if by is Appraiser.OPERATOR else str(result.position)


def _at(who: str, by: Appraiser) -> str:
    return f"by operator {who}" if by is Appraiser.OPERATOR else f"at position {who}"


def _tolerance(step: str, errors: Sequence[Result]) -> float:
    limits = next(each for each in errors if each.step == step)
    if limits.lower is None or limits.upper is None:
        raise NoStudy(f"{limits.title} has no limits on both sides, so there is no tolerance to compare with")
    return limits.upper - limits.lower
