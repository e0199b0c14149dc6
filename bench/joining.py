"""How a command comes to a session: through the engine that runs this station, or with an engine of its own where none runs."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.assembly import Setup
from bench.engine_lock import served_at
from bench.places import PlaceError, home
from bench.session import Refused, Session, Unreachable

if TYPE_CHECKING:
    from bench.remote_session import RemoteSession

_ANSWER_S = 2.0
"""The kernel takes a connection at once, unless a stopped process has a hundred of them waiting."""


def answers(path: Path) -> bool:
    """Whether somebody serves this Unix socket. One that may not be used counts: it is not free."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_ANSWER_S)
        try:
            asking.connect(str(path))
        except (PermissionError, TimeoutError):
            return True
        except OSError:  # never made, left behind by a process that was killed, or no name for a socket at all
            return False
    return True


def engine_to_join(setup: Setup, at: str | None) -> Path | None:
    """Where the engine serves whose client to become; None to open one. `at` is a socket that somebody named.

    Raises `Unreachable` where the bench has no home.
    """
    if at is not None:
        return Path(at)
    if setup.simulated:
        return None
    try:
        path = served_at(home())
    except PlaceError as error:
        raise Unreachable(str(error)) from None
    return path if path is not None and answers(path) else None


async def join(path: Path, setup: Setup) -> RemoteSession:
    """The session of the engine at `path`, which must run what `setup` asks for. Raises `Refused` or `Unreachable`."""
    from bench.remote_session import connect

    session = await connect(path)
    try:
        card, engine = session.card, f"the engine at {path} (process {session.pid})"
        if card.simulated and not setup.simulated:
            raise Refused(f"{engine} runs a simulated line; add --simulated, or end it")
        if setup.simulated and not card.simulated:
            raise Refused(f"{engine} runs the real station {card.name}; leave --simulated out")
        if setup.station and Path(setup.station).absolute() != Path(card.file):
            raise Refused(f"{engine} runs the station of {card.file}; leave --station out, or end it")
    except Refused:
        await session.close()
        raise
    return session


async def open_or_join(
    *,
    simulated: bool,
    station: str | None,
    positions: int,
    seed: int,
    faults: Sequence[str],
    speed: float,
    socket: str | None,
) -> tuple[Session, str | None]:
    """A session, and the socket of its engine, None for one of its own. Raises `Refused` or `Unreachable`."""
    setup = Setup(simulated, station, positions, seed, tuple(faults), speed)
    path = engine_to_join(setup, socket)
    if path is not None:
        return await join(path, setup), str(path)
    from bench.in_process import InProcessSession

    return InProcessSession(setup), None
