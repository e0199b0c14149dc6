"""A gauge study from runs: the manual's example told through results, and everything that makes runs no study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from bench.gauge_runs import Appraiser, NoStudy, Studied, studied
from bench.gauge_text import gauge_document, gauge_text
from bench.results import Result
from bench.verdict import Ending, Verdict
from tests.bench.test_gauge import TRIALS

POSITION, OPERATOR = Appraiser.POSITION, Appraiser.OPERATOR


def results(operator: Callable[[int], str] = lambda k: f"op {k}") -> list[Result]:
    """The manual's three appraisers as positions, its ten parts as meters; one run a trial and appraiser."""
    head = ("2027-03-01T06:00:00Z", Ending.COMPLETE, "685-381-OK-50", "plan")
    point = ("accuracy-ib", "Accuracy Ib", "error")
    return [
        Result(f"run {trial}.{k}", *head, operator(k), k + 1, f"M{part}", *point, figure, 0.1, -2.0, 2.0, Verdict.PASS)
        for k, parts in enumerate(TRIALS)
        for part, figures in enumerate(parts)
        for trial, figure in enumerate(figures)
    ]


def done(found: Sequence[Result], by: Appraiser = POSITION) -> Studied:
    return studied("G-1", found, by)


@pytest.mark.parametrize("by", [POSITION, OPERATOR])
def test_the_manual_s_example_comes_out_as_printed_and_is_held_against_the_limits(by: Appraiser) -> None:
    study = done(results(), by)
    assert (len(study.parts), len(study.appraisers), study.trials) == (10, 3, 3)
    (point,) = study.points
    assert point.study.gauge == pytest.approx(0.30237, abs=1e-5)
    assert point.tolerance == 4.0
    assert point.percent_of_tolerance == pytest.approx(45.36, abs=0.01)  # 6 · 0.30237 over 4
    assert not study.fit


def test_up_to_ten_per_cent_of_the_tolerance_is_fit() -> None:
    wide = [replace(each, lower=-9.08, upper=9.08) for each in results()]
    assert done(wide).fit
    assert not done([replace(each, lower=-9.06, upper=9.06) for each in results()]).fit


def test_a_cell_that_is_missing_is_named() -> None:
    found = results()
    lacking = [each for each in found if not (each.serial == "M3" and each.position == 2 and each.run != "run 0.1")]
    with pytest.raises(
        NoStudy, match=r"is not whole: meter M3 at position 2 has 1 of 3 trials of Accuracy Ib\. Measure"
    ):
        done(lacking)
    with pytest.raises(NoStudy, match="meter M3 by operator op 1 has 1 of 3"):
        done(lacking, OPERATOR)


def test_a_meter_that_never_came_to_a_point_is_missing_there_and_not_forgotten() -> None:
    dropped = replace(results()[0], serial="M99", step="sign-on", measurement="type", value="685-382-OK-50")
    with pytest.raises(NoStudy, match="meter M99 at position 1 has 0 of 3 trials"):
        done([*results(), dropped])


def test_of_many_missing_cells_a_few_are_named() -> None:
    lacking = [each for each in results() if each.position != 3 or each.run == "run 0.2"]
    with pytest.raises(NoStudy, match=r"meter M5 at position 3 has 1 of 3 trials of Accuracy Ib, and 4 more\. Measure"):
        done(lacking)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda each: replace(each, ending=Ending.BLOCKED), "no run of the study 'G-1' has ended COMPLETE"),
        (lambda each: replace(each, position=1), "10 meters, 1 positions and 9 trials"),
        (lambda each: replace(each, plan_hash=f"{each.position == 1}"), "have different plans"),
        (lambda each: replace(each, serial=""), "does not say whose meter"),
        (lambda each: replace(each, upper=None), "has no limits on both sides"),
    ],
)
def test_runs_that_make_no_study_are_refused_with_the_reason(change: Callable[[Result], Result], words: str) -> None:
    with pytest.raises(NoStudy, match=words):
        done([change(each) for each in results()])


def mistaken() -> list[Result]:
    """The manual's runs, and before them one in which a meter was scanned with another's number."""
    wrong = [
        replace(each, run="mistaken-1", serial="M99" if each.serial == "M3" else each.serial) for each in results()
    ]
    return [each for each in wrong if each.position == 2][:10] + results()


def test_a_run_with_a_wrong_serial_is_named_and_can_be_left_out() -> None:
    with pytest.raises(NoStudy, match=r"; M99 is in run mistaken alone: leave .* with --without RUN\.$"):
        done(mistaken())
    study = studied("G-1", mistaken(), POSITION, ["mistak"])
    assert (study.without, study.left_out) == (("mistaken-1",), ())
    assert study.points == done(results()).points
    assert gauge_text(study).endswith("\nleft out: run mistaken-1, by --without")
    assert gauge_document(study)["without"] == ["mistaken-1"]


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("x", "no run of the study 'G-1' begins with 'x'"),
        ("", "no run of the study 'G-1' begins with ''"),
        ("run 0", "3 runs of the study 'G-1' begin with 'run 0'; --without takes"),
    ],
)
def test_what_names_no_one_run_leaves_none_out(prefix: str, words: str) -> None:
    with pytest.raises(NoStudy, match=words):
        studied("G-1", results(), POSITION, [prefix])


def test_two_meters_at_two_positions_twice_are_the_least() -> None:
    least = [
        each
        for each in results()
        if each.serial in ("M0", "M1") and each.position < 3 and not each.run.startswith("run 2")
    ]
    study = done(least)
    assert (study.parts, study.appraisers, study.trials) == (("M0", "M1"), ("1", "2"), 2)


def test_a_study_by_operator_needs_their_badges() -> None:
    with pytest.raises(NoStudy, match="which operator it was"):
        done(results(lambda _: ""), OPERATOR)


def test_a_run_that_was_blocked_is_left_out_by_name_and_its_trial_may_be_repeated() -> None:
    blocked = [replace(each, run="blocked", ending=Ending.BLOCKED) for each in results()[:10]]
    study = done([*blocked, *results()])
    assert study.left_out == ("blocked",)
    assert study.points == done(results()).points
