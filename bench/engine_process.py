"""The life of the engine as a process of its own: it opens the station once and serves sessions until somebody stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from bench.assembly import Setup
from bench.in_process import InProcessSession
from bench.joining import answers
from bench.places import make_home
from bench.session import Unreachable
from bench.session_server import SessionServer


async def run_engine(setup: Setup, ready: Callable[[], None]) -> None:
    """Open the station and serve it at `setup.socket` until SIGTERM, SIGINT or SIGHUP.

    Afterwards a run under way is aborted and recorded, the source off and the journal closed. Raises `Refused` for a setup that
    cannot be, `Unreachable` for what the world refuses.
    """
    path = Path(setup.socket)
    make_home()
    if answers(path):
        raise Unreachable(f"an engine serves at {path} already; end it first, or give --socket another path")
    stopped = asyncio.Event()
    stopping = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # with nohup an engine outlives its terminal
        stopping.append(signal.SIGHUP)
    for number in stopping:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    session = InProcessSession(setup)
    try:
        server = SessionServer(session)
        await server.listen(path)
        try:
            ready()
            ending = [asyncio.ensure_future(stopped.wait()), asyncio.ensure_future(session.ended())]
            await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # First the run: whoever follows it hears how it ended.
            await session.close()
            await server.close()
    finally:
        await session.close()
    if not stopped.is_set():
        raise Unreachable("the engine has ended by a fault of its own; the lines above say which")
    ending[0].cancel()
