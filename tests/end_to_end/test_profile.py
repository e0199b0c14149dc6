"""What a profile says of points, order, settling and guard reaches the run, and the record tells it."""

from __future__ import annotations

import itertools
from pathlib import Path

from bench.journal_reader import JournalReader
from bench.left_out import left_out
from bench.places import journal_path
from bench.record import Run
from tests.end_to_end.conftest import Bench

PROFILE = """\
name = "own"
points = ["0.5 Imax", "Ib L2", "Imax", "Ib"]
order = "listed"
settle = 7.5
guard_rule = "20U"
leave_out = ["display", "label-and-seals"]
"""
JOB = "run eol --simulated --type 685-381-OK-50 --positions 2 --fault 2:gain=+0.4% --json --profile"


def recorded(run: str) -> Run:
    with JournalReader(journal_path(simulated=True)) as journal:
        return journal.run(run)


def test_a_run_makes_the_points_of_its_profile_settles_as_long_and_guards_as_wide(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(PROFILE, encoding="utf-8")
    said = bench(JOB, str(path))
    # 20 U is 1.7 %: no error fits between it and the limit of 1 %, of a good meter neither.
    assert said.verdicts == {1: "FAIL", 2: "FAIL"}
    run = recorded(said.facts[-1]["run"])
    accuracy = [step for step in run.steps if step.name.startswith("accuracy")]
    assert [step.name for step in accuracy] == ["accuracy-0.5imax", "accuracy-ib-l2", "accuracy-imax", "accuracy-ib"]
    assert [each.name for each in left_out(run) if each.reduces] == [
        "accuracy-ib-pf0.5",
        "accuracy-ib-l1",
        "accuracy-ib-l3",
        "accuracy-0.05ib",
        "single-phase-balance",
    ]
    for before, after in itertools.pairwise(accuracy):
        assert 7.5 <= after.opened - before.closed < 10.0
    error = next(each for each in accuracy[-1].outcomes[0].measurements if each.name == "error")
    assert isinstance(error.value, float)
    assert abs(error.value) < 0.5
    assert error.note.startswith("inside the guard band: within the limit, but not by 20 times its uncertainty")
    periods = next(each for each in accuracy[-1].outcomes[0].measurements if each.name == "periods")
    assert periods.value == 5.0, "no more periods would bring 20 U inside the limit"
    assert "left out: Accuracy Ib L1, by the profile own" in bench("show", run.id).out
    assert bench("replay", run.id).status == 0, "judged again it comes out the same"
