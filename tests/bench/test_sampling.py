"""Sampling by attributes, against probabilities worked by hand and against counting."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sampling import Quality, SamplingPlan, acceptance_probability, double_plan, meets, single_plan


def test_a_single_plan_accepts_as_often_as_the_hypergeometric_distribution_says() -> None:
    # 2 of 10 meters, 3 of them bad: both good in C(7,2) of C(10,2) samples.
    assert acceptance_probability(SamplingPlan(2, 0), 10, 3) == pytest.approx(21 / 45)
    assert acceptance_probability(SamplingPlan(2, 1), 10, 3) == pytest.approx(42 / 45)


def test_a_double_plan_adds_what_its_second_sample_accepts() -> None:
    # One bad meter in the first two: two more of the 8 left, of which 2 are bad, must both be good.
    assert acceptance_probability(SamplingPlan(2, 0, 2, 1), 10, 3) == pytest.approx(21 / 45 + 21 / 45 * 15 / 28)


@given(st.integers(0, 9), st.integers(0, 2), st.integers(1, 2))
def test_a_double_plan_accepts_as_many_samples_as_counting_them_finds(bad: int, accept: int, more: int) -> None:
    plan = SamplingPlan(3, accept, 3, accept + more)
    accepted = total = 0
    for first in combinations(range(9), 3):
        rest = [meter for meter in range(9) if meter not in first]
        for second in combinations(rest, 3):
            total += 1
            found = sum(meter < bad for meter in first)
            accepted += found <= accept or found + sum(meter < bad for meter in second) <= plan.accept_both
    assert acceptance_probability(plan, 9, bad) == pytest.approx(accepted / total)


@pytest.mark.parametrize(
    ("lot", "first", "accept"),
    [(50, 27, 0), (100, 58, 1), (500, 123, 3), (1000, 128, 3)],
)
def test_the_smallest_single_plan_keeps_both_risks_and_one_meter_fewer_does_not(
    lot: int, first: int, accept: int
) -> None:
    plan = single_plan(lot, Quality())
    assert plan == SamplingPlan(first, accept)
    assert meets(plan, lot, Quality())
    assert not any(meets(SamplingPlan(first - 1, c), lot, Quality()) for c in range(5))


def test_of_a_very_large_lot_the_binomial_distribution_gives_the_same_plan() -> None:
    plan = single_plan(1_000_000, Quality())

    def binomial(share: float) -> float:
        return math.fsum(
            math.comb(plan.first, k) * share**k * (1 - share) ** (plan.first - k) for k in range(plan.accept + 1)
        )

    assert binomial(0.01) == pytest.approx(acceptance_probability(plan, 1_000_000, 10_000), abs=1e-4)
    assert binomial(0.05) == pytest.approx(acceptance_probability(plan, 1_000_000, 50_000), abs=1e-4)


@pytest.mark.parametrize("lot", [100, 500, 1000])
def test_a_double_plan_begins_with_fewer_meters_and_keeps_both_risks(lot: int) -> None:
    plan = double_plan(lot, Quality())
    assert meets(plan, lot, Quality())
    assert plan.first < single_plan(lot, Quality()).first


def test_where_a_second_sample_gains_nothing_it_is_said() -> None:
    with pytest.raises(ValueError, match="no double plan for a lot of 50 begins with fewer"):
        double_plan(50, Quality())


def test_a_lot_too_small_for_a_sample_is_inspected_whole() -> None:
    with pytest.raises(ValueError, match="no sample of a lot of 5 keeps both risks: inspect 100 %"):
        single_plan(5, Quality())


@pytest.mark.parametrize("wrong", [(0.05, 0.01), (0.0, 0.05), (0.01, 1.0)])
def test_a_limiting_quality_that_is_no_worse_than_the_acceptable_one_is_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="acceptable share"):
        Quality(*wrong)
