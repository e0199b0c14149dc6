"""Optical heads behind pyserial's other URLs, through the real library: a port server (RFC 2217), and a port that is written down (spy)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import serial
import serial.rfc2217

from drivers import native_registers, software_parity
from drivers.iec61107 import encode
from drivers.optical_head import OpticalHead, OpticalPortError, OpticalPortGone
from drivers.simulated.optical_port import SimulatedOpticalPort
from drivers.simulated.serial_line import PtyLine

over_rfc2217 = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")
"""pyserial 3.5 starts its thread as Python did before 3.10."""

TELEGRAM = encode("KAM 685-382-OK-10", "0.0(10865272)\r\n1.20(0009032*kWh)!")
GREETING = b"HFE0002010701F7\r"
"""Captured from a 685-382-OK-10 (github.com/casperbang/KMP382-driver)."""


@dataclass
class _PortServer:
    """A port server with one meter behind it: what it was asked, and how its port was set then."""

    url: str
    cut_short: bool
    heard: list[tuple[bytes, int, str, float, bool]] = field(default_factory=list)
    """Request, baud rate, parity, stop bits, DTR."""

    def serve(self, listener: socket.socket) -> None:
        near, _ = listener.accept()
        with near:
            port = serial.serial_for_url("loop://")
            manager = serial.rfc2217.PortManager(port, _Connection(near))
            request = b""
            while data := near.recv(1024):
                request += b"".join(manager.filter(data))
                if request.endswith((b"\n", b"\x8d", b"\r")) and request[-2:] != b"!\x8d":
                    self.heard.append((request, port.baudrate, port.parity, port.stopbits, port.dtr))
                    answer = GREETING if port.baudrate == 1200 else software_parity.encode(TELEGRAM)
                    near.sendall(b"".join(manager.escape(answer[:20] if self.cut_short else answer)))
                    request = b""
                    if self.cut_short:
                        return


class _Connection:
    """What pyserial's server writes its negotiation to."""

    def __init__(self, near: socket.socket) -> None:
        self.write = near.sendall


@contextlib.contextmanager
def port_server(*, cut_short: bool = False) -> Iterator[_PortServer]:
    """A server on this machine; it ends when its client does, or in mid-answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _PortServer(f"rfc2217://127.0.0.1:{listener.getsockname()[1]}", cut_short)
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        yield server
        thread.join()


@over_rfc2217
def test_a_head_behind_a_port_server_is_read_in_both_protocols_and_the_server_sets_its_port() -> None:
    async def main(url: str) -> None:
        head = OpticalHead(url, "position 3")
        await head.open()
        try:
            assert (await head.read()).telegram.raw == TELEGRAM
            answer = await head.ask(native_registers.HELLO, native_registers.hello)
            assert answer.value == bytes.fromhex("02010701")
        finally:
            await head.close()

    with port_server() as server:
        asyncio.run(main(server.url))
    assert server.heard == [
        (software_parity.encode(b"/?!\r\n"), 300, "N", 1, False),
        (b"@FE0002\r", 1200, "E", 2, True),
    ]


@over_rfc2217
def test_a_port_server_that_goes_in_mid_read_is_one_error_that_names_position_and_port() -> None:
    async def main(url: str) -> str:
        head = OpticalHead(url, "position 3")
        await head.open()
        with pytest.raises(OpticalPortGone) as gone:
            await head.read()
        await head.close()
        return str(gone.value)

    with port_server(cut_short=True) as server:
        said = asyncio.run(main(server.url))
    assert said.startswith(f"position 3: the optical head's port {server.url} has gone (")
    assert said.endswith("Plug its adapter in again and start anew.")


def test_a_port_server_that_is_not_there_is_the_bench_s_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"rfc2217://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(OpticalPortError, match=r"^position 3: the optical head's port rfc2217://.* cannot be opened: "):
        asyncio.run(OpticalHead(url, "position 3").open())


def test_a_port_that_is_spied_on_is_read_as_any_other_and_every_character_is_written_down(
    simulated: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    async def main() -> bytes:
        line = PtyLine()
        port = SimulatedOpticalPort(line, lambda: TELEGRAM)
        head = OpticalHead(f"spy://{line.url}", "position 3")
        await head.open()
        try:
            return (await head.read()).telegram.raw
        finally:
            await head.close()
            port.close()

    assert simulated(main) == TELEGRAM
    written_down = capsys.readouterr().err
    assert "TX   0000  AF 3F 21 8D 0A" in written_down
    assert "RX   0000  AF" in written_down
