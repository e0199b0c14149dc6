"""A question of the run on the screen: answered with one hand, never by a scanner, never by an Enter that was meant for another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.prompt import Display
from bench.verdict import Ending
from tests.tui.conftest import Operator
from tests.tui.scripted_session import TYPE_NUMBER, ScriptedSession, all_segments, labels, readings, under_way
from tui import segments
from tui.operator_screen import OperatorScreen
from tui.prompt import SHORTEST_LOOK_S, Prompt

Operate = Callable[..., None]


class Clock:
    """The time by which a look is reckoned."""

    def __init__(self) -> None:
        self.now = 100.0

    def passes(self, seconds: float = SHORTEST_LOOK_S) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(Prompt, "_now", staticmethod(lambda: clock.now))
    return clock


async def asked(operator: Operator, session: ScriptedSession, prompt: object = None) -> None:
    await operator.press("f1")
    under_way(session)
    session.prompted(prompt or all_segments())  # type: ignore[arg-type]  # a prompt or the usual one
    await operator.look()
    assert isinstance(operator.app.screen, Prompt)


def test_enter_says_that_all_is_as_it_must_be(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session)
        assert "? ACTION · Display" in operator.screen
        assert "Is nothing dark, on every meter?" in operator.screen
        assert "Enter: as shown     NUMBER Enter: that one is not     F4 aborts" in operator.screen
        clock.passes()
        await operator.press("enter")
        assert session.commands[-1] == ("answer", "run-1/2", "same", "operator")
        assert isinstance(operator.app.screen, OperatorScreen)

    operate(session, scene)


def test_a_number_and_enter_marks_a_position_and_once_more_takes_it_back(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(12, default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session, readings(range(1, 13)))
        clock.passes()
        for number in ("3", "12", "7", "3"):
            await operator.scan(number)
        assert "12 ✖ something else" in operator.screen
        assert "3 ✔ 0009003 kWh" in operator.screen
        await operator.press("enter")
        assert session.commands[-1] == ("answer", "run-1/1", "same 7=differs 12=differs", "operator")

    operate(session, scene)


def test_further_choices_come_one_after_the_other(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session, labels())
        clock.passes()
        await operator.scan("2")
        assert "2 ✖ the label differs" in operator.screen
        await operator.scan("2")
        assert "2 ✖ a seal is broken" in operator.screen
        await operator.press("f1")
        assert session.commands[-1] == ("answer", "run-1/3", "right 2=seal", "operator")

    operate(session, scene)


def test_a_touch_marks_and_answers(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session)
        clock.passes()
        await operator.click(".position")
        await operator.click(".confirm")
        assert session.commands[-1] == ("answer", "run-1/2", "same 1=differs", "operator")

    operate(session, scene)


def test_a_second_enter_does_not_answer_a_question_nobody_has_looked_at(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session, readings())
        clock.passes()
        await operator.press("enter")
        session.prompted(all_segments())
        await operator.look()
        clock.passes(SHORTEST_LOOK_S / 2)
        await operator.press("enter", "enter")
        assert isinstance(operator.app.screen, Prompt)
        assert [command[1] for command in session.commands if command[0] == "answer"] == ["run-1/1"]

    operate(session, scene)


def test_a_scanner_answers_nothing_whatever_ends_its_code(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session)
        clock.passes()
        await operator.press(*"qsyn 12", "tab", "enter")
        await operator.press(*"21480007", "enter", "enter")
        assert "21480007 is no position that is asked about" in operator.screen
        assert [command[0] for command in session.commands] == ["start"]

    operate(session, scene)


def test_escape_clears_what_was_typed_and_leads_nowhere(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session)
        clock.passes()
        await operator.press("2")
        assert "position 2▌" in operator.screen
        await operator.press("escape", "escape")
        assert "position 2▌" not in operator.screen
        assert isinstance(operator.app.screen, Prompt)
        await operator.press("enter")
        assert session.commands[-1] == ("answer", "run-1/2", "same", "operator")

    operate(session, scene)


def test_an_answer_that_is_refused_is_asked_for_again(operate: Operate, clock: Clock) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session)
        clock.passes()
        session.refuse = "This answer needs the badge of a quality engineer."
        await operator.press("enter")
        assert isinstance(operator.app.screen, Prompt)
        assert "This answer needs the badge of a quality engineer." in operator.screen

    operate(session, scene)


def test_f4_aborts_from_inside_a_prompt_and_the_end_of_the_run_takes_it_away(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await asked(operator, session)
        await operator.press("f4")
        assert session.commands[-1][0] == "abort"
        session.safe()
        session.closed(Ending.ABORTED, "aborted by operator")
        await operator.look()
        assert isinstance(operator.app.screen, OperatorScreen)

    operate(session, scene)


def test_a_screen_that_connects_late_shows_the_open_question(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)
    session.line(running=True, run="run-0", asked=all_segments())

    async def scene(operator: Operator) -> None:
        operator.app.change(glance=session.glance())
        await operator.look()
        assert isinstance(operator.app.screen, Prompt)

    operate(session, scene)


def test_the_segments_are_drawn_as_they_are_lit() -> None:
    eight, dark, one = "abcdefg", "", "bc"
    drawn = segments.drawn(Display("1", (eight, dark, one), 1, "kWh", (True, False), (True, False, True)))
    assert [row[:18] for row in drawn] == [
        " ━━━              ",
        "┃   ┃           ┃ ",
        " ━━━              ",
        "┃   ┃           ┃ ",
        " ━━━       .      ",
    ]
    assert len({len(row) for row in drawn}) == 1
    assert "T1" in drawn[1]
    assert ["L1" in drawn[2], "L2" in drawn[3], "L3" in drawn[4]] == [True, False, True]
