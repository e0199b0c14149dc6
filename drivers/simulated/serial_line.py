"""Serial lines without a UART: the bench's end is opened by pyserial, the far end is held by what stands there.

`SerialLine` is `simulated://NAME` on a socket pair and shows its far end how the port is set. `PtyLine` is a path that any
program can open.
"""

from __future__ import annotations

import asyncio
import os
import socket
import termios
import tty
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import serial

_HANDLERS = "drivers.simulated.serial_handler"
_lines: dict[str, SerialLine] = {}
_BAUD = {getattr(termios, name): int(name[1:]) for name in dir(termios) if name[0] == "B" and name[1:].isdigit()}


@dataclass(frozen=True)
class LineSettings:
    """How the bench's end is set."""

    baud: int
    data_bits: int
    parity: str
    """N, E or O."""
    stop_bits: float
    dtr: bool | None
    rts: bool | None
    """None where the line does not carry DTR and RTS."""


class FarEnd(Protocol):
    """The end of a line at which the simulated device sits."""

    @property
    def url(self) -> str:
        """What the bench opens."""

    @property
    def settings(self) -> LineSettings | None:
        """How the bench has set its end; None while it is closed and that can be told."""

    def listen(self, received: Callable[[bytes], None]) -> None:
        """Call `received` on the running loop with whatever the bench sends."""

    def send(self, wire: bytes) -> None:
        """Send at once. Characters that nobody reads are lost, as on any line."""

    def close(self) -> None:
        """Unplug the line: the bench's port is gone. Closing twice is once."""


class _Line:
    """What both kinds of line share: a file descriptor that the loop watches."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = True

    def listen(self, received: Callable[[bytes], None]) -> None:
        """Call `received` on the running loop with whatever the bench sends."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, lambda: received(os.read(self._descriptor, 256)))

    def send(self, wire: bytes) -> None:
        """Send at once. Characters that nobody reads are lost, as on any line."""
        if self._open:
            try:
                os.write(self._descriptor, wire)
            except BlockingIOError:
                pass  # the buffer of a port that nobody reads is full

    def close(self) -> None:
        """Unplug the line: the bench's port is gone. Closing twice is once."""
        if self._open:
            self._open = False
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(self._descriptor)
            self._close()

    def _close(self) -> None:
        raise NotImplementedError


class SerialLine(_Line):
    """A line that the bench opens as `simulated://NAME` in the same process."""

    def __init__(self, name: str) -> None:
        if name in _lines:
            raise ValueError(f"there is a simulated line {name!r} already")
        self._name = name
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        super().__init__(self._far.fileno())
        self.settings: LineSettings | None = None
        """How the bench has set its end; None while it is closed."""
        if _HANDLERS not in serial.protocol_handler_packages:
            serial.protocol_handler_packages.append(_HANDLERS)
        _lines[name] = self

    @property
    def url(self) -> str:
        """What the bench opens."""
        return f"simulated://{self._name}"

    def plug_in(self) -> int:
        """A file descriptor of the bench's end, the caller's to close."""
        return os.dup(self._near.fileno())

    def _close(self) -> None:
        del _lines[self._name]
        self._near.close()
        self._far.close()


class PtyLine(_Line):
    """A line that the bench, or any other program, opens by its path. A pty carries neither parity nor DTR and RTS."""

    def __init__(self) -> None:
        master, self._slave = os.openpty()
        tty.setraw(self._slave)
        super().__init__(master)

    @property
    def url(self) -> str:
        """What the bench opens: a path."""
        return os.ttyname(self._slave)

    @property
    def settings(self) -> LineSettings | None:
        """How the port was set last: a pty does not tell whether it is open."""
        _, _, flags, _, _, speed, _ = termios.tcgetattr(self._slave)
        return LineSettings(_BAUD[speed], 8, "N", 2 if flags & termios.CSTOPB else 1, None, None)

    def _close(self) -> None:
        os.close(self._descriptor)
        os.close(self._slave)


def line_named(name: str) -> SerialLine:
    """The line of this name. Raises `KeyError`."""
    return _lines[name]
