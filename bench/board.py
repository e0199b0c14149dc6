"""The board: the latest picture of the line, for whoever glances at it. Written by the engine, read from any thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bench.session import LineGlance, PositionGlance

_NOTHING = object()
"""What a field that is not there holds: no change is equal to it, and `replace` says what is wrong."""


class Board:
    """Holds one frozen `LineGlance`; every change makes a new one with a higher revision."""

    def __init__(self, positions: int) -> None:
        self._glance = LineGlance(positions=tuple(PositionGlance(k + 1) for k in range(positions)))

    @property
    def glance(self) -> LineGlance:
        """The latest picture."""
        return self._glance

    def line(self, **changes: Any) -> None:
        """Change fields of the line."""
        self._glance = replace(self._glance, revision=self._glance.revision + 1, **changes)

    def clear_positions(self) -> None:
        """Every position empty."""
        empty = tuple(PositionGlance(each.number) for each in self._glance.positions)
        self._glance = replace(self._glance, revision=self._glance.revision + 1, positions=empty)

    def position(self, number: int, **changes: Any) -> None:
        """Change fields of one position; what says nothing new makes no new picture."""
        before = self._glance.positions[number - 1]
        if all(getattr(before, name, _NOTHING) == value for name, value in changes.items()):
            return
        positions = list(self._glance.positions)
        positions[number - 1] = replace(before, **changes)
        self._glance = replace(self._glance, revision=self._glance.revision + 1, positions=tuple(positions))
