"""The lines that are always there: station and run at the top, the source below the banner, hints and the scan line at the foot."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from bench.session import SourceState
from tui import wording
from tui.announcement import readback
from tui.lines import LineWidget, Part, line
from tui.palette import BODY, DIM, GAP, PANEL, STRONG, Role
from tui.picture import Picture

_HEADER = Style(color="#ffffff", bgcolor="#2a3038")
_HEADER_STRONG = Style(color="#ffffff", bgcolor="#2a3038", bold=True)
_ALARM = Style(color=Role.WARN.value[1], bgcolor=PANEL, bold=True)


class Header(LineWidget):
    """Station, sequence, type and time."""

    def __init__(self) -> None:
        super().__init__(id="header")

    def lines(self, picture: Picture, width: int, _height: int) -> Sequence[Strip]:
        """One line: what is fixed at the left, what runs at the right."""
        glance, entry = picture.glance, picture.entry
        told = glance.running or picture.shows_result
        sequence = glance.sequence if told else entry.sequence
        type_number = (glance.type_number if told else entry.type_number) or "no type yet"
        time = f"{wording.clock(glance.elapsed)} of {wording.clock(glance.expected)} " if told else ""
        simulated = f"  SIMULATED {picture.speed_in_words}" if picture.station.simulated else ""
        run = f"{sequence}  {type_number}"
        left = f" {picture.station.name}"
        right = f"{run}  {time:>16}"
        middle = width - len(left) - len(simulated) - len(right)
        return [
            line(width, (left, _HEADER_STRONG), (simulated, _HEADER_STRONG), (" " * middle, _HEADER), (right, _HEADER))
        ]


class SourceBar(LineWidget):
    """The source: what is known of its output, with volts, amperes and watts."""

    def __init__(self) -> None:
        super().__init__(id="source")

    def lines(self, picture: Picture, width: int, _height: int) -> Sequence[Strip]:
        """One line, its figures always at the same place."""
        glance = picture.glance
        glyph, word, role = wording.source_badge(glance.source)
        alarm = glance.source in (SourceState.TRIPPED, SourceState.UNKNOWN)
        state = (f"{glyph} {word:<9} ", role.filled if alarm else _state_style(glance.source))
        if glance.source is SourceState.SAFE and picture.story.safe is not None:
            return [line(width, (" SOURCE ", DIM), state, (f" off, {readback(picture.story.safe)}", BODY))]
        if glance.source is SourceState.UNKNOWN:
            return [line(width, (" SOURCE ", DIM), state, (" do not touch anything: it may be live", _ALARM))]
        look = BODY if glance.source is SourceState.ENERGISED else DIM
        return [line(width, (" SOURCE ", DIM), state, *_figures(picture, look))]


class Hints(LineWidget):
    """Why the last scan or command was not taken."""

    def __init__(self) -> None:
        super().__init__(id="hints")

    def lines(self, picture: Picture, width: int, height: int) -> Sequence[Strip]:
        """A sentence in at most two lines; empty when all is well."""
        text = picture.hint or (picture.refusal if picture.busy else "")
        if not text:
            return []
        wrapped = textwrap.wrap(f"! {text}", width - 2, subsequent_indent="  ", max_lines=height, placeholder=" …")
        alarm = Style(color=Role.WARN.value[1], bgcolor=GAP.bgcolor, bold=True)
        blank = [line(width, ("", GAP))] * (height - len(wrapped))
        return [*blank, *(line(width, (f" {part}", alarm)) for part in wrapped)]


class ScanField(LineWidget):
    """The scan line."""

    def __init__(self) -> None:
        super().__init__(id="scan")

    def lines(self, picture: Picture, width: int, _height: int) -> Sequence[Strip]:
        """What has been typed, and what the next scan will be."""
        if picture.scan or not picture.busy:
            typed: tuple[Part, ...] = ((picture.scan, STRONG), ("▌", STRONG))
        else:
            typed = (("closed while the meters are tested", DIM),)
        room = width - len(" SCAN  ") - sum(len(text) for text, _ in typed) - 2
        wanted = "Enter takes it, Esc clears it" if picture.scan else "" if picture.busy else _wanted(picture)
        wanted = wanted if len(wanted) <= room else ""
        return [line(width, (" SCAN  ", DIM), *typed, (f" {wanted:>{max(room, 0)}} ", DIM))]


def _wanted(picture: Picture) -> str:
    entry = picture.entry
    if not entry.type_number:
        return "type number, then Enter"
    free = entry.next_free
    return (
        "type number, serial number or sequence, then Enter"
        if free is None
        else f"serial number of position {free}, then Enter"
    )


def _state_style(source: SourceState) -> Style:
    return _ALARM if source is SourceState.ENERGISED else DIM if source is SourceState.OFF else STRONG


def _figures(picture: Picture, look: Style) -> tuple[Part, ...]:
    glance = picture.glance
    volts = " ".join(f"{value:5.1f}" for value in glance.volts)
    amperes = " ".join(f"{value:6.3f}" for value in glance.amperes)
    return (
        (" U ", DIM), (volts, look), (" V", DIM),
        ("  I ", DIM), (amperes, look), (" A", DIM),
        ("  P ", DIM), (f"{sum(glance.watts):5.0f}", look), (" W", DIM),
        ("", BODY),
    )  # fmt: skip
