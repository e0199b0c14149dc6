"""Lines of styled text, and the one widget that paints them: it repaints only the stretch of a line that changed.

A stock widget costs about a millisecond each time it is dirty and asks for a new layout when its text is updated; on a Raspberry
Pi that is more than the bench can spare. This one never asks for a layout.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.palette import GAP
from tui.picture import Picture

Part = tuple[str, Style]
"""Text and how it looks."""


def line(width: int, *parts: Part) -> Strip:
    """The parts in a row, cut or filled to `width` cells in the style of the last one."""
    strip = Strip([Segment(text, style) for text, style in parts])
    return strip.adjust_cell_length(width, parts[-1][1]).simplify()


class LineWidget(Widget, can_focus=False):
    """Paints lines; a subclass says which, for a picture and the room there is."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._picture: Picture | None = None
        self._strips: list[Strip] = []
        self._width = 0
        self._height = 0

    def lines(self, picture: Picture, width: int, height: int) -> Sequence[Strip]:
        """The lines to paint, each `width` cells, at most `height` of them."""
        raise NotImplementedError

    def show(self, picture: Picture) -> None:
        """Show this picture: paint where it differs from what stands there."""
        self._picture = picture
        if self._width:
            self._paint(picture)

    def _paint(self, picture: Picture) -> None:
        strips = list(self.lines(picture, self._width, self._height))
        strips += [line(self._width, ("", GAP))] * (self._height - len(strips))
        dirty: list[Region] = []
        for y, (old, new) in enumerate(zip(self._strips, strips, strict=True)):
            region = _difference(y, old, new)
            if region is not None and dirty and dirty[-1].bottom == y:
                dirty[-1] = dirty[-1].union(region)
            elif region is not None:
                dirty.append(region)
        self._strips = strips
        if dirty:
            self.refresh(*dirty)

    def on_resize(self, event: events.Resize) -> None:
        """Everything is formatted for the width there is, so all of it anew."""
        self._width, self._height = event.size.width, event.size.height
        self._strips = [Strip.blank(self._width)] * self._height
        if self._picture is not None:
            self._paint(self._picture)

    def render_line(self, y: int) -> Strip:
        """One line of the picture, from Textual's side."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self._width)


def _difference(y: int, old: Strip, new: Strip) -> Region | None:
    """The stretch of line `y` in which the two differ; lines are equally wide."""
    if old is new or old == new:
        return None
    before, after = list(old), list(new)
    left = 0
    while before and after and before[0] == after[0]:
        left += after.pop(0).cell_length
        before.pop(0)
    right = new.cell_length
    while before and after and before[-1] == after[-1]:
        right -= after.pop().cell_length
        before.pop()
    return Region(left, y, right - left, 1)
