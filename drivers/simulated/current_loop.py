"""A current loop: one wire through several meters. Each hears every request, and what each sends the bench hears."""

from __future__ import annotations

from collections.abc import Callable

from drivers.simulated.serial_line import FarEnd, LineSettings


class SimulatedLoop:
    """The far end of the adapter that feeds the loop."""

    def __init__(self, line: FarEnd) -> None:
        self._line = line
        self._taps: list[_Tap] = []
        line.listen(self._hear)

    def tap(self) -> FarEnd:
        """Where one more meter is put into the loop."""
        tap = _Tap(self._line)
        self._taps.append(tap)
        return tap

    def close(self) -> None:
        """Unplug the adapter."""
        self._line.close()

    def _hear(self, wire: bytes) -> None:
        for tap in self._taps:
            if tap.received is not None:
                tap.received(wire)


class _Tap:
    """One meter's place in the loop, as a far end of its own."""

    def __init__(self, line: FarEnd) -> None:
        self._line = line
        self.received: Callable[[bytes], None] | None = None

    @property
    def url(self) -> str:
        """What the bench opens."""
        return self._line.url

    @property
    def settings(self) -> LineSettings | None:
        """How the bench has set its end."""
        return self._line.settings

    def listen(self, received: Callable[[bytes], None]) -> None:
        """Call `received` with whatever the bench sends."""
        self.received = received

    def send(self, wire: bytes) -> None:
        """Send at once."""
        self._line.send(wire)

    def close(self) -> None:
        """Take the meter out; the loop stays closed without it."""
        self.received = None
