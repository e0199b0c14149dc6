"""How many pulse widths lie outside among a hundred in a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.measurements import Declared
from bench.profile import STANDARD
from bench.verdict import Verdict
from reference_meter import TypeNumber
from sequences.s0_pulses import WINDOW, S0Pulses, most_outside, shortest_pause_ms


def widths(*outside: int, length: int = 500, wrong: float = 26.0) -> list[float]:
    """Good widths, but for those at these places."""
    return [wrong if k in outside else 30.0 for k in range(length)]


def declared(type_number: str, name: str) -> Declared:
    step = S0Pulses(TypeNumber.parse(type_number), STANDARD)
    return next(each for each in step.measurements() if each.name == name)


@pytest.mark.parametrize(
    ("places", "most"),
    [
        ((), 0),
        ((0,), 1),
        ((499,), 1),
        ((100, 199), 2),  # the first and the last of a hundred in a row
        ((100, 200), 1),
        ((0, 99, 198, 297), 2),
        ((10, 20, 300, 310, 320), 3),
    ],
)
def test_the_worst_hundred_in_a_row_counts(places: tuple[int, ...], most: int) -> None:
    assert most_outside(widths(*places), 0.1) == most


@pytest.mark.parametrize(
    ("width", "outside"),
    [(26.99, 1), (27.0, 1), (27.09, 1), (27.25, 0), (32.75, 0), (32.95, 1), (33.0, 1), (33.1, 1)],
)
def test_a_width_is_inside_only_by_its_uncertainty(width: float, outside: int) -> None:
    assert most_outside([30.0, width, 30.0], 0.25) == outside


def test_without_pulses_nothing_is_outside() -> None:
    assert most_outside([], 0.1) == 0


@given(st.lists(st.booleans(), max_size=350))
def test_it_is_the_most_that_any_window_holds(wrong: list[bool]) -> None:
    found = most_outside([20.0 if each else 30.0 for each in wrong], 0.0)
    windows = [sum(wrong[k : k + WINDOW]) for k in range(max(1, len(wrong)))]
    assert found == max(windows)


@pytest.mark.parametrize(
    ("outside", "verdict"), [(0, Verdict.PASS), (1, Verdict.MARGINAL), (2, Verdict.FAIL), (100, Verdict.FAIL)]
)
def test_one_outside_is_marginal_and_two_in_a_hundred_fail(outside: int, verdict: Verdict) -> None:
    assert declared("685-381-OK-50", "widths outside in 100").judge(float(outside)).verdict is verdict


@pytest.mark.parametrize(
    ("type_number", "pause_ms"),
    [("685-181-OK-50", 30.0), ("685-381-OK-50", 30.0), ("685-311-OK-50", 5.0), ("685-321-OK-50", 5.0)],
)
def test_the_pause_of_the_standard_is_asked_only_of_meters_that_can_keep_it(type_number: str, pause_ms: float) -> None:
    assert declared(type_number, "shortest pause").lower == pause_ms


def test_the_shortest_pause_lies_between_the_end_of_a_pulse_and_the_next_beginning() -> None:
    assert shortest_pause_ms([0.0, 0.1, 0.15], [0.03, 0.13, 0.18]) == pytest.approx(20.0)
