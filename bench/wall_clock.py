"""Whether the wall clock follows a time server, as the kernel or systemd knows it."""

from __future__ import annotations

import ctypes
from pathlib import Path

_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd makes this file when it has set the clock (systemd-timesyncd.service(8))."""
_TIMEX_BYTES = 512
"""More than any `struct timex`; all zero it asks and sets nothing (adjtimex(2))."""
_TIME_ERROR = 5
"""adjtimex's answer while the clock is not synchronised."""


def synchronised(flag: Path = _SYNCHRONISED) -> bool | None:
    """True or False, or None where neither systemd nor the kernel will say."""
    if flag.exists():
        return True
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (AttributeError, OSError):  # no Linux
        return None
    return None if state < 0 else bool(state != _TIME_ERROR)
