"""Whole end-of-line runs of types that have little in common: one, two and three phases, 10 A and 5 A, class 1 and 2."""

from __future__ import annotations

import pytest

from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.record import Run
from bench.replay import replay
from tests.end_to_end.conftest import Bench, Said

SCREENING = "SCREENING, no test by the norm: not proved: no-load over the whole time of the norm; starting: that the meter continues"


def recorded(said: Said) -> Run:
    with JournalReader(journal_path(simulated=True)) as reader:
        return reader.run(said.facts[-1]["run"])


@pytest.mark.parametrize("type_number", ["685-162-OK-50", "685-281-OK-50", "685-322-RK-50"])
def test_good_meters_pass(bench: Bench, type_number: str) -> None:
    said = bench(f"run eol --simulated --type {type_number} --positions 2 --seed 4 --json")
    assert (said.status, said.facts[-1]["ending"], said.verdicts) == (0, "COMPLETE", {1: "PASS", 2: "PASS"})


def test_a_circuit_apart_from_the_others_fails_though_every_point_lies_inside_its_limit(bench: Bench) -> None:
    apart = ("--fault", "2:gain=-0.75%", "--fault", "2:phase-gain=L2+2.3%")
    said = bench("run eol --simulated --type 685-381-OK-50 --positions 2 --seed 1 --json", *apart)
    assert said.verdicts == {1: "PASS", 2: "FAIL"}
    assert said.failed_steps(2) == ["single-phase-balance"]
    run = recorded(said)
    assert replay(run).same


def test_the_short_form_finds_creep_and_a_meter_that_does_not_start_and_is_marked_everywhere(bench: Bench) -> None:
    faults = ("--fault", "2:creep=5.6W", "--fault", "3:no-start=1.1x", "--fault", "4:lost-pulses=250")
    line = "run eol-short --simulated --type 685-381-OK-50 --positions 5 --seed 2"
    said = bench(f"{line} --json", *faults)
    assert said.verdicts == {1: "PASS", 2: "FAIL", 3: "FAIL", 4: "FAIL", 5: "PASS"}
    assert said.failed_steps(2)[0] == "no-load-screen"
    assert set(said.failed_steps(3)) == {"starting-screen"}
    assert "s0-pulses" in said.failed_steps(4)
    assert len(said.facts[0]["screens"]) == 2
    run = recorded(said)
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
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sequences.parking._ACCEPTED_WH", 0.0)
    short = bench("run eol-short --simulated --positions 1 --seed 1 --json")
    assert (short.status, short.facts[-1]["ending"]) == (3, "BLOCKED")
    assert "the meter cannot be stopped before a pulse, in 3 tries" in short.facts[-1]["reason"]
    whole = bench("run eol --simulated --positions 1 --seed 1 --json")
    assert whole.verdicts == {1: "PASS"}
    (parking,) = (step for step in recorded(whole).steps if step.name == "parking")
    assert "not parked" in parking.outcomes[0].measurements[0].note
