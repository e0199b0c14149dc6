"""Whole end-of-line runs of types that have little in common: one, two and three phases, 10 A and 5 A, class 1 and 2."""

from __future__ import annotations

import pytest

from bench.facts import RunOpened
from bench.pytest_line import TestLine
from bench.replay import replay
from bench.verdict import Ending, Verdict
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_steps, kept, outcomes

FAIL, PASS = Verdict.FAIL, Verdict.PASS
SCREENING = "SCREENING, no test by the norm: not proved: no-load over the whole time of the norm; starting: that the meter continues"


@pytest.mark.parametrize("type_number", ["685-162-OK-50", "685-281-OK-50", "685-322-RK-50"])
@pytest.mark.line(positions=2, seed=4)
def test_good_meters_pass(line: TestLine, type_number: str) -> None:
    run = line.of(type_number).run("eol")
    assert (run.ending, run.verdicts) == (Ending.COMPLETE, {1: PASS, 2: PASS})


@pytest.mark.meter("685-381-OK-50")
@pytest.mark.line("2:gain=-0.75%", "2:phase-gain=L2+2.3%", positions=2)
def test_a_circuit_apart_from_the_others_fails_though_every_point_lies_inside_its_limit(line: TestLine) -> None:
    run = kept(line.run("eol"))
    assert run.verdicts == {1: PASS, 2: FAIL}
    assert failed_steps(run, 2) == ["single-phase-balance"]
    assert replay(run).same


@pytest.mark.meter("685-381-OK-50")
@pytest.mark.line("2:creep=5.6W", "3:no-start=1.1x", "4:lost-pulses=250", positions=5, seed=2)
def test_the_short_form_finds_creep_and_a_meter_that_does_not_start_and_is_marked_everywhere(
    bench: Bench, line: TestLine
) -> None:
    run = kept(line.run("eol-short"))
    assert run.verdicts == {1: PASS, 2: FAIL, 3: FAIL, 4: FAIL, 5: PASS}
    assert failed_steps(run, 2)[0] == "no-load-screen"
    assert set(failed_steps(run, 3)) == {"starting-screen"}
    assert "s0-pulses" in failed_steps(run, 4)
    assert len(line.told(RunOpened)[0].screens) == 2
    left = [
        each.value
        for step in run.steps
        for outcome in step.outcomes
        for each in outcome.measurements
        if each.name == "left to the next pulse"
    ]
    assert len(left) == 5
    assert all(isinstance(value, float) and 0.02 < value < 0.08 for value in left)
    assert replay(run).same
    shown = bench("show", run.id).out
    assert SCREENING[:90] in shown
    assert "position  serial            screening" in shown


def test_plan_and_verdicts_of_the_short_form_say_screening_and_those_of_the_whole_do_not(bench: Bench) -> None:
    for name in ("eol-short", "eol"):
        plan = bench(f"plan {name} --type 685-381-OK-50").out
        table = bench(f"run {name} --simulated --positions 1 --seed 1").out
        for text in (plan, table):
            assert (SCREENING in text) == (name == "eol-short")
        assert ("screening   first failure" in table) == (name == "eol-short")
        assert "note: No-load" in plan
        assert "115 % Un (264.5 V) is above the data sheet's 253 V" in plan


def test_a_source_that_cannot_stop_a_meter_in_time_blocks_the_screening_and_not_the_whole_test(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sequences.parking._ACCEPTED_WH", 0.0)
    short = line.run("eol-short")
    assert short.ending is Ending.BLOCKED
    assert "the meter cannot be stopped before a pulse, in 3 tries" in short.reason
    whole = kept(line.run("eol"))
    assert whole.verdicts == {1: PASS}
    (parking,) = outcomes(whole, "parking")
    assert "not parked" in parking.measurements[0].note
