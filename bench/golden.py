"""Whether the bench still finds what is known: each check of a golden meter on its charts, each run of a red rabbit, and the lock.

Pure: from results of earlier runs to sentences. A golden meter never changes, so a shift is the bench's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from statistics import fmean

from bench.control_chart import BASELINE, ControlLimits, control_limits, signals
from bench.known_check import Check, Point, checks
from bench.known_meters import CertifiedPoint, GoldenMeter, KnownMeters, RedRabbit
from bench.results import Result


@dataclass(frozen=True)
class SoFar:
    """What a baseline that still grows says of the next value."""

    mean_percent: float
    allowed_percent: float
    """Two results of one quantity differ by no more (E_n of two equal uncertainties)."""


@dataclass(frozen=True)
class ChartedPoint:
    """One point of a check, and what it was held against."""

    point: Point
    held_against: ControlLimits | CertifiedPoint | SoFar | None
    """None in the first run where nothing is certified: the norm's limits alone hold."""
    baseline: int
    """Runs in the baseline when it was judged."""
    fault: str
    """Why it is out of control; empty while it is not."""


@dataclass(frozen=True)
class Judged:
    """One check, judged."""

    check: Check
    points: tuple[ChartedPoint, ...] = ()
    """Of a golden meter."""
    faults: tuple[str, ...] = ()
    """What is wrong with the bench, a sentence each."""
    missing: tuple[str, ...] = ()
    """Steps at which this golden meter is known and was not measured."""

    @property
    def locks(self) -> bool:
        """Whether it is evidence against the bench, finished or not."""
        return bool(self.faults)

    @property
    def holds(self) -> bool:
        """Whether it is evidence for the bench: a whole run, and all of it as known."""
        return self.check.complete and not self.faults and not self.missing


@dataclass(frozen=True)
class Told:
    """What the record says of a known meter at the end of its run."""

    as_known: bool
    words: str


def judge_golden(meter: GoldenMeter, history: Iterable[Check]) -> tuple[Judged, ...]:
    """Every check of this meter since its baseline began, oldest first, each judged by what was known then."""
    begins = datetime.combine(meter.baseline_from, time(), UTC) if meter.baseline_from else None
    charts = {each.step: _Chart(each) for each in meter.certified}
    judged = []
    for check in history:
        if (check.serial, check.type_number) != (meter.serial, meter.type_number):
            continue
        if begins is not None and check.opened_at < begins:
            continue
        known = {step for step, chart in charts.items() if chart.rules}
        measured = {each.step for each in check.points}
        points = tuple(charts.setdefault(each.step, _Chart(None)).judge(each) for each in check.points)
        # What is judged by the norm's limits says nothing new where a chart has spoken.
        told = {each.point.title: each.fault for each in points if each.fault}
        told.update({title: f"failed {title}" for title in check.failed if title not in told})
        faults = tuple(f"the golden meter {meter.serial} {each}" for each in told.values())
        missing = tuple(sorted(known - measured)) or (() if measured else ("any accuracy point",))
        judged.append(Judged(check, points, faults, missing))
        if check.complete and not faults:
            for point in check.points:
                charts[point.step].keep(point.error_percent)
    return tuple(judged)


def judge_red_rabbit(rabbit: RedRabbit, history: Iterable[Check]) -> tuple[Judged, ...]:
    """Every run of this rabbit, oldest first: it must fail at its step by what was measured there."""
    judged = []
    for check in history:
        if (check.serial, check.type_number) != (rabbit.serial, rabbit.type_number):
            continue
        who = f"the red rabbit {rabbit.serial}"
        if rabbit.fails_at in check.failed_by_value:
            judged.append(Judged(check))
        elif rabbit.fails_at in check.finished:
            failed = f"it failed {', '.join(check.failed)}" if check.failed else "the bench passes a bad meter"
            judged.append(
                Judged(check, faults=(f"{who} did not fail {rabbit.fails_at} by what was measured there: {failed}",))
            )
        elif check.complete:
            failed = f", it failed {', '.join(check.failed)}" if check.failed else ""
            judged.append(Judged(check, faults=(f"{who} never came to {rabbit.fails_at}, where it must fail{failed}",)))
        else:
            judged.append(Judged(check, missing=(rabbit.fails_at,)))
    return tuple(judged)


def why_locked(known: KnownMeters, history: Sequence[Check], now: datetime) -> str:
    """Why production may not start, with what to do; empty when it may. `history` oldest first, `now` in UTC."""
    golden = [
        reason
        for meter in known.golden
        if (reason := _lock(f"the golden meter {meter.serial}", judge_golden(meter, history), known.every_h, now))
    ]
    rabbits = [
        reason
        for rabbit in known.red_rabbits
        if (reason := _lock(f"the red rabbit {rabbit.serial}", judge_red_rabbit(rabbit, history), known.every_h, now))
    ]
    until = [
        *(["a golden run is in control"] if golden else []),
        *(["a red rabbit run failed as it must"] if rabbits else []),
    ]
    if not until:
        return ""
    return f"{'; '.join((*golden, *rabbits))}; production is locked until {' and '.join(until)}"


def tell(known: KnownMeters, history: Sequence[Check], results: Iterable[Result]) -> Told | None:
    """What to say of the meter whose run is about to end, from its results so far; None where it is no known meter."""
    (now,) = checks(results) or (None,)
    if now is None:
        return None
    # A simulated run that is repeated is on record already.
    sequence = (*(each for each in history if each.run != now.run), replace(now, complete=True))
    for meter in known.golden:
        charted = judge_golden(meter, sequence)
        if charted and charted[-1].check.run == now.run:
            return _told(charted[-1], _on_charts(charted[-1]))
    for rabbit in known.red_rabbits:
        ran = judge_red_rabbit(rabbit, sequence)
        if ran and ran[-1].check.run == now.run:
            return _told(ran[-1], f"the red rabbit failed {rabbit.fails_at}, as it must")
    return None


