"""A sequence says whether a meter that passes it may leave; who says nothing releases nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bench.plan import make_plan
from bench.plan_text import plan_text
from bench.profile import STANDARD, Profile
from bench.release import why_not_released
from bench.releasing import released
from bench.requested_plan import plan_for
from bench.session import Refused, RunRequest
from bench.steps import Step
from bench.whole_test import part_of_a_test, whole_test, why_no_whole_test
from reference_meter import TypeNumber
from sequences.eol import end_of_line
from tests.bench.test_release import NOW, REQUEST, station

METER = TypeNumber.parse("685-381-OK-50")


def mine(meter: TypeNumber, profile: Profile) -> list[Step]:
    """A plant's own, which says nothing."""
    return end_of_line(meter, profile)


def first_step(meter: TypeNumber, profile: Profile) -> list[Step]:
    """Of the end-of-line test its first step."""
    return end_of_line(meter, profile)[:1]


@pytest.mark.parametrize(
    ("sequence", "words"),
    [
        ("no-load", "it shows that a meter does not creep"),
        ("gauge", "it studies the bench"),
        ("golden", "it proves the bench"),
        ("audit", "it shows on samples what moves the error"),
        ("logic", "it shows on samples that hours and windows"),
    ],
)
def test_a_part_of_a_test_is_released_by_nobody(sequence: str, words: str) -> None:
    part = replace(REQUEST, sequence=sequence)
    with pytest.raises(Refused, match=f"^the sequence {sequence} is no production test: {words}.*; run it with"):
        released(part, station(), "Q1", "E1", NOW)


def test_a_part_that_was_released_before_it_said_so_is_not_run_as_production() -> None:
    (act,) = released(REQUEST, station(), "Q1", "E1", NOW)
    part = plan_for(replace(REQUEST, sequence="no-load"))
    assert "is no production test" in why_not_released(part, replace(act, plan_hash=part.hash), "")


@pytest.mark.parametrize("sequence", ["eol", "eol-short", "acceptance"])
def test_a_whole_test_is_released_a_screening_marked_as_one(sequence: str) -> None:
    (act,) = released(replace(REQUEST, sequence=sequence), station(), "Q1", "E1", NOW)
    assert bool(json.loads(act.plan)["whole_test"])
    screens = [step["name"] for step in json.loads(act.plan)["steps"] if step["screens"]]
    assert screens == (["no-load-screen", "starting-screen"] if sequence == "eol-short" else [])


def test_the_refusal_of_a_sequence_that_says_nothing_says_how_it_is_marked() -> None:
    plan = make_plan("mine", mine, METER, STANDARD)
    assert why_not_released(plan, None, "") == (
        "the sequence mine does not say that it is a whole test, so it is no production test; if a meter that passes it may "
        "leave, mark it @whole_test (docs/writing-a-sequence.md), else test with --purpose engineering"
    )


def test_the_mark_is_part_of_the_plan_its_hash_and_its_text() -> None:
    def marked(meter: TypeNumber, profile: Profile) -> list[Step]:
        return mine(meter, profile)

    silent, whole = make_plan("mine", mine, METER, STANDARD), make_plan("mine", whole_test(marked), METER, STANDARD)
    assert (whole.no_production(), whole.hash == silent.hash) == ("", False)
    told = [f"no production run: {silent.no_production()}"]
    assert [line for line in plan_text(silent).splitlines() if line.startswith("no production run")] == told
    assert "no production run" not in plan_text(whole)


def test_a_part_made_of_a_whole_test_is_a_part() -> None:
    assert why_no_whole_test("mine", part_of_a_test("it is my own")(first_step)) == (
        "the sequence mine is no production test: it is my own; run it with --purpose engineering or golden"
    )
    assert why_no_whole_test("eol", end_of_line) == ""


def test_a_reduced_whole_test_says_that_it_is_reduced() -> None:
    plan = make_plan("eol", end_of_line, METER, Profile(points=("Ib",)))
    assert plan.no_production() == plan.reduced() != ""


def test_a_request_for_a_part_is_planned_all_the_same() -> None:
    assert plan_for(RunRequest("no-load", "685-381-OK-50")).steps
