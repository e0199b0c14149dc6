"""The seven segments of a digit: which of them are lit for each character the display can show. R34, R46.

The letters are the usual ones: a at the top, clockwise b to f, g in the middle.
"""

from __future__ import annotations

SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg",
    "5": "acdfg", "6": "acdefg", "7": "abc", "8": "abcdefg", "9": "abcdfg",
    "A": "abcefg", "C": "adef", "L": "def", "-": "g", " ": "",
}  # fmt: skip
"""The lit segments by character."""


def segments_of(digits: str) -> tuple[str, ...]:
    """The lit segments of each character, in their order. Raises `KeyError` for one that no page shows."""
    return tuple(SEGMENTS[each] for each in digits)
