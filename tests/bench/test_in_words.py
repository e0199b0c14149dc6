"""Positions in words: short, and none of them lost."""

from __future__ import annotations

import pytest

from bench import in_words


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([2], "position 2"),
        ([1, 2], "positions 1 and 2"),
        ([1, 2, 3, 4], "positions 1 to 4"),
        ([1, 4, 5, 6, 9], "positions 1, 4 to 6 and 9"),
        ([1, 2, 7, 8], "positions 1, 2, 7 and 8"),
    ],
)
def test_positions_are_named_shortly(numbers: list[int], said: str) -> None:
    assert in_words.positions(numbers) == said
