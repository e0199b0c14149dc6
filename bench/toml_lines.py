"""Where a value stands in a TOML text: tomllib tells no positions, and a mistake is told with its line."""

from __future__ import annotations

import re

Place = tuple[int | str, ...]
"""Keys and list indices from the root, as pydantic gives them."""

_TOKEN = re.compile(r"""\"(?:\\.|[^"\\])*"|'[^']*'|#.*|[][{},]|[^][{},\s"'#]+""")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")


def line_of(place: Place, text: str) -> int | None:
    """Line of the value at `place` or of its row in a list, or where it is missing of its table; None without one."""
    here: Place = ()
    counted: dict[Place, int] = {}
    table_line = None
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        opened = _HEADER.match(line)
        if opened:
            here = _opened(opened[2].split("."), opened[1] == "[[", counted)
            if here and here == place[: len(here)]:
                table_line = number
        elif here == place[: len(here)] and len(place) > len(here):
            key, *inside = place[len(here) :]
            if re.match(rf"\s*([\"']?){re.escape(str(key))}\1\s*[.=]", line):
                return _row(lines, number, inside)
    return table_line


def _opened(names: list[str], another: bool, counted: dict[Place, int]) -> Place:
    """The place of the table that a header opens; `counted` holds how many of each list of tables were opened."""
    place: Place = ()
    for k, name in enumerate(names):
        place = (*place, name)
        if another and k == len(names) - 1:
            counted[place] = counted.get(place, -1) + 1
        if place in counted:
            place = (*place, counted[place])
    return place


def _row(lines: list[str], first: int, inside: list[int | str]) -> int:
    """The line of the nth member of a list that begins at line `first`; `first` for any other value."""
    if not inside or not isinstance(inside[0], int):
        return first
    depth, begun, expected = 0, -1, False
    for number, line in enumerate(lines[first - 1 :], start=first):
        for token in _TOKEN.findall(line.partition("=")[2] if number == first else line):
            if token.startswith("#"):
                break
            closes = token in ("]", "}")
            if depth == 1 and expected and not closes and token != ",":
                begun, expected = begun + 1, False
                if begun == inside[0]:
                    return number
            depth += (token in ("[", "{")) - closes
            expected |= depth == 1 and token in ("[", ",")
            if depth <= 0:
                return first
    return first
