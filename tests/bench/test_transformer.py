"""What a certificate says between its points and beyond them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.transformer import Transformer, TransformerPoint

POINTS = (TransformerPoint(1.0, -0.30, 40.0), TransformerPoint(4.0, -0.10, 20.0), TransformerPoint(100.0, 0.02, 4.0))
ONE = Transformer(POINTS, 0.02, 1.0)


@pytest.mark.parametrize(
    ("current", "ratio", "minutes"),
    [
        (1.0, -0.30, 40.0),
        (2.0, -0.20, 30.0),  # half way between 1 and 4 A by factors
        (4.0, -0.10, 20.0),
        (20.0, -0.04, 12.0),  # 4 · 5, and 100 is 4 · 25
        (100.0, 0.02, 4.0),
    ],
)
def test_between_two_points_a_factor_of_the_current_counts_not_a_difference(
    current: float, ratio: float, minutes: float
) -> None:
    found = ONE.at(current)
    assert (found.ratio_percent, found.phase_minutes) == pytest.approx((ratio, minutes))


@pytest.mark.parametrize(("current", "end"), [(0.0, POINTS[0]), (0.02, POINTS[0]), (120.0, POINTS[-1])])
def test_beyond_the_table_its_last_values_hold(current: float, end: TransformerPoint) -> None:
    found = ONE.at(current)
    assert (found.ratio_percent, found.phase_minutes) == (end.ratio_percent, end.phase_minutes)


@pytest.mark.parametrize(
    ("current", "covered"), [(0.97, False), (0.985, True), (1.0, True), (101.5, True), (103.0, False)]
)
def test_a_current_counts_as_covered_within_2_percent_of_the_ends(current: float, covered: bool) -> None:
    assert ONE.covers(current) is covered


@given(st.floats(0.01, 1000.0))
def test_no_value_leaves_what_stands_in_the_table(current: float) -> None:
    found = ONE.at(current)
    assert -0.30 <= found.ratio_percent <= 0.02 + 1e-12
    assert 4.0 - 1e-9 <= found.phase_minutes <= 40.0


def test_over_the_logarithm_it_follows_a_magnetising_current_closer_than_over_the_current() -> None:
    def error(current: float) -> float:
        return 50.0 * current**-0.4

    low, high = 2.0, 5.0
    table = Transformer((TransformerPoint(low, 0.0, error(low)), TransformerPoint(high, 0.0, error(high))), 0.02, 1.0)
    middle = math.sqrt(low * high)
    straight = error(low) + (error(high) - error(low)) * (middle - low) / (high - low)
    assert abs(table.at(middle).phase_minutes - error(middle)) < 0.5 * abs(straight - error(middle))
