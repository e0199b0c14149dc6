"""A bench that is off by less than a limit: every meter passes, and record, table, `bench show` and replay say what is suspected."""

from __future__ import annotations

import pytest

from bench.export import canonical
from bench.facts import Suspected
from bench.headless import table
from bench.history import run_text
from bench.pytest_line import TestLine
from bench.record import Run
from bench.replay import replay
from bench.replay_text import replay_document, replay_text
from bench.verdict import Ending, Verdict
from tests.end_to_end.at_work import TYPE
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import kept, outcomes

pytestmark = [pytest.mark.meter("685-282-OK-50"), pytest.mark.line(positions=12, seed=77)]

# Ten meters of class 2 at -1.3 %: inside their limits. Two that are really bad (+3.0 and +2.8 %) are carried inside by the shift.
OFF = ("line:transformer-ratio=-1.4%", "2:gain=+3%", "3:gain=+2.8%")


def suspected(run: Run) -> list[str]:
    return [line for line in table(run).splitlines() if line.startswith("suspicion")]


def test_ten_of_twelve_good_meters_that_stand_together_off_centre_are_told_though_all_pass(line: TestLine) -> None:
    line = line.having(*OFF)
    run = kept(line.run("eol", only="accuracy-ib"))
    assert run.ending is Ending.COMPLETE
    assert set(run.verdicts.values()) == {Verdict.PASS}
    (fact,) = line.told(Suspected)
    assert (fact.step, fact.measured) == ("accuracy-ib", 12)
    assert fact.positions == (1, *range(4, 13))
    assert fact.percent == pytest.approx(-1.3, abs=0.15)
    assert fact.sentence.startswith("10 of 12 positions stand together at -1.")
    noted = {each.position for each in outcomes(run, "accuracy-ib") if fact.sentence in each.note}
    assert noted == set(fact.positions)
    assert suspected(run) == [f"suspicion: {fact.sentence} (Accuracy Ib)"]
    assert suspected(run)[0] in " ".join(run_text(run).split())
    done = replay(run)
    assert canonical(done.after) == canonical(run)
    assert suspected(run)[0] in replay_text(done)
    assert replay_document(done)["suspicions"][0]["sentence"] == fact.sentence


def test_the_fact_follows_the_step_in_json(bench: Bench) -> None:
    faults = [word for each in OFF for word in ("--fault", each)]
    said = bench(
        *("run", "eol", "--simulated", "--type", "685-282-OK-50", "--positions", "12", "--seed", "77"),
        *("--only", "accuracy-ib", "--json", *faults),
    )
    assert said.status == 0
    kinds = [fact["fact"] for fact in said.facts]
    assert kinds[kinds.index("suspicion") - 1] == "step-closed"
    assert said.facts[kinds.index("suspicion")]["measured"] == 12


@pytest.mark.meter(TYPE)
def test_two_meters_that_a_shift_of_the_bench_fails_are_told_once_to_look_like_that(line: TestLine) -> None:
    line = line.having("line:transformer-ratio=+1.4%", positions=2, seed=1)
    run = kept(line.run("eol", only="accuracy-ib"))
    assert run.verdicts == {1: Verdict.FAIL, 2: Verdict.FAIL}
    sentence = "with two positions a shift of the bench looks like bad meters: have the golden meter tested"
    assert suspected(run) == [f"suspicion: {sentence}"]
    assert [sentence in each.note for each in outcomes(run, "accuracy-ib")] == [True, True]
    assert len(line.told(Suspected)) == 1
    assert replay(run).same


@pytest.mark.meter(TYPE)
def test_good_meters_on_a_good_bench_raise_no_suspicion(line: TestLine) -> None:
    line = line.having(seed=3)
    run = line.run("eol", only="accuracy-ib")
    assert (suspected(run), line.told(Suspected)) == ([], [])
