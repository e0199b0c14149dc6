"""The source owner at the other end of a connection, with the face that a run knows; the engine cannot tell the difference.

The lease, the trip and the source itself are the owner's. When the owner goes, nobody knows the state of the source, and the run ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bench import owner_protocol as say
from bench.safety import StillEnergised, finish
from drivers.load import Load
from drivers.power_source import Capabilities, InstrumentError, Reading
from drivers.visa import Revoked

ANSWER_S = 15.0
"""The owner has deadlines of its own and answers well within these seconds and twice its source's settling time."""

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
"""Connects to an owner. Raises `InstrumentError`."""


def at_socket(path: str | Path) -> Connect:
    """The way to the owner that serves this Unix socket."""

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await asyncio.open_unix_connection(path, limit=say.LONGEST_LINE)
        except OSError as error:
            raise InstrumentError(
                f"no source owner answers at {path} ({error.strerror}); is it running? Ask: systemctl status bench-source"
            ) from error

    return connect


class _Link:
    """One connection to an owner: requests out, answers and announcements in."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, owner: RemoteOwner, welcome: say.Welcome
    ) -> None:
        self.welcome = welcome
        self.gone = ""
        """Why nothing can be asked any more."""
        self._reader = reader
        self._writer = writer
        self._owner = owner
        self._asked = 0
        self._pending: dict[int, asyncio.Future[say.Done]] = {}
        self._listening = asyncio.create_task(self._listen())

    def tell(self, message: say.Request) -> None:
        """Send and expect no answer."""
        if not self.gone:
            self._writer.write(say.encode(message))

    async def ask(self, make: Callable[[int], say.Request]) -> say.Done:
        """Send a request and wait for its answer. Raises the `InstrumentError` that the owner had."""
        if self.gone:
            raise InstrumentError(self.gone)
        self._asked += 1
        request, answer = self._asked, asyncio.get_running_loop().create_future()
        self._pending[request] = answer
        self._writer.write(say.encode(make(request)))
        patience = ANSWER_S + 2 * self.welcome.capabilities.settle
        try:
            async with asyncio.timeout(patience):
                done: say.Done = await answer
                return done
        except TimeoutError:
            raise InstrumentError(
                f"the source owner (process {self.welcome.pid}) has not answered for {patience:.0f} s; has somebody stopped it?"
            ) from None
        finally:
            del self._pending[request]

    async def close(self) -> None:
        """Hang up."""
        self.gone = self.gone or "the connection to the source owner is closed"
        self._writer.close()
        await self._listening

    async def _listen(self) -> None:
        try:
            while line := await self._reader.readline():
                self._hear(say.decode(line))
            why = f"the source owner (process {self.welcome.pid}) has gone"
        except (say.Garbage, ValueError) as error:
            why = f"the source owner (process {self.welcome.pid}) sent garbage: {error}"
        except ConnectionError:  # gone with words of ours unread
            why = f"the source owner (process {self.welcome.pid}) has gone"
        wanted, self.gone = not self.gone, self.gone or why
        self._writer.close()
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(InstrumentError(self.gone))
        if wanted:
            self._owner._lost(self.gone)

    def _hear(self, message: say.Message) -> None:
        match message:
            case say.Done(id=request) | say.Failed(id=request):
                answer = self._pending.get(request)
                if answer is None or answer.done():
                    return  # whoever asked no longer waits
                if isinstance(message, say.Done):
                    answer.set_result(message)
                else:
                    answer.set_exception(say.ERRORS.get(message.kind, InstrumentError)(message.sentence))
            case say.Tripped(reason):
                self._owner._tripped(reason)
            case say.Rearmed():
                self._owner.trip = None
            case _:
                raise say.Garbage(f"{type(message).__name__} is not the owner's to say now")


class RemoteHandle:
    """A run's way to the source while it is energised. Revoked at the end: a late `finally` cannot touch the source."""

    def __init__(self, owner: RemoteOwner, link: _Link, lease: int) -> None:
        self._owner = owner
        self._link = link
        self._lease = lease
        self._why = ""

    async def apply(self, load: Load) -> None:
        """Set the load. Raises `LoadRefused`, `Revoked` or another `InstrumentError`."""
        self._check()
        await self._link.ask(lambda request: say.Apply(request, self._lease, load))
        self._check()

    async def read(self) -> Reading:
        """Read the output back."""
        self._check()
        return _reading(await self._link.ask(say.Read))

    def renew(self) -> None:
        """Keep the source on for another lease; waits for nobody."""
        self._check()
        self._link.tell(say.Renew(self._lease))

    def revoke(self, why: str) -> None:
        """Refuse everything from now on."""
        self._why = self._why or why

    def _check(self) -> None:
        if self._why:
            raise Revoked(f"power source: {self._why}")


