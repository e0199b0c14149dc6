"""What the banner says: the one thing the operator must know now, as a big word and a sentence. A pure function of the picture.

The order of the questions is the order of danger: nobody to ask, an unconfirmed source, an abort, a refusal, a trip, the run, its result.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench import in_words
from bench.facts import Safe
from bench.session import SourceState
from bench.verdict import Ending, Verdict
from tui import wording
from tui.palette import Role
from tui.picture import Picture


@dataclass(frozen=True)
class Announcement:
    """Glyph, word and colour, and what they mean here."""

    glyph: str
    word: str
    role: Role
    sentence: str
    more: tuple[str, ...] = ()
    """What else there is to say, each on a line of its own."""


def announce(picture: Picture) -> Announcement:
    """What to say now."""
    glance = picture.glance
    if picture.lost:
        unsafe = "Do not touch anything: the meters may be live."
        return Announcement("?", "NO ENGINE", Role.WARN, unsafe, _said(picture.lost))
    if glance.source is SourceState.UNKNOWN:
        unsafe = "Do not touch anything: switching off the source could not be confirmed."
        return Announcement("?", "UNKNOWN", Role.WARN, unsafe, _said(glance.message))
    if picture.aborting:
        return _aborting(picture)
    if picture.refusal and not picture.busy:
        return Announcement("!", "REFUSED", Role.WARN, picture.refusal)
    if glance.source is SourceState.TRIPPED and not glance.running:
        reason = picture.story.trip.reason if picture.story.trip is not None else glance.message
        return Announcement("!", "TRIPPED", Role.WARN, reason, ("F9 re-arms the source.", *_failed(picture, "✖ FAIL ")))
    if picture.busy:
        return _running(picture)
    if picture.shows_result:
        return _complete(picture) if glance.ending == Ending.COMPLETE else _cut_short(picture)
    return _idle(picture)


def readback(safe: Safe) -> str:
    """What was read back after switching off."""
    return f"read back {safe.volts:.1f} V, {safe.amperes:.3f} A"


def _aborting(picture: Picture) -> Announcement:
    if safe := _confirmed(picture):
        return Announcement("■", "SAFE", Role.WARN, f"source off, {readback(safe)}", ("Closing the record…",))
    return Announcement("■", "ABORTING", Role.WARN, "switching the source off…", ("Do not touch anything yet.",))


def _running(picture: Picture) -> Announcement:
    glance, story = picture.glance, picture.story
    if not glance.running:
        return Announcement("▶", "STARTING", Role.BUSY, f"Starting {picture.entry.sequence}…")
    failed = _with(Verdict.FAIL, picture)
    said = f"✖ FAIL so far: {in_words.positions(failed)}" if failed else glance.message
    more = _said(_suspicion(picture), said)
    if glance.asked is not None:
        return Announcement("?", "ACTION", Role.ACTION, glance.asked.question, more)
    known = glance.step in story.steps
    place = f"step {story.steps.index(glance.step) + 1} of {len(story.steps)}: " if known else ""
    return Announcement("▶", "RUNNING", Role.BUSY, f"{place}{glance.step}", more)


def _cut_short(picture: Picture) -> Announcement:
    """ABORTED, BLOCKED or INTERRUPTED. A FAIL of a finished step stands all the same."""
    glance = picture.glance
    aborted = glance.ending == Ending.ABORTED
    safe = _confirmed(picture)
    off = f"■ SAFE  source off, {readback(safe)}" if aborted and safe is not None else ""
    reason = picture.story.closed.reason if _tells(picture) and picture.story.closed is not None else glance.message
    more = (*_failed(picture, "✖ FAIL "), *_said(off, _suspicion(picture)))
    return Announcement("■" if aborted else "!", glance.ending, Role.WARN, reason, more)


def _complete(picture: Picture) -> Announcement:
    passed, marginal = _with(Verdict.PASS, picture), _with(Verdict.MARGINAL, picture)
    suspected = _said(_suspicion(picture))
    if failed := _failed(picture, ""):
        return Announcement(
            "✖", "FAIL", Role.FAIL, failed[0], (*suspected, *_said(_others(picture) if _tells(picture) else ""))
        )
    if marginal:
        more = _said(f"✔ PASS  {in_words.positions(passed)}" if passed else "")
        return Announcement(
            "≈", "MARGINAL", Role.MARGINAL, in_words.positions(marginal), (*suspected, *more, *_screening(picture))
        )
    if passed:
        return Announcement("✔", "PASS", Role.PASS, in_words.positions(passed), (*suspected, *_screening(picture)))
    return Announcement("■", "NOT DONE", Role.WARN, "No position was judged.", _said(picture.glance.message))


def _suspicion(picture: Picture) -> str:
    """What speaks against the bench though its run goes on, or has ended."""
    return f"! {picture.story.suspicion}" if _tells(picture) and picture.story.suspicion else ""


def _screening(picture: Picture) -> tuple[str, ...]:
    """That a PASS here is not the norm's."""
    return _said("screening: no test by the norm" if _tells(picture) and picture.story.screens else "")


def _idle(picture: Picture) -> Announcement:
    entry = picture.entry
    if not entry.type_number:
        return Announcement("◇", "SCAN", Role.BUSY, "Scan the type number of the meters (685-…).")
    if not entry.tested:
        return Announcement("◇", "SCAN", Role.BUSY, "Scan the serial number of the meter at position 1.")
    start = f"F1 starts {entry.sequence} at {in_words.positions(entry.tested)}."
    free = entry.next_free
    more = f"The next scan is the meter at position {free}." if free is not None else "Every position has its meter."
    return Announcement("◇", "READY", Role.BUSY, start, (more,))


def _failed(picture: Picture, before: str) -> tuple[str, ...]:
    """The first failure in full and how many more there are at its position; nothing where none failed."""
    failures = list(picture.story.failures()) if _tells(picture) else []
    if not failures:
        numbers = _with(Verdict.FAIL, picture)
        return (f"{before}{in_words.positions(numbers)}",) if numbers else ()
    position, first = failures[0]
    others = sum(number == position for number, _ in failures) - 1
    said = f"{before}position {position}  {wording.failure(first)}"
    return (f"{said} (and {others} more)" if others else said,)


def _others(picture: Picture) -> str:
    """The positions beside the one whose failure is told in full, worst first."""
    told = next((number for number, _ in picture.story.failures()), None)
    said = []
    for verdict in (Verdict.FAIL, Verdict.MARGINAL, Verdict.PASS):
        if numbers := [number for number in _with(verdict, picture) if number != told]:
            glyph, word, _ = wording.verdict_badge(verdict)
            said.append(f"{glyph} {word} {in_words.positions(numbers)}")
    return "   ".join(said)


def _tells(picture: Picture) -> bool:
    """Whether the facts are those of the run in the glance: a glance may be ahead of them."""
    return picture.story.run == picture.glance.run


def _confirmed(picture: Picture) -> Safe | None:
    """The readback, while the source is still as it was read back."""
    return picture.story.safe if _tells(picture) and picture.glance.source is SourceState.SAFE else None


def _with(verdict: Verdict, picture: Picture) -> list[int]:
    return [position.number for position in picture.glance.positions if position.verdict is verdict]


def _said(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)
