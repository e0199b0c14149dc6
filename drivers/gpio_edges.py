"""The thread that reads the edges of all GPIO inputs: it outlives every listener that raises and every chip that goes."""

from __future__ import annotations

import logging
import os
import select
import threading
from typing import Protocol

_log = logging.getLogger(__name__)


class EdgePin(Protocol):
    """A pin whose edges can be read."""

    def read_edges(self) -> list[tuple[float, int]]:
        """Time stamp in s and level of the edges that wait; none is no error. Raises `OSError` when the line is gone."""

    def call_when_changed(self, ticks: float, state: int) -> None:
        """Hand one to whoever listens."""


class EdgeReader:
    """The one thread that waits for the edges of all lines and calls their listeners."""

    def __init__(self) -> None:
        self.fault = ""
        """Why inputs are silent or suspect; the first reason stays."""
        self.callback_errors = 0
        """How often a listener raised; its edge was lost to it, and to nobody else."""
        self._pins: dict[int, EdgePin] = {}
        # epoll and not poll: it sees a line that is added while it waits, and keeps no line busy that is released meanwhile.
        self._epoll = select.epoll()
        self._stop = os.eventfd(0)
        self._epoll.register(self._stop, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="gpio-edges", daemon=True)
        self._thread.start()

    def watch(self, fd: int, pin: EdgePin) -> None:
        """Deliver the edges of this line from now on."""
        self._pins[fd] = pin
        self._epoll.register(fd, select.EPOLLIN)

    def unwatch(self, fd: int) -> None:
        """Deliver them no more."""
        if self._pins.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def close(self) -> None:
        """End the thread."""
        if self._thread.is_alive():
            os.eventfd_write(self._stop, 1)
            self._thread.join()
        if not self._epoll.closed:
            self._epoll.close()
            os.close(self._stop)

    def _run(self) -> None:
        try:
            while True:
                for fd, _ in self._epoll.poll():
                    if fd == self._stop:
                        return
                    pin = self._pins.get(fd)
                    if pin is not None:
                        self._deliver(fd, pin)
        except Exception as error:
            self._tell(f"the thread that reads the GPIO inputs has ended: {error!r}; all of them are silent")

    def _deliver(self, fd: int, pin: EdgePin) -> None:
        try:
            edges = pin.read_edges()
        except OSError as error:  # an expander was unplugged
            self.unwatch(fd)
            self._tell(f"GPIO pin {pin!r} can no longer be read: {error.strerror or error}; is its chip still there?")
            return
        for ticks, state in edges:
            try:
                pin.call_when_changed(ticks, state)
            except Exception as error:
                self.callback_errors += 1
                self._tell(f"an edge of GPIO pin {pin!r} was not dealt with: {error!r}")

    def _tell(self, fault: str) -> None:
        _log.exception(fault)
        self.fault = self.fault or fault
