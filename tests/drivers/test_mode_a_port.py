"""Mode A over a module: several meters on one loop by address, a TCP socket, and whose fault silence is."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from drivers import native_registers, software_parity
from drivers.iec61107 import encode
from drivers.mode_a_port import CURRENT_LOOP, SERIAL, TCP_IP, ModeAPort
from drivers.module_line import ModuleGarbled, ModulePortError, ModuleSilence
from drivers.simulated.current_loop import SimulatedLoop
from drivers.simulated.optical_port import OpticalBehaviour, SimulatedOpticalPort
from drivers.simulated.serial_line import SerialLine

Simulated = Callable[..., Any]


def telegram(number: str) -> bytes:
    return encode("KAM 685-382-FK-50", f"0.0({number})\r\n1.20(0009032*kWh)!")


def on_a_loop(simulated: Simulated, numbers: tuple[str, ...], address: str) -> Any:
    async def main() -> list[str]:
        loop = SimulatedLoop(SerialLine("loop"))
        for number in numbers:
            SimulatedOpticalPort(loop.tap(), partial(telegram, number), OpticalBehaviour(address=number))
        try:
            readout = await ModeAPort("simulated://loop", "position 2", CURRENT_LOOP).read(address)
            return [each.value for each in readout.telegram.data_sets]
        finally:
            loop.close()

    return simulated(main)


@pytest.mark.parametrize("address", ["11111111", "33333333"])
def test_one_meter_of_a_loop_answers_to_its_address(simulated: Simulated, address: str) -> None:
    values = on_a_loop(simulated, ("11111111", "22222222", "33333333"), address)
    assert values == [address, "0009032"]


def test_an_address_that_no_meter_of_the_loop_has_is_silence(simulated: Simulated) -> None:
    with pytest.raises(
        ModuleSilence,
        match=r"position 2: no answer to address 44444444 from the current loop on simulated://loop\. Is the loop closed",
    ):
        on_a_loop(simulated, ("11111111", "22222222"), "44444444")


def test_meters_of_a_loop_that_answer_together_are_garbled(simulated: Simulated) -> None:
    with pytest.raises(ModuleGarbled, match="the answer of the current loop"):
        on_a_loop(simulated, ("11111111", "22222222"), "")


def test_a_serial_port_that_is_not_there_is_the_fault_of_the_bench(simulated: Simulated) -> None:
    with pytest.raises(ModulePortError, match="cannot be opened: there is no such port"):
        simulated(lambda: ModeAPort("/dev/no-such-port", "position 2", SERIAL).read())


def test_a_port_unplugged_in_mid_read_is_the_fault_of_the_bench(simulated: Simulated) -> None:
    async def main() -> None:
        line = SerialLine("serial")
        asyncio.get_running_loop().call_later(1.0, line.close)
        await ModeAPort("simulated://serial", "position 2", SERIAL).read()

    with pytest.raises(ModulePortError, match="has gone in mid-read"):
        simulated(main)


def test_a_port_that_answers_mode_a_and_nothing_natively_is_told_with_its_rate(simulated: Simulated) -> None:
    async def main() -> None:
        meter = SimulatedOpticalPort(SerialLine("serial"), partial(telegram, "10865272"))
        port = ModeAPort("simulated://serial", "position 2", SERIAL)
        assert (await port.read()).telegram.raw == telegram("10865272")
        try:
            await port.ask(native_registers.REGISTERS, native_registers.registers)
        finally:
            meter.close()

    with pytest.raises(
        ModuleSilence, match=r"^position 2: no answer at 1200 baud from the serial output of the data/pulse module"
    ):
        simulated(main)


# ---------------------------------------------------------------- TCP/IP, over real sockets


@contextlib.contextmanager
def module_on_the_network(answer: bytes | None) -> Iterator[str]:
    """A TCP/IP module that answers the first request at once, or hangs up; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            near, _ = server.accept()
            with near:
                request = b""
                while not request.endswith(b"\x0a"):
                    request += near.recv(64)
                if answer is not None:
                    near.sendall(answer)
                    near.recv(1)  # until the bench hangs up

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_a_meter_is_read_over_a_tcp_socket() -> None:
    with module_on_the_network(software_parity.encode(telegram("10865272"))) as url:
        readout = asyncio.run(ModeAPort(url, "position 2", TCP_IP).read())
    assert readout.telegram.raw == telegram("10865272")


def test_a_module_that_hangs_up_is_the_fault_of_the_meter() -> None:
    with (
        module_on_the_network(None) as url,
        pytest.raises(ModuleSilence, match=r"has gone in mid-read\. Is it on the network"),
    ):
        asyncio.run(ModeAPort(url, "position 2", TCP_IP).read())


def test_a_module_that_is_not_on_the_network_is_the_fault_of_the_meter() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(ModuleSilence, match=r"position 2: the TCP/IP module on .* cannot be opened: .*refused"):
        asyncio.run(ModeAPort(url, "position 2", TCP_IP).read())
