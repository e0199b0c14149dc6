"""Yield and consumer's risk, against what can be worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.yield_and_risk import TYPICAL, Production, consumers_risk, expected_yield


def test_yield_by_hand() -> None:
    # σ = 0.3 and u = 0.4 give a spread of 0.5 (3-4-5); A = 0.5 is one of it, and ± 1 σ holds 68.27 %.
    assert expected_yield(Production(0.0, 0.3), 0.5, 0.4) == pytest.approx(0.6826894921, abs=1e-9)


def test_consumers_risk_by_hand() -> None:
    # Mean, limit and accept limit at one place, σ = u: x > T and y ≤ A is one eighth of the plane (Sheppard: 1/4 − asin ρ / 2π, ρ = 1/√2).
    assert consumers_risk(Production(10.0, 0.3), 10.0, 10.0, 0.3) == pytest.approx(0.125, abs=1e-9)
    # And mirrored: the lower limit counts like the upper one.
    assert consumers_risk(Production(-10.0, 0.3), 10.0, 10.0, 0.3) == pytest.approx(0.125, abs=1e-9)


def test_at_a_limit_of_zero_every_accepted_meter_is_a_bad_one() -> None:
    assert consumers_risk(TYPICAL, 0.0, 0.5, 0.1) == pytest.approx(expected_yield(TYPICAL, 0.5, 0.1), rel=1e-9)


def test_a_bench_without_uncertainty_delivers_no_bad_meter() -> None:
    assert consumers_risk(TYPICAL, 1.0, 1.0, 0.0) == 0.0
    assert expected_yield(TYPICAL, 1.0, 0.0) == pytest.approx(1 - 0.000771 - 0.000233, abs=2e-6)  # 3.17 σ and 3.5 σ


def test_an_uncertainty_as_large_as_the_limit_accepts_nothing() -> None:
    assert expected_yield(TYPICAL, -0.1, 0.55) == 0.0
    assert consumers_risk(TYPICAL, 1.0, -0.1, 0.55) == 0.0


@given(st.floats(0.01, 0.5), st.floats(0.5, 3.0))
def test_a_guard_band_lowers_the_risk_and_costs_yield(u: float, limit: float) -> None:
    guarded = max(0.0, limit - 2 * u)
    assert consumers_risk(TYPICAL, limit, guarded, u) <= consumers_risk(TYPICAL, limit, limit, u) + 1e-15
    assert expected_yield(TYPICAL, guarded, u) <= expected_yield(TYPICAL, limit, u)
    assert 0.0 <= consumers_risk(TYPICAL, limit, limit, u) <= 1.0 - math.erf(limit / 10)
