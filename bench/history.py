"""The journal as plain text, 100 columns wide: the table of `bench history` and the whole run of `bench show`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from bench.journal_reader import RunSummary
from bench.left_out import left_out, not_wired
from bench.let_through import not_tested
from bench.measurements import limit_in_words
from bench.record import Measurement, Outcome, Run, Step
from bench.screening import WORD, screened, screening_lines
from bench.standard_streams import legible
from bench.suspicion import suspicion_lines
from bench.verdict import Verdict
from bench.whose_fault import whose_fault

WIDTH = 100
"""Columns of every text here."""

_LETTERS = {Verdict.NONE: "-", Verdict.PASS: "P", Verdict.MARGINAL: "M", Verdict.FAIL: "F"}
_WORDS = {Verdict.NONE: "· NONE", Verdict.PASS: "✔ PASS", Verdict.MARGINAL: "! MARGINAL", Verdict.FAIL: "✖ FAIL"}
_VOID = "◇ VOID"
_SHORTEST_PREFIX = 8


def history(runs: Sequence[RunSummary]) -> str:
    """One line a run, newest first as given: id, when, sequence, type, purpose, ending, and a letter a position."""
    if not runs:
        return "No run is recorded here.\n"
    prefix = _prefix_length([run.id for run in runs])
    widths = (prefix, 16, 12, 16, 11, 11)
    room = WIDTH - sum(widths) - 2 * len(widths)
    lines = [_row(("run", "opened (UTC)", "sequence", "type", "purpose", "ending", "positions"), (*widths, room))]
    for run in runs:
        cells = (
            run.id[:prefix],
            run.opened_at[:16].replace("T", " "),
            run.sequence,
            run.type_number,
            run.purpose,
            run.ending.value if run.ending else "open",
            _letters(run),
        )
        lines.append(_row(cells, (*widths, room)))
    lines.append("positions from 1: P pass, M marginal, F fail, - no verdict, blank no meter")
    return "\n".join(lines) + "\n"


def run_text(run: Run) -> str:
    """The whole run: head, verdict a position, and every step with every measurement of every position."""
    parts = [_head(run), _verdicts(run), *(_step(step) for step in run.steps)]
    if run.acts:
        acts = (f"{act.time:8.1f} s  {act.who}: {act.what}" for act in run.acts)
        parts.append(["Acts", *acts])
    return "\n\n".join("\n".join(_cell(line, WIDTH).rstrip() for line in part) for part in parts) + "\n"


def _head(run: Run) -> list[str]:
    ending = run.ending.value if run.ending else "open"
    lines = [
        f"Run {run.id}",
        f"{run.sequence}  {run.type_number}  {run.purpose}  {ending}",
        f"opened {run.opened_at}  closed {run.closed_at or '-'}",
        f"station {run.station or '-'}  operator {run.operator or '-'}  order {run.order or '-'}  software {run.software}",
        f"plan {run.plan_hash}" + (f"  seed {run.seed}" if run.seed is not None else ""),
    ]
    known = "not known" if run.temperature_c is None else f"{run.temperature_c:.1f} °C"
    lines += _wrapped(f"temperature {known}" + (f" ({run.temperature_basis})" if run.temperature_basis else ""))
    for each in run.instruments:
        lines += _wrapped(f"{each.role}: {each.identity}  {each.accuracy}")
    lines += [line for each in screening_lines(screened(run)) for line in _wrapped(each)]
    lines += [line for each in left_out(run) for line in _wrapped(f"left out: {each}")]
    lines += [line for each in not_wired(run) for line in _wrapped(each)]
    if open_to := not_tested(run):
        lines += _wrapped(f"not tested by design: {open_to}")
    return lines + _wrapped(run.reason)


def _verdicts(run: Run) -> Iterator[str]:
    widths = (8, 16, 10, 60)
    yield _row(("position", "serial", WORD if screened(run) else "verdict", "failed"), widths)
    for meter in run.meters:
        failed = ", ".join(f"{step.name}: {m.name}" for step, m in run.failures(meter.position))
        yield _row((str(meter.position), meter.serial or "-", _WORDS[run.verdict(meter.position)], failed), widths)
        yield from (f"          {line}" for line in _wrapped(whose_fault(run, meter.position), WIDTH - 10))
    yield from (line for each in suspicion_lines(run) for line in _wrapped(each))


_COLUMNS = (3, 22, 22, 24, 10, 9)


def _step(step: Step) -> Iterator[str]:
    yield f"Step {step.number}  {step.name}  {step.title}"
    frequency = "" if step.frequency is None else f"  {step.frequency:.3f} Hz"
    yield f"  {step.opened:.1f} to {step.closed:.1f} s  {step.load or 'any load'}{frequency}"
    yield "  " + _row(("pos", "measurement", "value", "limit", "U (k = 2)", "verdict"), _COLUMNS)
    for outcome in step.outcomes:
        yield from _outcome(outcome)


def _outcome(outcome: Outcome) -> Iterator[str]:
    position = str(outcome.position)
    if not outcome.measurements:
        yield "  " + _row((position, "(nothing measured)", "", "", "", _word(outcome, outcome.verdict)), _COLUMNS)
    for m in outcome.measurements:
        uncertainty = "-" if m.uncertainty is None else f"{m.uncertainty:.3g}"
        cells = (position, m.name, _value(m), limit_in_words(m), uncertainty, _word(outcome, m.verdict))
        yield "  " + _row(cells, _COLUMNS)
        if m.note:
            yield from (f"      {line}" for line in _wrapped(m.note, WIDTH - 6))
    if outcome.corrections:
        phases = ", ".join(f"{each.phase} {each.power_percent:+.3f} %" for each in outcome.corrections)
        yield f"      reference corrected by {phases}"
    for prompt in outcome.prompts:
        asked = f"{prompt.who} after {prompt.seconds:.1f} s: {prompt.name} {prompt.answer}; wanted {prompt.wanted}"
        yield from (f"      {line}" for line in _wrapped(asked, WIDTH - 6))
    if outcome.note:
        yield from (f"      {line}" for line in _wrapped(outcome.note, WIDTH - 6))


def _word(outcome: Outcome, verdict: Verdict) -> str:
    return _VOID if outcome.void else _WORDS[verdict]


def _value(m: Measurement) -> str:
    if m.value is None:
        return "never set"
    return m.value if isinstance(m.value, str) else f"{m.value:.6g} {m.unit}".rstrip()


def _letters(run: RunSummary) -> str:
    by_position = {meter.position: _LETTERS[meter.verdict] for meter in run.meters}
    return "".join(by_position.get(k, " ") for k in range(1, max(by_position, default=0) + 1))


def _prefix_length(ids: Sequence[str]) -> int:
    """Characters after which these ids differ."""
    length = _SHORTEST_PREFIX
    while len({each[:length] for each in ids}) < len(set(ids)):
        length += 1
    return length


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_cell(cell, width).ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(text: str, width: int) -> str:
    """Legible, and cut to `width`."""
    shown = legible(text)
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    return textwrap.wrap(text, width)
