"""What becomes of a lot, meter by meter."""

from __future__ import annotations

import pytest

from bench.lot import Inspected, State, judge
from bench.sampling import SamplingPlan

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


def test_more_meters_than_the_lot_has_are_refused() -> None:
    with pytest.raises(ValueError, match="3 meters were inspected, and the lot has 2"):
        judge(2, meters("ggg"), None)
