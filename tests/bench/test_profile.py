"""A profile tightens the norm and never loosens it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from bench.profile import STANDARD, Profile


@pytest.mark.parametrize("factor", [0.0, -0.5, 1.0000001, math.nan, math.inf])
def test_a_limit_factor_that_loosens_or_is_no_number_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match=r"profile strict: limit_factor is .* tightens, never loosens"):
        Profile(name="strict", limit_factor=factor)


@pytest.mark.parametrize("factor", [1e-6, 0.5, 1.0])
def test_a_limit_factor_up_to_1_is_taken(factor: float) -> None:
    assert Profile(limit_factor=factor).limit_factor == factor


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"periods": 0}, "periods"),
        ({"slow_periods": 0}, "periods"),
        ({"most_periods_factor": 0}, "periods"),
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
        ({"periods": 10**400}, "periods is 1000.*at least 1 and at most 100000 is allowed"),
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
