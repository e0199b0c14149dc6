"""What ended a run, from whatever was raised: the bench's reason in a sentence, never the meter's fault."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.journal_errors import JournalError
from bench.safety import StillEnergised
from bench.steps import Blocked
from bench.verdict import Ending
from drivers.power_source import InstrumentError, Unanswered

_FORESEEN = (Blocked, InstrumentError, JournalError)


@dataclass(frozen=True)
class RunEnding:
    """How a run ended, and why it did not end COMPLETE."""

    ending: Ending
    reason: str = ""
    off_is_certain: bool = True
    """False when switching off could not be confirmed."""


def ending_of(error: BaseException, stopped: RunEnding | None) -> RunEnding:
    """The ending that `error` stands for; `stopped` is what a person or a trip asked for, and goes before all else."""
    causes = _leaves(error)
    off_is_certain = not any(isinstance(cause, StillEnergised) for cause in causes)
    others = [c for c in causes if not isinstance(c, (*_FORESEEN, asyncio.CancelledError))]
    foreseen = [
        str(cause)
        for cause in causes
        if isinstance(cause, _FORESEEN) and (off_is_certain or not _is_silence_of_the_source(cause))
    ]
    if stopped is not None:
        return RunEnding(stopped.ending, "; ".join([stopped.reason, *foreseen]), off_is_certain)
    if foreseen:
        return RunEnding(Ending.BLOCKED, "; ".join(dict.fromkeys(foreseen)), off_is_certain)
    if others:
        return RunEnding(Ending.BLOCKED, f"internal error: {type(others[0]).__name__}: {others[0]}", off_is_certain)
    return RunEnding(Ending.ABORTED, "the engine was stopped", off_is_certain)


def _is_silence_of_the_source(cause: BaseException) -> bool:
    """Who cannot be switched off says the same again, and what to do."""
    return isinstance(cause, Unanswered) and "the power source" in str(cause)


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for part in error.exceptions for leaf in _leaves(part)]
    if isinstance(error, StillEnergised) and error.__context__ is not None and error.__context__ is not error.__cause__:
        return [*_leaves(error.__context__), error]  # what ended the run came first
    return [error]
