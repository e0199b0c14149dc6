"""How the port of an optical head is set for each protocol. The one place that decides what a port without a UART must do without.

A pty refuses parity and has neither DTR nor RTS, and a bare socket has no settings: there the native protocol goes 8N1 and its check byte
alone guards the data. Nowhere does a port check the parity of what it hears: pyserial switches that off.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.iec61107 import CHARACTER_S as MODE_A_CHARACTER_S
from drivers.native_frames import CHARACTER_S as NATIVE_CHARACTER_S

if TYPE_CHECKING:
    import serial


@dataclass(frozen=True)
class LineSetting:
    """One protocol's setting of the port."""

    baud: int
    parity: str
    """N or E. Mode A carries its even parity in the eighth bit."""
    stop_bits: int
    character_s: float
    """How long a character lasts on the light, s."""
    dtr: bool
    rts: bool
    """As a 685-382 was read (github.com/casperbang/KMP382-driver); some heads draw their supply from these lines."""


MODE_A = LineSetting(300, "N", 1, MODE_A_CHARACTER_S, dtr=False, rts=True)
"""7E1 spoken as 8N1."""
NATIVE = LineSetting(1200, "E", 2, NATIVE_CHARACTER_S, dtr=True, rts=False)
"""8E2 (data sheet, Data output: 1200 baud)."""


def has_uart(url: str) -> bool:
    """Whether a UART stands behind this port, which has parity, stop bits, DTR and RTS to set."""
    device = url.removeprefix("spy://").partition("?")[0]
    scheme, mark, _ = device.partition("://")
    if mark:
        return scheme != "socket"
    return not os.path.realpath(device).startswith("/dev/pts/")


def set_line(port: serial.Serial, url: str, setting: LineSetting, dtr: bool | None, rts: bool | None) -> None:
    """Set an open port, or one to be opened. `dtr` and `rts` overrule the setting's. Blocks; raises `OSError` or `ValueError`."""
    port.baudrate = setting.baud
    if not has_uart(url):
        return
    port.parity, port.stopbits = setting.parity, setting.stop_bits
    port.dtr = setting.dtr if dtr is None else dtr
    port.rts = setting.rts if rts is None else rts
