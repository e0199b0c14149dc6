"""A replay as a person reads it, and as JSON: the meters' verdicts then and now, what changed, and the price a step."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bench.measurements import limit_in_words
from bench.record import Measurement
from bench.replay import Change, Replay
from bench.standard_streams import legible
from bench.suspicion import suspicion_lines, suspicions


def replay_text(done: Replay) -> str:
    """The replay as text."""
    run, changes = done.before, done.changes()
    lines = [f"{run.sequence}  {run.type_number}  run {run.id}  profile {done.profile.name}"]
    if done.unjudged and not changes:
        lines.append("no verdict changes by what is on record, which is not all that this profile asks for")
    elif done.same:
        lines.append("every verdict and every figure comes out as it stands in the record")
    elif not changes:
        lines.append("no verdict changes")
    lines += [_change(each) for each in changes]
    for each in done.prices():
        for positions, what in ((each.lost, "lost"), (each.won, "won")):
            if positions:
                lines.append(
                    f"{each.step}: {len(positions)} of {each.judged} meters {what} (position {', '.join(map(str, positions))})"
                )
    for meter in run.meters:
        then, now = run.verdict(meter.position), done.after.verdict(meter.position)
        became = then.name if then is now else f"{then.name} → {now.name}"
        lines.append(f"position {meter.position}  {meter.serial or '-'}  {became}")
    lines += suspicion_lines(done.after)
    lines += [f"not judged: {step}: {why}" for step, why in done.unjudged]
    return "\n".join(map(legible, lines))


def replay_document(done: Replay) -> dict[str, Any]:
    """The replay as JSON holds it."""
    run = done.before
    return {
        "run": run.id,
        "profile": done.profile.name,
        "same": done.same,
        "positions": [
            {
                "position": meter.position,
                "serial": meter.serial,
                "before": run.verdict(meter.position).name,
                "after": done.after.verdict(meter.position).name,
            }
            for meter in run.meters
        ],
        "changes": [
            {
                "step": each.step,
                "position": each.position,
                "measurement": each.before.name,
                "before": _figures(each.before),
                "after": _figures(each.after),
            }
            for each in done.changes()
        ],
        "steps": [
            {
                "step": each.step,
                "judged": each.judged,
                "passed": each.passed,
                "lost": list(each.lost),
                "won": list(each.won),
            }
            for each in done.prices()
        ],
        "suspicions": [asdict(each) for each in suspicions(done.after)],
        "not_judged": [{"step": step, "why": why} for step, why in done.unjudged],
    }


def _change(each: Change) -> str:
    was, now = each.before, each.after
    return (
        f"{each.step}  position {each.position}  {was.name}: {was.verdict.name} → {now.verdict.name}, "
        f"{_value(was)} of {limit_in_words(was)} → {_value(now)} of {limit_in_words(now)}"
        + (f" ({now.note})" if now.note else "")
    )


def _value(measurement: Measurement) -> str:
    value = measurement.value
    shown = "none" if value is None else f"{value:.4g}" if isinstance(value, float) else value
    return shown if measurement.uncertainty is None else f"{shown} ± {measurement.uncertainty:.3f}"


def _figures(measurement: Measurement) -> dict[str, Any]:
    names = ("value", "unit", "lower", "upper", "uncertainty")
    return {"verdict": measurement.verdict.name, **{name: getattr(measurement, name) for name in names}}
