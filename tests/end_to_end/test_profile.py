"""What a profile says of points, order, settling and guard reaches the run, and the record tells it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from bench.left_out import left_out
from bench.pytest_line import TestLine
from bench.verdict import Verdict
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import kept

PROFILE = """\
name = "own"
points = ["0.5 Imax", "Ib L2", "Imax", "Ib"]
order = "listed"
settle = 7.5
guard_rule = "20U"
leave_out = ["display", "label-and-seals"]
"""


@pytest.mark.meter("685-381-OK-50")
@pytest.mark.line("2:gain=+0.4%", positions=2)
def test_a_run_makes_the_points_of_its_profile_settles_as_long_and_guards_as_wide(
    bench: Bench, line: TestLine, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(PROFILE, encoding="utf-8")
    run = kept(line.run("eol", profile=path))
    # 20 U is 1.7 %: no error fits between it and the limit of 1 %, of a good meter neither.
    assert run.verdicts == {1: Verdict.FAIL, 2: Verdict.FAIL}
    accuracy = [step for step in run.steps if step.name.startswith("accuracy")]
    assert [step.name for step in accuracy] == ["accuracy-0.5imax", "accuracy-ib-l2", "accuracy-imax", "accuracy-ib"]
    assert [each.name for each in left_out(run) if each.reduces] == [
        *(f"accuracy-imax-pf0.5-l{phase}" for phase in (1, 2, 3)),
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
