"""A SCPI source behind a Prologix controller, through the real library; the controller is a small simulated one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Capabilities, InstrumentError, Reading
from drivers.simulated.scpi_source_server import ScpiSourceServer
from drivers.source_dialects import make_source
from drivers.visa import Overtaken, VisaPort

ADDRESS = "22"


class Controller:
    """A Prologix GPIB-ETHERNET controller (manual of firmware 1.6): `++` lines are its own, the others go to the address set."""

    def __init__(self, latency: float = 0.0) -> None:
        self.set = ScpiSourceServer(self._changed, self._measured)
        self.load = OFF
        self.latency = latency
        """Seconds the instrument takes to answer."""
        self.own: list[str] = []
        """What the controller itself was told."""
        self._answer = ""
        self._ready_at = 0.0
        self._read_timeout = 0.0
        self._address = ""

    def _changed(self, load: Load) -> None:
        self.load = load

    def _measured(self) -> Reading:
        return Reading(0.0, self.load.u, self.load.i, self.load.power, self.load.frequency)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while line := (await reader.readline()).decode():
            word, _, value = line.strip().partition(" ")
            if not word.startswith("++"):
                if self._address == ADDRESS:
                    text = line.strip().replace("\x1b", "")
                    self._answer = self.set.execute(text).text or ""
                    self._ready_at = loop.time() + self.latency
                continue
            self.own.append(line.strip())
            if word == "++addr":
                self._address = value
            elif word == "++read_tmo_ms":
                self._read_timeout = int(value) / 1000
            elif word == "++read" and self._answer:
                wait = max(0.0, self._ready_at - loop.time())
                await asyncio.sleep(min(wait, self._read_timeout))
                if wait <= self._read_timeout:
                    writer.write(self._answer.encode() + b"\n")
                    self._answer = ""
        writer.close()


@asynccontextmanager
async def controlled(latency: float = 0.0, address: str = ADDRESS) -> AsyncIterator[tuple[Controller, str]]:
    controller = Controller(latency)
    server = await asyncio.start_server(controller.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield controller, f"PRLGX-TCPIP::127.0.0.1::{port}::INTFC GPIB0::{address}::INSTR"
    server.close()
    await server.wait_closed()


def test_a_source_behind_a_controller_is_set_read_and_switched_off() -> None:
    async def main() -> None:
        async with controlled() as (controller, resource):
            source = make_source("generic-scpi", resource, Capabilities(settle=0.1))
            await source.open()
            assert source.identity.startswith("BENCH,SIMULATED SOURCE")
            await source.apply(symmetrical(230.0, 5.0))
            assert controller.load.total_power == pytest.approx(3450.0)
            assert (await source.read()).total_power == pytest.approx(3450.0)
            await source.off()
            assert controller.load == OFF
            await source.close()
            assert "++addr 22" in controller.own

    asyncio.run(main())


def test_an_answer_that_takes_longer_than_the_controller_waits_is_read_all_the_same() -> None:
    async def main() -> None:
        async with controlled(latency=0.25) as (controller, resource):
            port = VisaPort(resource, "power source")
            await port.open()
            assert (await port.query("OUTP?")) == "0"
            assert controller.own.count("++read eoi") >= 4
            await port.close()

    asyncio.run(main())


def test_nobody_at_the_address_is_silence() -> None:
    async def main() -> None:
        async with controlled(address="7") as (_, resource):
            port = VisaPort(resource, "power source", deadline=0.3)
            with pytest.raises(InstrumentError, match=r"no answer from the power source at PRLGX-.*GPIB0::7::INSTR"):
                await port.open()
            await port.close()

    asyncio.run(main())


def test_switching_off_overtakes_a_question_behind_a_controller() -> None:
    async def main() -> None:
        async with controlled(latency=0.0) as (controller, resource):
            port = VisaPort(resource, "power source")
            await port.open()
            await port.command(":VOLT1 230;:OUTP ON")
            controller.latency = 1.0
            asking = asyncio.create_task(port.query("OUTP?"))
            await asyncio.sleep(0.05)
            controller.latency = 0.0
            await port.urge([":VOLT1 0;:OUTP OFF"])
            with pytest.raises(Overtaken):
                await asking
            assert controller.load == OFF
            await port.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "resource",
    [
        "PRLGX-TCPIP::127.0.0.1::1234::INTFC",
        "GPIB0::22::INSTR PRLGX-TCPIP::127.0.0.1::INTFC",
        "GPIB0::1::INSTR GPIB0::2::INSTR",
    ],
)
def test_a_name_without_its_other_half_says_how_to_write_it(resource: str) -> None:
    async def main() -> None:
        port = VisaPort(resource, "power source")
        with pytest.raises(InstrumentError, match="stand in one name with a blank between them"):
            await port.open()
        await port.close()

    asyncio.run(main())


def test_a_controller_that_is_not_there_is_told() -> None:
    async def main() -> None:
        port = VisaPort("PRLGX-TCPIP::127.0.0.1::1::INTFC GPIB0::22::INSTR", "power source", deadline=0.5)
        with pytest.raises(InstrumentError, match=r"the power source at PRLGX-TCPIP::127\.0\.0\.1::1::INTFC"):
            await port.open()
        await port.close()

    asyncio.run(main())
