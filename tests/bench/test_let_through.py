"""What a sequence lets through by design stands in its plan, and in every report that is made of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bench.history import run_text
from bench.let_through import let_through_by, lets_through, not_tested
from bench.plan import make_plan
from bench.plan_text import plan_text
from bench.profile import STANDARD, Profile
from bench.steps import Sequence, Step
from bench.verdict import Verdict
from reference_meter import TypeNumber
from sequences.acceptance import acceptance
from sequences.eol import NOT_TESTED, end_of_line, end_of_line_short
from tests.bench.test_verdict import a_run, outcome

METER = TypeNumber.parse("685-381-OK-50")


def silent(meter: TypeNumber, profile: Profile) -> list[Step]:
    """A sequence that says nothing of what it lets through."""
    return end_of_line(meter, profile)


def test_a_plan_holds_what_its_sequence_lets_through_and_its_hash_stands_for_it() -> None:
    plan = make_plan("eol", end_of_line, METER, STANDARD)
    assert plan.not_tested == plan.as_json()["not_tested"] == NOT_TESTED
    assert f"not tested by design: {NOT_TESTED}" in plan_text(plan)
    other = make_plan("eol", lets_through("nothing else")(silent), METER, STANDARD)
    assert other.hash != plan.hash


@pytest.mark.parametrize("sequence", [end_of_line, end_of_line_short, acceptance])
def test_every_whole_test_of_ours_says_what_it_lets_through(sequence: Sequence) -> None:
    assert let_through_by(sequence)


def test_a_sequence_that_says_nothing_has_no_such_line() -> None:
    def mine(meter: TypeNumber, profile: Profile) -> list[Step]:
        return end_of_line(meter, profile)

    plan = make_plan("mine", mine, METER, STANDARD)
    assert let_through_by(mine) == plan.not_tested == ""
    assert "not tested by design" not in plan_text(plan)


def test_a_shown_run_tells_it_out_of_its_own_plan() -> None:
    run = replace(a_run((outcome(Verdict.PASS),)), plan=json.dumps({"not_tested": "harmonics"}))
    assert "not tested by design: harmonics" in run_text(run)


@pytest.mark.parametrize("plan", ["", "{}", "[]", "no plan", "3"])
def test_a_plan_of_somebody_else_tells_nothing(plan: str) -> None:
    run = replace(a_run((outcome(Verdict.PASS),)), plan=plan)
    assert not_tested(run) == ""
    assert "not tested by design" not in run_text(run)
