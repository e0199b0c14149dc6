"""One request through an optical head and what comes back, with the deadlines of IEC 62056-21; the protocol's decoder says what it is."""

from __future__ import annotations

import asyncio
import math
from typing import Generic, Protocol, TypeVar

from drivers.iec61107 import FIRST_CHARACTER_WITHIN_S, GAP_S

ROUNDING_S = 1e-6
"""Instants closer than this are the same: the loop wakes a timer up to a clock tick early."""

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Decoder(Protocol[T_co]):
    """Makes an answer of characters; what it raises ends the exchange."""

    @property
    def begun(self) -> bool:
        """Whether a meter has begun to answer."""

    def feed(self, characters: bytes) -> T_co | None:
        """Take the next characters; the answer once it is complete, else None."""

    def end(self) -> T_co:
        """The line has fallen silent."""


class Exchange(Generic[T]):
    """`longest_s` is the time after which an answer is given up, however its pauses fall; `faults` is what the decoder raises."""

    def __init__(self, decoder: Decoder[T], faults: type[Exception], requested_at: float, longest_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._decoder = decoder
        self._faults = faults
        self._longest_s = longest_s
        self._last = -math.inf  # loop time of the last character
        self.requested_at = requested_at
        self.answered_at = math.nan
        self.answer: asyncio.Future[T] = self._loop.create_future()
        self.deadline = self._loop.call_at(self._due, self._look)

    @property
    def quiet_from(self) -> float:
        """Loop time from which no more of this answer can come, unless a character comes before."""
        return max(self.requested_at + FIRST_CHARACTER_WITHIN_S, self._last + GAP_S)

    @property
    def _due(self) -> float:
        """Loop time at which the line is given up if nothing comes."""
        if not self._decoder.begun:
            return self.requested_at + FIRST_CHARACTER_WITHIN_S
        return min(self._last + GAP_S, self.requested_at + self._longest_s)

    def hear(self, characters: bytes) -> None:
        """Take what has just come."""
        self._last = self._loop.time()
        try:
            answer = self._decoder.feed(characters)
        except self._faults as fault:
            self.fail(fault)
            return
        if math.isnan(self.answered_at) and self._decoder.begun:
            self.answered_at = self._last
        if answer is not None:
            self.answer.set_result(answer)

    def fail(self, fault: Exception) -> None:
        """End the exchange, unless it has ended."""
        if not self.answer.done():
            self.answer.set_exception(fault)

    def _look(self) -> None:
        # One timer that looks again when it is due: setting it anew at every character would cost as much as the character.
        if self.answer.done():
            return
        if self._loop.time() < self._due - ROUNDING_S:
            self.deadline = self._loop.call_at(self._due, self._look)
            return
        try:
            self.answer.set_result(self._decoder.end())
        except self._faults as fault:
            self.fail(fault)
