"""The verdict is the meter's and only rises; the ending is the run's; PASS needs both."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.headless import status
from bench.record import Measurement, MeterUnderTest, Outcome, Run, Step
from bench.verdict import Ending, Verdict

NONE, PASS, MARGINAL, FAIL = Verdict.NONE, Verdict.PASS, Verdict.MARGINAL, Verdict.FAIL
verdicts = st.sampled_from(Verdict)
endings = st.sampled_from([*Ending, None])


def measured(verdict: Verdict, name: str = "error") -> Measurement:
    return Measurement(name, "%", 0.5, -1.0, 1.0, None, 0.1, verdict, "IEC 62053-21:2003, 8.1")


def outcome(verdict: Verdict, position: int = 1, *, void: bool = False) -> Outcome:
    return Outcome(position, NONE if void else verdict, void, (measured(verdict),))


def a_run(*steps: tuple[Outcome, ...], ending: Ending | None = Ending.COMPLETE, meters: int = 1) -> Run:
    return Run(
        id="b3b6e9a2-0000-4000-8000-000000000001",
        sequence="eol",
        type_number="685-381-OK-50",
        purpose="simulated",
        station="simulated",
        operator="",
        order="",
        plan_hash="",
        plan="{}",
        software="",
        seed=1,
        opened_at="2026-01-01T00:00:00.000+00:00",
        meters=tuple(MeterUnderTest(k + 1, "") for k in range(meters)),
        steps=tuple(Step(k + 1, f"step-{k + 1}", "", 0.0, 1.0, "", each) for k, each in enumerate(steps)),
        ending=ending,
    )


def test_verdicts_rise_in_this_order_and_the_worst_of_none_is_none() -> None:
    assert NONE < PASS < MARGINAL < FAIL
    assert Verdict.worst([]) is NONE
    assert Verdict.worst([PASS, FAIL, MARGINAL]) is FAIL


@given(st.lists(verdicts), verdicts)
def test_one_more_verdict_never_makes_it_better(found: list[Verdict], more: Verdict) -> None:
    assert Verdict.worst([*found, more]) == max(Verdict.worst(found), more)


@pytest.mark.parametrize("ending", [*Ending, None])
def test_a_fail_of_a_finished_step_stands_whatever_ended_the_run(ending: Ending | None) -> None:
    run = a_run((outcome(PASS),), (outcome(FAIL),), ending=ending)
    assert run.verdict(1) is FAIL
    assert [(step.name, each.name) for step, each in run.failures(1)] == [("step-2", "error")]


@pytest.mark.parametrize("found", [PASS, MARGINAL])
@pytest.mark.parametrize("ending", [Ending.ABORTED, Ending.BLOCKED, Ending.INTERRUPTED, None])
def test_pass_and_marginal_exist_only_with_complete(found: Verdict, ending: Ending | None) -> None:
    assert a_run((outcome(found),), ending=ending).verdict(1) is NONE
    assert a_run((outcome(found),)).verdict(1) is found


def test_what_is_void_counts_for_nothing() -> None:
    run = a_run((outcome(PASS),), (outcome(FAIL, void=True),))
    assert run.verdict(1) is PASS
    assert run.failures(1) == ()
    assert a_run((outcome(FAIL, void=True),)).verdict(1) is NONE


def test_a_meter_is_judged_by_its_own_position_alone() -> None:
    run = a_run((outcome(PASS, 1), outcome(FAIL, 2)), (outcome(MARGINAL, 1),), meters=3)
    assert [run.verdict(position) for position in (1, 2, 3)] == [MARGINAL, FAIL, NONE]
    assert run.verdicts == {1: MARGINAL, 2: FAIL, 3: NONE}
    assert [len(run.failures(position)) for position in (1, 2, 3)] == [0, 1, 0]


@given(st.lists(st.tuples(verdicts, st.booleans()), max_size=5), endings)
def test_the_order_of_the_steps_does_not_matter(found: list[tuple[Verdict, bool]], ending: Ending | None) -> None:
    outcomes = [(outcome(verdict, void=void),) for verdict, void in found]
    orders = list(permutations(outcomes))[:24]
    assert len({a_run(*order, ending=ending).verdict(1) for order in orders}) == 1


# ---------------------------------------------------------------- exit status


@pytest.mark.parametrize(
    ("found", "relaxed", "strict"),
    [
        ((PASS, PASS), 0, 0),
        ((PASS, MARGINAL), 0, 1),
        ((MARGINAL, FAIL), 1, 1),
        ((PASS, FAIL), 1, 1),
        ((PASS, NONE), 1, 1),  # a meter without a verdict has not passed
    ],
)
def test_a_complete_run_ends_with_0_when_all_passed_else_1(
    found: tuple[Verdict, Verdict], relaxed: int, strict: int
) -> None:
    run = a_run(tuple(outcome(verdict, k + 1) for k, verdict in enumerate(found)), meters=2)
    assert (status(run), status(run, strict=True)) == (relaxed, strict)


@pytest.mark.parametrize(
    ("ending", "wanted"), [(Ending.ABORTED, 130), (Ending.BLOCKED, 3), (Ending.INTERRUPTED, 3), (None, 3)]
)
@pytest.mark.parametrize("found", [PASS, FAIL])
def test_aborted_and_blocked_come_before_what_the_meters_did(
    ending: Ending | None, wanted: int, found: Verdict
) -> None:
    run = a_run((outcome(found),), ending=ending)
    assert status(run) == status(run, strict=True) == wanted


def test_a_run_without_meters_has_passed_nothing() -> None:
    assert status(a_run(meters=0)) == 1
