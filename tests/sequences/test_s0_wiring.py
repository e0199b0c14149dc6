"""Codes of the positions, and what is made of the codes that come back."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.steps import Blocked
from sequences.s0_wiring import code_length, position_codes, raise_if_crossed, raise_if_heads_crossed

lines = st.lists(st.integers(1, 12), min_size=1, max_size=12, unique=True)


@pytest.mark.parametrize(("positions", "bits"), [(1, 2), (2, 2), (3, 3), (6, 3), (7, 4), (12, 4), (14, 4), (15, 5)])
def test_so_many_patterns_tell_so_many_positions_apart(positions: int, bits: int) -> None:
    assert code_length(positions) == bits


@given(lines)
def test_every_position_has_a_code_of_its_own_and_none_is_all_zeros_or_all_ones(numbers: list[int]) -> None:
    codes, bits = position_codes(numbers), code_length(len(numbers))
    assert sorted(codes) == sorted(numbers)
    assert len(set(codes.values())) == len(numbers)
    assert all(0 < code < (1 << bits) - 1 for code in codes.values())


@given(lines)
def test_wires_that_are_right_raise_nothing(numbers: list[int]) -> None:
    codes = position_codes(numbers)
    raise_if_crossed(codes, dict(codes), code_length(len(numbers)))


def test_any_two_crossed_wires_of_twelve_are_found_and_both_are_named() -> None:
    codes = position_codes(list(range(1, 13)))
    for one, other in combinations(codes, 2):
        seen = {**codes, one: codes[other], other: codes[one]}
        with pytest.raises(Blocked) as found:
            raise_if_crossed(codes, seen, 4)
        text = str(found.value)
        assert f"the S0 input of position {one} carries the pulses of the meter at position {other};" in text
        assert f"the S0 input of position {other} carries the pulses of the meter at position {one}." in text
        assert text.endswith("Check the S0 wires and the bypass contactors of these positions.")


@pytest.mark.parametrize("positions", [2, 6, 12])
def test_a_dead_output_is_the_meters_own_matter(positions: int) -> None:
    codes = position_codes(list(range(1, positions + 1)))
    bits = code_length(positions)
    raise_if_crossed(codes, {**codes, 2: (1 << bits) - 1}, bits)


def test_an_input_whose_meter_is_never_bridged_is_found() -> None:
    codes = position_codes([1, 2, 5])
    with pytest.raises(Blocked, match="the S0 input of position 5 does not follow the current of its meter"):
        raise_if_crossed(codes, {**codes, 5: 0}, code_length(3))


def test_any_two_heads_that_are_crossed_are_both_named() -> None:
    codes = position_codes(list(range(1, 13)))
    for one, other in combinations(codes, 2):
        with pytest.raises(Blocked) as found:
            raise_if_heads_crossed(codes, {**codes, one: codes[other], other: codes[one]})
        assert str(found.value) == (
            f"the optical head of position {one} reads the meter at position {other}; "
            f"the optical head of position {other} reads the meter at position {one}. "
            "Put the heads on the meters of their own positions."
        )


def test_a_head_that_reads_no_power_or_one_that_stands_still_is_no_crossing() -> None:
    codes = position_codes([1, 2, 3])
    raise_if_heads_crossed(codes, {1: 0b111, 2: 0b000, 3: codes[3]})
    raise_if_heads_crossed(codes, {})
