"""U of a point against its fifth of the limit, on steps that say no more than this."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.accuracy import Budget
from bench.load_points import at
from bench.measurements import Declared, noted, within
from bench.plan import Plan
from bench.plan_diff import Reckoned
from bench.plan_text import reckoned_with
from bench.profile import STANDARD, Profile
from bench.station import Station
from bench.uncertainty_rule import planned_budget, too_uncertain
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy

WIDTH = within("mean width", 27.0, 33.0, "ms", "data sheet", guarded=True)
ERROR = within("error", -1.0, 1.0, "%", "IEC 62053-21:2003, 8.1, table 6", guarded=True)
METER = TypeNumber.parse("685-381-OK-50")
RECKONED: Reckoned = reckoned_with(None)


def refused(u_percent: float, *declared: Declared, profile: Profile = STANDARD) -> list[str]:
    parts = Budget(reference=u_percent, circuit=0.0, timing=0.0, quantum=0.0, ripple=0.0)
    step = SimpleNamespace(
        title="Accuracy Ib", load=None, measurements=lambda: declared, planned_budget=lambda *_: parts
    )
    return too_uncertain(cast(Plan, SimpleNamespace(profile=profile, steps=[step])), RECKONED)


@pytest.mark.parametrize(("u_percent", "sentences"), [(0.099, 0), (0.1, 0), (0.101, 1)])
def test_a_fifth_of_the_limit_is_still_enough(u_percent: float, sentences: int) -> None:
    assert len(refused(u_percent, WIDTH, ERROR)) == sentences


def test_the_sentence_names_u_its_share_and_the_largest_part() -> None:
    assert refused(0.15, WIDTH, ERROR) == [
        "Accuracy Ib: U is 0.300 %, above 1/5 of ±1 % (0.200 %); standard uncertainties reference 0.150 %, "
        "the largest is the reference part"
    ]


def test_an_error_that_is_only_noted_and_a_profile_that_tightens_refuse_nothing() -> None:
    assert refused(0.5, WIDTH, noted("error", "%")) == []
    assert refused(0.5, WIDTH, ERROR, profile=Profile(uncertainty_rule="tighten")) == []


def test_the_position_with_the_worst_corrections_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.uncertainty_rule.correction_uncertainty", lambda _, position: position)
    station = cast(Station, SimpleNamespace(positions=(0.01, 0.07, 0.02)))
    step = Accuracy(METER, STANDARD, 5.0, "Ib")
    found = planned_budget(step, RECKONED, station)
    alone = planned_budget(step, RECKONED, None)
    assert found is not None
    assert alone is not None
    assert found == replace(alone, correction=0.07)
    assert alone.correction == 0.0
    assert at(METER, 5.0) == step.load
    nothing: Any = SimpleNamespace(load=None)
    assert planned_budget(nothing, RECKONED, station) is None
