"""The latest picture of the line."""

from __future__ import annotations

import dataclasses

import pytest

from bench.board import Board
from bench.session import LineGlance, PositionState, SourceState
from bench.verdict import Verdict


def test_a_new_board_has_every_position_empty_and_the_source_off() -> None:
    glance = Board(3).glance
    assert [each.number for each in glance.positions] == [1, 2, 3]
    assert {each.state for each in glance.positions} == {PositionState.EMPTY}
    assert glance.source is SourceState.OFF
    assert glance.revision == 0


def test_every_change_makes_a_new_picture_with_a_higher_revision_and_leaves_the_old_one() -> None:
    board = Board(2)
    first = board.glance
    board.line(message="aborting")
    second = board.glance
    board.position(2, verdict=Verdict.PASS, pulses=7)
    third = board.glance
    assert [each.revision for each in (first, second, third)] == [0, 1, 2]
    assert first == LineGlance(positions=first.positions)
    assert (second.message, third.message) == ("aborting", "aborting")
    assert second.positions == first.positions
    assert third.positions[0] is first.positions[0]
    assert (third.positions[1].verdict, third.positions[1].pulses) == (Verdict.PASS, 7)


def test_clearing_empties_the_positions_and_nothing_else() -> None:
    board = Board(2)
    board.line(type_number="685-381-OK-50")
    board.position(1, serial="17", progress=0.5)
    board.clear_positions()
    assert board.glance.positions == Board(2).glance.positions
    assert board.glance.type_number == "685-381-OK-50"
    assert board.glance.revision == 3


def test_a_field_that_is_not_there_is_an_error_and_the_picture_stays() -> None:
    board = Board(1)
    with pytest.raises(TypeError):
        board.position(1, voltage=230.0)
    assert board.glance.revision == 0


def test_nobody_can_change_a_picture_they_were_shown() -> None:
    glance = Board(1).glance
    with pytest.raises(dataclasses.FrozenInstanceError):
        glance.message = "tampered"  # type: ignore[misc]  # that it cannot is what is tested
