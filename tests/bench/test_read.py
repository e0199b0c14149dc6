from __future__ import annotations

import asyncio
import os
import threading
import tty
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from click.testing import CliRunner

from bench.commands.read import command
from bench.read import follow, read_aloud
from drivers.optical_head import OpticalPortError, OpticalPortGone
from drivers.simulated.native_answers import answer
from drivers.simulated.optical_port import SimulatedOpticalPort
from drivers.simulated.serial_line import SerialLine
from drivers.software_parity import encode
from tests.reference_meter.test_golden import captured

TELEGRAM_685 = (
    b"/KAM 685-382-OK-10\r\n\x020.0(10865272)\r\n1.20(0009032*kWh)\r\n1.20.1(0009031*kWh)\r\n1.20.2(0000001*kWh)\r\n"
    b"1.31(0057392*h)\r\n1.26(0000000)\r\n1.6(000001,5*kW)\r\n1.6*1(000002,8)!\r\n\x03\x6a"
)
"""A real 685-382-OK-10: github.com/casperbang/KMP382-driver."""

TELEGRAM_382C = (
    b"/KAM 68438BC450000\r\n\x020.0.0(14410000)\r\n1.8.0(0036886*kWh)\r\n1.8.1(0036886*kWh)\r\n1.8.2(0000000*kWh)\r\n"
    b"1.8.3(0000000*kWh)\r\n1.8.4(0000000*kWh)\r\n96.8.0(0119899*h)\r\n0.128.1(0000000)\r\n1.6.0(1.078*kW)\r\n!\r\n\x03\x1f"
)
"""A real 382C: github.com/madspeterbach/kamstrup-382C, framed as the standard has it."""


def read(port: str, **how: bool) -> str:
    said: list[str] = []
    read_aloud(port, said.append, **how)
    return "\n".join(said)


