"""Serves a session to other processes: several at once, and none of them can hold up the engine or another.

It runs on a loop of its own beside the engine's thread. A client that does not read its news is not read either, and misses glances only.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from bench import session_protocol as say
from bench.session import Refused, Session, Unreachable

GLANCE_PERIOD_S = 0.1
"""A glance that changed is shown this often."""
BEAT_PERIODS = 10
"""One that did not is shown after so many periods: a silent engine is a dead one."""
MOST_AT_ONCE = 16
"""Requests and streams of one client under way. A client with more does not wait for its answers."""
_FAREWELL_S = 1.0
"""What a client has to read its last news before it is cut off."""


class _Client:
    """One connection."""

    def __init__(self, session: Session, writer: asyncio.StreamWriter) -> None:
        self._session = session
        self._writer = writer
        self._shown = -1
        self._commands: set[asyncio.Task[None]] = set()
        self._following: dict[int, asyncio.Task[None]] = {}

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Until the connection ends. What it asked for is carried out even when it has gone meanwhile."""
        try:
            glance = self._session.glance()
            self._shown = glance.revision
            self._write(say.Greeting(say.PROTOCOL, os.getpid(), self._session.card, glance))
            while line := await reader.readline():
                self._take(say.decode(line))
        except (say.Garbage, say.OtherProtocol, ValueError) as error:
            self._write(say.Failed(0, "Refused", f"the engine hung up: {error}"))
        except ConnectionError:
            pass  # gone with words of ours unread
        finally:
            for following in self._following.values():
                following.cancel()
            self._writer.close()

    def show(self, beat: bool) -> None:
        """The latest glance, where it is news or a sign of life is due, and the last one was taken."""
        if self._writer.transport.get_write_buffer_size() == 0:
            glance = self._session.glance()
            if beat or glance.revision != self._shown:
                self._shown = glance.revision
                self._write(say.Glanced(glance))

    async def farewell(self) -> None:
        """Let the streams end and the last news be read, then hang up."""
        under_way = {*self._commands, *self._following.values()}
        if under_way:
            await asyncio.wait(under_way, timeout=_FAREWELL_S)
        self._writer.close()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._writer.wait_closed()
        except (TimeoutError, ConnectionError):  # it does not read, or has gone
            self._writer.transport.abort()

    def _take(self, message: say.Message) -> None:
        session = self._session
        match message:
            case say.Unfollow(id=request):
                if request in self._following:
                    self._following.pop(request).cancel()
                return
            case say.SetSpeed(speed):
                # It waits for the engine's thread, and the loop of all clients must not.
                self._command(self._unanswered(asyncio.to_thread(session.set_speed, speed)))
                return
        if len(self._commands) + len(self._following) >= MOST_AT_ONCE:
            raise say.Garbage(f"more than {MOST_AT_ONCE} requests at once")
        match message:
            case say.Start(request, wanted, badge):
                self._command(self._answer(request, session.start(wanted, badge)))
            case say.Abort(request, badge):
                self._command(self._answer(request, session.abort(badge)))
            case say.Answer(request, prompt, answer, badge):
                self._command(self._answer(request, session.answer(prompt, answer, badge)))
            case say.Rearm(request, badge):
                self._command(self._answer(request, session.rearm(badge)))
            case say.Follow(request, after) if request not in self._following:
                self._following[request] = asyncio.create_task(self._follow(request, after))
            case _:
                raise say.Garbage(f"{type(message).__name__} is not a client's to say now")

    def _command(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _answer(self, request: int, work: Coroutine[Any, Any, str | None]) -> None:
        try:
            run = await work
        except Refused as error:
            await self._tell(say.failure(request, error))
        except Exception as error:
            # A defect: whoever asked is told all the same, and the trace goes to the log of the process.
            await self._tell(say.failure(request, Unreachable(f"the engine failed ({error!r}); see its log")))
            raise
        else:
            await self._tell(say.Done(request, run or ""))

    @staticmethod
    async def _unanswered(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refused:
            return  # its session refuses the same by itself, before it asks

    async def _follow(self, request: int, after: int) -> None:
        async for fact in self._session.facts(after):
            if not await self._tell(say.Told(request, fact)):
                return

    async def _tell(self, news: say.News) -> bool:
        """Send news, after the glance it belongs to; whether the client is still there. Waits while it does not read."""
        glance = self._session.glance()
        if glance.revision != self._shown:
            self._shown = glance.revision
            self._write(say.Glanced(glance))
        self._write(news)
        try:
            await self._writer.drain()
        except ConnectionError:
            return False
        return True

    def _write(self, news: say.News) -> None:
        if not self._writer.is_closing():
            self._writer.write(say.encode(news))


class SessionServer:
    """Serves one session on a Unix socket. The session is its opener's to close."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._clients: dict[_Client, asyncio.Task[Any]] = {}

    async def listen(self, path: Path) -> None:
        """Serve at this path, for this user and its group. Raises `Unreachable`."""
        try:
            self._listening = await asyncio.start_unix_server(self._serve, path, limit=say.LONGEST_REQUEST)
            path.chmod(0o660)
        except OSError as error:
            raise Unreachable(f"the socket {path} cannot be made: {error.strerror or error}") from error
        self._path = path
        self._showing = asyncio.create_task(self._show())

    async def close(self) -> None:
        """Serve nobody new, give everybody the last news, hang up."""
        self._listening.close()
        self._path.unlink(missing_ok=True)
        self._showing.cancel()
        serving = list(self._clients.values())
        await asyncio.gather(*(client.farewell() for client in self._clients))
        await asyncio.gather(*serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(self._session, writer)
        self._clients[client] = asyncio.current_task()  # type: ignore[assignment]  # a coroutine runs in a task
        try:
            await client.serve(reader)
        finally:
            del self._clients[client]

    async def _show(self) -> None:
        for period in itertools.count(1):
            await asyncio.sleep(GLANCE_PERIOD_S)
            for client in self._clients:
                client.show(period % BEAT_PERIODS == 0)
