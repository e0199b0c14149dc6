"""An output that rises and falls on a ramp, and that may leave a gap when a range changes: what a setting does to the world in time.

Only what was off rises from zero, and only a switch to off falls; a change from one value to another is the world's own business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.load import OFF, Load

_STEPS = 4


class Ramp:
    """Brings loads to the world over `seconds`; a new load ends the ramp under way. Without seconds everything is at once."""

    def __init__(self, on_change: Callable[[Load], None], seconds: float, falls: bool = True) -> None:
        """`falls` is False for an output that is switched off at once."""
        self._on_change = on_change
        self._falls = falls
        self.seconds = seconds
        """How long a rise from off or a fall to off takes."""
        self._timers: list[asyncio.TimerHandle] = []
        self._told = OFF
        self.load = OFF
        """What the output is set to, when the ramp is over."""

    def to(self, load: Load) -> None:
        """Set a load. From `OFF` it rises and to `OFF` it falls in steps; between two others it changes at once."""
        if load == self.load:
            return
        before, self.load = self.load, load
        self._stop()
        rises, falls = before == OFF, load == OFF and self._falls
        if not self.seconds or not (rises or falls):
            self._tell(load)
            return
        whole = load if rises else self._told
        loop = asyncio.get_running_loop()
        for step in range(1, _STEPS + 1):
            share = step / _STEPS if rises else 1 - step / _STEPS
            part = _share(whole, share)
            self._timers.append(loop.call_later(self.seconds * step / _STEPS, self._tell, part))

    def gap(self, without: Load, seconds: float, then: Load) -> None:
        """A range changes: `without` for `seconds`, then `then`."""
        self.load = then
        self._stop()
        self._tell(without)
        self._timers.append(asyncio.get_running_loop().call_later(seconds, self._tell, then))

    def drop(self) -> None:
        """Gone at once: a protection has opened the output."""
        self.load = OFF
        self._stop()
        self._tell(OFF)

    def _tell(self, load: Load) -> None:
        if load != self._told:
            self._told = load
            self._on_change(load)

    def _stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()


def _share(load: Load, share: float) -> Load:
    if not share:
        return OFF
    u = [value * share for value in load.u]
    i = [value * share for value in load.i]
    return Load((u[0], u[1], u[2]), (i[0], i[1], i[2]), load.frequency)
