"""The native protocol through an optical head: over pyserial, at 1200 baud, to a simulated meter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import serial

from drivers import native_registers
from drivers.iec61107 import encode
from drivers.mode_a_registers import Registers
from drivers.native_frames import CheckSumError, Frame, MalformedFrame, TruncatedFrame, WrongAnswer
from drivers.native_registers import REGISTERS
from drivers.optical_head import (
    NativeAnswer,
    OpticalGarbled,
    OpticalHead,
    OpticalPortGone,
    OpticalSilence,
)
from drivers.optical_line import has_uart
from drivers.simulated.native_answers import answer
from drivers.simulated.optical_port import OpticalBehaviour, SimulatedOpticalPort
from drivers.simulated.serial_line import LineSettings, PtyLine, SerialLine
from reference_meter import ReferenceMeter
from reference_meter import Registers as MeterRegisters
from tests.reference_meter.test_golden import captured

Run = Callable[..., Any]
Answered = NativeAnswer[Registers]

REQUEST_S, ANSWER_S = 0.08, 0.80
"""`@FE9072` and its answer, CR included, at 10 ms a character."""
TELEGRAM = encode("KAM 685-382-OK-10", "1.20(0009032*kWh)!")


@asynccontextmanager
async def head_on(
    meter: ReferenceMeter | None, line: SerialLine | PtyLine | None = None, **behaviour: Any
) -> AsyncIterator[tuple[OpticalHead, SimulatedOpticalPort]]:
    """A head on a meter that speaks both protocols, or mode A alone where there is none."""
    line = line or SerialLine("meter")
    native = None if meter is None else (lambda request: answer(meter, request))
    port = SimulatedOpticalPort(line, lambda: TELEGRAM, OpticalBehaviour(**behaviour), native)
    head = OpticalHead(line.url, "position 3")
    await head.open()
    try:
        yield head, port
    finally:
        await head.close()
        port.close()


async def ask(head: OpticalHead) -> Answered:
    return await head.ask(REGISTERS, native_registers.registers)


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("line", [SerialLine, PtyLine], ids=["UART", "pty"])
def test_the_registers_are_read_to_10_wh_in_a_second(simulated: Run, line: Callable[..., Any]) -> None:
    async def main() -> tuple[Answered, float]:
        async with head_on(captured(), line("m") if line is SerialLine else line()) as (head, _):
            return await ask(head), now()

    found, end = simulated(main)
    assert (found.value.trip_wh, found.value.peak_w) == (9_032_330, 1559)
    assert found.requested_at == pytest.approx(REQUEST_S)
    assert found.answered_at == pytest.approx(REQUEST_S + 0.2 + 0.08), "a UART hands on eight characters at a time"
    assert end == pytest.approx(REQUEST_S + 0.2 + ANSWER_S)


def test_the_port_is_set_to_each_protocol_in_turn(simulated: Run) -> None:
    async def main() -> None:
        line = SerialLine("turns")
        async with head_on(captured(), line) as (head, _):
            await ask(head)
            assert line.settings == LineSettings(1200, 8, "E", 2, dtr=True, rts=False)
            assert (await head.read()).telegram.raw == TELEGRAM
            assert line.settings == LineSettings(300, 8, "N", 1, dtr=False, rts=True)
            await ask(head)

    simulated(main)


def test_a_head_that_needs_dtr_and_rts_otherwise_keeps_them_in_both_protocols(simulated: Run) -> None:
    async def main() -> None:
        line = SerialLine("supply")
        SimulatedOpticalPort(line, lambda: TELEGRAM, native=lambda request: answer(captured(), request))
        head = OpticalHead(line.url, dtr=True, rts=True)
        await head.open()
        for read in (head.read(), ask(head)):
            await read
            assert line.settings is not None
            assert (line.settings.dtr, line.settings.rts) == (True, True)
        await head.close()
        line.close()

    simulated(main)


@pytest.mark.parametrize(
    ("url", "uart"),
    [
        ("/dev/ttyUSB0", True),
        ("/dev/serial/by-path/platform-usb-0:1.1:1.0-port0", True),
        ("/dev/pts/7", False),
        ("spy:///dev/ttyUSB0?file=/tmp/log", True),
        ("spy:///dev/pts/7", False),
        ("socket://10.0.0.7:2001", False),
        ("rfc2217://10.0.0.7:2001", True),
    ],
)
def test_parity_is_set_where_there_is_a_uart_to_set(url: str, uart: bool) -> None:
    assert has_uart(url) is uart


def test_the_echo_of_the_request_is_skipped(simulated: Run) -> None:
    async def main() -> Answered:
        async with head_on(captured(), echo=True) as (head, _):
            return await ask(head)

    assert simulated(main).value.total_kwh == 9032


def test_a_meter_that_missed_the_first_request_is_asked_once_more(simulated: Run) -> None:
    async def main() -> Answered:
        async with head_on(captured(), deaf_for=1) as (head, _):
            return await ask(head)

    assert simulated(main).requested_at == pytest.approx(REQUEST_S + 2.2 + REQUEST_S)


@pytest.mark.parametrize("deaf", ["no native", "silent", "unknown command"])
def test_after_two_requests_silence_is_told_in_a_sentence_to_act_on(simulated: Run, deaf: str) -> None:
    async def main() -> float:
        async with head_on(None if deaf == "no native" else captured(), silent=deaf == "silent") as (head, _):
            with pytest.raises(OpticalSilence) as caught:
                await head.ask(Frame(0x55) if deaf == "unknown command" else REGISTERS, native_registers.registers)
            assert str(caught.value) == (
                "position 3: no answer from the optical head on simulated://meter within 2.2 s. Is the head seated on the meter?"
            )
            return now()

    assert simulated(main) == pytest.approx(2 * (REQUEST_S + 2.2), abs=0.01)


@pytest.mark.parametrize(
    ("behaviour", "fault", "words"),
    [
        ({"corrupt": (20, 0x01)}, CheckSumError, "the check byte is 0x8F; the frame gives 0x"),
        ({"corrupt": (20, 0x40)}, MalformedFrame, "is no frame"),
        ({"corrupt": (79, 0x10)}, TruncatedFrame, "the frame stopped after 80 characters"),
    ],
)
def test_a_garbled_answer_names_position_port_and_fault_and_is_not_asked_for_again(
    simulated: Run, behaviour: dict[str, Any], fault: type[Exception], words: str
) -> None:
    async def main() -> None:
        async with head_on(captured(), **behaviour) as (head, port):
            with pytest.raises(OpticalGarbled, match=f"^position 3: .*simulated://meter.*{words}") as caught:
                await ask(head)
            assert isinstance(caught.value.__cause__, fault)
            port.behaviour.corrupt = None
            assert (await ask(head)).value.total_kwh == 9032

    simulated(main)


def test_an_answer_to_something_else_is_garbled(simulated: Run) -> None:
    async def main() -> None:
        async with head_on(captured()) as (head, _):
            with pytest.raises(OpticalGarbled, match="an answer to command 00 of FE came to command 90") as caught:
                await head.ask(native_registers.HELLO, native_registers.registers)
            assert isinstance(caught.value.__cause__, WrongAnswer)

    simulated(main)


def test_a_port_that_vanishes_in_mid_answer_is_one_clear_error(simulated: Run) -> None:
    async def main() -> None:
        async with head_on(captured()) as (head, port):
            asyncio.get_running_loop().call_later(0.5, port.close)
            with pytest.raises(OpticalPortGone, match=r"^position 3: .*simulated://meter has gone"):
                await ask(head)
            assert now() == 0.5

    simulated(main)


def test_twelve_heads_ask_at_once_and_twice_the_same(simulated: Run) -> None:
    async def one(position: int) -> Answered:
        meter = ReferenceMeter("685-382-OK-50", registers=MeterRegisters(trip_wh=10 * position))
        async with head_on(meter, SerialLine(f"line-{position}"), reaction=0.2 + 0.01 * position) as (head, _):
            return await ask(head)

    async def main() -> list[Answered]:
        return await asyncio.gather(*(one(position) for position in range(1, 13)))

    first = simulated(main)
    assert [each.value.trip_wh for each in first] == [10 * position for position in range(1, 13)]
    assert first == simulated(main)
    assert max(each.requested_at for each in first) == pytest.approx(REQUEST_S)


@pytest.mark.parametrize(
    ("settings", "answered"),
    [
        ({"baudrate": 1200, "parity": "E", "stopbits": 2}, True),
        ({"baudrate": 1200, "parity": "E", "stopbits": 1}, True),
        ({"baudrate": 1200}, False),
        ({"baudrate": 1200, "parity": "O", "stopbits": 2}, False),
        ({"baudrate": 300, "parity": "E", "stopbits": 2}, False),
        ({"baudrate": 2400, "parity": "E", "stopbits": 2}, False),
    ],
    ids=["8E2", "8E1", "8N1", "8O2", "300 baud", "2400 baud"],
)
def test_the_simulated_meter_answers_only_what_a_real_one_can_read(
    simulated: Run, settings: dict[str, Any], answered: bool
) -> None:
    async def main() -> bytes:
        line = SerialLine("settings")
        meter = SimulatedOpticalPort(line, lambda: TELEGRAM, native=lambda request: answer(captured(), request))
        with serial.serial_for_url(line.url, timeout=0, **settings) as port:
            port.write(REGISTERS.encode("@"))
            await asyncio.sleep(5.0)
            received = port.read(1000)
        meter.close()
        return received

    assert (simulated(main)[:5] == b"HFE90") is answered
    assert answered or not simulated(main)


def test_what_the_meter_says_is_garbage_at_another_baud_rate(simulated: Run) -> None:
    async def main() -> bytes:
        line = SerialLine("changed")
        meter = SimulatedOpticalPort(line, lambda: TELEGRAM, native=lambda request: answer(captured(), request))
        with serial.serial_for_url(line.url, 1200, parity="E", stopbits=2, timeout=0) as port:
            port.write(REGISTERS.encode("@"))
            await asyncio.sleep(0.2)
            port.baudrate = 300
            await asyncio.sleep(5.0)
            received = port.read(1000)
        meter.close()
        return received

    received = simulated(main)
    assert len(received) == 80
    assert b"HFE" not in received
