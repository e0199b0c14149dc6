"""Serves the source owner to its clients: one of them holds the source at a time, and whoever falls silent or goes away loses it.

The same coroutine serves a Unix socket in a process of its own (`bench source`) and one half of a socket pair in the engine's loop.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from bench import owner_protocol as say
from bench.contacted_source import ContactedSource
from bench.owner_client import Connect
from bench.owner_memory import OwnerMemory
from bench.safety import SourceHandle, SourceOwner
from bench.safety_panel import Lights, SafetyPanel
from drivers.power_source import InstrumentError, PowerSource, Reading
from drivers.visa import Revoked

MOST_WAITING = 8
"""Requests of one client that may wait for the instrument. A client that asks faster does not listen to its answers."""


class _Client:
    """One connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.pid = _peer(writer)
        self.gone = False
        self.waiting: asyncio.Queue[say.Apply | say.Read | None] = asyncio.Queue()

    def tell(self, message: say.Announcement) -> None:
        if not self.writer.is_closing():
            self.writer.write(say.encode(message))


@dataclass(frozen=True)
class _Lease:
    number: int
    client: _Client
    handle: SourceHandle
    block: AsyncExitStack
    """Leaving it switches off."""
    readings: list[Reading]
    """What was read back then."""


class OwnerServer:
    """Owns a source, and lends it to one client at a time."""

    def __init__(
        self, source: PowerSource, panel: SafetyPanel | None = None, memory: OwnerMemory | None = None
    ) -> None:
        if panel is not None:
            source = ContactedSource(source, panel.close_contactor, panel.drop_contactor)
            panel.listen(self.trip)
        self._owner = SourceOwner(source, self._went_off)
        self._panel = panel
        self._memory = memory
        self._clients: set[_Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lease: _Lease | None = None
        self._leases = 0
        self._switching: asyncio.Task[Reading] | None = None
        self._proven_off = False
        self._stopping = False
        self._trip_told = asyncio.Event()

    # ------------------------------------------------------------------ its life

    async def open(self) -> None:
        """Connect to the source and switch it off. Raises `InstrumentError`.

        It begins tripped when its predecessor ended so, or while it held a lent source, or while a safety contact is open.
        """
        try:
            await self._owner.open()
        except BaseException:
            await self._owner.close()
            if self._panel is not None:
                self._panel.close()
            raise
        self._proven_off = True
        if self._memory is not None and self._memory.trip:
            self.trip(self._memory.trip)
        if self._panel is not None and self._panel.open_contacts():
            self.trip(f"when the source owner started, a person had yet to {self._panel.open_contacts()}")
        self._show()

    async def stop(self) -> None:
        """Switch off, read back, tell the clients, let everything go. Raises `InstrumentError` when off is not confirmed."""
        self._stopping = True
        try:
            if self._lease is not None:
                self.trip("the source owner was stopped while the source was lent")
            if self._owner.trip is not None:
                await self._trip_told.wait()
            await self._switch_off()
        finally:
            for client in list(self._clients):
                client.writer.close()
            while self._tasks:
                await asyncio.wait(self._tasks)
            await self._owner.close()
            if self._panel is not None:
                self._panel.close()

    def trip(self, reason: str) -> None:
        """Switch off at once and lend to nobody until a person re-arms."""
        if self._owner.trip is None:
            self._owner.trip_now(reason)
            self._keep(reason)
            self._show()

    # ------------------------------------------------------------------ clients

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until its connection ends. A client that goes while it holds the source trips it."""
        client = _Client(writer)
        self._clients.add(client)
        self._spawn(self._carry_out(client))
        how = "has gone"
        try:
            client.tell(
                say.Welcome(
                    say.PROTOCOL,
                    os.getpid(),
                    self._owner.identity,
                    self._owner.capabilities,
                    self._owner.trip or "",
                    self._owner.found,
                )
            )
            while line := await reader.readline():
                self._take(client, say.decode(line))
        except say.Garbage as error:
            how = f"sent garbage: {error}"
        except ValueError:
            how = f"sent garbage: a line of more than {say.LONGEST_LINE} bytes"
        except ConnectionError:
            pass  # gone with words of ours unread; that it has gone is what counts
        finally:
            client.gone = True
            client.waiting.put_nowait(None)
            self._clients.discard(client)
            if self._lease is not None and self._lease.client is client:
                self.trip(f"process {client.pid}, which held the source, {how}")
            writer.close()

    def connect_in_loop(self) -> Connect:
        """A way for a client in this very loop, over a socket pair."""

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            if self._stopping:
                raise InstrumentError("the source owner was stopped")
            near, far = socket.socketpair()
            self._spawn(self.serve(*await asyncio.open_unix_connection(sock=far, limit=say.LONGEST_LINE)))
            return await asyncio.open_unix_connection(sock=near, limit=say.LONGEST_LINE)

        return connect

    def _take(self, client: _Client, message: say.Message) -> None:
        """What must not wait is done here and now; what asks the instrument waits its turn, and no beat waits for it."""
        match message:
            case say.Renew(lease):
                held = self._lease
                if held is not None and held.client is client and held.number == lease:
                    if self._panel is not None and self._panel.deaf():
                        self.trip(f"the safety contacts may go unheard: {self._panel.deaf()}")
                    try:
                        held.handle.renew()
                    except Revoked:
                        pass  # it went off a moment ago, which its holder is being told
            case say.Apply() | say.Read():
                if client.waiting.qsize() >= MOST_WAITING:
                    raise say.Garbage(f"more than {MOST_WAITING} requests at once")
                client.waiting.put_nowait(message)
            case say.Energise(request):
                self._spawn(self._answer(client, request, self._lend(client)))
            case say.Off(request):
                self._spawn(self._answer(client, request, self._off_for(client)))
            case say.Rearm(request, badge):
                self._spawn(self._answer(client, request, self._rearm(badge)))
            case _:
                raise say.Garbage(f"{type(message).__name__} is the owner's to say")

    async def _carry_out(self, client: _Client) -> None:
        """One request to the instrument after the other. What a client that has gone still wanted is dropped."""
        while (message := await client.waiting.get()) is not None and not client.gone:
            work = self._read() if isinstance(message, say.Read) else self._apply(client, message)
            await self._answer(client, message.id, work)

    @staticmethod
    async def _answer(client: _Client, request: int, work: Coroutine[Any, Any, tuple[int, Reading | None]]) -> None:
        try:
            lease, reading = await work
        except InstrumentError as error:
            client.tell(say.failure(request, error))
        else:
            client.tell(say.Done(request, lease, reading))

    # ------------------------------------------------------------------ requests

    async def _read(self) -> tuple[int, Reading]:
        return 0, await self._owner.read()

    async def _apply(self, client: _Client, message: say.Apply) -> tuple[int, None]:
        lease = self._lease
        if lease is None or lease.client is not client or lease.number != message.lease:
            raise Revoked("power source: the lease has ended; the load was not set")
        await lease.handle.apply(message.load)
        return message.lease, None

    async def _lend(self, client: _Client) -> tuple[int, None]:
        if self._switching is not None:
            await asyncio.wait([self._switching])
        if client.gone or self._stopping:
            raise InstrumentError("the source owner is being stopped; it lends the source to nobody")
        if self._lease is not None:
            raise InstrumentError(f"the source is lent to process {self._lease.client.pid}; end its run first")
        act = self._panel.open_contacts() if self._panel is not None else ""
        if act and self._owner.trip is None:
            self.trip(f"a contact was found open that nobody saw opening: {act}")
        block, readings = AsyncExitStack(), list[Reading]()
        handle = await block.enter_async_context(self._owner.energised(readings.append))
        self._leases += 1
        self._lease = _Lease(self._leases, client, handle, block, readings)
        self._keep(f"the source owner ended while process {client.pid} held the source")
        self._show()
        return self._leases, None

    async def _off_for(self, client: _Client) -> tuple[int, Reading]:
        if self._lease is not None and self._lease.client is not client:
            raise InstrumentError(f"the source is lent to process {self._lease.client.pid} by now")
        reading = await self._switch_off()
        if self._owner.trip is not None:
            await self._trip_told.wait()  # or a client that slept through the trip would take its run for whole
        return 0, reading

    async def _rearm(self, badge: str) -> tuple[int, None]:
        if not badge.strip():
            raise InstrumentError("re-arming needs the badge of a person")
        if self._owner.trip is None:
            return 0, None
        await self._trip_told.wait()
        if self._switching is not None or not self._proven_off:
            await self._switch_off()
        act = self._panel.open_contacts() if self._panel is not None else ""
        if act:
            raise InstrumentError(f"not re-armed ({self._owner.trip}): {act} first")
        self._owner.rearm(badge)
        self._trip_told.clear()
        self._keep("")
        self._show()
        for each in self._clients:
            each.tell(say.Rearmed(badge))
        return 0, None

    # ------------------------------------------------------------------ off

    async def _switch_off(self) -> Reading:
        """Off and read back. Whoever asks meanwhile waits for the same."""
        if self._switching is None:
            self._switching = asyncio.create_task(self._off_now())
        return await asyncio.shield(self._switching)

    async def _off_now(self) -> Reading:
        lease = self._lease
        try:
            if lease is None:
                reading = await self._owner.off()
            else:
                await lease.block.aclose()
                reading = lease.readings[-1]
            self._proven_off = True
            if self._owner.trip is None:
                self._keep("")
            return reading
        except InstrumentError as error:
            self._proven_off = False
            self.trip(str(error))
            raise
        finally:
            self._lease = None
            self._switching = None
            self._show()

    def _went_off(self, reason: str) -> None:
        """The source was told to go off because of a trip: tell everybody, end the lease, and look whether it is off."""
        self._keep(reason)
        for client in self._clients:
            client.tell(say.Tripped(reason))
        self._spawn(self._confirm_off())
        self._trip_told.set()

    async def _confirm_off(self) -> None:
        try:
            await self._switch_off()
        except InstrumentError:
            return  # the trip's reason, the red lamp and the next attempt to re-arm say so

    def _keep(self, trip: str) -> None:
        if self._memory is not None:
            self._memory.keep(trip)

    def _show(self) -> None:
        if self._panel is not None:
            self._panel.show(Lights(self._lease is not None, self._proven_off, self._owner.trip is not None))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _peer(writer: asyncio.StreamWriter) -> int:
    """Process at the other end, as the kernel knows it."""
    credentials = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid: int = struct.unpack("3i", credentials)[0]
    return pid
