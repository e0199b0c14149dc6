"""The board: all positions of the line in one widget, fed with frozen glances. Tiles where there is room, one row a position at
80 columns, and short cells where there are more positions than lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from textual.strip import Strip

from bench.session import PositionGlance
from tui import position_lines
from tui.lines import LineWidget, line
from tui.palette import GAP
from tui.picture import Picture
from tui.run_story import StepMark

_TILE_WIDTHS = (38, 52)
"""A tile's narrowest and widest."""
_TILES_FROM = 112
"""Narrower screens keep rows: a column of numbers is read faster than a field of them."""
_CELL_WIDTH = 26


class Shape(Enum):
    """How a position is drawn."""

    TILE = "tile"
    ROW = "row"
    CELL = "cell"


@dataclass(frozen=True)
class Arrangement:
    """Where the positions stand on the board."""

    shape: Shape
    columns: int
    cell_width: int
    cell_height: int

    @classmethod
    def of(cls, positions: int, width: int, height: int) -> Arrangement:
        """The roomiest arrangement that shows every position."""
        if width >= _TILES_FROM and positions:
            columns = min(positions, width // _TILE_WIDTHS[0])
            tile_height = height // -(-positions // columns)
            if tile_height >= position_lines.TILE_LINES:
                return cls(Shape.TILE, columns, min(width // columns, _TILE_WIDTHS[1]), tile_height)
        if positions < height:
            return cls(Shape.ROW, 1, width, 1)
        return cls(Shape.CELL, max(1, width // _CELL_WIDTH), _CELL_WIDTH, 1)


class Board(LineWidget):
    """All positions."""

    def __init__(self) -> None:
        super().__init__(id="board")
        self._drawn: dict[int, tuple[object, list[Strip]]] = {}

    def lines(self, picture: Picture, width: int, height: int) -> Sequence[Strip]:
        """Heads over rows; otherwise the fields side by side."""
        arrangement = Arrangement.of(len(picture.positions), width, height)
        fields = [self._field(position, picture.marks(position.number), arrangement) for position in picture.positions]
        if arrangement.shape is Shape.ROW:
            return [position_lines.row_heads(width), *(field[0] for field in fields)]
        blank = line(max(arrangement.cell_width, 1), ("", GAP))
        lines = []
        for first in range(0, len(fields), arrangement.columns):
            beside = fields[first : first + arrangement.columns]
            beside += [[blank] * arrangement.cell_height] * (arrangement.columns - len(beside))
            lines += [Strip.join(texts).adjust_cell_length(width, GAP) for texts in zip(*beside, strict=True)]
        return lines[:height]

    def _field(self, position: PositionGlance, marks: tuple[StepMark, ...], arrangement: Arrangement) -> list[Strip]:
        """The lines of one position; only what changed is formatted anew."""
        seen = (position, marks, arrangement)
        known = self._drawn.get(position.number)
        if known is not None and known[0] == seen:
            return known[1]
        match arrangement.shape:
            case Shape.TILE:
                drawn = position_lines.tile(position, marks, arrangement.cell_width, arrangement.cell_height)
            case Shape.ROW:
                drawn = [position_lines.row(position, arrangement.cell_width)]
            case Shape.CELL:
                drawn = [position_lines.cell(position, arrangement.cell_width)]
        self._drawn[position.number] = (seen, drawn)
        return drawn
