"""What is off together has one cause, and meters that are bad each in their own way, or few of them, have not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bench.common_cause
from bench.common_cause import Shift, chance, common_cause, shifted_together, stand_together
from bench.measurements import within
from bench.record import Outcome
from bench.verdict import Verdict

LIMIT, U = 1.0, 0.1


def shifts(*errors: float) -> list[Shift]:
    return [
        Shift(number, error, U, LIMIT, failed=abs(error) > LIMIT - U) for number, error in enumerate(errors, start=1)
    ]


@pytest.mark.parametrize(
    ("errors", "together"),
    [
        ((1.3, 1.4, 1.5), (1, 2, 3)),
        ((-1.3, -1.4, -1.5, -0.9), (1, 2, 3, 4)),
        ((0.7, 0.8, 0.95, 0.1), (1, 2, 3)),
        ((25.1, 24.9, 25.0, 25.3, 0.0), (1, 2, 3, 4)),
        ((2.5,) * 7 + (0.0,) * 5, (1, 2, 3, 4, 5, 6, 7)),
    ],
    ids=["above", "below", "one outside", "a batch with the wrong constant", "seven of twelve"],
)
def test_what_is_off_together_is_named(errors: tuple[float, ...], together: tuple[int, ...]) -> None:
    assert shifted_together(shifts(*errors)) == together


@pytest.mark.parametrize(
    "errors",
    [
        (),
        (1.4,),
        (1.4, 1.5),
        (0.7, 0.8, 0.85),
        (1.4, -1.4, 1.5, -1.5),
        (2.0, 30.0, 8.0),
        (2.5,) * 6 + (0.0,) * 6,
        (2.6, -2.6) * 6,
        (1.4, 1.5, 0.2, 0.1),
    ],
    ids=["none", "one", "two", "none failed", "both sides", "each by itself", "half", "every other", "two of four"],
)
def test_bad_meters_stay_bad_meters(errors: tuple[float, ...]) -> None:
    assert shifted_together(shifts(*errors)) == ()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_errors_up_to_half_the_limit_are_no_shift(sign: float) -> None:
    def found(percent: float) -> tuple[int, ...]:
        return shifted_together([Shift(number, sign * percent, U, LIMIT, failed=True) for number in (1, 2, 3)])

    assert found(0.48) == found(0.5) == ()
    assert found(0.51) == (1, 2, 3)


def test_alike_is_what_lies_within_half_the_limit_and_its_uncertainty_of_the_middle() -> None:
    def found(*errors: float) -> tuple[int, ...]:
        return shifted_together([Shift(n, error, 0.25, LIMIT, failed=True) for n, error in enumerate(errors, start=1)])

    assert found(1.0, 1.0, 1.75) == (1, 2, 3)
    assert found(1.0, 1.0, 1.76) == ()
    assert found(4.0, 4.0, 0.75) == ()


@given(st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=12), st.floats(1.1, 20.0), st.sampled_from([1, -1]))
def test_good_meters_on_a_reference_that_is_off_are_all_named(errors: list[float], shift: float, sign: int) -> None:
    found = shifted_together(shifts(*(error + sign * shift for error in errors)))
    assert found == tuple(range(1, len(errors) + 1))


@given(st.lists(st.floats(-0.5, 0.5), max_size=11), st.floats(-50.0, 50.0))
def test_one_bad_meter_among_good_ones_is_never_the_benchs_fault(errors: list[float], bad: float) -> None:
    assert shifted_together(shifts(*errors, bad)) == ()


def outcome(position: int, error: float | None) -> Outcome:
    measured = within("error", -LIMIT, LIMIT, "%", "", guarded=True).judge(error, U)
    return Outcome(position, measured.verdict, void=False, measurements=(measured,))


def test_it_says_who_by_how_much_and_what_to_do_in_one_sentence_each() -> None:
    said = common_cause([outcome(3, 1.4), outcome(1, 1.3), outcome(7, 1.5)])
    assert said.startswith("positions 1, 3 and 7 are off together by about +1.40 %: what they share is likelier")
    assert "golden meter" in said
    assert said.endswith("test these meters 2 at a time, and each is judged by itself")


def test_a_meter_without_an_error_says_nothing_of_the_others() -> None:
    outcomes = [outcome(1, None), outcome(2, 1.4), outcome(3, 1.4)]
    assert outcomes[0].verdict is Verdict.FAIL
    assert common_cause(outcomes) == ""
    assert common_cause([]) == ""


@pytest.mark.parametrize(
    ("percent", "together", "measured", "by_hand"),
    [
        (0.5, 3, 3, 2.98e-4),
        (-0.55, 3, 3, 1.17e-5),
        (0.5, 1, 2, 0.1291),
        (0.95, 2, 2, 1.82e-6),
    ],
    ids=[
        "1.5 deviations, thrice",
        "2 deviations below, thrice",
        "one of two: 1 - (1 - p) squared",
        "3 deviations, twice",
    ],
)
def test_the_chance_is_that_of_a_production_that_scatters_by_0_30_around_0_05_percent(
    percent: float, together: int, measured: int, by_hand: float
) -> None:
    """Tails of the normal distribution out of a table: 0.0668 beyond 1.5 deviations, 0.0228 beyond 2, 0.00135 beyond 3."""
    assert chance(percent, together, measured) == pytest.approx(by_hand, rel=0.01)


@pytest.mark.parametrize(
    ("errors", "together"),
    [
        ((0.6865, 0.75, 0.85), 3),
        ((0.684, 0.75, 0.85), 0),
        ((-0.60, -0.7, -0.8), 3),
        ((-0.57, -0.7, -0.8), 0),
        ((0.55,) * 7 + (0.0,) * 5, 7),
        ((0.55,) * 6 + (0.0,) * 6, 0),
        ((0.85, 0.85), 0),
        ((0.85, 0.85, 0.85, 1.4), 3),
        ((0.85, 0.85, 0.85, 1.2), 0),
    ],
    ids=[
        "0.01693 each, three together 4.85 in a million",
        "0.01729 each, three together 5.17 in a million",
        "0.015 each on the other side",
        "0.019 each on the other side",
        "seven of twelve",
        "half of them",
        "two",
        "three and a bad meter of its own",
        "three and a meter that failed with them",
    ],
)
def test_meters_that_none_failed_stand_together_where_chance_would_not_do_it_once_in_200_000_steps(
    errors: tuple[float, ...], together: int
) -> None:
    """Half the limit and U are 0.54: from 0.85, the middle, 1.2 is not far enough to be off in its own way, 1.4 is."""
    found = stand_together([Shift(n, e, 0.04, LIMIT, failed=abs(e) > 0.96) for n, e in enumerate(errors, start=1)])
    assert len(found) == together


def test_what_is_just_as_probable_as_that_is_not_improbable_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shifts(0.80, 0.82, 0.85)
    assert stand_together(found)
    monkeypatch.setattr(bench.common_cause, "CHANCE", chance(0.80, 3, 3))
    assert not stand_together(found)


def test_what_is_void_is_no_shift() -> None:
    void = [Outcome(n, Verdict.NONE, void=True, measurements=outcome(n, 1.4).measurements) for n in (1, 2, 3)]
    assert common_cause(void) == ""
