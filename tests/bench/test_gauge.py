"""The gauge study against the worked example of the AIAG manual, and its properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.gauge import gauge_study

# AIAG MSA, 4th edition: ten parts, three operators, three trials.
MANUAL = [
    [
        [0.29, -0.56, 1.34, 0.47, -0.80, 0.02, 0.59, -0.31, 2.26, -1.36],
        [0.41, -0.68, 1.17, 0.50, -0.92, -0.11, 0.75, -0.20, 1.99, -1.25],
        [0.64, -0.58, 1.27, 0.64, -0.84, -0.21, 0.66, -0.17, 2.01, -1.31],
    ],
    [
        [0.08, -0.47, 1.19, 0.01, -0.56, -0.20, 0.47, -0.63, 1.80, -1.68],
        [0.25, -1.22, 0.94, 1.03, -1.20, 0.22, 0.55, 0.08, 2.12, -1.62],
        [0.07, -0.68, 1.34, 0.20, -1.28, 0.06, 0.83, -0.34, 2.19, -1.50],
    ],
    [
        [0.04, -1.38, 0.88, 0.14, -1.46, -0.29, 0.02, -0.46, 1.77, -1.49],
        [-0.11, -1.13, 1.09, 0.20, -1.07, -0.67, 0.01, -0.56, 1.45, -1.77],
        [-0.15, -0.96, 0.67, 0.11, -1.45, -0.49, 0.21, -0.49, 1.87, -2.16],
    ],
]
TRIALS = [[list(part) for part in zip(*operator, strict=True)] for operator in MANUAL]


def test_the_manual_s_example_comes_out_as_printed() -> None:
    study = gauge_study(TRIALS)
    assert study.repeatability == pytest.approx(0.199933, abs=1e-6)
    assert study.operator == pytest.approx(0.226838, abs=1e-6)
    assert study.interaction == 0.0
    assert study.gauge == pytest.approx(0.30237, abs=1e-5)
    assert study.part == pytest.approx(1.042327, abs=1e-6)
    assert study.percent_of_study == pytest.approx(27.86, abs=0.01)
    assert study.distinct_categories == 4


def test_what_an_operator_does_to_one_part_is_interaction_and_not_repeatability() -> None:
    trials = [[[10.0, 10.1], [20.0, 20.1]], [[10.0, 10.1], [25.0, 25.1]]]
    study = gauge_study(trials)
    assert study.repeatability == pytest.approx(0.1 / 2**0.5)
    assert study.interaction == pytest.approx(2.5, abs=0.01)


def test_a_bench_without_scatter_tells_every_part_apart() -> None:
    study = gauge_study([[[1.0, 1.0], [2.0, 2.0]], [[1.0, 1.0], [2.0, 2.0]]])
    assert (study.gauge, study.percent_of_study, study.distinct_categories) == (0.0, 0.0, None)
    assert study.part == pytest.approx(0.5**0.5)


def test_the_share_of_the_tolerance_is_six_deviations_over_its_width() -> None:
    study = gauge_study(TRIALS)
    assert study.percent_of_tolerance(4.0) == pytest.approx(600.0 * study.gauge / 4.0)


@pytest.mark.parametrize(
    ("trials", "why"),
    [([], "needs two"), ([[[1.0, 2.0], [1.0, 2.0]]], "1 operators"), ([[[1.0, 2.0], [1.0]]] * 2, "same number")],
)
def test_a_study_that_is_too_small_or_uneven_is_refused(trials: list[list[list[float]]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        gauge_study(trials)


figures = st.floats(-10, 10, allow_nan=False)


@given(
    st.lists(st.lists(st.lists(figures, min_size=2, max_size=2), min_size=3, max_size=3), min_size=2, max_size=3),
    figures,
)
def test_shifting_all_values_changes_no_deviation(trials: list[list[list[float]]], shift: float) -> None:
    moved = gauge_study([[[x + shift for x in cell] for cell in parts] for parts in trials])
    assert moved.total == pytest.approx(gauge_study(trials).total, abs=1e-6)