class RemoteOwner:
    """The owner behind a connection, which is made anew when it broke between two runs. `on_trip` is told the reason of a trip."""

    def __init__(self, connect: Connect, on_trip: Callable[[str], None]) -> None:
        self._connect = connect
        self._on_trip = on_trip
        self._link: _Link | None = None
        self._connecting = asyncio.Lock()
        self._handle: RemoteHandle | None = None
        self._rearming: asyncio.Task[None] | None = None
        self.trip: str | None = None
        """Why the source was switched off; None while armed."""
        self.identity = ""
        """The source's identity; known once open."""
        self.found = ""
        """What the source held in its error queue when its owner opened it; known once open."""
        self.capabilities = Capabilities()
        """What the source can make; known once open."""

    async def open(self) -> None:
        """Connect. The owner has the output off, unless it is lent to somebody else. Raises `InstrumentError`."""
        await self._linked()
        if self.trip is not None:
            self._on_trip(self.trip)

    async def close(self) -> None:
        """Switch off what is lent to us and hang up; the owner goes on."""
        try:
            if self._handle is not None:
                await self.off()
            if self._rearming is not None:
                await self._rearming
        finally:
            if self._link is not None:
                await self._link.close()

    async def read(self) -> Reading:
        """Read the output back."""
        return _reading(await (await self._linked()).ask(say.Read))

    @asynccontextmanager
    async def energised(self, off_was_read: Callable[[Reading], None]) -> AsyncIterator[RemoteHandle]:
        """Borrow the source for one run. However the block is left, the source is off and read back before it returns.

        Raises `Tripped` before anything is switched when a trip stands, `InstrumentError` naming the process to which the
        source is lent, `StillEnergised` when off cannot be confirmed.
        """
        if self._rearming is not None:
            await self._rearming
        link = await self._linked()
        borrowing = asyncio.ensure_future(link.ask(say.Energise))
        try:
            try:
                done = await asyncio.shield(borrowing)
            except asyncio.CancelledError:
                await finish(asyncio.ensure_future(self._give_back_unused(borrowing)))
                raise
            self._handle = RemoteHandle(self, link, done.lease)
            if link.gone:
                self._lost(link.gone)
            yield self._handle
        finally:
            if borrowing.done() and borrowing.exception() is None:
                # Cancellation must not come between the source and its being off.
                await finish(asyncio.ensure_future(self._give_back(off_was_read)))

    async def off(self) -> Reading:
        """Revoke the handle, switch off, read back. Raises `StillEnergised` when that cannot be confirmed."""
        if self._handle is not None:
            self._handle.revoke("the source was switched off")
            self._handle = None
        try:
            return _reading(await (await self._linked()).ask(say.Off))
        except StillEnergised:
            raise
        except InstrumentError as error:
            raise StillEnergised(
                "the source may still be on, touch nothing and switch it off at the instrument or by the emergency stop: "
                f"{error}"
            ) from error

    def rearm(self, badge: str) -> None:
        """The person with this badge allows the source to be energised again. A refusal is told as the trip that still stands."""
        self._rearming = asyncio.create_task(self._rearm(badge))

    async def rearm_now(self, badge: str) -> None:
        """Re-arm and wait for the owner's word. Raises `InstrumentError` with what to do first."""
        await (await self._linked()).ask(lambda request: say.Rearm(request, badge))
        self.trip = None

    async def _rearm(self, badge: str) -> None:
        try:
            await self.rearm_now(badge)
        except InstrumentError as error:
            self._on_trip(str(error))

    async def _give_back(self, off_was_read: Callable[[Reading], None]) -> None:
        off_was_read(await self.off())

    async def _give_back_unused(self, borrowing: asyncio.Future[say.Done]) -> None:
        try:
            await borrowing
        except InstrumentError:
            return  # it was not lent

    async def _linked(self) -> _Link:
        async with self._connecting:
            if self._link is None or self._link.gone:
                self._link = await self._new_link()
            return self._link

    async def _new_link(self) -> _Link:
        reader, writer = await self._connect()
        try:
            async with asyncio.timeout(ANSWER_S):
                welcome = say.decode(await reader.readline())
            if not isinstance(welcome, say.Welcome) or welcome.protocol != say.PROTOCOL:
                raise say.Garbage("another protocol: start it again with this bench's software")
        except (say.Garbage, ValueError, ConnectionError, TimeoutError) as error:
            writer.close()
            raise InstrumentError(
                f"the source owner did not say who it is ({error or 'no word'}); restart it"
            ) from error
        except BaseException:
            writer.close()
            raise
        self.identity, self.capabilities, self.trip = welcome.identity, welcome.capabilities, welcome.trip or None
        self.found = welcome.found
        return _Link(reader, writer, self, welcome)

    def _tripped(self, reason: str) -> None:
        self.trip = reason
        if self._handle is not None:
            self._handle.revoke(f"tripped: {reason}")
        self._on_trip(reason)

    def _lost(self, why: str) -> None:
        """The owner has gone. Between runs that harms nothing: the next one connects anew, and learns of a trip."""
        if self._handle is not None:
            self._handle.revoke(why)
            self.trip = f"{why} and the source may still be on"
            self._on_trip(self.trip)


def _reading(done: say.Done) -> Reading:
    if done.reading is None:
        raise InstrumentError("the source owner answered without a reading; restart it")
    return done.reading
