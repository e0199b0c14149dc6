"""pyserial's POSIX port on the near end of a `SerialLine`: its own read, write and fileno run, only the device node is another.

What would set a UART (baud rate, framing, DTR, RTS) is shown to the far end.
"""

from __future__ import annotations

import errno
import os

import serial

from drivers.simulated.serial_line import LineSettings, SerialLine, line_named


class Serial(serial.Serial):
    """`simulated://NAME`; the name of the class is pyserial's convention."""

    _line: SerialLine
    _exclusive: bool | None
    _dtr_state: bool
    _rts_state: bool

    def open(self) -> None:
        """Open the line. Raises `serial.SerialException`: ENOENT without such a line, EAGAIN when it is open already."""
        if self.is_open:
            raise serial.SerialException("Port is already open.")
        name = (self.port or "").partition("://")[2]
        try:
            self._line = line_named(name)
        except KeyError:
            raise serial.SerialException(errno.ENOENT, f"there is no simulated line {name!r}") from None
        if self._exclusive and self._line.settings is not None:
            raise serial.SerialException(errno.EAGAIN, f"the simulated line {name!r} is open already")
        self.fd = self._line.plug_in()
        self.pipe_abort_read_r, self.pipe_abort_read_w = os.pipe()
        self.pipe_abort_write_r, self.pipe_abort_write_w = os.pipe()
        self._show_settings()
        self._reset_input_buffer()
        self.is_open = True

    def close(self) -> None:
        """Close the port; the far end sees it."""
        if self.is_open:
            self._line.settings = None
        super().close()

    def flush(self) -> None:
        """Characters leave at once."""

    def _show_settings(self) -> None:
        self._line.settings = LineSettings(
            self.baudrate, self.bytesize, self.parity, self.stopbits, self._dtr_state, self._rts_state
        )

    def _reconfigure_port(self, force_update: bool = False) -> None:  # noqa: ARG002  # pyserial's signature
        self._show_settings()

    def _update_dtr_state(self) -> None:
        self._show_settings()

    def _update_rts_state(self) -> None:
        self._show_settings()

    def _reset_input_buffer(self) -> None:
        assert self.fd is not None
        try:
            while os.read(self.fd, 4096):
                pass
        except BlockingIOError:
            pass  # it is empty
