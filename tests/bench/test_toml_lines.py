"""Where a value stands in a TOML text."""

from __future__ import annotations

import pytest

from bench.toml_lines import Place, line_of

TEXT = """\
name = "a"   # 1
flat = ["x", "y = [", 3]
tall = [   # a comment, with "quotes", [brackets]
  "one", 'two',

  # "not a member"
  "thr,ee", [1,
  2], { a = 1, b = [2] },
  5,
]
"in quotes" = 1
dotted.key = 2
[table]
rows = [
  { current = 1.0 },
  { current = 2.0, more = "}" },
]
[[list]]
a = 1
[[list]]
b = ["p",
  "q"]
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("name",), 1),
        (("flat", 0), 2),
        (("flat", 2), 2),
        (("tall",), 3),
        (("tall", 0), 4),
        (("tall", 1), 4),
        (("tall", 2), 7),
        (("tall", 3), 7),
        (("tall", 4), 8),
        (("tall", 5), 9),
        (("tall", 6), 3),
        (("in quotes",), 11),
        (("dotted",), 12),
        (("table", "rows", 1, "current"), 16),
        (("table", "missing"), 13),
        (("list", 0, "a"), 19),
        (("list", 1, "a"), 20),
        (("list", 1, "b", 1), 22),
        (("nowhere",), None),
    ],
)
def test_a_value_has_its_line(place: Place, line: int | None) -> None:
    assert line_of(place, TEXT) == line
