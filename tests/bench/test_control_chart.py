"""The control chart against a worked example from print, numbers worked by hand, and its properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.control_chart import ControlLimits, Signal, control_limits, signals

# D. C. Montgomery, Introduction to Statistical Quality Control, individuals chart: viscosity of 15 batches of primer paint.
VISCOSITY = [
    33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27, 33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84,
]  # fmt: skip
UNIT = ControlLimits(0.0, 1.0)


def test_the_example_from_print_comes_out_as_printed() -> None:
    limits = control_limits(VISCOSITY)
    # The book rounds mean and range before it goes on: 33.52 ± 3 · 0.48/1.128.
    assert limits.centre == pytest.approx(33.52, abs=0.005)
    assert limits.upper == pytest.approx(34.80, abs=0.01)
    assert limits.lower == pytest.approx(32.24, abs=0.01)


def test_the_scatter_is_that_from_one_value_to_the_next() -> None:
    limits = control_limits([1.0, 3.0, 2.0, 4.0])  # ranges 2, 1, 2
    assert limits.centre == 2.5
    assert limits.sigma == pytest.approx(5.0 / 3.0 * math.sqrt(math.pi) / 2.0)


@pytest.mark.parametrize("baseline", [[], [1.0]])
def test_one_value_has_no_scatter(baseline: list[float]) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        control_limits(baseline)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], ()),
        ([3.0], ()),
        ([3.01], (Signal.BEYOND,)),
        ([-3.01], (Signal.BEYOND,)),
        ([9.0, 0.5], ()),  # only the latest counts
        ([0.1, 0.3] * 4, ()),
        ([0.1, 0.3] * 4 + [0.1], (Signal.ONE_SIDE,)),
        ([-0.1, -0.3] * 4 + [-0.1], (Signal.ONE_SIDE,)),
        ([0.1, 0.3] * 2 + [0.0] + [0.1, 0.3] * 2, ()),  # on the centre is on no side
        ([-1.0, -0.5, 0.0, 0.5, 1.0], ()),
        ([-1.0, -0.5, 0.0, 0.5, 1.0, 1.1], (Signal.TREND,)),
        ([1.0, 0.5, 0.0, -0.5, -1.0, -1.1], (Signal.TREND,)),
        ([-1.0, -0.5, 0.0, 0.5, 0.5, 1.1], ()),
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 3.5], (Signal.BEYOND, Signal.ONE_SIDE, Signal.TREND)),
    ],
)
def test_nelson_s_rules_one_to_three(values: list[float], found: tuple[Signal, ...]) -> None:
    assert signals(values, UNIT) == found


whole = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=30)


@given(whole, st.integers(-100, 100).map(float))
def test_a_shift_of_everything_and_its_mirror_change_no_signal(values: list[float], shift: float) -> None:
    limits = ControlLimits(1.0, 8.0)
    seen = signals(values, limits)
    assert signals([each + shift for each in values], ControlLimits(1.0 + shift, 8.0)) == seen
    assert signals([-each for each in values], ControlLimits(-1.0, 8.0)) == seen


@given(whole)
def test_limits_lie_around_the_mean_and_grow_with_the_scatter(values: list[float]) -> None:
    limits, doubled = control_limits(values), control_limits([2.0 * each for each in values])
    assert limits.lower <= limits.centre <= limits.upper
    assert doubled.sigma == pytest.approx(2.0 * limits.sigma)
