"""The chart of a plan: what is made when, and beside what."""

from __future__ import annotations

import pytest

from bench.gantt import BARS, PLAIN_BARS, gantt, spans
from bench.load_points import at
from bench.plan import make_plan
from bench.profile import STANDARD, Profile
from bench.sequences import sequence_named
from bench.steps import Step
from reference_meter import TypeNumber
from tests.bench.test_plan import METER, Look

EOL = make_plan("eol", sequence_named("eol"), METER, STANDARD)


def four(meter: TypeNumber, profile: Profile) -> list[Step]:
    """10 s at Ib with 5 s that ride, 20 s at Ib, 40 s at Imax."""
    return [
        Look(meter, profile, "ib"),
        Look(meter, profile, "rides", None, 5.0),
        Look(meter, profile, "ib-again", at(METER, 5.0), 20.0),
        Look(meter, profile, "imax", at(METER, 80.0), 40.0),
    ]


def test_what_rides_begins_with_its_load_and_each_change_of_load_settles() -> None:
    found = [
        (each.step.name, each.begins, each.ends, each.rides)
        for each in spans(make_plan("t", four, METER, STANDARD), 2.0)
    ]
    assert found == [
        ("ib", 2.0, 12.0, False),
        ("rides", 2.0, 7.0, True),
        ("ib-again", 12.0, 32.0, False),
        ("imax", 34.0, 74.0, False),
    ]


def test_the_chart_ends_when_the_plan_says_it_does() -> None:
    assert max(each.ends for each in spans(EOL, 2.0)) == pytest.approx(EOL.expected_seconds(2.0))


def test_a_row_a_step_below_the_seconds_that_the_columns_span() -> None:
    assert gantt(make_plan("t", four, METER, Profile(settle=3.0)), 2.0, 11 + 2 + 38, PLAIN_BARS) == [
        "             0                                 76 s",  # 2 s a column
        " 1 Ib         ######",
        " 2 Rides      ===",
        " 3 Ib-again        ###########",
        " 4 Imax                        ####################",
    ]


@pytest.mark.parametrize("width", [20, 40, 80, 132])
def test_no_line_is_longer_than_the_terminal_and_every_step_is_seen(width: int) -> None:
    lines = gantt(EOL, 2.0, width)
    assert max(map(len, lines)) <= width
    assert len(lines) == len(EOL.steps) + 1
    assert all(set(BARS) & set(line) for line in lines[1:])
