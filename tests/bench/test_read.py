from __future__ import annotations

import os
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.read import read_once
from drivers.optical_head import OpticalPortError
from drivers.software_parity import encode

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
        text = read_once(port)
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
        text = read_once(port)
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
        read_once("/dev/ttyNOSUCH")
