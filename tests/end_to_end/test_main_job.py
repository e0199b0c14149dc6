"""The main job from the command line: four meters tested, what is printed, what it exits with, and what `--json` promises."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench.facts import Fact, RunClosed, StepClosed
from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.pytest_line import TestLine
from bench.verdict import Verdict
from tests.end_to_end.at_work import TYPE, AtWork, at_work
from tests.end_to_end.conftest import Bench

FOUR = "run eol --simulated --type 685-381-OK-50 --positions 4"
TWO_BAD = f"{FOUR} --fault 2:gain=+2.5% --fault 3:short-pulse=26ms"

TYPES = [f"685-{phases}{current}{accuracy}-OK-50" for phases in "123" for current in "1268" for accuracy in "12"]
"""All 24 electrical types: current range 9 is 1 with other terminals."""
SLICE = ["685-111-OK-50", "685-122-OK-50", "685-162-OK-50", "685-211-OK-50", "685-382-OK-50", "685-361-OK-50"]
"""Each number of phases, current range and class at least once."""


def test_four_meters_pass_and_a_table_says_so(bench: Bench) -> None:
    said = bench("run eol --simulated --type 685-382-OK-50 --positions 4 --speed max")
    assert (said.status, said.err) == (0, "")
    title, heading, *rows, ending = said.out.splitlines()
    assert title == "eol  685-382-OK-50  4 meters  simulated, seed 1"
    assert heading.split() == ["pos", "serial", "verdict", "first", "failure"]
    assert [row.split() for row in rows] == [[str(position), "-", "✔", "PASS"] for position in (1, 2, 3, 4)]
    assert ending.startswith("COMPLETE after ")


def test_a_simulated_run_needs_no_type_number(bench: Bench) -> None:
    said = bench("run eol --simulated --positions 1")
    assert said.status == 0
    assert "685-382-OK-50  1 meters" in said.out


def test_two_bad_meters_fail_at_their_steps_and_their_neighbours_pass(bench: Bench) -> None:
    said = bench(TWO_BAD)
    assert said.status == 1
    one, two, three, four = said.out.splitlines()[2:6]
    assert "✔ PASS" in one
    assert "✖ FAIL" in two
    assert "Accuracy " in two
    assert "error 2." in two
    assert "✖ FAIL" in three
    assert "S0 pulses: mean width 2" in three
    assert three.endswith("limit 27 to 33 ms")
    assert "✔ PASS" in four
    assert said.out.splitlines()[6].startswith("COMPLETE after ")


def test_every_line_of_json_parses_and_the_last_one_sums_the_run_up(bench: Bench) -> None:
    said = bench(TWO_BAD, "--json", "--serial", "1=21480001", "--serial", "2=21480002", "--serial", "3=21480003")
    assert (said.status, said.err) == (1, "")
    facts = said.facts
    assert [fact["number"] for fact in facts] == list(range(1, len(facts) + 1))
    assert all(earlier["time"] <= later["time"] for earlier, later in itertools.pairwise(facts))
    opened, *steps, safe, closed = facts
    assert opened["fact"] == "run-opened"
    assert opened["positions"] == [1, 2, 3]
    asked = [fact for fact in steps if fact["fact"].startswith("prompt-")]
    assert [fact["fact"] for fact in asked] == ["prompt-opened", "prompt-answered"] * 3
    steps = [fact for fact in steps if fact not in asked]
    assert {fact["fact"] for fact in steps} == {"step-closed"}
    assert {fact["title"] for fact in steps} == set(opened["steps"])
    assert (safe["fact"], safe["volts"] < 1.0, safe["amperes"] < 0.01) == ("safe", True, True)
    assert {fact["run"] for fact in facts} == {opened["run"]}

    assert closed["fact"] == "run-closed"
    assert closed["ending"] == "COMPLETE"
    assert [(each["position"], each["serial"], each["verdict"]) for each in closed["positions"]] == [
        (1, "21480001", "PASS"),
        (2, "21480002", "FAIL"),
        (3, "21480003", "FAIL"),
    ]
    one, two, three = closed["positions"]
    assert one["failed"] == []
    assert {each["step"].split("-")[0] for each in two["failed"]} == {"accuracy"}
    (ib,) = (each for each in two["failed"] if each["step"] == "accuracy-ib")
    assert (ib["measurement"], ib["limit"]) == ("error", "±1 %")
    assert 1.5 < ib["value"] < 3.5
    assert three["failed"][0]["step"] == "s0-pulses"
    assert {each["measurement"].split()[1] for each in three["failed"]} <= {"width", "outside"}, "at every load"
    assert {"step", "measurement", "value", "limit"} <= three["failed"][0].keys()

    told_by_steps = [(position, failure) for fact in steps for position, failure in fact["failed"]]
    summed_up = [(each["position"], failure) for each in closed["positions"] for failure in each["failed"]]
    assert sorted(map(json.dumps, told_by_steps)) == sorted(map(json.dumps, summed_up))


@pytest.mark.meter(TYPE)
@pytest.mark.line(positions=2)
def test_a_fact_is_told_only_after_its_commit(line: TestLine) -> None:
    read: list[Any] = []

    async def scene(work: AtWork) -> None:
        def look_into_the_journal(fact: Fact) -> None:
            with JournalReader(journal_path(simulated=True)) as reader:
                run = reader.run(fact.run)
            if isinstance(fact, StepClosed):
                assert fact.step in [step.name for step in run.steps]
            assert run.ending is (fact.ending if isinstance(fact, RunClosed) else None)
            read.append(fact)

        work.engine.facts.subscribe(look_into_the_journal)
        await (await work.start(only="accuracy-ib"))
        assert read == work.facts

    at_work(line, scene)
    assert [fact.kind for fact in read] == ["run-opened", *["step-closed"] * 4, "safe", "run-closed"]


@pytest.mark.parametrize("type_number", SLICE)
@pytest.mark.line(positions=2)
def test_good_meters_of_each_range_class_and_number_of_phases_pass(line: TestLine, type_number: str) -> None:
    assert type_number in TYPES
    run = line.of(type_number).run("eol")
    assert run.verdicts == {1: Verdict.PASS, 2: Verdict.PASS}, run.reason


@pytest.mark.meter("685-321-OK-50")
@pytest.mark.line(positions=12)
def test_twelve_positions_pass_together(line: TestLine) -> None:
    assert line.run("eol", only="accuracy-imax").verdicts == dict.fromkeys(range(1, 13), Verdict.PASS)


def test_unused_positions_are_bypassed_and_not_tested(bench: Bench) -> None:
    said = bench(FOUR, "--serial", "2=A", "--serial", "4=B", "--json", "--only", "accuracy-ib")
    assert said.status == 0
    assert said.verdicts == {2: "PASS", 4: "PASS"}
    assert all(fact["positions"] == [2, 4] for fact in said.facts if fact["fact"] == "step-closed")


@pytest.mark.meter(TYPE)
@pytest.mark.line(positions=3)
def test_no_current_flows_through_a_meter_that_is_not_tested(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-imax", serials={1: "A", 2: "B"})
        used, unused = work.currents_through(2), work.currents_through(3)
        await testing
        assert max(used) > 79.0
        assert max(unused) == 0.0
        # The next run takes the bridge out again.
        testing = await work.start(only="accuracy-imax", serials={3: "C"})
        used, unused = work.currents_through(3), work.currents_through(2)
        run = await testing
        assert max(used) > 79.0
        assert max(unused) == 0.0
        assert [meter.serial for meter in run.meters] == ["C"]

    at_work(line, scene)


def test_a_serial_number_given_twice_is_refused(bench: Bench, home: Path) -> None:
    said = bench(FOUR, "--serial", "1=A", "--serial", "3=A")
    assert said.status == 2
    assert said.err == "bench: serial A was given for two positions; scan the meters again\n"


def test_junit_names_the_failed_step_for_any_ci(bench: Bench, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    said = bench("run eol --simulated --positions 2 --fault 2:silent-head --only sign-on --junit", str(report))
    assert said.status == 1
    root = ElementTree.parse(report).getroot()
    one, two = root.findall("testsuite")
    assert (one.get("failures"), two.get("failures")) == ("0", "1")
    failure = two.find("testcase/failure")
    assert failure is not None
    assert "no answer from the optical head" in (failure.get("message") or "")
