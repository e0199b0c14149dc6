"""The time a person takes to answer: none of the deadlines runs out in it, neither the steps' nor that of the source's lease.

How long somebody thinks says nothing about a meter, and does not make the bench less able to watch its source.
"""

from __future__ import annotations

from bench.deadlines import Deadlines
from bench.heartbeat import Heartbeat
from bench.prompt import OpenPrompt
from bench.run_record import RunRecord


class ThinkingTime:
    """From the question, which is on record before it is put, to the answer, which is on record before anything goes on."""

    def __init__(self, beat: Heartbeat, deadlines: Deadlines, record: RunRecord) -> None:
        self._beat = beat
        self._deadlines = deadlines
        self._record = record

    async def prompt_opened(self, asked: OpenPrompt) -> None:
        """A person is asked."""
        self._beat.pause()
        self._deadlines.pause()
        await self._record.asked(asked)

    async def prompt_answered(self, asked: OpenPrompt, answers: dict[int, str], who: str, seconds: float) -> None:
        """Somebody has answered."""
        await self._record.answered(asked, answers, who, seconds)
        self._beat.resume()
        self._deadlines.resume()
