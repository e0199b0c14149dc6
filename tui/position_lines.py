"""One position as lines of text: a tile, a row or a cell, each of exactly the width asked for.

Pure functions of a glance; numbers have fixed widths, so nothing moves but what changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.strip import Strip

from bench.session import PositionGlance, PositionState
from tui import wording
from tui.big_letters import HEIGHT as BIG_HEIGHT
from tui.big_letters import big
from tui.lines import Part, line
from tui.palette import BAR, BODY, DIM, GAP, STRONG, Role
from tui.run_story import StepMark

TILE_LINES = 8
"""Lines a tile needs, with the gap below it."""

_BADGE = 14
"""Width of number, glyph and word."""
_BIG_WORDS = ("PASS", "MARGINAL", "FAIL")
_BIGGEST_ERROR = 100.0
"""Larger errors in % have no room in big digits; they stand in the small ones."""


@dataclass(frozen=True)
class _Columns:
    """Widths of those columns of a row that depend on the room there is."""

    serial: int
    step: int
    bar: int

    @classmethod
    def within(cls, width: int) -> _Columns:
        serial, bar = (10, 0) if width < 96 else (16, 11)
        fixed = _BADGE + serial + len("  +12.345 ±0.75 123456 30.03 100%") + 1 + bar
        return cls(serial, max(width - fixed, 4), bar)


def row_heads(width: int) -> Strip:
    """The head line over the rows, with the units."""
    columns = _Columns.within(width)
    text = (
        f"    {'State':{_BADGE - 4}}{'Serial':{columns.serial}} {'Step':{columns.step}}"
        f"  Error % Limit Pulses S0 ms {'':{columns.bar}}Done"
    )
    return line(width, (text, GAP))


def row(position: PositionGlance, width: int) -> Strip:
    """A position in one line, for a terminal of 80 columns and more."""
    columns = _Columns.within(width)
    bar = f"{_bar(position, columns.bar - 1)} " if columns.bar else ""
    return line(
        width,
        _badge(position),
        (f"{wording.tail(position.serial, columns.serial):{columns.serial}} ", BODY),
        (f"{wording.shortened(position.step, columns.step):{columns.step}} ", _step_style(position)),
        (f"{wording.error(position.error_percent)} ", _error_style(position)),
        (f"{wording.limit(position.limit_percent)} ", DIM),
        (f"{_pulses(position):>6} {_width_ms(position):>5} ", BODY),
        (f"{bar}{_percent(position)}", BAR),
    )


def cell(position: PositionGlance, width: int) -> Strip:
    """A position in a few words, where there are more positions than lines."""
    serial = wording.tail(position.serial, width - _BADGE - 2)
    return Strip.join([line(width - 1, _badge(position), (serial, BODY)), line(1, ("", GAP))])


def tile(position: PositionGlance, marks: Sequence[StepMark], width: int, height: int) -> list[Strip]:
    """A position as a field of its own, `height` lines with the gap below it; the steps stand where there is room for them."""
    inner = width - 1
    lines = list(_tile_figures(position, inner))
    room = height - 1 - len(lines)
    if room >= BIG_HEIGHT:
        air = [line(inner, ("", BODY))] * min(1, (room - BIG_HEIGHT) // 2)
        lines += [*air, *_tile_word(position, inner), *air]
        lines += [line(inner, _mark(mark, position, inner)) for mark in _window(marks, height - 1 - len(lines))]
    lines += [line(inner, ("", BODY))] * (height - 1 - len(lines))
    gap = line(1, ("", GAP))
    return [*(Strip.join([text, gap]) for text in lines), line(width, ("", GAP))]


def gauge(error: float | None, limit: float | None, width: int) -> str:
    """The error between its limits, which stand at two thirds of the scale; an arrow where it is off the scale."""
    if limit is None or limit <= 0.0:
        return " " * width
    half = (width - 1) // 2
    mark = round(half * 2 / 3)
    scale = ["─"] * (2 * half + 1)
    scale[half], scale[half - mark], scale[half + mark] = "┼", "├", "┤"
    if error is not None:
        at = round(error / limit * mark)
        scale[half + max(-half, min(half, at))] = "●" if abs(at) <= half else "◀" if at < 0 else "▶"
    return "".join(scale).ljust(width)


def _tile_figures(position: PositionGlance, width: int) -> tuple[Strip, ...]:
    glyph, word, role = wording.position_badge(position)
    head = f" {position.number:>2}  {glyph} {word}  "
    serial = wording.tail(position.serial, width - len(head) - 1)
    error = f" Error  {wording.error(position.error_percent)} %" if position.error_percent is not None else ""
    limit = f"limit {wording.limit(position.limit_percent).strip()} % " if position.limit_percent is not None else ""
    pulses = f" Pulses {_pulses(position):>4}" if _tested(position) else ""
    pulse_width = f"S0 {_width_ms(position)} ms " if position.width_ms is not None else ""
    return (
        line(width, (f"{head}{serial:>{width - len(head) - 1}} ", role.filled)),
        line(width, (f" {wording.shortened(position.step, width - 2)}", _step_style(position))),
        line(width, (error, _error_style(position)), (f"{limit:>{width - len(error)}}", DIM)),
        line(width, (f" {gauge(position.error_percent, position.limit_percent, width - 2)}", _error_style(position))),
        line(width, (pulses, BODY), (f"{pulse_width:>{width - len(pulses)}}", BODY)),
        line(width, (f" {_bar(position, width - 7)} {_percent(position)}", BAR)),
    )


def _tile_word(position: PositionGlance, width: int) -> list[Strip]:
    """The verdict when it is known, the error until then."""
    _, word, role = wording.position_badge(position)
    if position.state is PositionState.DONE and word in _BIG_WORDS:
        return [line(width, (text.center(width), role.filled)) for text in big(word)]
    error = position.error_percent
    known = error is not None and _running(position) and abs(error) < _BIGGEST_ERROR
    shown = f"{wording.signed(error, 2)} %" if known and error is not None else ""
    return [line(width, (text.center(width), _error_style(position))) for text in big(shown)]


def _window(marks: Sequence[StepMark], room: int) -> Sequence[StepMark]:
    """As many steps as there is room for, the last one that is over among them."""
    over = sum(mark.verdict is not None or mark.void for mark in marks)
    first = max(0, min(over - room // 2, len(marks) - room))
    return marks[first : first + max(room, 0)]


def _mark(mark: StepMark, position: PositionGlance, width: int) -> Part:
    title = wording.shortened(mark.title, width - 5)
    if mark.void:
        return f"  ■ {title}", DIM
    if mark.verdict is None:
        under_way = _running(position) and mark.title == position.step
        return (f"  ▶ {title}", STRONG) if under_way else (f"  · {title}", DIM)
    glyph, _, role = wording.verdict_badge(mark.verdict)
    return f"  {glyph} {title}", role.lettered if role is Role.FAIL else BODY


def _badge(position: PositionGlance) -> Part:
    glyph, word, role = wording.position_badge(position)
    return f"{position.number:>2} {glyph} {word:<{_BADGE - 6}} ", role.filled


def _tested(position: PositionGlance) -> bool:
    return position.state not in (PositionState.EMPTY, PositionState.READY)


def _pulses(position: PositionGlance) -> str:
    return str(position.pulses) if _tested(position) else ""


def _width_ms(position: PositionGlance) -> str:
    return "" if position.width_ms is None else f"{position.width_ms:5.2f}"[:5]


def _running(position: PositionGlance) -> bool:
    return position.state in (PositionState.RUNNING, PositionState.ACTION)


def _percent(position: PositionGlance) -> str:
    return f"{int(position.progress * 100):>3}%" if _running(position) else "    "


def _bar(position: PositionGlance, width: int) -> str:
    if not _running(position):
        return " " * width
    full = int(position.progress * width)
    return "━" * full + "·" * (width - full)


def _step_style(position: PositionGlance) -> Style:
    return STRONG if position.state is PositionState.ACTION else BODY if _tested(position) else DIM


def _error_style(position: PositionGlance) -> Style:
    error, limit = position.error_percent, position.limit_percent
    outside = error is not None and limit is not None and abs(error) > limit
    return Role.FAIL.lettered if outside else BODY
