"""Positions as a person says them. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def positions(numbers: Sequence[int]) -> str:
    """In words: position 2, or positions 2, 3 and 5 to 12. `numbers` rise."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    said = [text for span in spans for text in (map(str, span) if len(span) < 3 else [f"{span[0]} to {span[-1]}"])]
    if len(said) == 1:
        return f"position{'s' if len(numbers) > 1 else ''} {said[0]}"
    return f"positions {', '.join(said[:-1])} and {said[-1]}"
