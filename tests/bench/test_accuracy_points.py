"""Accuracy points in words: what is one, what it means for a type, and in which order they are made."""

from __future__ import annotations

import pytest

from bench.accuracy_points import TEST_POINTS, parse_point, points_for
from bench.load_points import UNITY, PowerFactor, inductive
from reference_meter import TypeNumber

THREE = TypeNumber.parse("685-381-OK-50")
ONE = TypeNumber.parse("685-181-OK-50")
TWO = TypeNumber.parse("685-281-OK-50")
ALONE_AT_IMAX = ["Imax PF 0.5 ind L1", "Imax PF 0.5 ind L2", "Imax PF 0.5 ind L3"]


@pytest.mark.parametrize(
    ("words", "amperes", "power_factor", "only"),
    [
        ("Ib", 5.0, UNITY, None),
        ("Imax", 80.0, UNITY, None),
        ("0.05 Ib", 0.25, UNITY, None),
        ("0.5 Imax", 40.0, UNITY, None),
        ("Ib PF 0.5 ind", 5.0, inductive(0.5), None),
        ("Imax PF 0.8 cap", 80.0, PowerFactor(0.8, inductive=False), None),
        ("Ib L2", 5.0, UNITY, "L2"),
        ("0.2 Ib PF 0.5 ind L3", 1.0, inductive(0.5), "L3"),
    ],
)
def test_words_mean_a_point_and_the_point_says_them_again(
    words: str, amperes: float, power_factor: PowerFactor, only: str | None
) -> None:
    point = parse_point(words)
    assert (point.amperes(THREE), point.power_factor, point.only) == (amperes, power_factor, only)
    assert str(point) == words


@pytest.mark.parametrize(
    "words",
    ["", "ib", "5 A", "Ib PF 0.5", "Ib PF 0.5 lag", "Ib L4", "Ib L1 PF 0.5 ind", "0 Ib", "Ib PF 0 ind", "-1 Ib", "Ib "],
)
def test_what_is_no_point_is_refused_with_how_one_is_written(words: str) -> None:
    with pytest.raises(ValueError, match="is no accuracy point"):
        parse_point(words)


@pytest.mark.parametrize(
    ("meter", "wanted"),
    [
        (THREE, ["Imax", *ALONE_AT_IMAX, "Ib", "Ib PF 0.5 ind", "Ib L1", "Ib L2", "Ib L3", "0.05 Ib"]),
        (TWO, ["Imax", *ALONE_AT_IMAX[:2], "Ib", "Ib PF 0.5 ind", "Ib L1", "Ib L2", "0.05 Ib"]),
        (ONE, ["Imax", "Ib", "Ib PF 0.5 ind", "0.05 Ib"]),
    ],
)
def test_a_meter_gets_the_points_of_the_phases_it_has(meter: TypeNumber, wanted: list[str]) -> None:
    assert [str(each) for each in points_for(meter, TEST_POINTS, "falling")] == wanted


def test_points_are_made_by_falling_power_or_as_they_are_listed() -> None:
    points = ("0.05 Ib", "Ib L1", "Ib PF 0.5 ind", "Imax", "Ib")
    assert [str(each) for each in points_for(THREE, points, "listed")] == list(points)
    falling = [str(each) for each in points_for(THREE, points, "falling")]
    assert falling == ["Imax", "Ib", "Ib PF 0.5 ind", "Ib L1", "0.05 Ib"]  # 55200, 3450, 1725, 1150, 172.5 W


def test_a_point_above_what_the_type_bears_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the point 20 Ib is above the 80 A that a 685-381-OK-50 bears"):
        points_for(THREE, ("20 Ib",), "falling")