@contextmanager
def pty_that_answers(telegram: bytes) -> Iterator[str]:
    """A port whose far end echoes the request and replays `telegram` at once."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def replay() -> None:
        heard = b""
        while not heard.endswith(encode(b"!\r\n")):
            heard += os.read(master, 64)
        os.write(master, heard + encode(telegram))

    meter = threading.Thread(target=replay)
    meter.start()
    try:
        yield os.ttyname(slave)
    finally:
        meter.join()
        os.close(slave)
        os.close(master)


def test_the_real_685_is_read_through_a_port_and_told() -> None:
    with pty_that_answers(TELEGRAM_685) as port:
        text = read(port)
    assert text == (
        "type              685-382-OK-10\n"
        "manufacturer      KAM\n"
        "customer number   10865272\n"
        "total             9032 kWh\n"
        "tariff 1          9031 kWh\n"
        "tariff 2          1 kWh\n"
        "hours             57392 h\n"
        "pulse input       0\n"
        "peak, this month  1.5 kW\n"
        "peak, last month  2.8 kW\n"
        "block check       7-bit sum\n"
        "\n"
        "as sent:\n"
        "  0.0(10865272)\n"
        "  1.20(0009032*kWh)\n"
        "  1.20.1(0009031*kWh)\n"
        "  1.20.2(0000001*kWh)\n"
        "  1.31(0057392*h)\n"
        "  1.26(0000000)\n"
        "  1.6(000001,5*kW)\n"
        "  1.6*1(000002,8)"
    )


def test_the_real_382c_is_read_through_a_port_and_told() -> None:
    with pty_that_answers(TELEGRAM_382C) as port:
        text = read(port)
    assert text.startswith(
        "type              68438BC450000\n"
        "manufacturer      KAM\n"
        "customer number   14410000\n"
        "total             36886 kWh\n"
        "tariff 1          36886 kWh\n"
        "tariff 2          0 kWh\n"
        "hours             119899 h\n"
        "pulse input       0\n"
        "peak, this month  1.078 kW\n"
        "block check       exclusive or (IEC 61107)\n"
    )
    assert "  1.8.4(0000000*kWh)" in text


def test_a_port_that_is_not_there_is_told_in_a_sentence() -> None:
    with pytest.raises(
        OpticalPortError, match=r"^the optical head's port /dev/ttyNOSUCH cannot be opened: there is no such port\."
    ):
        read("/dev/ttyNOSUCH")


def test_raw_shows_every_character_as_it_came() -> None:
    with pty_that_answers(TELEGRAM_685) as port:
        lines = CliRunner().invoke(command, [port, "--raw"]).output.splitlines()
    assert lines[:2] == ["/KAM 685-382-OK-10\\r\\n", "\\x020.0(10865272)\\r\\n"]
    assert lines[-2:] == ["1.6*1(000002,8)!\\r\\n", "\\x03j"]


class Watched:
    """A meter that speaks both protocols on the loop that runs, and what was said of it."""

    def __init__(self) -> None:
        self.line = SerialLine("watched")
        self.port = SimulatedOpticalPort(
            self.line, lambda: TELEGRAM_685, native=lambda asked: answer(captured(), asked)
        )
        self.said: list[str] = []

    async def follow(self, seconds: float, **how: bool) -> None:
        settings = {"native": False, "raw": False, "watch": False} | how
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await follow(self.line.url, self.said.append, **settings)


def test_natively_the_real_685_tells_its_trip_to_10_wh(simulated: Callable[..., Any]) -> None:
    async def main() -> list[str]:
        watched = Watched()
        await watched.follow(10.0, native=True)
        await watched.follow(10.0, native=True, raw=True)
        watched.port.close()
        return watched.said

    told, raw = simulated(main)
    assert told == (
        "type              685382OK10\n"
        "meter constant    1000 imp/kWh\n"
        "production number 10001093\n"
        "customer number   10865272\n"
        "total             9032 kWh\n"
        "tariff 1          9031 kWh\n"
        "tariff 2          1 kWh\n"
        "active tariff     1\n"
        "trip              9032.33 kWh\n"
        "hours             57037 h\n"
        "actual power      0 W\n"
        "peak, this month  1559 W"
    )
    assert raw.splitlines() == [
        "@FE0100010014EC\\r",
        "HFE013638353338324F4B31300000004000931000E803F8\\r",
        "@FE9072\\r",
        "HFE9000002348000000000000DECD000DC8410000061700A5CA780000000000000000100010938F\\r",
        "@FE95006D\\r",
        "HFE950100002348000023470000000196\\r",
    ]


@pytest.mark.parametrize(("native", "seconds", "readings"), [(False, 19.0, 3), (True, 10.0, 3)])
def test_a_watch_reads_again_and_again(
    simulated: Callable[..., Any], native: bool, seconds: float, readings: int
) -> None:
    async def main() -> list[str]:
        watched = Watched()
        await watched.follow(seconds, native=native, watch=True)
        watched.port.close()
        return watched.said

    assert sum("9032 kWh" in each for each in simulated(main)) == readings


def test_a_watch_goes_on_over_a_silent_meter_and_ends_with_its_port(simulated: Callable[..., Any]) -> None:
    async def main() -> list[str]:
        watched = Watched()
        loop = asyncio.get_running_loop()
        watched.port.behaviour.silent = True
        loop.call_at(1.0, setattr, watched.port.behaviour, "silent", False)
        loop.call_at(12.0, watched.port.close)
        with pytest.raises(OpticalPortGone):
            await watched.follow(100.0, watch=True)
        return watched.said

    silence, gap, told, _ = simulated(main)
    assert silence.startswith("no answer from the optical head on simulated://watched within 2.2 s")
    assert gap == ""
    assert told.startswith("type              685-382-OK-10")


def test_ctrl_c_ends_a_watch_and_breaks_a_single_readout_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(coroutine: Coroutine[Any, Any, None]) -> None:
        coroutine.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(asyncio, "run", interrupted)
    assert read("/dev/ttyUSB0", watch=True) == ""
    with pytest.raises(KeyboardInterrupt):
        read("/dev/ttyUSB0")
