"""An operator at the screen: scan, start, look, abort, answer, re-arm, quit."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import pytest
from textual import events
from textual.binding import Binding
from textual.widgets import Input

import tui.app
from bench.facts import Suspected
from bench.session import RunRequest, SourceState, Unreachable
from bench.verdict import Ending, Verdict
from tests.tui.conftest import Operator
from tests.tui.scripted_session import FAILURE, TYPE_NUMBER, ScriptedSession, ended_with_a_failure, under_way
from tui.app import BenchApp
from tui.operator_screen import OperatorScreen
from tui.prompt import Prompt
from tui.question import Leave, Question

Operate = Callable[..., None]


def test_scans_make_positions_ready_and_f1_runs_them_to_their_verdicts(operate: Operate) -> None:
    session = ScriptedSession(simulated=False)

    async def scene(operator: Operator) -> None:
        assert "SCAN" in operator.banner
        await operator.scan(TYPE_NUMBER.lower())
        await operator.scan("21480000")
        await operator.scan("21480007")
        assert TYPE_NUMBER in operator.screen
        assert operator.screen.count("◇ READY") == 3  # two positions and the banner
        assert "F1 starts eol at positions 1 and 2" in operator.banner
        await operator.press("f1")
        assert "▶ RUNNING step 1 of 7: Sign-on" in operator.banner
        under_way(session)
        await operator.look()
        assert "step 2 of 7: Accuracy Ib" in operator.banner
        assert "+2.510" in operator.screen
        session.safe()
        session.closed(verdicts={1: Verdict.PASS, 2: Verdict.PASS})
        await operator.look()
        assert "✔ PASS positions 1 and 2" in operator.banner
        assert operator.screen.count("✔ PASS") == 3

    operate(session, scene)
    (request,) = session.requests
    assert request.serials == {1: "21480000", 2: "21480007"}
    assert (request.sequence, request.type_number, request.purpose) == ("eol", TYPE_NUMBER, "production")


def test_a_pass_of_a_screening_is_told_as_no_test_by_the_norm(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)
    session.screens = ("no-load over the whole time of the norm",)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        session.safe()
        session.closed(verdicts=dict.fromkeys((1, 2, 3, 4), Verdict.PASS))
        await operator.look()
        assert "✔ PASS positions 1 to 4 screening: no test by the norm" in operator.banner

    operate(session, scene)


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.MARGINAL])
def test_a_suspicion_of_the_bench_is_on_the_screen_as_soon_as_it_is_told_and_beside_the_verdict(
    operate: Operate, verdict: Verdict
) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)
    sentence = "4 of 4 positions stand together at +0.78 %: have the golden meter tested before these leave"

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        session.tell(
            Suspected,
            step="accuracy-ib",
            title="Accuracy Ib",
            positions=(1, 2, 3, 4),
            measured=4,
            percent=0.78,
            sentence=sentence,
        )
        await operator.look()
        assert f"! {sentence}" in operator.banner
        session.safe()
        session.closed(verdicts=dict.fromkeys((1, 2, 3, 4), verdict))
        await operator.look()
        assert f"{verdict.name} positions 1 to 4 ! {sentence}" in operator.banner
        await operator.press("f1")
        assert "golden" not in operator.banner

    operate(session, scene)


def test_a_simulated_station_offers_its_type_and_starts_without_serials(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        assert "F1 starts eol at positions 1 to 4." in operator.banner
        await operator.press("f1")
        assert operator.screen.count("▶ RUNNING") == 5

    operate(session, scene)
    assert session.requests[0].serials == {}


def test_a_real_station_starts_nothing_without_type_or_serial_and_says_what_to_scan(operate: Operate) -> None:
    session = ScriptedSession(simulated=False)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        assert "Scan the type number of the meters" in operator.screen.splitlines()[-3]
        await operator.scan(TYPE_NUMBER)
        await operator.press("f1")
        assert "Scan the serial number of the meter at position 1, then F1." in operator.screen

    operate(session, scene)
    assert session.commands == []


def test_a_half_typed_line_holds_the_start_back_until_enter_or_escape(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press(*"2148", "f1")
        assert "The scan line is not ended" in operator.screen
        assert session.commands == []
        await operator.press("escape", "f1")
        assert session.commands[0][0] == "start"

    operate(session, scene)


def test_a_scan_during_a_run_is_kept_out_and_says_so(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        await operator.scan("21489999")
        assert "21489999 was not entered: a test is running" in operator.screen
        assert operator.app.picture.entry.serials == {}
        assert "▶ RUNNING" in operator.banner

    operate(session, scene)


def test_a_scan_arrives_although_another_widget_has_the_focus(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        field = Input()
        await operator.app.screen.mount(field)
        field.focus()
        await operator.look()
        assert operator.app.focused is field
        await operator.scan("21480000")
        assert operator.app.picture.entry.serials == {1: "21480000"}
        assert field.value == ""

    operate(session, scene)


def test_a_pasted_scan_is_a_scan(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        operator.app.post_message(events.Paste("21480000\r\n2148"))
        await operator.look()
        assert operator.app.picture.entry.serials == {1: "21480000"}
        assert operator.app.picture.scan == "2148"

    operate(session, scene)


def test_f4_aborts_and_safe_is_shown_only_after_the_readback(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        under_way(session)
        await operator.press("f4")
        assert session.commands[-1] == ("abort", "operator")
        assert "■ ABORTING switching the source off…" in operator.banner
        assert "SAFE" not in operator.screen
        session.safe(volts=0.3, amperes=0.001)
        await operator.look()
        assert "■ SAFE source off, read back 0.3 V, 0.001 A" in operator.banner
        session.closed(Ending.ABORTED, "aborted by operator")
        await operator.look()
        assert "■ ABORTED aborted by operator" in operator.banner
        assert "■ SAFE source off, read back 0.3 V, 0.001 A" in operator.banner
        assert operator.screen.count("■ NOT DONE") == 4

    operate(session, scene)


def test_a_fail_of_a_finished_step_stands_after_an_abort(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        under_way(session)
        session.step_closed("Accuracy Ib", {2: Verdict.FAIL}, ((2, FAILURE),))
        await operator.look()
        assert "✖ FAIL so far: position 2" in operator.banner
        session.closed(Ending.ABORTED, "aborted by operator", {2: Verdict.FAIL}, {2: (FAILURE,)})
        await operator.look()
        assert "■ ABORTED" in operator.banner
        assert "✖ FAIL position 2 Accuracy Ib: error +2.51 %, limit ±1 %" in operator.banner

    operate(session, scene)


def test_f4_during_a_slow_start_is_heard_at_once_and_once_more_when_the_run_is_there(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        session.start_waits = asyncio.Event()
        await operator.press("f1")
        assert "▶ STARTING" in operator.banner
        await operator.press("f1", "f4")
        assert "■ ABORTING" in operator.banner
        assert [command[0] for command in session.commands] == ["start", "abort"]
        session.start_waits.set()
        await operator.look()
        assert [command[0] for command in session.commands] == ["start", "abort", "abort"]

    operate(session, scene)


def test_a_refused_start_shows_the_sentence_and_keeps_the_entries(operate: Operate) -> None:
    session = ScriptedSession(simulated=False)
    session.refuse = "685-999-OK-50 is no type number of this meter: digits 4 to 6 must be 381 or 382."

    async def scene(operator: Operator) -> None:
        await operator.scan("685-999-OK-50")
        await operator.scan("21480000")
        await operator.press("f1")
        assert (
            "! REFUSED 685-999-OK-50 is no type number of this meter: digits 4 to 6 must be 381 or 382."
            in operator.banner
        )
        assert operator.app.picture.entry.serials == {1: "21480000"}
        await operator.scan("685-382-OK-50")
        assert "◇ READY" in operator.banner

    operate(session, scene)


def test_the_fail_banner_names_position_step_value_and_limit(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        ended_with_a_failure(session)
        await operator.look()
        assert "✖ FAIL position 2 Accuracy Ib: error +2.51 %, limit ±1 %" in operator.banner
        assert "≈ MARGINAL position 3 ✔ PASS positions 1 and 4" in operator.banner

    operate(session, scene)


@pytest.mark.parametrize("clearing", ["scan", "f2"])
def test_the_last_result_stays_until_the_next_scan_or_f2(operate: Operate, clearing: str) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        ended_with_a_failure(session)
        await operator.press("f6", "escape", "1", "backspace")
        assert "✖ FAIL position 2" in operator.banner
        await (operator.scan("21480000") if clearing == "scan" else operator.press("f2"))
        assert "FAIL" not in operator.screen
        assert "◇ READY" in operator.banner

    operate(session, scene)


def test_a_tripped_source_is_re_armed_with_f9_which_is_shown_only_then(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f9")
        assert "RE-ARM" not in operator.screen
        await operator.press("f1")
        session.tripped("the door was opened")
        session.closed(Ending.BLOCKED, "the door was opened")
        await operator.look()
        assert "! TRIPPED the door was opened F9 re-arms the source." in operator.banner
        assert "RE-ARM" in operator.screen
        await operator.press("f9")
        assert session.commands[-1] == ("rearm", "operator")
        assert "TRIPPED" not in operator.screen
        assert "RE-ARM" not in operator.screen
        assert "! BLOCKED the door was opened" in operator.banner

    operate(session, scene)


def test_a_source_that_may_be_live_goes_before_everything_else(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        ended_with_a_failure(session)
        session.line(source=SourceState.UNKNOWN)
        await operator.look()
        assert "? UNKNOWN Do not touch anything" in operator.banner
        assert "SOURCE ? UNKNOWN" in operator.screen

    operate(session, scene)


def test_the_speed_key_goes_round_on_a_simulated_station(operate: Operate) -> None:
    session = ScriptedSession()

    async def scene(operator: Operator) -> None:
        assert "SIMULATED 10x" in operator.screen
        await operator.press("f6")
        assert "SIMULATED max" in operator.screen
        await operator.press("f6", "f6")
        assert "SIMULATED 10x" in operator.screen

    operate(session, scene)
    assert session.commands == [("speed", math.inf), ("speed", 1.0), ("speed", 10.0)]


def test_a_real_station_has_no_speed_key(operate: Operate) -> None:
    session = ScriptedSession(simulated=False)

    async def scene(operator: Operator) -> None:
        assert "Speed" not in operator.screen
        assert "SIMULATED" not in operator.screen
        await operator.press("f6")

    operate(session, scene)
    assert session.commands == []


def test_f10_quits_at_once_when_nothing_runs(operate: Operate) -> None:
    async def scene(operator: Operator) -> None:
        await operator.press("f10")
        assert not operator.app.is_running

    operate(ScriptedSession(), scene)


def test_f10_during_a_run_asks_and_quits_after_the_abort(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def scene(operator: Operator) -> None:
        await operator.press("f1", "f10")
        assert isinstance(operator.app.screen, Leave)
        await operator.press("escape")
        assert isinstance(operator.app.screen, OperatorScreen)
        assert [command[0] for command in session.commands] == ["start"]
        await operator.press("f10", "f4")
        assert session.commands[-1][0] == "abort"
        assert operator.app.is_running
        assert "■ ABORTING" in operator.banner
        session.safe()
        session.closed(Ending.ABORTED, "aborted by operator")
        await operator.look()
        assert not operator.app.is_running

    operate(session, scene)


def test_every_binding_is_a_function_key_or_escape(operate: Operate) -> None:
    def keys(bindings: list[Binding]) -> set[str]:
        return {binding.key for binding in bindings}

    allowed = {f"f{k}" for k in range(1, 13)} | {"escape"}
    for owner in (BenchApp, OperatorScreen, Question, Prompt, Leave):
        assert keys([b for _, b in owner._merge_bindings()]) <= allowed, owner

    async def scene(operator: Operator) -> None:
        assert set(operator.app.screen.active_bindings) <= allowed

    operate(ScriptedSession(), scene)


def test_a_run_of_somebody_else_is_shown_like_ones_own(operate: Operate) -> None:
    session = ScriptedSession(default_type=TYPE_NUMBER)

    async def before() -> None:
        await session.start(RunRequest("type-test", TYPE_NUMBER), "another screen")

    asyncio.run(before())
    session._told = asyncio.Event()  # of the loop the app runs in

    async def scene(operator: Operator) -> None:
        assert "▶ RUNNING step 1 of 7: Sign-on" in operator.banner
        assert "type-test" in operator.screen
        await operator.press("f1")
        assert [command[0] for command in session.commands] == ["start"]

    operate(session, scene)


def test_an_engine_that_has_gone_leaves_nothing_known_of_the_source_and_is_found_again(
    operate: Operate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tui.app, "RETRY_PERIOD_S", 0.0)
    session, next_one = ScriptedSession(), ScriptedSession(positions=3)
    back = False

    async def again() -> ScriptedSession:
        if not back:
            raise Unreachable("no engine answers")
        return next_one

    async def scene(operator: Operator) -> None:
        nonlocal back
        await operator.scan("685-382-OK-50")
        await operator.scan("11")
        await operator.press("f1")
        assert "ENERGISED" in operator.screen
        session.vanish("the engine (process 7) has gone")
        await operator.look()
        assert (
            "NO ENGINE Do not touch anything: the meters may be live. the engine (process 7) has gone"
            in operator.banner
        )
        assert "UNKNOWN" in operator.screen
        assert "ENERGISED" not in operator.screen
        assert "This screen looks for the engine. F10 leaves." in operator.screen
        await operator.press("f1")
        assert session.commands == [("start", "operator")], "there is nobody to start anything"
        next_one.line(source=SourceState.SAFE)
        back = True
        while operator.app.session is session:
            await asyncio.sleep(0)
        await operator.look()
        assert "NO ENGINE" not in operator.screen
        assert "The journal says how the last test ended" in operator.screen
        assert session.commands[-1] == ("close",)
        await operator.press("f1")
        assert next_one.commands == [("start", "operator")]

    operate(session, scene, again=again)


def test_f10_leaves_a_run_of_an_engine_elsewhere_alone_without_asking(operate: Operate) -> None:
    session = ScriptedSession(default_type="685-382-OK-50")

    async def again() -> ScriptedSession:
        raise AssertionError("nobody was lost")

    async def scene(operator: Operator) -> None:
        await operator.press("f1")
        await operator.press("f10")
        assert not operator.app.is_running
        assert ("abort", "operator") not in session.commands

    operate(session, scene, again=again)
