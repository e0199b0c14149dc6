"""Hearing what comes in on a serial port: through its file descriptor where it has one, else through a reader thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import serial

_T = TypeVar("_T")

_THREAD_LOOKS_UP_S = 0.2
"""How soon a reader thread notices that its port is to be closed, s."""
_WRITE_WITHIN_S = 0.25
"""A request fits every output buffer; a port that does not take it must not hold up the event loop up to the lease of the source, s.

pyserial looks at the clock after it has written: on a busy computer 0.05 s called good ports full.
"""


def timeouts(url: str) -> dict[str, Any]:
    """How a port is to be opened for `watch_port`: `timeout` and `write_timeout` of pyserial.

    A port server (`rfc2217://`) is asked again at each setting, so what its thread needs is set from the start; pyserial 3.5 bounds no
    write to it.
    """
    if url.startswith("rfc2217://"):
        return {"timeout": _THREAD_LOOKS_UP_S, "write_timeout": None}
    if url.startswith("simulated://"):  # a run in simulated time ends the same on every computer, however busy
        return {"timeout": 0, "write_timeout": None}
    return {"timeout": 0, "write_timeout": _WRITE_WITHIN_S}


class SerialWatch(Protocol):
    """Tells the loop what comes in on an open port, or that the port has vanished, until it is stopped."""

    def stop(self) -> None:
        """Deliver nothing from now on. Stopping twice is once."""

    def close_port(self) -> None:
        """Close the port, after `stop`. Blocks."""


def watch_port(
    loop: asyncio.AbstractEventLoop,
    port: serial.Serial,
    heard: Callable[[bytes], None],
    vanished: Callable[[Exception], None],
) -> SerialWatch:
    """Call `heard` in the loop with what comes in, or `vanished` once when the port can be read no more."""
    try:
        return _DescriptorWatch(loop, port, heard, vanished)
    except OSError:  # rfc2217:// and others have no file descriptor
        return _ReaderThread(loop, port, heard, vanished)


class _DescriptorWatch:
    """Lets the loop watch the port's file descriptor. Raises `OSError` for a port that has none."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        port: serial.Serial,
        heard: Callable[[bytes], None],
        vanished: Callable[[Exception], None],
    ) -> None:
        self._loop, self._port, self._heard, self._vanished = loop, port, heard, vanished
        self._descriptor = port.fileno()
        loop.add_reader(self._descriptor, self._readable)

    def _readable(self) -> None:
        try:
            wire = self._port.read(256)
        except OSError as fault:
            self._vanished(fault)
        else:
            self._heard(wire)

    def stop(self) -> None:
        """Deliver nothing from now on. Stopping twice is once."""
        self._loop.remove_reader(self._descriptor)

    def close_port(self) -> None:
        """Close the port, after `stop`. Blocks."""
        self._port.close()


class _ReaderThread:
    """Reads a port that has no file descriptor to watch."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        port: serial.Serial,
        heard: Callable[[bytes], None],
        vanished: Callable[[Exception], None],
    ) -> None:
        if port.timeout != _THREAD_LOOKS_UP_S:
            port.timeout = _THREAD_LOOKS_UP_S
        self._loop, self._port, self._heard, self._vanished = loop, port, heard, vanished
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="optical head", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                wire = self._port.read(1)
            except OSError as fault:
                self._loop.call_soon_threadsafe(self._deliver, self._vanished, fault)
                return
            if wire:
                self._loop.call_soon_threadsafe(self._deliver, self._heard, wire)

    def _deliver(self, to: Callable[[_T], None], what: _T) -> None:
        if not self._stopped.is_set():
            to(what)

    def stop(self) -> None:
        """Deliver nothing from now on. Stopping twice is once."""
        self._stopped.set()

    def close_port(self) -> None:
        """Close the port, after `stop`. Blocks until the thread has looked up."""
        self._thread.join()
        self._port.close()
