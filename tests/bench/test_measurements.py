"""The verdict is the measurement's own doing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.measurements import Declared, at_least, at_most, limit_in_words, noted, reads, within
from bench.record import Value
from bench.verdict import Verdict

ERROR = within("error", -1.0, 1.0, "%", "IEC 62053-21:2003, 8.1, table 6", guarded=True)
WIDTHS = at_most("widths outside in 100", 0, "data sheet", marginal_upper=1)

EVERY_KIND = [
    ERROR,
    within("mean", 27.0, 33.0, "ms", "data sheet"),
    WIDTHS,
    at_least("pulses", 2, "IEC 62053-21:2003, 8.3.3"),
    reads("type", "685-381-OK-50", "data sheet"),
    noted("total", "kWh"),
]


@pytest.mark.parametrize("declared", EVERY_KIND, ids=lambda each: each.name)
def test_one_that_was_never_set_fails(declared: Declared) -> None:
    judged = declared.judge(None)
    assert judged.verdict is Verdict.FAIL
    assert judged.note == "never measured"
    assert judged.value is None


@pytest.mark.parametrize("declared", EVERY_KIND, ids=lambda each: each.name)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_fails_and_is_not_kept_as_one(declared: Declared, value: float) -> None:
    judged = declared.judge(value, 0.1)
    assert judged.verdict is Verdict.FAIL
    assert judged.value is None
    if declared.expected is None:
        assert judged.note == f"not a number: {value}"


@pytest.mark.parametrize(
    ("value", "uncertainty", "verdict"),
    [
        (0.75, 0.25, Verdict.PASS),  # exactly at limit − U
        (-0.75, 0.25, Verdict.PASS),
        (math.nextafter(0.75, 1.0), 0.25, Verdict.FAIL),
        (math.nextafter(-0.75, -1.0), 0.25, Verdict.FAIL),
        (1.0, 0.0, Verdict.PASS),  # a limit is inclusive
        (math.nextafter(1.0, 2.0), 0.0, Verdict.FAIL),
        (0.0, 1.0, Verdict.PASS),
        (0.0, 1.1, Verdict.FAIL),  # a bench that knows nothing passes nothing
        (0.0, math.inf, Verdict.FAIL),
        (0.0, math.nan, Verdict.FAIL),
        (0.0, None, Verdict.FAIL),
    ],
)
def test_a_guarded_one_is_accepted_up_to_the_limit_less_its_uncertainty(
    value: float, uncertainty: float | None, verdict: Verdict
) -> None:
    assert ERROR.judge(value, uncertainty).verdict is verdict


def test_a_failure_inside_the_guard_band_says_so_and_one_beyond_the_limit_needs_no_words() -> None:
    assert ERROR.judge(0.9, 0.25).note == "inside the guard band: within the limit, but not by its uncertainty"
    assert ERROR.judge(1.1, 0.25).note == ""
    assert ERROR.judge(0.0).note == "no uncertainty was stated"


def test_one_that_is_not_guarded_is_accepted_up_to_its_limit_whatever_its_uncertainty() -> None:
    width = within("mean", 27.0, 33.0, "ms", "data sheet")
    assert [width.judge(value, 5.0).verdict for value in (26.99, 27.0, 33.0, 33.01)] == [
        Verdict.FAIL,
        Verdict.PASS,
        Verdict.PASS,
        Verdict.FAIL,
    ]


def test_between_its_two_upper_limits_it_is_marginal() -> None:
    found = [WIDTHS.judge(value).verdict for value in (0.0, 0.5, 1.0, 1.0001, 2.0)]
    assert found == [Verdict.PASS, Verdict.MARGINAL, Verdict.MARGINAL, Verdict.FAIL, Verdict.FAIL]


def test_a_text_must_be_read_exactly_so() -> None:
    kind = reads("type", "685-381-OK-50", "data sheet")
    assert kind.judge("685-381-OK-50").verdict is Verdict.PASS
    assert [kind.judge(value).verdict for value in ("685-381-OK-50 ", "", 685.0)] == [Verdict.FAIL] * 3


def test_a_text_where_a_number_was_expected_fails_and_a_noted_text_is_kept() -> None:
    assert ERROR.judge("0.1", 0.1).verdict is Verdict.FAIL
    assert ERROR.judge("0.1", 0.1).note == "a number was expected"
    assert noted("block check").judge("sum7").verdict is Verdict.PASS


def test_a_judged_measurement_carries_all_it_was_judged_by() -> None:
    judged = ERROR.judge(0.9, 0.25, "reference 0.029 %")
    assert (judged.name, judged.unit, judged.lower, judged.upper) == ("error", "%", -1.0, 1.0)
    assert (judged.value, judged.uncertainty, judged.source) == (0.9, 0.25, "IEC 62053-21:2003, 8.1, table 6")
    assert judged.note.endswith("; reference 0.029 %")


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (ERROR, "±1 %"),
        (within("mean", 27.0, 33.0, "ms", ""), "27 to 33 ms"),
        (at_most("pulses", 1, ""), "at most 1"),
        (at_least("pause", 30.0, "", "ms"), "at least 30 ms"),
        (reads("type", "685-381-OK-50", ""), "685-381-OK-50"),
        (noted("total", "kWh"), "no limit"),
    ],
)
def test_a_limit_reads_the_same_before_and_after_the_run(declared: Declared, words: str) -> None:
    assert limit_in_words(declared) == words
    assert limit_in_words(declared.judge(None)) == words


@given(st.floats(-3.0, 3.0), st.floats(0.0, 3.0), st.floats(0.0, 3.0))
def test_more_uncertainty_never_makes_a_pass_of_a_fail(value: float, smaller: float, more: float) -> None:
    strict, loose = ERROR.judge(value, smaller + more), ERROR.judge(value, smaller)
    assert strict.verdict >= loose.verdict
    if strict.verdict is Verdict.PASS:
        assert abs(value) <= 1.0


@given(st.one_of(st.none(), st.floats(), st.text(max_size=8)), st.one_of(st.none(), st.floats()))
def test_whatever_is_recorded_gets_a_verdict_and_pass_only_inside_the_limits(value: Value, u: float | None) -> None:
    for declared in EVERY_KIND:
        judged = declared.judge(value, u)
        assert judged.verdict is not Verdict.NONE
        if judged.verdict is Verdict.PASS and isinstance(value, float):
            assert declared.lower is None or value >= declared.lower
            assert declared.upper is None or value <= declared.upper


@pytest.mark.parametrize(("value", "verdict"), [(0.8, Verdict.PASS), (-0.8, Verdict.PASS), (0.81, Verdict.FAIL)])
def test_a_guard_of_twice_the_uncertainty_takes_it_off_twice(value: float, verdict: Verdict) -> None:
    declared = within("error", -1.0, 1.0, "%", "norm", guarded=True, guard_factor=2.0)
    judged = declared.judge(value, 0.1)
    assert judged.verdict is verdict
    assert ("2 times its uncertainty" in judged.note) is (verdict is Verdict.FAIL)
    assert ERROR.judge(0.81, 0.1).verdict is Verdict.PASS


def test_the_guard_is_the_uncertainty_once_where_nobody_says_how_often() -> None:
    assert Declared("error", "%", -1.0, 1.0, guarded=True).judge(0.75, 0.25).verdict is Verdict.PASS
    assert not Declared("error", "%", -1.0, 1.0).guarded
