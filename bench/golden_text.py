"""Golden meters on their charts, red rabbits and the lock, as a person reads them and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bench.control_chart import BASELINE, ControlLimits
from bench.golden import ChartedPoint, Judged, SoFar, judge_golden, judge_red_rabbit, why_locked
from bench.known_check import Check
from bench.known_meters import CertifiedPoint, KnownMeters
from bench.standard_streams import legible

_RULES = {ControlLimits: "chart", CertifiedPoint: "certificate", SoFar: "baseline", type(None): ""}
"""What a point was held against, in a word."""
_ROW = "{:<24}{:>9}{:>9}{:>9}  {:<10}"


def golden_text(known: KnownMeters, history: Sequence[Check], now: datetime) -> str:
    """Each golden meter's latest run against its charts, each red rabbit's latest run, and whether production is locked."""
    lines: list[str] = []
    for meter in known.golden:
        judged = judge_golden(meter, history)
        lines.append(f"golden meter {meter.serial}  {meter.type_number}  {_ran(judged)}")
        if judged:
            lines.append(_ROW.format("", "error", "centre", "±", "baseline").rstrip())
            lines += [_point(each) for each in judged[-1].points]
            lines += judged[-1].faults
    for rabbit in known.red_rabbits:
        runs = judge_red_rabbit(rabbit, history)
        lines.append(f"red rabbit {rabbit.serial}  {rabbit.type_number}  fails at {rabbit.fails_at}  {_ran(runs)}")
        lines += runs[-1].faults if runs else ()
    lines.append(why_locked(known, history, now) or "production may start")
    return "\n".join(map(legible, lines))


def golden_document(known: KnownMeters, history: Sequence[Check], now: datetime) -> dict[str, Any]:
    """The same as JSON holds it, with every run and point."""
    return {
        "locked": why_locked(known, history, now),
        "golden": [
            {"serial": each.serial, "type": each.type_number, "runs": [_run(j) for j in judge_golden(each, history)]}
            for each in known.golden
        ],
        "red_rabbits": [
            {
                "serial": each.serial,
                "type": each.type_number,
                "fails_at": each.fails_at,
                "runs": [_run(j) for j in judge_red_rabbit(each, history)],
            }
            for each in known.red_rabbits
        ],
    }


def _ran(judged: Sequence[Judged]) -> str:
    if not judged:
        return "not checked yet"
    last = judged[-1]
    word = "✖ not as known" if last.locks else "✔ as known" if last.holds else "· not whole"
    return f"{len(judged)} run{'s' * (len(judged) > 1)}, the last on {last.check.opened_at:%Y-%m-%d %H:%M} UTC: {word}"


def _point(each: ChartedPoint) -> str:
    centre, width = _held(each)
    figures = [f"{each.point.error_percent:+.3f}", *("" if x is None else f"{x:+.3f}" for x in (centre,))]
    return _ROW.format(
        each.point.title, *figures, "" if width is None else f"{width:.3f}", f"{each.baseline} of {BASELINE}"
    ).rstrip()


def _held(each: ChartedPoint) -> tuple[float | None, float | None]:
    match each.held_against:
        case ControlLimits() as limits:
            return limits.centre, 3.0 * limits.sigma
        case CertifiedPoint() as certified:
            return certified.error_percent, certified.uncertainty_percent
        case SoFar() as so_far:
            return so_far.mean_percent, so_far.allowed_percent
    return None, None


def _run(judged: Judged) -> dict[str, Any]:
    return {
        "run": judged.check.run,
        "opened_at": judged.check.opened_at.isoformat(),
        "complete": judged.check.complete,
        "as_known": judged.holds,
        "faults": list(judged.faults),
        "missing": list(judged.missing),
        "points": [
            {
                "step": each.point.step,
                "error_percent": each.point.error_percent,
                "uncertainty_percent": each.point.uncertainty_percent,
                "rule": _RULES[type(each.held_against)],
                "centre": _held(each)[0],
                "width": _held(each)[1],
                "fault": each.fault,
            }
            for each in judged.points
        ],
    }
