"""gpiozero's pins on libgpiod: the kernel stamps every edge, its sequence numbers tell how many were lost, and nothing silences the rest.

gpiozero's own lgpio keeps 16 edges a line, drops the sequence numbers, and ends its only thread at the first exception of a callback.
Inputs and plain outputs; no PWM and no SPI.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import MethodType
from typing import Any
from weakref import WeakMethod, ref

import gpiod
from gpiod.line import Bias, Clock, Direction, Edge, Value
from gpiozero.exc import (
    GPIOPinInUse,
    PinFixedPull,
    PinInvalidBounce,
    PinInvalidEdges,
    PinInvalidFunction,
    PinInvalidPin,
    PinInvalidPull,
    PinSetInput,
    PinUnknownPi,
)
from gpiozero.pins import Factory, Pin
from gpiozero.pins.local import get_pi_revision
from gpiozero.pins.pi import PiBoardInfo

from drivers.gpio_board import make_board
from drivers.gpio_chips import GpioChip, find_chips
from drivers.gpio_edges import EdgeReader

KEPT_EDGES = 1024
"""Edges the kernel keeps for a line while nobody reads them: the most it allows (gpiolib-cdev.c, 16 times 64 lines)."""

_BIAS = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "floating": Bias.DISABLED}
_EDGES = {"both": Edge.BOTH, "rising": Edge.RISING, "falling": Edge.FALLING}


class GpiodFactory(Factory):  # type: ignore[misc]  # gpiozero ships no type information
    """Pins of all GPIO chips of this computer, under gpiozero's names and as "chip:line". Raises `NoGpioHere`."""

    def __init__(self, chips: Sequence[GpioChip] | None = None) -> None:
        super().__init__()
        self._board = make_board(find_chips() if chips is None else chips, _header())
        self._pins: dict[str, GpiodPin] = {}
        self.reader = EdgeReader()

    @property
    def fault(self) -> str:
        """Why its inputs are silent or suspect, in one sentence; empty while all is well."""
        return self.reader.fault

    def pin(self, name: int | str) -> GpiodPin:
        """The pin of this name. Raises `PinInvalidPin`, and `GPIOPinInUse` naming who has the line."""
        place = self._board.place(name)
        if place is None:
            chips = {chip.name: chip.label for chip, _ in self._board.places.values()}
            here = ", ".join(f"{chip} ({label})" for chip, label in chips.items())
            raise PinInvalidPin(f"this computer has no pin {name!r}; its GPIO chips are {here}")
        (_, info), *_ = self._board.info.find_pin(name)
        if info.name not in self._pins:
            self._pins[info.name] = GpiodPin(self, info, *place)
        return self._pins[info.name]

    def let_go(self, pin: GpiodPin) -> None:
        """A pin was closed; the next device gets a new one."""
        if self._pins.get(pin.info.name) is pin:
            del self._pins[pin.info.name]

    def close(self) -> None:
        """Release every line and end the reader's thread."""
        for pin in list(self._pins.values()):
            pin.close()
        self.reader.close()

    @staticmethod
    def ticks() -> float:
        """CLOCK_MONOTONIC in s: the clock of the kernel's edge stamps and of the event loop."""
        return time.monotonic()

    @staticmethod
    def ticks_diff(later: float, earlier: float) -> float:
        """Seconds between two ticks."""
        return later - earlier

    def _get_board_info(self) -> Any:
        return self._board.info


