"""The gpiozero pin factory `simulated`: the pins of a world apart, over its Unix socket, in any process that uses gpiozero.

A thread reads the socket, as lgpio's reads the kernel; edges carry the world's CLOCK_MONOTONIC stamps. No event loop is assumed.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
import time
from typing import Any

from gpiozero.exc import BadPinFactory, GPIOPinInUse, PinInvalidFunction, PinInvalidPull, PinPWMUnsupported, PinSetInput
from gpiozero.pins.pi import PiFactory, PiPin

from drivers.simulated import pin_wire as say

SOCKET_VARIABLE = "BENCH_PIN_SOCKET"
"""Environment variable with the path of the world's socket, for `GPIOZERO_PIN_FACTORY=simulated`."""

_ANSWER_S = 5.0
_GONE = say.Claimed("", False, "the simulated world has gone; start it again: bench simulate --serve")


class ServedPinFactory(PiFactory):  # type: ignore[misc]  # gpiozero ships no type information
    """The header of a Raspberry Pi 4 whose lines are in the world apart.

    When the world ends, it is as if its cables were pulled: inputs read their pull, outputs reach nobody.
    """

    def __init__(self, path: str | None = None) -> None:
        """Connect to the world at `path`, else at the environment's. Raises gpiozero's `BadPinFactory`."""
        super().__init__()
        self.pin_class = ServedPin
        path = path or os.environ.get(SOCKET_VARIABLE)
        if not path:
            raise BadPinFactory(f"no world is named: set {SOCKET_VARIABLE}, or pin_factory = 'simulated:PATH'")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise BadPinFactory(
                f"no simulated world answers at {path} ({error.strerror}); start it: bench simulate --serve"
            ) from error
        self._gone = False
        self._answers: queue.SimpleQueue[say.Claimed] = queue.SimpleQueue()
        self._claiming = threading.Lock()
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._listen, name="simulated pins", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Release every line and hang up. Closing twice is once."""
        super().close()
        with contextlib.suppress(OSError):  # the world hung up first
            self._socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._socket.close()

    @staticmethod
    def ticks() -> float:
        """CLOCK_MONOTONIC in s: the clock that stamps the edges."""
        return time.monotonic()

    @staticmethod
    def ticks_diff(later: float, earlier: float) -> float:
        """Seconds between two stamps."""
        return later - earlier

    def _get_revision(self) -> int:
        return 0xC03114

    # ------------------------------------------------------------------ what its pins ask

    def claim(self, pin: str, *, output: bool, pull_up: bool) -> None:
        """Make a line this process's. Raises `GPIOPinInUse` naming the process that has it."""
        with self._claiming:
            answer = _GONE
            if not self._gone:
                self.send(say.Claim(pin, output, pull_up))
                with contextlib.suppress(queue.Empty):  # it does not answer: as good as gone
                    answer = self._answers.get(timeout=_ANSWER_S)
        if answer.why_not:
            raise GPIOPinInUse(answer.why_not)

    def send(self, message: say.Message) -> None:
        """To the world; to nobody when it has gone."""
        with self._sending, contextlib.suppress(OSError):
            self._socket.sendall(say.encode(message))

    # ------------------------------------------------------------------ the thread

    def _listen(self) -> None:
        with self._socket.makefile("rb") as lines, contextlib.suppress(OSError, say.Garbage):
            for line in lines:
                self._hear(say.decode(line))
        self._gone = True
        self._answers.put(_GONE)
        for pin in list(self.pins.values()):
            pin.cable_pulled()

    def _hear(self, message: say.Message) -> None:
        if isinstance(message, say.Edge):
            self.pin(message.pin).edge(message.ticks, message.level)
        elif isinstance(message, say.Claimed):
            if not message.why_not:
                self.pin(message.pin).level = message.level
            self._answers.put(message)


class ServedPin(PiPin):  # type: ignore[misc]  # gpiozero ships no type information
    """One line of the world apart."""

    def __init__(self, factory: ServedPinFactory, info: Any) -> None:
        super().__init__(factory, info)
        self.level = False
        """As the world told it last, or as this process drives it."""
        self._function = "input"
        self._pull = info.pull or "floating"
        self._edges = "both"
        self._bounce: float | None = None
        self._held = False

    def close(self) -> None:
        """Let the line go."""
        self.when_changed = None
        self._function = "input"
        if self._held:
            self._held = False
            self._factory.send(say.Release(self._info.name))

    def edge(self, ticks: float, level: bool) -> None:
        """The input changed at `ticks`; called in the factory's thread."""
        self.level = level
        found = self._when_changed  # may be taken away meanwhile, by the thread that closes the device
        listener = None if found is None else found()
        if listener is not None and self._edges in ("both", "rising" if level else "falling"):
            listener(ticks, int(level))

    def cable_pulled(self) -> None:
        """The world is gone: nothing drives the input any more, and a contact reads as open."""
        if self._function == "input" and self.level != (self._pull == "up"):
            self.edge(self._factory.ticks(), self._pull == "up")

    def _claim(self) -> None:
        self._factory.claim(self._info.name, output=self._function == "output", pull_up=self._pull == "up")
        self._held = True

    # ------------------------------------------------------------------ what gpiozero asks of a pin

    def _get_function(self) -> str:
        return self._function

    def _set_function(self, value: str) -> None:
        if value not in ("input", "output"):
            raise PinInvalidFunction(f"{self!r} can be input or output, not {value}")
        self._function = value
        self._claim()

    def _get_state(self) -> bool:
        return self.level

    def _set_state(self, value: float) -> None:
        if self._function == "input":
            raise PinSetInput(f"cannot set state of pin {self!r}")
        self.level = bool(value)
        self._factory.send(say.Drive(self._info.name, self.level))

    def _get_pull(self) -> str:
        return self._pull

    def _set_pull(self, value: str) -> None:
        if value not in ("floating", "up", "down"):
            raise PinInvalidPull(f"{self!r} can be pulled up, down or not at all, not {value}")
        self._pull = value
        self._claim()

    def _get_bounce(self) -> float | None:
        return self._bounce

    def _set_bounce(self, value: float | None) -> None:
        self._bounce = value  # the world's contacts do not bounce

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        self._edges = value

    def _get_frequency(self) -> None:
        return None

    def _set_frequency(self, value: float | None) -> None:
        if value is not None:
            raise PinPWMUnsupported(f"PWM is not supported on pin {self!r}")

    def _enable_event_detect(self) -> None:
        """The world tells every edge of an input anyway."""

    def _disable_event_detect(self) -> None:
        """The world tells every edge of an input anyway."""
