"""The network side of a simulated TCP/IP module: a raw TCP port, behind it the module's UART at 300 baud.

One client at a time, as the UART has one line; the next is taken when the first has gone.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from drivers.simulated.serial_line import LineSettings


class TcpLine:
    """A far end that the bench opens as `socket://127.0.0.1:PORT`."""

    settings = LineSettings(300, 8, "N", 1, None, None)
    """The module's UART, which no client sets."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._client: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """What the bench opens."""
        return f"socket://127.0.0.1:{self._listening.getsockname()[1]}"

    def listen(self, received: Callable[[bytes], None]) -> None:
        """Call `received` on the running loop with whatever the client sends."""
        self._loop = asyncio.get_running_loop()
        self._received = received
        self._wait_for_client(self._loop)

    def send(self, wire: bytes) -> None:
        """Send at once. Without a client it is lost."""
        if self._client is not None:
            try:
                self._client.send(wire)
            except (BlockingIOError, ConnectionError):
                pass  # a client that has gone is noticed where it is heard

    def close(self) -> None:
        """Pull the network cable. Closing twice is once."""
        self._drop_client()
        if self._listening.fileno() >= 0:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(self._listening)
            self._listening.close()

    def _wait_for_client(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.add_reader(self._listening, self._accept, loop)

    def _accept(self, loop: asyncio.AbstractEventLoop) -> None:
        self._client, _ = self._listening.accept()
        self._client.setblocking(False)
        loop.remove_reader(self._listening)
        loop.add_reader(self._client, self._hear, loop, self._client)

    def _hear(self, loop: asyncio.AbstractEventLoop, client: socket.socket) -> None:
        try:
            wire = client.recv(256)
        except ConnectionError:
            wire = b""
        if wire:
            self._received(wire)
            return
        self._drop_client()
        self._wait_for_client(loop)

    def _drop_client(self) -> None:
        if self._client is not None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(self._client)
            self._client.close()
            self._client = None
