"""Resource names through the real library: other ways than a raw socket, packages that are not installed, names that are none."""

from __future__ import annotations

import asyncio
import importlib.util
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from drivers.power_source import InstrumentError
from drivers.simulated.scpi_instrument import Command, ScpiInstrument
from drivers.visa import Overtaken, VisaPort

_HEADER = struct.Struct("!2sBBIQ")
_INITIALIZE, _INITIALIZE_RESPONSE, _DATA_END, _MAX_SIZE, _MAX_SIZE_RESPONSE, _ASYNC, _ASYNC_RESPONSE = (
    0,
    1,
    7,
    15,
    16,
    17,
    18,
)
"""Message types (IVI-6.1, table 4)."""


@asynccontextmanager
async def hislip(execute: Callable[[str], str | None]) -> AsyncIterator[str]:
    """An instrument behind HiSLIP 1.0 in synchronised mode (IVI-6.1); its resource name."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def send(kind: int, parameter: int = 0, payload: bytes = b"") -> None:
            writer.write(_HEADER.pack(b"HS", kind, 0, parameter, len(payload)) + payload)

        try:
            while True:
                _, kind, _, parameter, length = _HEADER.unpack(await reader.readexactly(_HEADER.size))
                payload = await reader.readexactly(length)
                if kind == _INITIALIZE:
                    send(_INITIALIZE_RESPONSE, 0x0100_0001)
                elif kind == _ASYNC:
                    send(_ASYNC_RESPONSE)
                elif kind == _MAX_SIZE:
                    send(_MAX_SIZE_RESPONSE, 0, struct.pack("!Q", 1 << 20))
                elif kind == _DATA_END:
                    answer = execute(payload.decode().strip())
                    if answer is not None:
                        send(_DATA_END, parameter, answer.encode() + b"\n")
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"TCPIP::127.0.0.1::hislip0,{server.sockets[0].getsockname()[1]}::INSTR"
    server.close()
    await server.wait_closed()


def test_hislip_carries_settings_questions_and_what_is_urgent() -> None:
    heard: list[str] = []

    async def main() -> None:
        instrument = ScpiInstrument("MAKER,HISLIP,7,1.0", [Command("ECHO?", lambda _, parameter: parameter)])

        def execute(line: str) -> str | None:
            heard.append(line)
            return None if line == "NEVER?" else instrument.execute(line).text

        async with hislip(execute) as resource:
            port = VisaPort(resource, "multimeter", deadline=20.0)
            await port.open()
            assert port.identity == "MAKER,HISLIP,7,1.0"
            assert await port.command("*CLS;ECHO? 5") == "5"
            waiting = asyncio.create_task(port.query("NEVER?"))
            while heard[-1] != "NEVER?":
                await asyncio.sleep(0.001)
            await port.urge(["*RST"])
            with pytest.raises(Overtaken):
                await waiting
            assert heard[-2:] == ["*RST", "*IDN?"]
            assert await port.query("ECHO? on") == "on"
            await port.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("CARRIER::PIGEON", "this is no resource name; docs/station.md lists the forms"),
        ("TCPIP::127.0.0.1::SOCKET", "this is no resource name"),
        ("ASRL/dev/no-such-port::INSTR", "No such file or directory"),
    ],
)
def test_a_name_behind_which_nobody_is_says_so_in_one_line(resource: str, words: str) -> None:
    check(resource, words)


@pytest.mark.parametrize(
    ("resource", "package", "words"),
    [
        ("USB0::0x0957::0x1234::SN1::INSTR", "usb", "USB needs the package pyusb: pip install pyusb"),
        ("GPIB0::17::INSTR", "gpib_ctypes", "GPIB needs the package gpib-ctypes"),
    ],
)
def test_a_missing_package_is_named_with_its_command(resource: str, package: str, words: str) -> None:
    check(resource, words if importlib.util.find_spec(package) is None else "")


def check(resource: str, words: str) -> None:
    async def main() -> None:
        port = VisaPort(resource, "power source", deadline=2.0)
        with pytest.raises(InstrumentError) as refusal:
            await port.open()
        assert f"the power source at {resource}" in str(refusal.value)
        assert words in str(refusal.value)
        assert "\n" not in str(refusal.value)
        await port.close()

    asyncio.run(main())
