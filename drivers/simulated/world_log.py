"""The world's own log: what really happened at the source's terminals, at the main contactor and at the meters', and when.

NDJSON, each line on its way to the disk before anything else happens. Whether a source was off is what stands here, and nobody
else's word.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from drivers.load import Load


class WorldInUse(Exception):
    """Another world serves this folder; the message says which file it holds."""


class WorldLog:
    """One file, held by one world: begun anew by each."""

    def __init__(self, path: Path) -> None:
        """Take the file. Raises `WorldInUse`, or `OSError` where it cannot be written."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise WorldInUse(f"another simulated world writes {path}: end it first, or serve another folder") from None
        os.ftruncate(self._file, 0)

    def tell(self, time: float, event: str, **what: object) -> None:
        """One line: CLOCK_MONOTONIC in s, what happened, and its particulars."""
        os.write(self._file, json.dumps({"time": round(time, 6), "event": event, **what}).encode() + b"\n")

    def load(self, time: float, event: str, load: Load) -> None:
        """One line with the largest voltage and the largest current of any phase, V and A rms."""
        self.tell(time, event, volts=round(max(map(abs, load.u)), 3), amperes=round(load.largest_current, 6))

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)
