"""A profile tightens the norm and never loosens it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from bench.profile import STANDARD, Profile


@pytest.mark.parametrize("factor", [0.0, -0.5, 1e-9, 0.0999999, 1.0000001, math.nan, math.inf])
def test_a_limit_factor_that_loosens_or_that_no_bench_can_measure_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match=r"profile strict: limit_factor is .* tightens, never loosens"):
        Profile(name="strict", limit_factor=factor)


@pytest.mark.parametrize("factor", [0.1, 0.5, 1.0])
def test_a_limit_factor_from_a_tenth_to_1_is_taken(factor: float) -> None:
    assert Profile(limit_factor=factor).limit_factor == factor


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"periods": 4}, "periods is 4; at least 5 .*the scatter of fewer says nothing"),
        ({"slow_periods": 1}, "slow_periods is 1; at least 2 .*one period has no scatter"),
        ({"slow_period_s": 14.999}, "slow_period_s is 14.999; at least 15 .*: faster pulses can wait"),
        ({"slow_period_s": 0.0}, "slow_period_s is 0"),
        ({"most_periods_factor": 0}, "most_periods_factor is 0; at least 1 .*: every point has a first look"),
        ({"starting_periods": 1.0}, "starting_periods is 1; above 1 and at most 1.5 .*a good meter needs one"),
        ({"starting_periods": 0.0}, "starting_periods is 0"),
        ({"starting_periods": 1.51}, "starting_periods is 1.51; .*OIML R 46"),
        ({"starting_periods": 100.0}, "starting_periods is 100"),
        ({"no_load_voltage": 1.21}, "no_load_voltage is 1.21; at least 1.1 and at most 1.2 "),
        ({"coverage_factor": 1.96}, "coverage_factor is 1.96"),
        ({"coverage_factor": math.nan}, "coverage_factor is nan"),
        ({"no_load_voltage": 1.1}, "no_load_voltage is 1.1"),
        ({"no_load_voltage": math.nan}, "no_load_voltage is nan"),
        ({"edition": "IEC 62052-11:2020", "no_load_voltage": 1.09}, "no_load_voltage is 1.09; at least 1.1 "),
        ({"edition": "EN 50470-3:2006", "no_load_voltage": 1.1}, "no_load_voltage is 1.1; at least 1.15 "),
        ({"edition": "IEC 62053-21"}, "edition is 'IEC 62053-21'; IEC 62053-21:2003 or EN 50470-3:2006"),
        ({"starting_pulses": 1}, "starting_pulses is 1"),
        ({"settle": -1.0}, "settle is -1"),
        ({"settle": math.inf}, "settle is inf"),
        ({"guard_rule": "0.9U"}, "guard_rule is '0.9U'"),
        ({"guard_rule": "none"}, "guard_rule is 'none'"),
        ({"guard_rule": "U\n"}, "guard_rule is"),
        ({"periods": 10**400}, "periods is 1000.*at least 5 and at most 100000 is allowed"),
        ({"settle": 1e308}, "settle is 1e"),
        ({"guard_rule": "1000U"}, "guard_rule is '1000U'"),
        ({"order": "random"}, "order is 'random'"),
        ({"points": ()}, "points is empty"),
        ({"points": ("Ib", "Imax", "1.0 Ib")}, "points 3: Ib stands twice"),
        ({"points": ("Ib PF 2 ind",)}, "points 1: 'Ib PF 2 ind' is no accuracy point"),
    ],
)
def test_every_other_figure_that_would_loosen_the_norm_is_refused(figures: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(STANDARD, **figures)  # type: ignore[arg-type]  # one figure a case


def test_the_figures_of_the_norm_itself_are_taken_at_their_edges() -> None:
    edges = Profile(periods=5, slow_periods=2, slow_period_s=15.0, most_periods_factor=1, no_load_voltage=1.2)
    assert (edges.fewest_periods(15.0), edges.fewest_periods(15.001)) == (5, 2)
    assert [replace(edges, starting_periods=each).starting_periods for each in (1.001, 1.5)] == [1.001, 1.5]


@pytest.mark.parametrize(
    ("figure", "smaller", "word"),
    [("quantum_wh", 0.0019, "quantum_measured"), ("edge_jitter_s", 49e-6, "edge_jitter_measured")],
)
def test_an_uncertainty_is_assumed_smaller_only_with_a_word_of_where_it_was_measured(
    figure: str, smaller: float, word: str
) -> None:
    (other,) = {"quantum_measured", "edge_jitter_measured"} - {word}
    for said in ({}, {word: " "}, {other: "golden unit 21480001"}):
        with pytest.raises(ValueError, match=rf"{figure} is {smaller:g}; .* {word} says where it was measured"):
            replace(STANDARD, **{figure: smaller, **said})  # type: ignore[arg-type]  # one figure a case
    told = replace(STANDARD, **{figure: smaller, word: "golden unit 21480001,\n 2026-11-12"})  # type: ignore[arg-type]
    unit = "Wh" if figure == "quantum_wh" else "s"
    assert told.measured == (f"{figure} {smaller:g} {unit}, measured: golden unit 21480001, 2026-11-12",)


def test_an_uncertainty_is_assumed_larger_without_a_word() -> None:
    assert Profile(quantum_wh=0.01, edge_jitter_s=1e-4).measured == ()


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"limit_factor .*; periods.*; coverage_factor"):
        Profile(limit_factor=2.0, periods=0, coverage_factor=1.0)


@pytest.mark.parametrize(("rule", "factor"), [("U", 1.0), ("1.5U", 1.5), ("2U", 2.0), ("10U", 10.0)])
def test_a_guard_rule_says_how_many_uncertainties_a_limit_is_guarded_by(rule: str, factor: float) -> None:
    assert Profile(guard_rule=rule).guard_factor == factor


def test_the_settling_time_is_the_longer_one_of_profile_and_source() -> None:
    assert [Profile(settle=settle).settling(2.0) for settle in (0.0, 1.0, 5.0)] == [2.0, 2.0, 5.0]


def test_a_profile_comes_back_from_the_document_of_its_plan() -> None:
    profile = Profile(name="tight", points=("Ib", "Imax"), leave_out=("display",), settle=3.0)
    assert Profile.from_json(json.loads(json.dumps(profile.as_json()))) == profile


def test_two_periods_do_where_one_lasts_longer_than_15_s_else_five() -> None:
    assert [STANDARD.fewest_periods(seconds) for seconds in (0.043, 15.0, 15.001, 62.6)] == [5, 5, 2, 2]


def test_the_edition_of_2020_is_content_with_what_the_data_sheet_grants() -> None:
    assert Profile(edition="IEC 62052-11:2020", no_load_voltage=1.1).no_load_voltage * 230 == pytest.approx(253.0)


def test_the_standard_profile_is_the_norm_as_it_stands() -> None:
    figures = STANDARD.as_json()
    assert figures["limit_factor"] == 1.0
    assert figures["no_load_voltage"] == 1.15
    assert figures["coverage_factor"] == 2.0
    assert set(figures) == set(Profile.__dataclass_fields__)
