"""The board: the latest picture of the line, for whoever glances at it. Written by the engine, read from any thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bench.session import LineGlance, PositionGlance


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
        positions = list(self._glance.positions)
        now = replace(positions[number - 1], **changes)
        if now == positions[number - 1]:
            return
        positions[number - 1] = now
        self._glance = replace(self._glance, revision=self._glance.revision + 1, positions=tuple(positions))
