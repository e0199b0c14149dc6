from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import Any

import pytest
import serial

from drivers.simulated.serial_line import FarEnd, LineSettings, PtyLine, SerialLine

Run = Callable[..., Any]


def ordinary(main: Callable[[], Any]) -> Any:
    return asyncio.run(main())


@pytest.fixture(params=["simulated time", "an ordinary loop"])
def run(request: pytest.FixtureRequest, simulated: Run) -> Run:
    return simulated if request.param == "simulated time" else ordinary


@pytest.mark.parametrize("make", [lambda: SerialLine("both-ways"), PtyLine], ids=["socket pair", "pty"])
def test_characters_pass_both_ways(run: Run, make: Callable[[], FarEnd]) -> None:
    async def main() -> None:
        line = make()
        loop = asyncio.get_running_loop()
        heard = loop.create_future()
        line.listen(heard.set_result)
        with serial.serial_for_url(line.url, 300, timeout=0) as port:
            answered = loop.create_future()
            loop.add_reader(port.fileno(), lambda: answered.set_result(port.read(64)))
            port.write(b"/?!\r\n")
            assert await heard == b"/?!\r\n"
            line.send(b"\x02all eight bits\xff\r\n\x03")
            assert await answered == b"\x02all eight bits\xff\r\n\x03"
            loop.remove_reader(port.fileno())
        line.close()

    run(main)


def test_the_far_end_sees_how_the_bench_sets_its_port() -> None:
    line = SerialLine("settings")
    seen = [line.settings]
    port = serial.serial_for_url(line.url, 300, bytesize=7, parity="E", timeout=0, do_not_open=True)
    port.dtr = False
    port.open()
    seen.append(line.settings)
    port.baudrate, port.bytesize, port.parity, port.stopbits, port.rts = 1200, 8, "N", 2, False
    seen.append(line.settings)
    port.close()
    seen.append(line.settings)
    line.close()
    assert seen == [
        None,
        LineSettings(300, 7, "E", 1, dtr=False, rts=True),
        LineSettings(1200, 8, "N", 2, dtr=False, rts=False),
        None,
    ]


def test_the_far_end_of_a_pty_sees_the_baud_rate() -> None:
    line = PtyLine()
    with serial.serial_for_url(line.url, 300, timeout=0):
        assert line.settings == LineSettings(300, 8, "N", 1, dtr=None, rts=None)
    line.close()


def test_what_was_sent_before_the_port_was_opened_is_not_read() -> None:
    line = SerialLine("early")
    line.send(b"nobody is listening")
    with serial.serial_for_url(line.url, timeout=0) as port:
        assert port.read(64) == b""
        line.send(b"now")
        assert port.in_waiting == 3
        port.reset_input_buffer()
        assert port.read(64) == b""
        port.flush()
    line.close()


def test_a_line_that_nobody_reads_takes_characters_for_ever() -> None:
    for line in (SerialLine("flood"), PtyLine()):
        for _ in range(1000):
            line.send(b"x" * 1000)
        line.close()
        line.send(b"light into the air")
        line.close()


def test_an_unplugged_line_ends_the_bench_s_read_with_an_error() -> None:
    line = SerialLine("unplugged")
    with serial.serial_for_url(line.url, timeout=0) as port:
        line.close()
        with pytest.raises(serial.SerialException):
            port.read(1)


def test_a_line_has_one_name_and_one_exclusive_user() -> None:
    line = SerialLine("one")
    with pytest.raises(ValueError, match="already"):
        SerialLine("one")
    with serial.serial_for_url(line.url, exclusive=True):
        with pytest.raises(serial.SerialException) as caught:
            serial.serial_for_url(line.url, exclusive=True)
        assert caught.value.errno == errno.EAGAIN
    serial.serial_for_url(line.url, exclusive=True).close()
    line.close()
    with pytest.raises(serial.SerialException) as caught:
        serial.serial_for_url("simulated://one")
    assert caught.value.errno == errno.ENOENT
