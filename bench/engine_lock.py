"""One engine a station: whoever holds the lock file owns the instruments, and it is let go with the process, however that ends.

The file says which process that is, and where it serves sessions if it does.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.session import Unreachable

_FILE = "engine.lock"


@contextmanager
def only_engine(home: Path, socket: str = "") -> Iterator[None]:
    """Hold the station while the block runs; `socket` is where its sessions are served, for whoever finds the station taken.

    Raises `Unreachable` naming the process that holds it already.
    """
    path = home / _FILE
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Unreachable(f"the engine's lock {path} cannot be opened: {error.strerror}") from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder, serves = _said(path)
            where = f" and serves at {serves}" if serves else ""
            raise Unreachable(f"another engine (process {holder}) runs this station{where}; end it first") from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n{socket}\n".encode())
        yield
    finally:
        os.close(file)


def served_at(home: Path) -> Path | None:
    """Where the latest engine of the station served sessions; None for one that did not. It may have gone since."""
    socket = _said(home / _FILE)[1]
    return Path(socket) if socket else None


def _said(path: Path) -> tuple[str, str]:
    """The process and the socket that the lock file names."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # nobody has ever held it, or it is somebody else's to read
        lines = []
    pid, socket, *_ = [*lines, "", ""]
    return pid or "unknown", socket
