"""What must outlive the source owner: why the source may not be energised. A crash and a restart are not a person's re-arm.

The file is locked for the life of its owner, so that a socket has one owner and no second one steals it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from drivers.power_source import InstrumentError

_LONGEST = 4000


class OwnerMemory:
    """One small file beside the socket. The kernel keeps what was written when the process is killed, and drops the lock."""

    def __init__(self, path: Path) -> None:
        """Take the file. Raises `InstrumentError` when another owner holds it or it cannot be written."""
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise InstrumentError(
                f"{path} cannot be opened: {error.strerror}. The folder of the owner's socket must be there and writable."
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise InstrumentError(
                f"another source owner holds {path}; a source has one owner: end that one first"
            ) from None
        self.trip = os.pread(self._file, _LONGEST, 0).decode(errors="replace").strip()
        """Why the last owner's successor must begin tripped; empty when it need not."""

    def keep(self, trip: str) -> None:
        """From now on a successor begins tripped for this reason; an empty one lets it begin armed."""
        text = trip.encode()[:_LONGEST]
        os.pwrite(self._file, text, 0)
        os.ftruncate(self._file, len(text))

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)
