"""Standard output and standard error as things that may be closed, full, gone or not Unicode.

What cannot be said there is dropped: a reader that goes away (`| head -1`) or a terminal that closes harms no test.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO


def prepare() -> None:
    """Put the null device where the shell closed a stream (`>&-`), and `?` where a character is not in the terminal's set.

    Without it the first file that is opened would take the number of standard output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  # open as long as the process
        elif mode == "w":
            stream.reconfigure(errors="replace")


def say(stream: TextIO, text: str) -> OSError | None:
    """Write `text` at once. Where that fails, it and all that follows is dropped, and the reason is returned."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        drop(stream)
        return error
    return None


def drop(stream: TextIO) -> None:
    """Lead the stream to the null device, with what it still holds: Python flushes it once more at the end and would fault again."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def legible(text: str) -> str:
    """The text with a dot for each character that would move the cursor: what a scanner or a meter sent goes to a terminal here."""
    return "".join(c if c.isprintable() else "·" for c in text)
