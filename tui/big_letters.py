"""Words and numbers big enough to be read from across the hall: three lines of half blocks, five pixels high.

Only the letters of the words the banner and the tiles say are drawn.
"""

from __future__ import annotations

HEIGHT = 3
"""Lines a big word takes."""

_PIXELS = {
    " ": ". . . . .",
    ".": ". . . . #",
    "+": "... .#. ### .#. ...",
    "−": "... ... ### ... ...",
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "%": "#..# ...# .##. #... #..#",
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": ".### #... #.## #..# .###",
    "I": "# # # # #",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".#. #.# #.# #.# .#.",
    "P": "##. #.# ##. #.. #..",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "W": "#...# #...# #.#.# ##.## #...#",
    "Y": "#.# #.# .#. .#. .#.",
}
_HALVES = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}


def big(word: str) -> tuple[str, str, str]:
    """`word` as three lines of equal width. Raises KeyError for a letter that is not drawn."""
    letters = [_PIXELS[letter].split() for letter in word or " "]
    rows = [".".join(letter[y] for letter in letters) for y in range(5)]
    rows.append("." * len(rows[0]))
    top, middle, bottom = (
        "".join(_HALVES[upper + lower] for upper, lower in zip(rows[y], rows[y + 1], strict=True)) for y in (0, 2, 4)
    )
    return top, middle, bottom
