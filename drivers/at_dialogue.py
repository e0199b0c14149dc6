"""What a modem says to AT commands, without any I/O: lines, final results, the prompt of a short message, and the data after CONNECT.

Sources: ITU-T V.250 (commands and result codes), 3GPP TS 27.005 (short messages) and 27.007 (+CLIP); NMBR is what V.22 modems with
caller identification print.
"""

from __future__ import annotations

import re

BAUD = 1200
"""Between bench and modem: that of a V.22 connection, so that no buffer lies between."""
PROMPT = ">"
"""Stands for the `> ` after which the text of a short message is due."""

_FINAL = (
    "OK",
    "ERROR",
    "NO CARRIER",
    "BUSY",
    "NO ANSWER",
    "NO DIALTONE",
    "NO DIAL TONE",
    "CONNECT",
    "+CME ERROR",
    "+CMS ERROR",
)
_CALLER = re.compile(r'(?:\+CLIP:\s*"|NMBR\s*=\s*)([0-9+*#]+)')
_STORED = re.compile(r'\+CMTI:\s*"[A-Z]{2}",\s*([0-9]{1,3})')
_LONGEST_LINE = 400
"""Characters; a short message has 160."""


class AtLines:
    """Makes lines of characters as they come. After CONNECT the characters are the other end's: `data` takes them."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, characters: bytes) -> list[str]:
        """The lines that are complete now, empty ones left out; a line of rubbish is a line too."""
        self._pending += characters
        lines = []
        while (end := self._line_end()) is not None:
            line = self._pending[:end].decode("latin-1").strip("\r\n\0 ")
            del self._pending[: end + 1]
            if line:
                lines.append(line)
            if line.startswith("CONNECT"):
                return lines  # what follows is no line
        if self._pending.lstrip(b"\r\n") == b"> ":
            self._pending.clear()
            lines.append(PROMPT)
        return lines

    def data(self) -> bytes:
        """What has come after CONNECT."""
        rest = bytes(self._pending)
        self._pending.clear()
        return rest

    def _line_end(self) -> int | None:
        end = self._pending.find(b"\n")
        if end < 0:
            return _LONGEST_LINE if len(self._pending) > _LONGEST_LINE else None
        return end


def is_final(line: str) -> bool:
    """Whether this result ends the answer to a command."""
    return line == PROMPT or any(line == final or line.startswith((final + " ", final + ":")) for final in _FINAL)


def caller_in(line: str) -> str | None:
    """The number of who calls, where this line tells it."""
    found = _CALLER.search(line)
    return found[1] if found else None


def stored_in(line: str) -> int | None:
    """The place of a short message that has come in, where this line tells it."""
    found = _STORED.search(line)
    return int(found[1]) if found else None
