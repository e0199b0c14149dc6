"""The pins of the world apart: a header whose lines other processes claim over a Unix socket, and whose far ends the world holds.

A line belongs to one process at a time. When that process goes, however it ends, its lines are released and its outputs fall low.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from drivers.simulated import pin_wire as say

_MOST_UNREAD = 65536
"""Bytes of edges that wait for a process that does not read; more are lost, as the kernel's queue of edges overflows."""


class WorldPin:
    """One line, seen from the world: it drives an input, and is told of an output."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.on_output: Callable[[bool], None] | None = None
        """Told each change of the output."""
        self.holder: _Client | None = None
        self.output = False
        self._pull_up = False
        self._driven: bool | None = None
        self._out = False

    @property
    def state(self) -> bool:
        """The level of the line: an output as its process drives it, an input as the world does, else its pull."""
        if self.output:
            return self._out
        return self._pull_up if self._driven is None else self._driven

    def edge(self, ticks: float, level: bool) -> None:
        """Drive the input to `level`, as of `ticks` (CLOCK_MONOTONIC in s); equal levels in a row are passed on."""
        self._driven = level
        if self.holder is not None and not self.output:
            self.holder.tell(say.Edge(self.name, level, ticks))

    def claimed(self, holder: _Client, *, output: bool, pull_up: bool) -> None:
        """Its process uses it so from now on; an output begins low."""
        if not output:
            self.drive(False)
        self.holder, self.output, self._pull_up = holder, output, pull_up

    def drive(self, level: bool) -> None:
        """Its process drives the output."""
        if self.output and level != self._out:
            self._out = level
            if self.on_output is not None:
                self.on_output(level)

    def released(self) -> None:
        """Nobody has it: an input again, which no longer drives anything. The relay behind it has a pull-down and drops."""
        self.drive(False)
        self.holder, self.output, self._pull_up = None, False, False


class _Client:
    """One connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        credentials = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self.pid: int = struct.unpack("3i", credentials)[0]

    def tell(self, message: say.Message) -> None:
        if not self._writer.is_closing() and self._writer.transport.get_write_buffer_size() < _MOST_UNREAD:
            self._writer.write(say.encode(message))


class PinServer:
    """The header. Lines exist as soon as the world or a process names them."""

    def __init__(self) -> None:
        self._pins: dict[str, WorldPin] = {}
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    def pin(self, name: str) -> WorldPin:
        """The line of this name, as "GPIO4"."""
        return self._pins.setdefault(name, WorldPin(name))

    async def start(self, path: Path) -> None:
        """Listen on a Unix socket. Raises `OSError`."""
        self._server = await asyncio.start_unix_server(self._serve, path, limit=say.LONGEST_LINE)

    async def stop(self) -> None:
        """Hang up on everybody; their outputs fall low."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.close()
            await self._server.wait_closed()
            while self._writers:
                await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(writer)
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                self._take(client, say.decode(line))
        except (say.Garbage, ValueError, ConnectionError):
            pass  # whoever is out of step, or gone, loses its lines below; nobody else is disturbed
        finally:
            for pin in self._pins.values():
                if pin.holder is client:
                    pin.released()
            writer.close()
            self._writers.discard(writer)

    def _take(self, client: _Client, message: say.Message) -> None:
        match message:
            case say.Claim(name, output, pull_up):
                client.tell(self._claim(client, name, output=output, pull_up=pull_up))
            case say.Drive(name, level) if self._is_held_by(client, name):
                self._pins[name].drive(level)
            case say.Release(name) if self._is_held_by(client, name):
                self._pins[name].released()
            case _:
                raise say.Garbage("not this process's to say")

    def _claim(self, client: _Client, name: str, *, output: bool, pull_up: bool) -> say.Claimed:
        pin = self.pin(name)
        if pin.holder not in (None, client):
            assert pin.holder is not None
            return say.Claimed(name, pin.state, f"{name} is in use by process {pin.holder.pid}")
        pin.claimed(client, output=output, pull_up=pull_up)
        return say.Claimed(name, pin.state, "")

    def _is_held_by(self, client: _Client, name: str) -> bool:
        return name in self._pins and self._pins[name].holder is client
