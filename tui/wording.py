"""How numbers, states and failures are said on the screen: pure functions from values to words of known width.

Nothing here knows of widgets, so a sentence on the screen can be tested without one.
"""

from __future__ import annotations

from bench.facts import Failure
from bench.session import PositionGlance, PositionState, SourceState
from bench.verdict import Verdict
from tui.palette import Role

Badge = tuple[str, str, Role]
"""Glyph, word, colour: they always come together."""

_STATES: dict[PositionState, Badge] = {
    PositionState.EMPTY: ("·", "EMPTY", Role.QUIET),
    PositionState.READY: ("◇", "READY", Role.READY),
    PositionState.RUNNING: ("▶", "RUNNING", Role.BUSY),
    PositionState.ACTION: ("?", "ACTION", Role.ACTION),
    PositionState.OUT: ("■", "OUT", Role.WARN),
}
_FAILED_OUT: Badge = ("✖", "FAIL OUT", Role.FAIL)
"""Failed a gate, and the others go on without it."""
_VERDICTS: dict[Verdict, Badge] = {
    Verdict.NONE: ("■", "NOT DONE", Role.BUSY),
    Verdict.PASS: ("✔", "PASS", Role.PASS),
    Verdict.MARGINAL: ("≈", "MARGINAL", Role.MARGINAL),
    Verdict.FAIL: ("✖", "FAIL", Role.FAIL),
}
_SOURCES: dict[SourceState, Badge] = {
    SourceState.OFF: ("○", "OFF", Role.QUIET),
    SourceState.ENERGISED: ("▲", "ENERGISED", Role.WARN),
    SourceState.SAFE: ("■", "SAFE", Role.READY),
    SourceState.TRIPPED: ("!", "TRIPPED", Role.WARN),
    SourceState.UNKNOWN: ("?", "UNKNOWN", Role.WARN),
}


def position_badge(position: PositionGlance) -> Badge:
    """What a position is doing, or its verdict. A FAIL shows at once; PASS and MARGINAL wait for the end of the run."""
    if position.state is PositionState.DONE:
        return _VERDICTS[position.verdict]
    if position.state is PositionState.RUNNING and position.verdict is Verdict.FAIL:
        return _VERDICTS[Verdict.FAIL]
    if position.state is PositionState.OUT and position.verdict is Verdict.FAIL:
        return _FAILED_OUT
    return _STATES[position.state]


def verdict_badge(verdict: Verdict) -> Badge:
    """A verdict by itself."""
    return _VERDICTS[verdict]


def source_badge(source: SourceState) -> Badge:
    """What is known of the source's output."""
    return _SOURCES[source]


def signed(value: float, decimals: int) -> str:
    """A number with its sign, the minus as long as the plus so that columns stand still."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def error(percent: float | None) -> str:
    """A percentage error in eight characters, without its unit; spaces while nothing is known."""
    if percent is None:
        return " " * 8
    if abs(percent) >= 1000.0:
        return "  > +999" if percent > 0 else "  < −999"
    return f"{signed(percent, 3):>8}"


def limit(percent: float | None) -> str:
    """A symmetrical limit in five characters, without its unit."""
    return " " * 5 if percent is None else f"{f'±{percent:.3g}':>5}"


def clock(seconds: float) -> str:
    """A duration as 0:42 or 1:02:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def failure(failed: Failure) -> str:
    """One failed measurement with its value and its limit: "Accuracy Ib: error +2.51 %, limit ±1 %"."""
    said = f"{failed.title}: {failed.measurement}"
    if failed.value is None:
        return f"{said} was never measured, limit {failed.limit}"
    if isinstance(failed.value, str):
        return f"{said} is {failed.value or 'empty'}, wanted {failed.limit}"
    number = signed(failed.value, 2) if failed.limit.startswith("±") else f"{failed.value:.5g}".replace("-", "−")
    return f"{said} {number}{f' {failed.unit}' if failed.unit else ''}, limit {failed.limit}"


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters, cut between words where that leaves most of it."""
    if len(text) <= width:
        return text
    kept = text[: width - 1]
    words, _, _ = kept.rpartition(" ")
    return f"{(words if len(words) > width // 2 else kept).rstrip(' ,;:')}…"


def tail(text: str, width: int) -> str:
    """The end of a serial number: its last digits tell meters apart."""
    return text if len(text) <= width else f"…{text[-(width - 1) :]}"
