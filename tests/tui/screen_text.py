"""The rendered screen as text that can be compared, read in a review and kept in the repository: characters first, then styles.

Each style is a letter in a second picture of the same size, with its name in a legend; nothing in it depends on fonts, times or ids.
"""

from __future__ import annotations

import string

from rich.style import Style
from textual.app import App
from textual.strip import Strip

from tui.palette import Role

_LETTERS = string.ascii_letters + string.digits
_ROLES = {role.value: role.name for role in Role}


def _strips(app: App[None]) -> list[Strip]:
    return app.screen._compositor.render_strips()


def text_of(app: App[None]) -> str:
    """The characters alone."""
    return "\n".join(strip.text.rstrip() for strip in _strips(app)) + "\n"


def picture_of(app: App[None]) -> str:
    """Characters, styles and legend."""
    letters: dict[str, str] = {}
    styles = []
    for strip in _strips(app):
        row = ""
        for segment in strip:
            name = _name(segment.style)
            letter = letters.setdefault(name, _LETTERS[len(letters)])
            row += letter * segment.cell_length
        styles.append(row)
    legend = "\n".join(f"{letter} {name}" for name, letter in letters.items())
    return f"{text_of(app)}\n" + "\n".join(styles) + f"\n\n{legend}\n"


def _name(style: Style | None) -> str:
    if style is None or style.color is None or style.bgcolor is None:
        return "plain"
    colours = (_hex(style, foreground=True), _hex(style, foreground=False))
    role = f" {_ROLES[colours]}" if colours in _ROLES else ""
    return f"{colours[0]} on {colours[1]}{' bold' if style.bold else ''}{role}"


def _hex(style: Style, *, foreground: bool) -> str:
    colour = style.color if foreground else style.bgcolor
    assert colour is not None
    return colour.get_truecolor(foreground=foreground).hex
