"""The life of the process that owns the source: from the first switching off to the last, with clients in between."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from bench.line import named_factory, source_of
from bench.owner_client import RemoteOwner, at_socket
from bench.owner_memory import OwnerMemory
from bench.owner_protocol import LONGEST_LINE
from bench.owner_server import OwnerServer
from bench.safety_panel import SafetyPanel
from bench.station import SafetyDescription, Station
from drivers.power_source import InstrumentError


async def own_source(station: Station, path: Path, ready: Callable[[], None]) -> None:
    """Own the station's source and serve it on a Unix socket until SIGTERM; the output is off afterwards.

    Raises `InstrumentError` when it cannot be owned, or when it could not be proven off at the end.
    """
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    memory = OwnerMemory(path.with_name(path.name + ".trip"))
    try:
        panel = None
        if station.safety != SafetyDescription():
            panel = SafetyPanel(station.safety, named_factory(station.pin_factory))
        server = OwnerServer(source_of(station.source), panel, memory)
        await server.open()
        try:
            listening = await _listen(server, path)
            ready()
            await stopped.wait()
        finally:
            await server.stop()
        listening.close()
        path.unlink(missing_ok=True)
    finally:
        memory.close()


async def rearm(path: Path, badge: str) -> None:
    """Re-arm the owner that serves this socket. Raises `InstrumentError` with what to do first."""
    owner = RemoteOwner(at_socket(path), lambda _: None)
    try:
        await owner.rearm_now(badge)
    finally:
        await owner.close()


async def _listen(server: OwnerServer, path: Path) -> asyncio.Server:
    try:
        listening = await asyncio.start_unix_server(server.serve, path, limit=LONGEST_LINE)
        path.chmod(0o660)
    except OSError as error:
        raise InstrumentError(f"the socket {path} cannot be made: {error.strerror or error}") from error
    return listening
