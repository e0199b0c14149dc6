"""The journal as text."""

from __future__ import annotations

from dataclasses import replace

from bench.history import WIDTH, history, run_text
from bench.journal_reader import MeterSummary, RunSummary
from bench.record import Act, Instrument, Measurement, Outcome, Run
from bench.verdict import Ending, Verdict
from tests.bench.test_export import a_closed_run

_ID = "3f2a9c10-0000-4000-8000-000000000001"


def summary(run_id: str = _ID, ending: Ending | None = Ending.COMPLETE) -> RunSummary:
    verdicts = ((1, Verdict.PASS), (2, Verdict.FAIL), (4, Verdict.MARGINAL), (5, Verdict.NONE))
    meters = tuple(MeterSummary(position, f"S{position}", verdict) for position, verdict in verdicts)
    return RunSummary(run_id, "2026-01-01T06:30:00Z", "eol", "685-382-OK-50", "production", ending, "", meters)


def measured(value: float | str | None, verdict: Verdict, *, void: bool = False, note: str = "") -> Run:
    """A closed run with one measurement at position 1."""
    measurement = Measurement("error", "%", value, -1.0, 1.5, None, 0.05, verdict, "IEC 62053-21:2003, 8.1")
    outcome = Outcome(1, verdict, void, (measurement,), note=note)
    run = a_closed_run(_ID)
    return replace(run, steps=(replace(run.steps[0], outcomes=(outcome,)),))


def line_of(text: str, word: str) -> str:
    (line,) = (line for line in text.splitlines() if line.lstrip().startswith(word))
    return line


def test_the_history_has_one_line_a_run_with_a_letter_a_position() -> None:
    head, line, legend = history([summary()]).splitlines()
    assert head.split() == ["run", "opened", "(UTC)", "sequence", "type", "purpose", "ending", "positions"]
    assert line.split("  ")[0] == "3f2a9c10"
    assert "2026-01-01 06:30" in line
    assert line.endswith("COMPLETE     PF M-")
    assert "F fail" in legend


def test_the_prefix_in_the_history_tells_its_runs_apart() -> None:
    text = history([summary(), summary(_ID[:-1] + "2", ending=None)])
    assert _ID in text
    assert "open " in text


def test_an_empty_history_says_so() -> None:
    assert history([]) == "No run is recorded here.\n"


def test_a_shown_run_tells_every_step_measurement_and_verdict() -> None:
    text = run_text(measured(-0.31234567, Verdict.PASS))
    assert f"Run {_ID}" in text
    assert "Step 1  accuracy-ib  Accuracy at Ib" in text
    assert "3 × 230 V 5 A" in text
    for part in ("-0.312346 %", "-1 to 1.5 %", "0.05", "✔ PASS"):
        assert part in line_of(text, "1    error")


def test_a_failed_measurement_has_a_glyph_a_word_and_a_place_in_the_head() -> None:
    text = run_text(measured(2.0, Verdict.FAIL))
    assert "✖ FAIL" in line_of(text, "1    error")
    assert "accuracy-ib: error" in line_of(text, "1         S1")
    assert "✖ FAIL" in line_of(text, "1         S1")


def test_a_void_measurement_counts_for_nothing_and_says_so() -> None:
    text = run_text(measured(2.0, Verdict.FAIL, void=True, note="not finished: the source tripped"))
    assert "◇ VOID" in line_of(text, "1    error")
    assert "not finished: the source tripped" in text
    assert "✖" not in text


def test_a_measurement_that_was_never_set_is_not_shown_as_a_number() -> None:
    assert "never set" in line_of(run_text(measured(None, Verdict.FAIL)), "1    error")


def test_what_a_meter_sent_cannot_move_the_cursor() -> None:
    text = run_text(measured("\x1b[2J\r685", Verdict.FAIL))
    assert "·[2J·685" in text
    assert "\x1b" not in text


def test_no_line_is_wider_than_the_page() -> None:
    run = measured("x" * 300, Verdict.FAIL, note="why " * 60)
    wide = replace(
        run,
        operator="o" * 120,
        reason="because " * 40,
        acts=(Act(1.5, "4711", "w" * 200),),
        instruments=(Instrument("source", "M" * 150),),
    )
    for text in (run_text(wide), run_text(a_closed_run()), history([summary("i" * 36)])):
        assert max(map(len, text.splitlines())) <= WIDTH
    assert "because" in run_text(wide)
