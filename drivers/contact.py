"""A contact at one position, closed and opened by a GPIO output: for the meter's pulse input, its tariff terminal or its arrow key.

It keeps when it really was closed: what the meter must make of it is reckoned from that, not from what was asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gpiozero import DigitalOutputDevice


@dataclass(frozen=True, slots=True)
class Closure:
    """The contact was closed from `began` to `ended`, seconds of the event loop's clock."""

    began: float
    ended: float


class Contact:
    """One relay or opto-coupler on one GPIO output. Open at first, and open again when it is let go."""

    def __init__(self, pin: int | str, *, pin_factory: Any = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._output = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)
        self._closed_at: float | None = None
        self.closures: list[Closure] = []
        """Every closure that has ended, the oldest first."""

    @property
    def closed(self) -> bool:
        """Whether it is closed now."""
        return self._closed_at is not None

    def close_contact(self) -> None:
        """Close it; closing twice is once."""
        if self._closed_at is None:
            self._output.on()
            self._closed_at = self._loop.time()

    def open_contact(self) -> None:
        """Open it; opening twice is once."""
        if self._closed_at is not None:
            self._output.off()
            self.closures.append(Closure(self._closed_at, self._loop.time()))
            self._closed_at = None

    async def play(self, pattern: Iterable[tuple[float, float]]) -> tuple[Closure, ...]:
        """Close and open by a list of (seconds closed, seconds open), and return the closures as they were.

        Each change is due by the beginning, not by the last change: one that comes late makes no other late. However this
        ends, the contact is open.
        """
        first = len(self.closures)
        due = self._loop.time()
        try:
            for closed, opened in pattern:
                self.close_contact()
                due += closed
                await asyncio.sleep(due - self._loop.time())
                self.open_contact()
                due += opened
                await asyncio.sleep(due - self._loop.time())
        finally:
            self.open_contact()
        return tuple(self.closures[first:])

    def close(self) -> None:
        """Open the contact and let the pin go."""
        self.open_contact()
        self._output.close()
