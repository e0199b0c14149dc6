"""A simulated instrument on a loopback TCP port: the server moves the lines, owes answers for their latency, and misbehaves on request.

The instrument is pure text in and text out, in SCPI or another language of lines.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from drivers.simulated.simulated_time import SimulatedTimeLoop, WorkerWait


@dataclass(frozen=True)
class Reply:
    """What a line calls for."""

    text: str | None
    """The answers, or None where nothing is sent. More than one line have the instrument's line end between them."""
    latency: float
    """Seconds until it is sent."""
    owed: bool
    """Whether the line asked something, so that its sender now waits."""


class Instrument(Protocol):
    """What a server needs of an instrument."""

    end: str
    """What ends a line, both ways."""

    def execute(self, line: str) -> Reply:
        """Carry out one line."""

    def interrupted(self) -> bool:
        """The next line comes while an answer is owed: whether that answer is dropped."""


class Manner(Enum):
    """How a server treats its clients."""

    PROPER = "proper"
    SILENT = "silent"
    """Takes every line and does nothing with it."""
    GARBLED = "garbled"
    """Carries out and answers rubbish."""
    REPEATING = "repeating"
    """Answers everything twice."""
    HANGING_UP = "hanging up"
    """Closes the connection instead of listening to a line."""
    DEAF = "deaf"
    """Hears nothing while it owes an answer: what comes in meanwhile is lost."""


class ScpiServer:
    """Serves one instrument, of SCPI or another language of lines, on a loopback port, in simulated time or on any other loop."""

    def __init__(self, instrument: Instrument, host: str = "127.0.0.1") -> None:
        self.instrument = instrument
        self.manner = Manner.PROPER
        self.late_by = 0.0
        """Seconds by which every answer comes later than the instrument declares."""
        self._host = host
        self._port = 0
        self._server: asyncio.Server | None = None
        self._clients: set[_Client] = set()

    @property
    def resource(self) -> str:
        """VISA resource name; valid once started."""
        return f"TCPIP::{self._host}::{self._port}::SOCKET"

    async def start(self) -> int:
        """Listen and return the port; after `stop` it is the same one again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self, loop), self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self._port

    async def stop(self) -> None:
        """Pull the plug: connections end, and the port refuses new ones."""
        if self._server is None:
            return
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()
        self._server = None
        await asyncio.sleep(0)  # lets the transports close their sockets

    def unplug(self) -> None:
        """Pull the cable: connections end, and the port refuses new ones. The instrument itself goes on."""
        if self._server is not None:
            self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close all connections and go on listening."""
        for client in list(self._clients):
            client.hang_up()


@dataclass
class _Owed:
    """An answer on its way."""

    timer: asyncio.TimerHandle | None
    """None where it never comes."""
    wait: WorkerWait | None


class _Client(asyncio.Protocol):
    """One connection: lines in, answers out in their order."""

    def __init__(self, server: ScpiServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._received = b""
        self._owed: deque[_Owed] = deque()
        self._free_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server._clients.add(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._server.instrument.end.encode("latin-1")
        while end in self._received:
            line, _, self._received = self._received.partition(end)
            self._listen(line.decode("latin-1"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._server._clients.discard(self)
        self._owe_nothing()

    def hang_up(self) -> None:
        self._received = b""
        self._transport.close()

    def _listen(self, line: str) -> None:
        manner = self._server.manner
        if manner is Manner.HANGING_UP:
            self.hang_up()
        elif manner is Manner.SILENT or (self._owed and manner is Manner.DEAF):
            self._owe(None)
        else:
            if self._owed and self._server.instrument.interrupted():
                self._owe_nothing()
            self._answer(self._server.instrument.execute(line))

    def _answer(self, reply: Reply) -> None:
        if not reply.owed:
            return
        latency = reply.latency + self._server.late_by
        if reply.text is None:
            self._owe(None)  # for ever: its sender waits for what never comes
        elif latency > 0 or self._owed:
            self._free_at = max(self._free_at, self._loop.time()) + latency
            self._owe(self._loop.call_at(self._free_at, self._send_owed, reply.text))
        else:
            self._send(reply.text)

    def _owe(self, timer: asyncio.TimerHandle | None) -> None:
        wait = self._loop.worker_waits() if isinstance(self._loop, SimulatedTimeLoop) else None
        self._owed.append(_Owed(timer, wait))

    def _owe_nothing(self) -> None:
        for owed in self._owed:
            if owed.timer is not None:
                owed.timer.cancel()
            if owed.wait is not None:
                owed.wait.end()
        self._owed.clear()
        self._free_at = 0.0

    def _send_owed(self, text: str) -> None:
        self._send(text)
        owed = next(each for each in self._owed if each.timer is not None)
        self._owed.remove(owed)
        if owed.wait is not None:
            owed.wait.end()

    def _send(self, text: str) -> None:
        if self._server.manner is Manner.GARBLED:
            text = "#@!" + text[::-2]
        line = (text + self._server.instrument.end).encode("latin-1")
        self._transport.write(line * 2 if self._server.manner is Manner.REPEATING else line)
