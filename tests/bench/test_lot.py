"""What becomes of a lot, meter by meter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.lot import Inspected, State, inspected_by, judge
from bench.lot_text import InspectedLot, lot_document, lot_text
from bench.sampling import Quality, SamplingPlan
from bench.verdict import Verdict
from tests.bench.test_verdict import a_run, outcome

SINGLE = SamplingPlan(4, 1)
DOUBLE = SamplingPlan(3, 0, 3, 2)


def meters(text: str) -> list[Inspected]:
    """g for a good meter, b for a bad one, each of its own serial number."""
    return [Inspected(str(k), each == "g", "run") for k, each in enumerate(text)]


@pytest.mark.parametrize(
    ("found", "plan", "state"),
    [
        ("ggg", SINGLE, State.CONTINUE),
        ("gggg", SINGLE, State.ACCEPT),
        ("gbgg", SINGLE, State.ACCEPT),
        ("bb", SINGLE, State.REJECT),
        ("ggggbb", SINGLE, State.ACCEPT),
        ("ggg", DOUBLE, State.ACCEPT),
        ("ggb", DOUBLE, State.CONTINUE),
        ("ggbgg", DOUBLE, State.CONTINUE),
        ("ggbggb", DOUBLE, State.ACCEPT),
        ("bbgb", DOUBLE, State.REJECT),
        ("bbb", DOUBLE, State.REJECT),
        ("ggggg", None, State.CONTINUE),
        ("gggggg", None, State.ACCEPT),
        ("gggggb", None, State.REJECT),
    ],
)
def test_the_state_of_a_lot_of_six(found: str, plan: SamplingPlan | None, state: State) -> None:
    assert judge(6, meters(found), plan).state is state


def test_what_was_inspected_beyond_the_sample_counts_for_nothing() -> None:
    result = judge(6, meters("ggggbb"), SINGLE)
    assert (len(result.inspected), result.surplus, result.nonconforming) == (4, 2, ())


def test_a_meter_of_a_sample_is_not_tested_until_it_passes() -> None:
    again = [Inspected("1", False, "first"), Inspected("1", True, "second")]
    assert [each.run for each in judge(6, again, SINGLE).nonconforming] == ["first"]


def test_where_all_are_inspected_a_mended_meter_counts_as_it_was_found_last() -> None:
    again = [*meters("gb"), Inspected("1", True, "second")]
    assert judge(2, again, None).state is State.ACCEPT


def looked_at(serial: str, found: str, run: str, plan: str = "p1", profile: str = "norm") -> Inspected:
    return Inspected(serial, found == "g", run, profile, plan)


def told(lot: int, inspections: list[Inspected], plan: SamplingPlan | None = None) -> InspectedLot:
    return InspectedLot("A1", "685-381-OK-50", lot, plan, Quality(), (), judge(lot, inspections, plan))


def test_a_meter_that_was_tried_until_it_passed_is_named_with_its_failures() -> None:
    tried = [looked_at("7", "b", "aaaaaaaa-1"), looked_at("8", "g", "aaaaaaaa-1")]
    tried += [looked_at("7", "b", "bbbbbbbb-1"), looked_at("7", "g", "cccccccc-1")]
    lot = told(2, tried)
    assert lot.result.state is State.ACCEPT
    notes = [line for line in lot_text(lot).splitlines() if line.startswith("note: ")]
    assert notes == ["note: 7 failed in runs aaaaaaaa, bbbbbbbb and counts as conforming by run cccccccc"]
    assert lot_document(lot)["failed_besides"] == [
        {"serial": "7", "run": "aaaaaaaa-1"},
        {"serial": "7", "run": "bbbbbbbb-1"},
    ]


def test_a_meter_of_a_sample_that_failed_after_it_had_counted_is_named() -> None:
    tried = [looked_at("7", "g", "aaaaaaaa"), looked_at("7", "b", "bbbbbbbb")]
    assert "7 failed in run bbbbbbbb and counts as conforming by run aaaaaaaa" in lot_text(told(60, tried, SINGLE))


def test_a_meter_that_failed_and_counts_so_is_told_once() -> None:
    tried = [looked_at("7", "b", "aaaaaaaa"), looked_at("7", "g", "bbbbbbbb")]
    lot = told(60, tried, SINGLE)
    assert (lot.result.failed_besides, lot_text(lot).count("7, run aaaaaaaa")) == ((), 1)


def test_a_lot_of_several_plans_names_each_with_its_runs_and_meters() -> None:
    mixed = [looked_at("1", "g", "aaaaaaaa"), looked_at("2", "b", "aaaaaaaa")]
    mixed += [looked_at("3", "g", "bbbbbbbb"), looked_at("2", "g", "cccccccc", "p2-of-a-tight-one", "tight")]
    lot = told(3, mixed)
    assert [line for line in lot_text(lot).splitlines() if "plan" in line] == [
        "note: the runs were made by 2 different plans, so the meters were not all tested alike",
        "note: by profile norm, plan p1: runs aaaaaaaa, bbbbbbbb, 2 of 3 meters conform",
        "note: by profile tight, plan p2-of-a-: run cccccccc, 1 of 1 meters conform",
    ]
    assert lot_document(lot)["plans"][1] == {
        "profile": "tight",
        "plan_hash": "p2-of-a-tight-one",
        "runs": ("cccccccc",),
        "inspected": 1,
        "conforming": 1,
    }


def test_a_lot_of_one_plan_and_good_meters_has_nothing_to_note() -> None:
    text = lot_text(told(2, [looked_at("1", "g", "aaaaaaaa"), looked_at("2", "g", "bbbbbbbb")]))
    assert "note" not in text
    assert text.endswith("\nACCEPT")


def test_many_runs_are_counted_and_not_all_listed() -> None:
    many = [looked_at("1", "b", f"run{k}") for k in range(9)] + [looked_at("1", "g", "last")]
    text = lot_text(told(1, many))
    assert "1 failed in runs run0, run1, run2, run3, run4, run5 and 3 more and counts as conforming by run last" in text


def test_a_meter_that_failed_in_what_is_no_whole_inspection_is_named() -> None:
    part = a_run((outcome(Verdict.FAIL, 1), outcome(Verdict.PASS, 2), outcome(Verdict.FAIL, 3)), meters=3)
    part = replace(part, plan='{"steps": [{"name": "no-load"}]}')
    meters = tuple(replace(each, serial=serial) for each, serial in zip(part.meters, ("101", "102", ""), strict=True))
    assert inspected_by(replace(part, meters=meters), ["no-load", "register"]) == (
        (),
        f"run {part.id[:8]} is no whole inspection: it did not make register; 101, position 3 failed in it",
    )


def test_more_meters_than_the_lot_has_are_refused() -> None:
    with pytest.raises(ValueError, match="3 meters were inspected, and the lot has 2"):
        judge(2, meters("ggg"), None)
