"""A run as JUnit XML, read back."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.junit import junit_xml
from bench.record import MeterUnderTest, Run
from bench.verdict import Verdict
from tests.bench.test_verdict import a_run, measured, outcome


def suites(run: Run) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(junit_xml(run))
    assert root.tag == "testsuites"
    return list(root)


def test_a_suite_a_position_and_a_case_a_step() -> None:
    run = a_run((outcome(Verdict.PASS, 1), outcome(Verdict.FAIL, 2)), (outcome(Verdict.PASS, 1),), meters=2)
    run = replace(run, meters=(MeterUnderTest(1, "0017"), MeterUnderTest(2, "")))
    first, second = suites(run)
    assert (first.get("name"), second.get("name")) == ("position 1 0017", "position 2")
    assert [case.get("name") for case in first] == ["step-1", "step-2"]
    assert [case.get("classname") for case in first] == ["eol", "eol"]
    assert first[0].get("time") == "1.000"
    assert (first.get("tests"), first.get("failures"), first.get("errors")) == ("2", "0", "0")
    assert (second.get("tests"), second.get("failures"), second.get("errors")) == ("1", "1", "0")


def test_what_the_sequence_lets_through_is_a_property_of_each_suite() -> None:
    run = replace(
        a_run((outcome(Verdict.PASS, 1), outcome(Verdict.PASS, 2)), meters=2), plan='{"not_tested": "harmonics"}'
    )
    for suite in suites(run):
        (told,) = suite.iter("property")
        assert (told.get("name"), told.get("value")) == ("not tested by design", "harmonics")
    assert not list(suites(replace(run, plan='{"steps": []}'))[0].iter("property"))


def test_a_failure_names_what_was_measured_and_its_limit() -> None:
    failed = replace(
        outcome(Verdict.FAIL),
        measurements=(
            measured(Verdict.PASS, "first"),
            measured(Verdict.FAIL, "error"),
            measured(Verdict.FAIL, "other"),
        ),
        note="no S0 pulse",
    )
    ((case,),) = suites(a_run((failed,)))
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "no S0 pulse; error 0.5, limit ±1 %; other 0.5, limit ±1 %"


def test_what_the_bench_could_not_test_is_an_error_and_no_failure() -> None:
    void = replace(outcome(Verdict.FAIL, void=True), note="not finished: aborted by 4711")
    (suite,) = suites(a_run((void,)))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    assert suite[0].find("failure") is None
    error = suite[0].find("error")
    assert error is not None
    assert error.get("message") == "not finished: aborted by 4711"


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.MARGINAL])
def test_pass_and_marginal_are_plain_cases(verdict: Verdict) -> None:
    ((case,),) = suites(a_run((outcome(verdict),)))
    assert len(case) == 0


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_a_scanner_sends_the_document_can_be_read(serial: str, note: str) -> None:
    run = replace(a_run((replace(outcome(Verdict.FAIL), note=note),)), meters=(MeterUnderTest(1, serial),))
    assert len(suites(run)) == 1
