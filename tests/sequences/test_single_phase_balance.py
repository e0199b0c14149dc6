"""Single phase against balanced load: a pure function of the accuracy points, and what is left of their common uncertainty."""

from __future__ import annotations

import math

import pytest

from bench.measurements import Declared
from bench.plan import make_plan
from bench.profile import STANDARD, Profile
from bench.record import ErrorBasis, Outcome
from bench.steps import Step
from bench.verdict import Verdict
from reference_meter import TypeNumber
from sequences.eol import end_of_line
from sequences.single_phase_balance import SinglePhaseBalance, difference_uncertainty, single_phase_balance

METER = TypeNumber.parse("685-381-OK-50")
BASIS = ErrorBasis(0, 0.06, 0.08, 0.2, 0.0, 0.0, ())
"""0.06 and 0.08 % rectangular are 0.1 % / √3 together."""


def point(error: float, expanded: float, basis: ErrorBasis | None = BASIS) -> Outcome:
    error_measured = Declared("error", "%", -2.0, 2.0, guarded=True).judge(error, expanded)
    return Outcome(position=1, verdict=Verdict.PASS, void=False, measurements=(error_measured,), basis=basis)


def earlier(*errors: float, expanded: float = 0.2, basis: ErrorBasis | None = BASIS) -> dict[str, Outcome]:
    names = ("accuracy-ib", "accuracy-ib-l1", "accuracy-ib-l2", "accuracy-ib-l3")
    return {name: point(error, expanded, basis) for name, error in zip(names, errors, strict=False)}


def test_each_phase_is_compared_with_the_balanced_load() -> None:
    found = SinglePhaseBalance(METER, STANDARD).derive(earlier(0.3, -0.5, 1.8, -0.4))
    assert {name: value for name, (value, _, _) in found.items()} == pytest.approx(
        {"L1 − balanced": -0.8, "L2 − balanced": 1.5, "L3 − balanced": -0.7}
    )


@pytest.mark.parametrize(
    ("type_number", "limit"), [("685-381-OK-50", 1.5), ("685-382-OK-50", 2.5), ("685-282-OK-50", 2.5)]
)
def test_the_limit_of_each_class_and_what_a_profile_makes_of_it(type_number: str, limit: float) -> None:
    meter = TypeNumber.parse(type_number)
    for factor in (1.0, 0.5):
        declared = SinglePhaseBalance(meter, Profile(limit_factor=factor)).measurements()
        assert [(each.lower, each.upper, each.guarded) for each in declared] == [
            (-limit * factor, limit * factor, True)
        ] * meter.phase_count


def test_a_meter_of_one_phase_has_nothing_to_compare() -> None:
    assert single_phase_balance(TypeNumber.parse("685-181-OK-50"), STANDARD) == []


def test_a_phase_that_was_not_measured_is_left_unset_and_so_is_everything_without_the_balanced_point() -> None:
    step = SinglePhaseBalance(METER, STANDARD)
    assert list(step.derive(earlier(0.3, -0.5))) == ["L1 − balanced"]
    assert step.derive({"accuracy-ib-l1": point(0.1, 0.2)}) == {}


def test_two_thirds_of_the_common_variance_are_left_of_three_phases_and_half_of_two() -> None:
    assert difference_uncertainty(0.1, 0.1, 0.1, phases=3) == pytest.approx(0.1 * math.sqrt(2 / 3))
    assert difference_uncertainty(0.1, 0.1, 0.1, phases=2) == pytest.approx(0.1 * math.sqrt(1 / 2))


def test_what_is_random_adds_up_and_what_is_not_on_record_cancels_nothing() -> None:
    assert difference_uncertainty(0.03, 0.04, 0.0, phases=3) == pytest.approx(0.05)
    assert difference_uncertainty(0.05, 0.05, 0.03, phases=2) == pytest.approx(math.sqrt(0.5 * 0.03**2 + 2 * 0.04**2))
    step = SinglePhaseBalance(METER, STANDARD)
    without, with_it = (step.derive(earlier(0.0, 0.0, basis=basis))["L1 − balanced"][1] for basis in (None, BASIS))
    assert without == pytest.approx(0.2 * math.sqrt(2))
    # Random: 0.1² − 0.01/3 of each point; common: two thirds of 0.01/3.
    assert with_it == pytest.approx(2 * math.sqrt(2 * (0.01 - 0.01 / 3) + 2 / 3 * 0.01 / 3))


def test_a_plan_that_compares_what_is_not_measured_before_is_refused() -> None:
    def compared_too_early(meter: TypeNumber, profile: Profile) -> list[Step]:
        steps = end_of_line(meter, profile)
        last = ("run-on-0.05ib", "accuracy-0.05ib")
        return [step for step in steps if step.name not in last]  # so that it rides beside accuracy-ib-l3

    with pytest.raises(ValueError, match="needs what accuracy-ib-l3 found; put it into a later stage"):
        make_plan("early", compared_too_early, METER, STANDARD)
    with pytest.raises(ValueError, match=r"needs what accuracy-ib, .* found; ask for the whole sequence"):
        make_plan("eol", end_of_line, METER, STANDARD, only="single-phase-balance")
