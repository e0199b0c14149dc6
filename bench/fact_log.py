"""The facts of a session in their order: numbered when told, kept for whoever asks later, handed on to whoever listens, in any thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from bench.facts import Fact


class FactLog:
    """Grows only. `tell` is called by the engine after the fact was committed."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []
        self._lock = threading.Lock()
        self._listeners: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._subscribers: list[Callable[[Fact], None]] = []
        self._closed = False

    @property
    def last(self) -> int:
        """Number of the latest fact; 0 before the first."""
        return len(self._facts)

    def subscribe(self, subscriber: Callable[[Fact], None]) -> None:
        """Call `subscriber` with each new fact, in the engine's thread."""
        self._subscribers.append(subscriber)

    def tell(self, kind: type[Fact], **fields: Any) -> None:
        """Number a fact and hand it on."""
        with self._lock:
            fact = kind(number=len(self._facts) + 1, **fields)
            self._facts.append(fact)
        for subscriber in self._subscribers:
            subscriber(fact)
        self._wake()

    def close(self) -> None:
        """No more facts: every listener ends after the last one."""
        self._closed = True
        self._wake()

    async def follow(self, after: int = 0) -> AsyncIterator[Fact]:
        """Every fact with a number above `after`, then the new ones as they come, until the log is closed."""
        event = asyncio.Event()
        listener = (asyncio.get_running_loop(), event)
        with self._lock:
            self._listeners.append(listener)
        try:
            told = after
            while True:
                closed = self._closed
                event.clear()
                for fact in self._facts[told:]:
                    told += 1
                    yield fact
                if closed:
                    return
                if told >= len(self._facts) and not self._closed:
                    await event.wait()
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def _wake(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for loop, event in listeners:
            try:
                loop.call_soon_threadsafe(event.set)
            except RuntimeError:  # a listener whose loop has gone needs no news
                continue
