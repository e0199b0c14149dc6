"""The colours of the screen and what each of them means. A colour never stands alone: a glyph and a word always say the same.

PASS and FAIL are the blue-green and vermillion of Okabe and Ito ("Color Universal Design", 2008), moved apart in lightness.
"""

from __future__ import annotations

from enum import Enum

from rich.style import Style

BACKGROUND = "#101214"
PANEL = "#1a1d21"


class Role(Enum):
    """What a coloured field means; the value is its text colour and its fill."""

    PASS = ("#ffffff", "#00664a")
    FAIL = ("#000000", "#ff8a4c")
    MARGINAL = ("#000000", "#cc79a7")
    WARN = ("#000000", "#f0e442")
    """The bench, not the meter: blocked, aborted, tripped, unknown (EN 60204-1: yellow is abnormal)."""
    ACTION = ("#000000", "#56b4e9")
    """A person must act (EN 60204-1: blue is mandatory)."""
    BUSY = ("#ffffff", "#3a414a")
    READY = ("#ffffff", PANEL)
    QUIET = ("#9aa2a9", PANEL)

    @property
    def filled(self) -> Style:
        """Bold text on the role's own fill."""
        return _FILLED[self]

    @property
    def lettered(self) -> Style:
        """The role's colour as bold text on the panel, for numbers that must not fill a field."""
        return _LETTERED[self]


_FILLED = {role: Style(color=role.value[0], bgcolor=role.value[1], bold=True) for role in Role}
_LETTERED = {role: Style(color=role.value[1], bgcolor=PANEL, bold=True) for role in Role}

BODY = Style(color="#e6e6e6", bgcolor=PANEL)
STRONG = Style(color="#ffffff", bgcolor=PANEL, bold=True)
DIM = Style(color="#9aa2a9", bgcolor=PANEL)
BAR = Style(color="#56b4e9", bgcolor=PANEL)
GAP = Style(color="#9aa2a9", bgcolor=BACKGROUND)
"""Between the tiles and around everything."""
