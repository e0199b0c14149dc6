"""Where things of a station live: the home folder and the journals in it. Names only; `make_home` alone touches the disk."""

from __future__ import annotations

import os
from pathlib import Path


class PlaceError(Exception):
    """The home folder cannot be used. The message says what to do."""


def home() -> Path:
    """`$BENCH_HOME`, else `bench` in the XDG state folder (XDG Base Directory Specification: a relative one is ignored).

    Raises `PlaceError`.
    """
    chosen = os.environ.get("BENCH_HOME")
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        return (state if state.is_absolute() else Path("~/.local/state").expanduser()) / "bench"
    except RuntimeError:
        raise PlaceError(
            f"there is no home folder for {chosen or 'this user'}. Set BENCH_HOME to a folder that this user may write in."
        ) from None


def make_home() -> Path:
    """The home folder, made when it is not there. Raises `PlaceError`."""
    folder = home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlaceError(
            f"the folder {folder} for the journal cannot be made: {error.strerror}. "
            "Set BENCH_HOME to a folder that this user may write in."
        ) from error
    return folder


def engine_socket(*, simulated: bool) -> Path:
    """Where the station's engine serves sessions unless told otherwise, or the one of a simulated line beside it."""
    return home() / ("simulated-engine.sock" if simulated else "engine.sock")


def journal_path(*, simulated: bool) -> Path:
    """The database of the station's runs, or the one beside it for simulated runs; it need not be there yet."""
    return home() / ("simulated.db" if simulated else "bench.db")
