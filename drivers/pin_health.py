"""Whether the GPIO inputs still hear: what silences all of them at once makes no error anywhere else."""

from __future__ import annotations

import sys
from typing import Any


def deaf(factory: Any) -> str:
    """Why the inputs of this gpiozero pin factory are silent or suspect, in one sentence; empty while all is well."""
    told = getattr(factory, "fault", "")
    if told:
        return str(told)
    # An exception in any callback ends lgpio's one thread without a word (lgpio 0.2.2.0, `_callback_thread`).
    thread = getattr(sys.modules.get("lgpio"), "_notify_thread", None)
    if type(factory).__module__ == "gpiozero.pins.lgpio" and thread is not None and not thread.is_alive():
        return "lgpio's thread that reads the GPIO inputs has ended; all of them are silent"
    return ""
