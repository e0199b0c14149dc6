"""Steps that need a person: asked at the screen, answered from a file or by the simulated operator, or left out by name."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.facts import PromptAnswered, PromptOpened, RunClosed, RunOpened, StepClosed
from bench.person import PATIENCE_S, Person
from bench.pytest_line import TestLine
from bench.session import PositionState, Refused, SourceState
from bench.station import Station
from bench.verdict import Ending, Verdict
from tests.end_to_end.at_work import TYPE, AtWork, at_work, station_changed, without_bypass
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import kept

FAIL, PASS = Verdict.FAIL, Verdict.PASS
ASKING = "run eol --simulated --type 685-381-OK-50 --positions 3"

pytestmark = [pytest.mark.meter(TYPE), pytest.mark.line(positions=2)]


# ---------------------------------------------------------------------- the simulated operator


@pytest.mark.parametrize(
    ("fault", "measurement", "value"),
    [
        ("wrong-label", "label", "differs"),
        ("broken-seal", "seals", "missing or broken"),
        ("display-segment=2d", "display test", "something dark"),
        ("display-segment", "display test", "something dark"),
    ],
)
@pytest.mark.line(positions=3)
def test_the_simulated_operator_sees_what_is_wrong(line: TestLine, fault: str, measurement: str, value: str) -> None:
    step = "display" if "display" in fault else "label-and-seals"
    run = line.having(f"2:{fault}").run("eol", only=step)
    assert run.verdicts == {1: PASS, 2: FAIL, 3: PASS}
    assert (measurement, value) in [(failed.name, failed.value) for _, failed in run.failures(2)]
    assert {failed_at.name for failed_at, _ in run.failures(2)} == {step}


@pytest.mark.meter("685-382-OK-50")
def test_every_segment_of_every_digit_is_missed(line: TestLine) -> None:
    dead = [f"{digit}{letter}" for digit in range(1, 9) for letter in "abcdefg"]
    for some in (dead[k : k + 12] for k in range(0, len(dead), 12)):
        faults = [f"{k}:display-segment={segment}" for k, segment in enumerate(some, 1)]
        run = line.having(*faults, positions=len(some)).run("eol", only="display")
        assert run.verdicts == dict.fromkeys(range(1, len(some) + 1), FAIL), some


@pytest.mark.line("2:broken-seal", positions=3, serials={1: "A1", 2: "B2"})
def test_a_question_and_its_answer_stand_in_the_record_and_on_paper(bench: Bench, line: TestLine) -> None:
    run = kept(line.run("eol", only="label-and-seals"))
    (step,) = (step for step in run.steps if step.name == "label-and-seals")
    one, two = (prompt for outcome in step.outcomes for prompt in outcome.prompts)
    assert one.wanted == "type 685-381-OK-50, number A1, constant 1000 imp/kWh, seals whole"
    assert (one.answer, two.answer, two.who) == ("right", "seal", "simulated operator")
    assert (one.time, one.seconds) == (step.opened, 5.0), "3 s to begin and 1 s a meter, in simulated time"
    assert [(act.who, act.what) for act in run.acts] == [
        ("bench", "asks label-and-seals, label-and-seals"),
        ("simulated operator", "answers label-and-seals, label-and-seals: right 2=seal"),
    ]
    shown = bench("show --simulated", run.id).out
    assert "simulated operator after 5.0 s: label-and-seals seal; wanted type 685-381-OK-50, number B2" in shown


def test_the_same_seed_asks_and_answers_the_same(bench: Bench) -> None:
    line = f"{ASKING} --fault 2:display-segment --only display --json"
    first = bench(line).out
    assert bench(line).out == first


# ---------------------------------------------------------------------- an answers file


def test_answers_of_a_file_serve_a_run_without_a_screen(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('[display]\ntotal = "same"\ntest = "same 3=differs"\n')
    said = bench(f"{ASKING} --only display --operator 4711 --json --answers", str(path))
    assert said.verdicts == {1: "PASS", 2: "PASS", 3: "FAIL"}
    answered = [fact for fact in said.facts if fact["fact"] == "prompt-answered"]
    assert [(fact["who"], fact["answers"], fact["seconds"]) for fact in answered] == [
        ("4711", ["same", "same", "same"], 0.0),
        ("4711", ["same", "same", "differs"], 0.0),
    ]


def test_a_mistake_in_the_answers_is_wrong_usage_and_nothing_is_switched_on(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('[display]\ntotal = "maybe"\n')
    said = bench(f"{ASKING} --only display --answers", str(path))
    assert (said.status, said.out) == (2, "")
    assert "display, total: 'maybe' is no answer" in said.err
    assert "display, test: no answer is given" in said.err
    assert said.err.count("\n") == 1


# ---------------------------------------------------------------------- a person


def asked_a_person(work: AtWork) -> Person:
    """Somebody in whose time nothing is real: simulated time runs on while the question is open."""
    person = Person()
    work.engine._person = work.engine._simulated_operator = person
    return person


def test_a_person_may_be_away_for_most_of_an_hour_and_no_deadline_runs_out(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        asked_a_person(work)
        testing = await work.start(only="display")
        for k, answer in enumerate(("same", "same 2=differs"), start=1):
            await work.until(lambda k=k: len(work.told(PromptOpened)) == k)  # type: ignore[misc]  # bound at once
            glance = work.engine.board.glance
            opened = work.told(PromptOpened)[-1].asked
            assert glance.asked == opened
            assert [each.state for each in glance.positions] == [PositionState.ACTION] * 2
            await asyncio.sleep(PATIENCE_S - 60.0)
            assert glance.source is SourceState.ENERGISED
            assert not work.world.truth.has_current
            with pytest.raises(Refused, match="no answer"):
                work.engine.answer(opened.prompt, "yes", "4711")
            work.engine.answer(opened.prompt, answer, "4711")
            with pytest.raises(Refused, match="not open"):
                work.engine.answer(opened.prompt, answer, "4711")
        run = await testing
        assert run.ending is Ending.COMPLETE
        assert run.verdicts == {1: PASS, 2: FAIL}
        assert work.engine.board.glance.asked is None
        assert [fact.answers for fact in work.told(PromptAnswered)] == [("same", "same"), ("same", "differs")]
        assert kept(run) == run
        work.assert_safe()

    at_work(line, scene)


def test_a_bench_that_nobody_looks_at_switches_itself_off(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        asked_a_person(work)
        run = await (await work.start(only="display"))
        assert run.ending is Ending.BLOCKED
        assert run.reason == "Display: nobody answered within 60 min; start the test again"
        assert run.steps[-1].outcomes[0].void
        work.assert_safe()

    at_work(line, scene)


def test_abort_ends_an_open_question(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        asked_a_person(work)
        testing = await work.start(only="display")
        await work.until(lambda: bool(work.told(PromptOpened)))
        await work.engine.abort("4711")
        work.assert_dead()
        run = await testing
        assert run.ending is Ending.ABORTED
        assert work.engine.board.glance.asked is None
        with pytest.raises(Refused, match="not open"):
            work.engine.answer(work.told(PromptOpened)[0].asked.prompt, "same", "4711")
        assert kept(run) == run
        assert [act.what for act in run.acts] == ["asks display, total", "abort"]

    at_work(line, scene)


def test_a_blocked_loop_still_loses_the_source_while_a_person_is_asked(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        asked_a_person(work)
        testing = await work.start(only="display")
        await work.until(lambda: bool(work.told(PromptOpened)))
        work.engine._line.owner.trip_now("the door was opened")  # type: ignore[union-attr]  # the owner in this loop
        run = await testing
        assert run.ending is Ending.BLOCKED
        assert "the door was opened" in run.reason
        work.assert_dead()

    at_work(line, scene)


@pytest.mark.line("2:silent-head", positions=3)
def test_a_meter_that_is_out_is_not_asked_about(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        await (await work.start(only="label-and-seals"))
        assert [fact.asked.positions for fact in work.told(PromptOpened)] == [(1, 3)]
        assert [fact.positions for fact in work.told(StepClosed)] == [(1, 2, 3), (1, 3)]
        assert work.told(RunClosed)[0].ending is Ending.COMPLETE

    at_work(line, scene)


# ---------------------------------------------------------------------- left out


def test_what_the_profile_leaves_out_is_named_wherever_the_run_is(bench: Bench, tmp_path: Path) -> None:
    profile, junit = tmp_path / "short.toml", tmp_path / "junit.xml"
    profile.write_text('leave_out = ["display"]\n')
    left_out = "left out: Display, by the profile short"
    assert left_out in bench("plan eol --type 685-381-OK-50 --profile", str(profile)).out
    said = bench(f"{ASKING} --junit {junit} --json --profile", str(profile))
    assert said.status == 0
    assert said.facts[0]["left_out"] == ["Display, by the profile short"]
    assert "display" not in [fact["step"] for fact in said.facts if fact["fact"] == "step-closed"]
    assert left_out in bench("show --simulated", said.facts[-1]["run"]).out
    suites = ElementTree.parse(junit).getroot().findall("testsuite")
    assert [suite.get("skipped") for suite in suites] == ["1", "1", "1"]
    for skipped in suites[0].findall("testcase/skipped"):
        assert skipped.get("message") == left_out
    assert left_out in bench(f"{ASKING} --only label-and-seals --profile", str(profile)).out


def test_a_profile_leaves_out_only_what_asks_a_person_or_needs_wires(bench: Bench, tmp_path: Path) -> None:
    profile = tmp_path / "short.toml"
    profile.write_text('leave_out = ["no-load"]\n')
    said = bench(f"{ASKING} --profile", str(profile))
    assert said.status == 2
    assert (
        "can leave out what asks a person and what an ordered module needs wires for: display, label-and-seals"
        in said.err
    )
    profile.write_text('leave_out = "display"\n')
    assert "a list of texts is wanted" in bench(f"{ASKING} --profile", str(profile)).err
    profile.write_text('leave_out = ["display"]\n')
    said = bench(f"{ASKING} --only display --profile", str(profile))
    assert "the step 'display' is left out: Display, by the profile short" in said.err


def without_the_second(station: Station) -> Station:
    one, two, *more = station.positions
    return replace(station, positions=(one, replace(two, bypass_pin=None), *more))


@pytest.mark.line(positions=3)
def test_a_position_without_a_contactor_leaves_the_wiring_out_by_name(line: TestLine) -> None:
    with station_changed(without_the_second):
        run = kept(line.run("eol", only="register"))
        assert run.verdicts == {1: PASS, 2: PASS, 3: PASS}
        (opened,) = line.told(RunOpened)
        assert list(opened.left_out) == [
            f"{step}, no bypass contactor at position 2" for step in ("S0 wiring", "Parking before a pulse")
        ]
        assert "s0-wiring" not in [closed.step for closed in line.told(StepClosed)]
        assert json.loads(run.plan)["without_bypass"] == [2]
        # Where that position is not used the wiring is looked at.
        some = line.having(serials={1: "A", 3: "C"})
        some.run("eol", only="register")
        assert some.told(RunOpened)[0].left_out == ()
        assert "s0-wiring" in [closed.step for closed in some.told(StepClosed)]


def test_before_the_run_plan_and_screen_say_what_a_failed_gate_will_cost(
    line: TestLine, bench: Bench, tmp_path: Path
) -> None:
    station = tmp_path / "station.toml"
    station.write_text(
        'name = "line 1"\nsource = { resource = "TCPIP::10.0.0.1::INSTR" }\nposition = [\n'
        '{ number = 1, s0_pin = "GPIO4", optical = "/dev/a" },\n'
        '{ number = 2, s0_pin = "GPIO5", optical = "/dev/b", bypass_pin = "GPIO6" } ]\n'
    )
    said = bench("plan eol --type 685-381-OK-50 --station", str(station))
    assert "left out: S0 wiring, no bypass contactor at position 1\n" in said.out
    warning = "no bypass contactor at position 1: a meter there that fails a gate ends the run BLOCKED before 80 A"
    assert f"note: {warning}" in said.out
    assert warning not in bench("plan eol --type 685-362-OK-50 --station", str(station)).out

    async def scene(work: AtWork) -> None:
        testing = await work.start(only="register")
        assert "no bypass contactor at positions 1, 2: a meter there" in work.engine.board.glance.message
        await testing

    with station_changed(without_bypass):
        at_work(line, scene)
