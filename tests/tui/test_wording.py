"""Sentences and numbers as the operator reads them."""

from __future__ import annotations

import ast
import inspect

import pytest

from bench.facts import Failure
from bench.session import PositionGlance, PositionState, SourceState
from bench.verdict import Ending, Verdict
from tui import announcement, wording
from tui.big_letters import big
from tui.palette import Role
from tui.position_lines import cell, gauge, row, row_heads, tile
from tui.run_story import StepMark


@pytest.mark.parametrize(
    ("value", "unit", "limit", "said"),
    [
        (2.51, "%", "±1 %", "Accuracy Ib: error +2.51 %, limit ±1 %"),
        (-2.514, "%", "±1 %", "Accuracy Ib: error −2.51 %, limit ±1 %"),
        (34.1, "ms", "27 to 33 ms", "Accuracy Ib: error 34.1 ms, limit 27 to 33 ms"),
        (3.0, "", "at most 1", "Accuracy Ib: error 3, limit at most 1"),
        (0.4, "pulses", "at least 1 pulses", "Accuracy Ib: error 0.4 pulses, limit at least 1 pulses"),
        (None, "", "at most 1", "Accuracy Ib: error was never measured, limit at most 1"),
        ("685-381-OK-50", "", "685-382-OK-50", "Accuracy Ib: error is 685-381-OK-50, wanted 685-382-OK-50"),
        ("", "", "685-382-OK-50", "Accuracy Ib: error is empty, wanted 685-382-OK-50"),
    ],
)
def test_a_failure_is_said_with_value_unit_and_limit(
    value: float | str | None, unit: str, limit: str, said: str
) -> None:
    assert wording.failure(Failure("accuracy-ib", "Accuracy Ib", "error", value, unit, limit)) == said


@pytest.mark.parametrize("percent", [None, 0.0, -0.0004, 2.51, -100.0, 999.99949, 1000.0, -54321.0])
def test_an_error_never_changes_its_width(percent: float | None) -> None:
    assert len(wording.error(percent)) == 8


@pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (42.9, "0:42"), (190, "3:10"), (3725, "1:02:05")])
def test_a_duration_reads_like_a_clock(seconds: float, said: str) -> None:
    assert wording.clock(seconds) == said


def test_a_title_is_cut_between_words() -> None:
    assert wording.shortened("Accuracy 0.05 Ib PF 0.5 ind L2", 22) == "Accuracy 0.05 Ib PF…"
    assert wording.shortened("Accuracy Ib", 22) == "Accuracy Ib"


def test_a_long_serial_keeps_its_last_digits() -> None:
    assert wording.tail("123456789012", 10) == "…456789012"


def test_no_two_states_share_glyph_and_word_and_each_verdict_has_its_colour() -> None:
    badges = [wording.position_badge(PositionGlance(1, state=state)) for state in PositionState]
    badges += [wording.verdict_badge(verdict) for verdict in Verdict if verdict is not Verdict.NONE]
    assert len({badge[:2] for badge in badges}) == len(badges)
    assert wording.verdict_badge(Verdict.PASS) == ("✔", "PASS", Role.PASS)
    assert wording.verdict_badge(Verdict.FAIL) == ("✖", "FAIL", Role.FAIL)
    assert len({wording.source_badge(source)[:2] for source in SourceState}) == len(SourceState)


def test_a_pass_is_not_shown_before_the_run_has_ended_but_a_fail_is() -> None:
    running = PositionState.RUNNING
    assert wording.position_badge(PositionGlance(1, state=running, verdict=Verdict.PASS))[1] == "RUNNING"
    assert wording.position_badge(PositionGlance(1, state=running, verdict=Verdict.FAIL))[1] == "FAIL"


def test_the_gauge_shows_where_the_error_stands_between_its_limits() -> None:
    assert gauge(0.0, 1.0, 13) == "──├───●───┤──"
    assert gauge(1.0, 1.0, 13) == "──├───┼───●──"
    assert gauge(-0.5, 1.0, 13) == "──├─●─┼───┤──"
    assert gauge(7.0, 1.0, 13) == "──├───┼───┤─▶"
    assert gauge(-7.0, 1.0, 13) == "◀─├───┼───┤──"
    assert gauge(None, 1.0, 13) == "──├───┼───┤──"
    assert gauge(0.3, None, 13) == " " * 13


def test_every_word_of_the_banner_is_drawn_in_big_letters() -> None:
    """A letter that is not drawn would end the app at the worst moment."""
    words = {str(ending) for ending in Ending}
    for node in ast.walk(ast.parse(inspect.getsource(announcement))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Announcement":
            word = node.args[1]
            words |= {word.value} if isinstance(word, ast.Constant) and isinstance(word.value, str) else set()
    assert {"PASS", "FAIL", "ABORTED", "BLOCKED", "UNKNOWN", "TRIPPED", "REFUSED"} <= words
    for each in words:
        assert len({len(line) for line in big(each)}) == 1


@pytest.mark.parametrize("width", [80, 100, 111])
@pytest.mark.parametrize("error", [None, -12.345, 4321.0])
def test_a_position_fills_its_lines_exactly(width: int, error: float | None) -> None:
    position = PositionGlance(
        12, "12345678901234567890", PositionState.RUNNING, step="Accuracy 0.05 Ib PF 0.5 ind L2", error_percent=error,
        limit_percent=0.75, pulses=123456, width_ms=123.456, progress=1.0,
    )  # fmt: skip
    assert row(position, width).cell_length == width
    assert len(row_heads(width).text) == width
    assert row_heads(width).text.endswith("Done")
    assert row(position, width).text.endswith("100%")
    assert cell(position, 26).cell_length == 26
    marks = [StepMark(f"Step {k}", Verdict.PASS if k < 15 else None) for k in range(30)]
    for height in (8, 10, 13, 20, 60):
        lines = tile(position, marks, 40, height)
        assert len(lines) == height
        assert {line.cell_length for line in lines} == {40}
    assert any("· Step 15" in line.text for line in tile(position, marks, 40, 20))
