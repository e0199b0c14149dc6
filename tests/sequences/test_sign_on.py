"""Numbers that were scanned at one position and told at another."""

from __future__ import annotations

from sequences.sign_on import crossed_numbers

A, B, C = (frozenset({number}) for number in ("21480001", "21480002", "21480003"))


def test_two_that_are_exchanged_are_both_named() -> None:
    said = crossed_numbers({1: "21480002", 2: "21480001", 3: "21480003"}, {1: A, 2: B, 3: C})
    assert "scanned at position 1, 21480002, is told by the meter under the head of position 2;" in said
    assert "scanned at position 2, 21480001, is told by the meter under the head of position 1." in said
    assert "position 3" not in said
    assert said.endswith("scan these meters again, and follow the heads' cables.")


def test_what_was_scanned_where_it_is_told_is_right_and_leading_zeroes_do_not_count() -> None:
    assert crossed_numbers({1: "021480001", 2: "21480002"}, {1: A, 2: B}) == ""


def test_a_number_that_no_meter_tells_is_no_crossing() -> None:
    assert crossed_numbers({1: "4711", 2: ""}, {1: A, 2: B}) == ""
    assert crossed_numbers({1: "000"}, {1: A, 2: frozenset()}) == ""


def test_a_serial_number_that_two_meters_bear_is_no_crossing_where_its_own_tells_it() -> None:
    assert crossed_numbers({1: "21480001"}, {1: A, 2: A}) == ""
