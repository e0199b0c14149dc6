"""One engine a station: whoever holds the lock file owns the instruments, and it is let go with the process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.session import Unreachable


@contextmanager
def only_engine(home: Path) -> Iterator[None]:
    """Hold the station while the block runs. Raises `Unreachable` naming the process that holds it already."""
    path = home / "engine.lock"
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Unreachable(f"the engine's lock {path} cannot be opened: {error.strerror}") from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(file, 20).decode(errors="replace").strip() or "unknown"
            raise Unreachable(f"another engine (process {holder}) runs this station; end it first") from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)