class GpiodPin(Pin):  # type: ignore[misc]  # gpiozero ships no type information
    """One line, requested from the kernel for as long as the pin is open and reconfigured in place."""

    def __init__(self, factory: GpiodFactory, info: Any, chip: GpioChip, line: int) -> None:
        super().__init__()
        self.lost_edges = 0
        """Edges that the kernel stamped and nobody could read in time."""
        self._factory, self._info, self._chip, self._line = factory, info, chip, line
        self._function, self._pull, self._edges = "input", info.pull or "floating", "both"
        self._bounce: float | None = None
        self._when_changed: Callable[[], Any] | None = None
        self._last_edge = 0
        self._lock = threading.RLock()  # a gpiod request must not be used by two threads at once
        self._request: gpiod.LineRequest | None = self._claim()
        os.set_blocking(self._request.fd, False)

    def __repr__(self) -> str:
        return str(self._info.name)

    def close(self) -> None:
        """Release the line."""
        with self._lock:
            if self._request is not None:
                self._when_changed = None
                self._factory.reader.unwatch(self._request.fd)
                self._request.release()
                self._request = None
        self._factory.let_go(self)

    def output_with_state(self, state: bool) -> None:
        """Become an output that begins at `state`, in one request: it never shows another level."""
        self._function = "output"
        self._configure(gpiod.LineSettings(direction=Direction.OUTPUT, output_value=Value(int(state))))

    def read_edges(self) -> list[tuple[float, int]]:
        """Time stamp in s and level of the edges that wait, oldest first; what is missing among them is counted."""
        with self._lock:
            if self._request is None:
                return []
            try:
                edges = self._request.read_edge_events(KEPT_EDGES)
            except BlockingIOError:
                return []
            for edge in edges:  # the kernel numbers the edges of a line from 1, those it drops as well
                self.lost_edges += edge.line_seqno - self._last_edge - 1
                self._last_edge = edge.line_seqno
        return [(edge.timestamp_ns / 1e9, int(edge.event_type is edge.Type.RISING_EDGE)) for edge in edges]

    def call_when_changed(self, ticks: float, state: int) -> None:
        """Hand an edge to whoever listens; it may be gone already."""
        callback = self._get_when_changed()
        if callback is not None:
            callback(ticks, state)

    # ------------------------------------------------------------------ gpiozero's properties

    def _get_info(self) -> Any:
        return self._info

    def _get_function(self) -> str:
        return self._function

    def _set_function(self, value: str) -> None:
        if value == "output":
            self.output_with_state(bool(self._get_state()))
        elif value == "input":
            self._function = "input"
            self._configure_input()
        else:
            raise PinInvalidFunction(f"pin {self!r} can be input or output, not {value!r}")

    def _get_state(self) -> int:
        with self._lock:
            return int(self._open().get_value(self._line) is Value.ACTIVE)

    def _set_state(self, value: float) -> None:
        if self._function != "output":
            raise PinSetInput(f"pin {self!r} is an input; it cannot be set")
        with self._lock:
            self._open().set_value(self._line, Value(int(bool(value))))

    def _get_pull(self) -> str:
        return str(self._pull)

    def _set_pull(self, value: str) -> None:
        if value not in _BIAS:
            raise PinInvalidPull(f"pin {self!r} can be pulled up, down or float, not {value!r}")
        if self._function != "input":
            raise PinFixedPull(f"pin {self!r} is an output; it has no pull")
        if self._info.pull not in (value, ""):
            raise PinFixedPull(f"pin {self!r} has a physical pull-{self._info.pull} resistor")
        self._pull = value
        self._configure_input()

    def _get_bounce(self) -> float | None:
        return self._bounce

    def _set_bounce(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise PinInvalidBounce(f"pin {self!r}: a bounce time cannot be {value} s")
        self._bounce = value
        self._configure_input()

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        if value not in _EDGES:
            raise PinInvalidEdges(f"pin {self!r} can see both, rising or falling edges, not {value!r}")
        self._edges = value
        self._configure_input()

    def _get_when_changed(self) -> Any:
        return None if self._when_changed is None else self._when_changed()

    def _set_when_changed(self, value: Callable[[float, int], None] | None) -> None:
        with self._lock:
            reader, request = self._factory.reader, self._open()
            reader.unwatch(request.fd)
            # gpiozero's contract: a pin does not keep its device alive.
            self._when_changed = (
                None if value is None else (WeakMethod if isinstance(value, MethodType) else ref)(value)
            )
            self._configure_input()
            self.read_edges()  # what an earlier listener left behind is not for this one
            if value is not None:
                reader.watch(request.fd, self)

    # ------------------------------------------------------------------ the line

    def _claim(self) -> gpiod.LineRequest:
        """Request the line as it is: an output that an ended process left standing must not move yet."""
        consumer = f"bench[{os.getpid()}]"
        try:
            return gpiod.request_lines(
                self._chip.path, {self._line: gpiod.LineSettings()}, consumer, event_buffer_size=KEPT_EDGES
            )
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
        with gpiod.Chip(self._chip.path) as chip:
            holder = chip.get_line_info(self._line).consumer or "the kernel"
        raise GPIOPinInUse(f"pin {self!r} (line {self._line} of {self._chip.name}) is in use by {holder}")

    def _open(self) -> gpiod.LineRequest:
        if self._request is None:
            raise PinInvalidPin(f"pin {self!r} is closed")
        return self._request

    def _configure_input(self) -> None:
        if self._function == "output":  # gpiozero lets them be set at any time; they hold once it is an input
            return
        self._configure(
            gpiod.LineSettings(
                direction=Direction.INPUT,
                bias=_BIAS[self._pull],
                edge_detection=Edge.NONE if self._when_changed is None else _EDGES[self._edges],
                event_clock=Clock.MONOTONIC,
                debounce_period=timedelta(seconds=self._bounce or 0.0),
            )
        )

    def _configure(self, settings: gpiod.LineSettings) -> None:
        with self._lock:
            self._open().reconfigure_lines({self._line: settings})


def _header() -> Any:
    """gpiozero's description of this Raspberry Pi; None on another computer."""
    try:
        return PiBoardInfo.from_revision(get_pi_revision())
    except PinUnknownPi:
        return None
