"""The banner: one big word and what it means, three lines high on every terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from tui import wording
from tui.announcement import Announcement, announce
from tui.big_letters import HEIGHT, big
from tui.lines import LineWidget, Part, line
from tui.picture import Picture


class Banner(LineWidget):
    """What happened, in one line."""

    def __init__(self) -> None:
        super().__init__(id="banner")

    def lines(self, picture: Picture, width: int, height: int) -> Sequence[Strip]:
        """The big word at the left and the sentences beside it; the big word yields where they need its room."""
        said = announce(picture)
        letters: Sequence[str] = [f" {text}   " for text in big(said.word)]
        first, more = _wrapped(said, width - len(letters[0]) - 1)
        if len(first) + len(more) > height:
            letters = [" "] * HEIGHT
            first, more = _wrapped(said, width - 2)
        if len(first) + len(more) > height:
            *first, last = (first + more)[:height]
            first, more = [*first, wording.shortened(f"{last} …", width - 2)], []
        bold = said.role.filled
        plain = Style(color=said.role.value[0], bgcolor=said.role.value[1])
        words = _centred([(text, bold) for text in letters], (" " * len(letters[0]), bold), height)
        texts = _centred([(text, bold) for text in first] + [(text, plain) for text in more], ("", plain), height)
        return [line(width, word, text) for word, text in zip(words, texts, strict=True)]


def _centred(parts: Sequence[Part], empty: Part, height: int) -> list[Part]:
    above = (height - len(parts)) // 2
    return [*[empty] * above, *parts, *[empty] * (height - len(parts) - above)]


def _wrapped(said: Announcement, width: int) -> tuple[list[str], list[str]]:
    first = textwrap.wrap(f"{said.glyph} {said.word}  {said.sentence}", width)
    return first, [text for sentence in said.more for text in textwrap.wrap(sentence, width)]
