"""The scanner wedge: a scanner types like a keyboard, so letters and digits belong to the scan line, whatever has the focus.

They are taken before Textual can offer them to a widget or a binding; only function keys and Escape go on. With an input field
instead, a scan is lost whenever the field has lost the focus, and its letters and its Enter press whatever has it.
"""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.message import Message

_ENDS = ("enter", "tab")
"""Scanners end a code with either."""
_LONGEST = 64
"""A key that is held down stops here."""


class Scanned(Message):
    """A line was scanned, or typed and ended with Enter."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class Ended(Message):
    """Enter was pressed on an empty line."""


class ScanLine:
    """What has been typed since the last end of line."""

    def __init__(self) -> None:
        self.text = ""

    def type(self, characters: str) -> None:
        """Add printable characters; others are dropped."""
        self.text = (self.text + "".join(c for c in characters if c.isprintable()))[:_LONGEST]

    def rub_out(self) -> None:
        """Take the last character back."""
        self.text = self.text[:-1]

    def clear(self) -> None:
        """Forget the line."""
        self.text = ""

    def end(self) -> str:
        """The line without the spaces around it, and begin the next."""
        code, self.text = self.text.strip(), ""
        return code


class ScanningApp(App[None], inherit_bindings=False):
    """An app whose letters and digits are scans; it gets them as `Scanned` and hears of each key in `scan_line_changed`."""

    def __init__(self) -> None:
        super().__init__()
        self.scan_line = ScanLine()

    def scan_line_changed(self) -> None:
        """Called after each change of the line."""

    async def on_event(self, event: events.Event) -> None:
        """Take what a scanner can type; the rest goes its way."""
        if isinstance(event, events.Key) and not event.is_forwarded and self._takes(event):
            return
        if isinstance(event, events.Paste) and not event.is_forwarded:
            self._take_paste(event.text)
            return
        await super().on_event(event)

    def _takes(self, event: events.Key) -> bool:
        if event.key in _ENDS:
            self._end()
        elif event.key == "backspace":
            self.scan_line.rub_out()
        elif event.is_printable and event.character is not None:
            self.scan_line.type(event.character)
        else:
            return False
        self.scan_line_changed()
        return True

    def _take_paste(self, text: str) -> None:
        """A terminal may hand over a scan as a paste, its Enter included."""
        for character in text:
            if character in "\r\n":
                self._end()
            else:
                self.scan_line.type(character)
        self.scan_line_changed()

    def _end(self) -> None:
        code = self.scan_line.end()
        self.post_message(Scanned(code) if code else Ended())
