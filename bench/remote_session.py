"""The session of an engine in another process, with the face that a screen knows. Closing it leaves the engine and its run alone.

When the engine goes away or falls silent, every pending call and every stream of facts ends with one sentence, and the source is UNKNOWN.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

from bench import session_protocol as say
from bench.facts import Fact
from bench.session import LineGlance, Refused, RunRequest, SourceState, StationCard, Unreachable, check_speed

SILENCE_S = 5.0
"""An engine that says nothing twice so long is given up: it gives a sign of life every second."""


async def connect(path: Path) -> RemoteSession:
    """The session of the engine that serves this Unix socket. Raises `Unreachable` with what to do."""
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=say.LONGEST_ANSWER)
    except OSError as error:
        raise Unreachable(
            f"no engine answers at {path} ({error.strerror or error}); is it running? Ask: systemctl status bench-engine"
        ) from None
    try:
        async with asyncio.timeout(2 * SILENCE_S):
            greeting = say.decode(await reader.readline())
        if not isinstance(greeting, say.Greeting):
            raise say.Garbage("no greeting")
    except say.OtherProtocol as error:
        writer.close()
        raise Unreachable(str(error)) from None
    except (say.Garbage, ValueError, ConnectionError, TimeoutError) as error:
        writer.close()
        raise Unreachable(
            f"what answers at {path} did not say that it is an engine ({error or 'no word'}); restart it: systemctl restart bench-engine"
        ) from None
    except BaseException:
        writer.close()
        raise
    return RemoteSession(reader, writer, greeting)


class RemoteSession:
    """A `Session` over a connection. Opened by `connect`; used on the loop it was opened on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, greeting: say.Greeting) -> None:
        self._reader = reader
        self._writer = writer
        self._card = greeting.card
        self._glance = greeting.glance
        self.pid = greeting.pid
        """The engine's process."""
        self._asked = 0
        self._heard = 0
        self._pending: dict[int, asyncio.Future[str]] = {}
        self._following: dict[int, asyncio.Queue[Fact | None]] = {}
        self._gone = ""
        """Why nothing can be asked any more."""
        self._closed = False
        self._listening = asyncio.create_task(self._listen())
        self._watching = asyncio.create_task(self._watch())

    # ------------------------------------------------------------------ Session

    @property
    def card(self) -> StationCard:
        """The station."""
        return self._card

    async def start(self, request: RunRequest, badge: str) -> str:
        """Start a run and return its id. Raises `Refused`."""
        if request.profile:  # the engine's working folder is its own
            request = replace(request, profile=str(Path(request.profile).absolute()))
        return await self._ask(lambda number: say.Start(number, request, badge))

    async def abort(self, badge: str) -> None:
        """Stop the run: source off first, then the record. Without a run it does nothing."""
        await self._ask(lambda number: say.Abort(number, badge))

    async def answer(self, prompt: str, answer: str, badge: str) -> None:
        """Answer an open prompt. Raises `Refused` when it is not open."""
        await self._ask(lambda number: say.Answer(number, prompt, answer, badge))

    async def rearm(self, badge: str) -> None:
        """Let a tripped source energise again."""
        await self._ask(lambda number: say.Rearm(number, badge))

    def set_speed(self, speed: float) -> None:
        """Simulated seconds a second. Raises `Refused` on a real station, and for a speed of 0 or less."""
        check_speed(self._card, speed)
        if self._gone:
            raise Unreachable(self._gone)
        self._writer.write(say.encode(say.SetSpeed(speed)))

    def glance(self) -> LineGlance:
        """The latest picture. Without an engine the source's state is UNKNOWN."""
        return self._glance

    async def facts(self, after: int = 0) -> AsyncIterator[Fact]:
        """Every fact with a number above `after`, then the new ones as they come, until the session is closed.

        Raises `Unreachable` when the engine goes away.
        """
        self._asked += 1
        number, told = self._asked, asyncio.Queue[Fact | None]()
        self._following[number] = told
        self._send(say.Follow(number, after))
        try:
            while (fact := await told.get()) is not None:
                yield fact
        finally:
            del self._following[number]
            self._send(say.Unfollow(number))
        if not self._closed:
            raise Unreachable(self._gone)

    async def close(self) -> None:
        """Hang up; the engine and its run go on. Closing twice is once."""
        self._closed = True
        self._lose("this session was closed")
        self._watching.cancel()
        await self._listening

    # ------------------------------------------------------------------ the connection

    async def _ask(self, make: Callable[[int], say.Request]) -> str:
        if self._gone:
            raise Unreachable(self._gone)
        self._asked += 1
        number, answer = self._asked, asyncio.get_running_loop().create_future()
        try:
            line = say.encode(make(number))
        except UnicodeEncodeError as error:
            raise Refused(f"{error.object!r} holds bytes that are no text (UTF-8); scan or type it again") from None
        self._pending[number] = answer
        self._writer.write(line)
        try:
            run: str = await answer
            return run
        finally:
            del self._pending[number]

    def _send(self, message: say.Follow | say.Unfollow) -> None:
        """Send where there is somebody to hear it; a stream without an engine ends at once."""
        if not self._gone:
            self._writer.write(say.encode(message))
        elif isinstance(message, say.Follow):
            self._following[message.id].put_nowait(None)

    async def _listen(self) -> None:
        why = "has gone"
        try:
            while line := await self._reader.readline():
                self._heard += 1
                self._hear(say.decode(line))
        except (say.Garbage, say.OtherProtocol, ValueError) as error:
            why = f"sent garbage ({error})"
        except ConnectionError:
            pass  # gone with words of ours unread
        self._lose(self._without_engine(why))

    def _hear(self, message: say.Message) -> None:
        match message:
            case say.Glanced(glance):
                self._glance = glance
            case say.Told(id=request, fact=fact):
                if request in self._following:
                    self._following[request].put_nowait(fact)
            case say.Done(id=request, run=run):
                if (answer := self._waiting(request)) is not None:
                    answer.set_result(run)
            case say.Failed(id=request):
                if (answer := self._waiting(request)) is not None:
                    answer.set_exception(say.refusal(message))
            case _:
                raise say.Garbage(f"{type(message).__name__} is not the engine's to say now")

    def _waiting(self, request: int) -> asyncio.Future[str] | None:
        answer = self._pending.get(request)
        return None if answer is None or answer.done() else answer

    async def _watch(self) -> None:
        """A stopped engine keeps its connection. Twice, so that a pause of this very process is not taken for one of the engine."""
        silent = 0
        while silent < 2:
            heard = self._heard
            await asyncio.sleep(SILENCE_S)
            silent = silent + 1 if self._heard == heard else 0
        self._lose(self._without_engine(f"has said nothing for {2 * SILENCE_S:.0f} s"))

    def _without_engine(self, why: str) -> str:
        return (
            f"the engine (process {self.pid}) {why}, and nobody here knows whether the source is on; "
            "journalctl -u bench-engine says more"
        )

    def _lose(self, why: str) -> None:
        if self._gone:
            return
        self._gone = why
        self._writer.close()
        if not self._closed:
            self._glance = replace(
                self._glance,
                revision=self._glance.revision + 1,
                running=False,
                source=SourceState.UNKNOWN,
                message=why,
            )
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(Unreachable(why))
        for told in self._following.values():
            told.put_nowait(None)
