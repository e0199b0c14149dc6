"""Two pulse trains compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.pulse_comparison import Comparison, compare


def test_equal_trains_have_no_difference() -> None:
    assert compare([1.0, 2.0, 3.0], [1.001, 2.002, 2.999], 0.01) == Comparison(
        0, 0, pytest.approx(-0.001), pytest.approx(0.002)
    )


def test_a_flash_that_does_not_come_and_one_that_nobody_asked_for_are_told_apart() -> None:
    told = compare([1.0, 2.0, 3.0], [1.0, 2.5, 3.0], 0.01)
    assert (told.missing, told.extra) == (1, 1)


def test_a_dead_output_lacks_every_pulse() -> None:
    assert compare([1.0, 2.0], [], 0.01) == Comparison(2, 0, None, None)


def test_a_doubled_pulse_is_one_too_many() -> None:
    assert compare([1.0, 2.0], [1.0, 1.003, 2.0], 0.01).extra == 1


def test_partners_must_be_allowed_some_time() -> None:
    with pytest.raises(ValueError, match="some time apart"):
        compare([1.0], [1.0], 0.0)


trains = st.lists(st.integers(0, 1000), max_size=40, unique=True).map(lambda train: [k * 0.1 for k in sorted(train)])


@given(trains, trains)
def test_every_pulse_is_paired_or_told(first: list[float], second: list[float]) -> None:
    told = compare(first, second, 0.01)
    assert len(first) - told.missing == len(second) - told.extra == len(set(first) & set(second))