# ------------------------------------------------------------------ one meter


class _Chart:
    """One point of one golden meter: its values so far, and what the next one is held against."""

    def __init__(self, certified: CertifiedPoint | None) -> None:
        self._certified = certified
        self._values: list[float] = []
        self._baseline: list[float] = []
        self._limits: ControlLimits | None = None

    @property
    def rules(self) -> bool:
        """Whether more than the limits of the norm is known here."""
        return self._limits is not None or self._certified is not None

    def judge(self, point: Point) -> ChartedPoint:
        """Take the next value and hold it against what is known."""
        self._values.append(point.error_percent)
        certified, limits, grown = self._certified, self._limits, len(self._baseline)
        where = f"shifted at {point.title} by"
        if limits is not None:
            found = signals(self._values, limits)
            by = point.error_percent - limits.centre
            return ChartedPoint(point, limits, grown, f"{where} {by:+.3f} % ({', '.join(found)})" if found else "")
        # Two results of one quantity agree while |E_n| <= 1 (ISO 13528).
        if certified is not None:
            by = point.error_percent - certified.error_percent
            allowed = math.hypot(point.uncertainty_percent, certified.uncertainty_percent)
            if abs(by) > allowed:
                fault = f"{where} {by:+.3f} % (its certificate allows ±{allowed:.3f} %)"
                return ChartedPoint(point, certified, grown, fault)
        if not self._baseline:
            return ChartedPoint(point, certified, grown, "")
        so_far = SoFar(fmean(self._baseline), math.sqrt(2.0) * point.uncertainty_percent)
        by = point.error_percent - so_far.mean_percent
        fault = (
            f"{where} {by:+.3f} % (the {grown} run{'s' * (grown > 1)} of its baseline so far allow{'s' * (grown == 1)} "
            f"±{so_far.allowed_percent:.3f} %)"
            if abs(by) > so_far.allowed_percent
            else ""
        )
        return ChartedPoint(point, so_far if fault or certified is None else certified, grown, fault)

    def keep(self, error_percent: float) -> None:
        """A whole run was in control: while the baseline grows its value belongs to it."""
        if self._limits is None:
            self._baseline.append(error_percent)
            if len(self._baseline) == BASELINE:
                self._limits = control_limits(self._baseline)


def _lock(who: str, judged: Sequence[Judged], every_h: float, now: datetime) -> str:
    telling = [each for each in judged if each.locks or each.holds]
    if telling and telling[-1].locks:
        young = any(each.fault and isinstance(each.held_against, SoFar) for each in telling[-1].points)
        anew = ", and if this run is right and those before were not, begin its baseline anew (baseline_from)"
        return f"{'; '.join(telling[-1].faults)}: check the reference, the leads and the contacts of its position{anew * young}"
    newest = judged[-1] if judged else None
    lacks = f" (its latest run did not measure {', '.join(newest.missing)})" if newest and newest.missing else ""
    if not telling:
        return f"{who} was not checked yet{lacks}: run it with --purpose golden"
    age_h = (now - telling[-1].check.opened_at).total_seconds() / 3600.0
    if age_h < 0.0:
        return f"{who} was last checked in the future, {telling[-1].check.opened_at:%Y-%m-%d %H:%M} UTC: set the clock right"
    if age_h > every_h:
        return f"{who} was last as known {age_h:.1f} h ago and at most {every_h:g} h are allowed{lacks}: run it with --purpose golden"
    return ""


# ------------------------------------------------------------------ words


def _told(judged: Judged, as_known: str) -> Told:
    return Told(False, "; ".join(judged.faults)) if judged.faults else Told(True, as_known)


def _on_charts(judged: Judged) -> str:
    grown = min((each.baseline for each in judged.points), default=0)
    growing = [] if grown == BASELINE else [f"{grown} of {BASELINE} runs of its baseline before this one"]
    return "; ".join([*(_shown(each) for each in judged.points), *growing])


def _shown(each: ChartedPoint) -> str:
    held, error = each.held_against, each.point.error_percent
    if isinstance(held, ControlLimits):
        return f"{each.point.title} {error - held.centre:+.3f} % of ±{3.0 * held.sigma:.3f} %"
    if isinstance(held, SoFar):
        return f"{each.point.title} {error:+.3f} %, {error - held.mean_percent:+.3f} % of ±{held.allowed_percent:.3f} %"
    return f"{each.point.title} {error:+.3f} %" + (
        f", certified {held.error_percent:+.3f} %" if held is not None else ""
    )


def state_of(known: KnownMeters, history: Sequence[Check]) -> Iterator[str]:
    """For whoever looks at the station: when each known meter was last as known, and how far its baseline is."""
    for meter in known.golden:
        judged = judge_golden(meter, history)
        held = [each for each in judged if each.holds]
        if held:
            grown = min((each.baseline for each in held[-1].points), default=0)
            growing = "" if grown == BASELINE else f", {grown + 1} of {BASELINE} runs of its baseline"
            yield f"golden meter {meter.serial} in control on {held[-1].check.opened_at:%Y-%m-%d %H:%M} UTC{growing}"
    for rabbit in known.red_rabbits:
        ran = [each for each in judge_red_rabbit(rabbit, history) if each.holds]
        if ran:
            yield f"red rabbit {rabbit.serial} failed {rabbit.fails_at} on {ran[-1].check.opened_at:%Y-%m-%d %H:%M} UTC"
