"""GPIO pins of the simulated world: gpiozero's own devices and pins above, edges with exact simulated times below.

The only difference a device sees is where the pairs of time stamp and level come from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gpiozero.pins.local import LocalPiFactory
from gpiozero.pins.mock import MockFactory, MockPin
from gpiozero.pins.pi import PiPin


class Pin(Protocol):
    """One line of the header, seen from the world."""

    on_output: Callable[[bool], None] | None
    """Told each change of an output."""

    @property
    def state(self) -> bool:
        """The level of the line."""

    def edge(self, ticks: float, level: bool) -> None:
        """Drive the input to `level` as of loop time `ticks`."""


class Pins(Protocol):
    """The lines of the header."""

    def pin(self, name: str) -> Pin:
        """The line of this name."""


class SimulatedPin(MockPin):  # type: ignore[misc]  # gpiozero ships no type information
    """A pin whose input level the world drives, and whose output level the world is told."""

    def __init__(self, factory: Any, info: Any) -> None:
        self.on_output: Callable[[bool], None] | None = None
        super().__init__(factory, info)

    def edge(self, ticks: float, level: bool) -> None:
        """Drive the input to `level` at loop time `ticks`; equal levels in a row are passed on, as a bad line would."""
        self._state = level
        if self._when_changed is not None:
            PiPin._call_when_changed(self, ticks, int(level))

    def _change_state(self, value: bool) -> bool:
        # The base class would stamp each change with the wall clock and keep it for ever.
        changed = bool(self._state != value)
        self._state = value
        if changed and self._function == "output" and self.on_output is not None:
            self.on_output(value)
        return changed


class SimulatedPinFactory(MockFactory):  # type: ignore[misc]  # gpiozero ships no type information
    """A Raspberry Pi 4's header on the simulated clock. Opening one forgets the pins of the last: gpiozero keeps them by class."""

    def __init__(self, clock: Callable[[], float]) -> None:
        LocalPiFactory.pins.clear()
        LocalPiFactory._reservations.clear()
        super().__init__(revision="c03114", pin_class=SimulatedPin)
        self._clock = clock

    def pin(self, name: str) -> SimulatedPin:
        """The line of this name."""
        found: SimulatedPin = super().pin(name)
        return found

    def ticks(self) -> float:
        """Loop time in s: the clock that stamps the edges."""
        return self._clock()
