"""S0 pulse capture on gpiozero: every pulse with the time stamps of its two edges, and every edge that cannot be right, counted.

`Pin.when_changed(ticks, state)` is used and not `when_activated`: only the former hands the kernel's time stamp over, and it does
not hide two equal levels in a row. No debounce: S0 is an opto-coupler output, and debouncing shifts the edges it is meant to clean.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gpiozero import InputDevice


@dataclass(frozen=True, slots=True)
class Pulse:
    """One S0 pulse, in seconds of the event loop's clock (CLOCK_MONOTONIC on hardware, as the kernel stamps edges)."""

    rise: float
    """The output began to conduct."""
    fall: float
    """The output stopped conducting."""

    @property
    def width_ms(self) -> float:
        """Duration in ms."""
        return (self.fall - self.rise) * 1e3


class S0Input:
    """One meter's S0 output on one GPIO input.

    `pull_up=True` is the usual wiring: the opto-coupler pulls the line low while it conducts. Callbacks arrive in gpiozero's own
    thread on hardware; pulses are handed to the event loop that was running when the input was opened.
    """

    def __init__(self, pin: int | str, *, pull_up: bool = True, pin_factory: Any = None) -> None:
        self.anomalies = 0
        """Edges that cannot be right: two equal levels in a row, or time that runs backwards. Any of them voids a measurement."""
        self.error: BaseException | None = None
        """What went wrong inside the callback, where raising would silence every input of the process."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._listeners: list[Callable[[Pulse], None]] = []
        self._active_level = not pull_up
        self._level = False
        self._rise: float | None = None
        self._device = InputDevice(pin, pull_up=pull_up, pin_factory=pin_factory)
        self._pin = self._device.pin
        self._pin.bounce = None
        self._pin.edges = "both"
        self._pin.when_changed = self._edge  # gpiozero keeps a weak reference only: self must live on

    @property
    def lost_edges(self) -> int:
        """Edges that the kernel saw and this process did not; only the factory "gpiod" can tell. Any of them voids a measurement."""
        return getattr(self._pin, "lost_edges", 0)

    def listen(self, listener: Callable[[Pulse], None]) -> None:
        """Call `listener` in the event loop for each complete pulse."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Stop listening and let the pin go."""
        self._pin.when_changed = None
        self._device.close()

    def _edge(self, ticks: float, state: int) -> None:
        try:
            active = bool(state) == self._active_level
            if active == self._level or (self._rise is not None and ticks < self._rise):
                self.anomalies += 1
            self._level = active
            if active:
                self._rise = ticks
            elif self._rise is not None:
                pulse = Pulse(self._rise, ticks)
                self._rise = None
                if threading.get_ident() == self._thread:
                    self._tell(pulse)
                else:
                    self._loop.call_soon_threadsafe(self._tell, pulse)
        except BaseException as error:  # an exception here would kill gpiozero's thread and with it every S0 input
            self.error = error
            self.anomalies += 1

    def _tell(self, pulse: Pulse) -> None:
        for listener in self._listeners:
            listener(pulse)
