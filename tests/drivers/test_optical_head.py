from __future__ import annotations

import asyncio
import errno
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import serial

from drivers import software_parity
from drivers.iec61107 import CHARACTER_S, encode
from drivers.mode_a_registers import registers
from drivers.mode_a_telegram import BlockCheckError, MalformedTelegram, NoTelegram, ParityError, TruncatedTelegram
from drivers.optical_head import (
    OpticalError,
    OpticalGarbled,
    OpticalHead,
    OpticalPortError,
    OpticalPortGone,
    OpticalSilence,
    Readout,
)
from drivers.power_source import InstrumentError
from drivers.simulated.optical_port import OpticalBehaviour, SimulatedOpticalPort
from drivers.simulated.serial_line import LineSettings, PtyLine, SerialLine

Run = Callable[..., Any]

REQUEST_S = 5 * CHARACTER_S
BLOCK = (
    "0.0(10865272)\r\n1.20(0009032*kWh)\r\n1.20.1(0009031*kWh)\r\n1.20.2(0000001*kWh)\r\n"
    "1.31(0057392*h)\r\n1.26(0000000)\r\n1.6(000001,5*kW)\r\n1.6*1(000002,8)!"
)
TELEGRAM = encode("KAM 685-382-OK-10", BLOCK)


@asynccontextmanager
async def head_on_a_meter(
    readout: Callable[[], bytes] = lambda: TELEGRAM, line: SerialLine | None = None, **behaviour: Any
) -> AsyncIterator[tuple[OpticalHead, SimulatedOpticalPort]]:
    line = line or SerialLine("meter")
    port = SimulatedOpticalPort(line, readout, OpticalBehaviour(**behaviour))
    head = OpticalHead(line.url, "position 3")
    await head.open()
    try:
        yield head, port
    finally:
        await head.close()
        port.close()


def now() -> float:
    return asyncio.get_running_loop().time()


# ---------------------------------------------------------------- what a readout is


def test_a_readout_takes_the_time_of_its_characters_and_dates_its_registers(simulated: Run) -> None:
    async def main() -> tuple[Readout, list[float], float]:
        asked: list[float] = []

        def readout() -> bytes:
            asked.append(now())
            return TELEGRAM

        async with head_on_a_meter(readout) as (head, _):
            return await head.read(), asked, now()

    readout, asked, end = simulated(main)
    assert readout.telegram.raw == TELEGRAM
    assert asked == [pytest.approx(REQUEST_S)]
    assert readout.requested_at == pytest.approx(REQUEST_S)
    assert readout.answered_at == pytest.approx(REQUEST_S + 0.2 + 2 * CHARACTER_S)
    assert end == pytest.approx(REQUEST_S + 0.2 + 167 * CHARACTER_S)


def test_the_port_is_set_to_300_baud_with_dtr_off_and_rts_on(simulated: Run) -> None:
    async def main() -> None:
        line = SerialLine("settings")
        async with head_on_a_meter(line=line):
            assert line.settings == LineSettings(300, 8, "N", 1, dtr=False, rts=True)
        assert line.settings is None

    simulated(main)


def test_the_echo_of_the_request_is_skipped(simulated: Run) -> None:
    async def main() -> Readout:
        async with head_on_a_meter(echo=True) as (head, _):
            return await head.read()

    readout = simulated(main)
    assert readout.telegram.raw == TELEGRAM
    assert readout.answered_at == pytest.approx(REQUEST_S + 0.2 + 2 * CHARACTER_S)


def test_a_slow_meter_has_one_and_a_half_seconds_to_react(simulated: Run) -> None:
    async def main() -> Readout:
        async with head_on_a_meter(reaction=1.5) as (head, _):
            return await head.read()

    assert simulated(main).answered_at == pytest.approx(REQUEST_S + 1.5 + 2 * CHARACTER_S)


def test_a_meter_answers_to_its_own_address_alone(simulated: Run) -> None:
    async def main() -> None:
        async with head_on_a_meter(address="0010865272") as (head, _):
            assert (await head.read("10865272")).telegram.raw == TELEGRAM
            with pytest.raises(OpticalSilence):
                await head.read("10865273")

    simulated(main)


def test_two_readers_take_turns(simulated: Run) -> None:
    async def main() -> tuple[Readout, Readout]:
        async with head_on_a_meter() as (head, _):
            return await asyncio.gather(head.read(), head.read())

    first, second = simulated(main)
    assert second.requested_at == pytest.approx(first.requested_at + REQUEST_S + 0.2 + 167 * CHARACTER_S)


def test_twelve_heads_read_at_once_and_twice_the_same(simulated: Run) -> None:
    async def main() -> list[tuple[float, float, bytes]]:
        ports, heads = [], []
        for k in range(12):
            line = SerialLine(f"line-{k}")
            readout = partial(encode, "KAM 685-382-OK-10", f"1.20({k:07}*kWh)!")
            ports.append(SimulatedOpticalPort(line, readout, OpticalBehaviour(0.2 + 0.01 * k)))
            heads.append(OpticalHead(line.url, f"position {k + 1}"))
        await asyncio.gather(*(head.open() for head in heads))
        readouts = await asyncio.gather(*(head.read() for head in heads))
        for head, port in zip(heads, ports, strict=True):
            await head.close()
            port.close()
        return [(r.requested_at, r.answered_at, r.telegram.raw) for r in readouts]

    first = simulated(main)
    assert [registers_total(raw) for _, _, raw in first] == list(range(12))
    assert first == simulated(main)


def registers_total(raw: bytes) -> int:
    return int(raw.split(b"(")[1][:7])


def test_a_telegram_without_framing_ends_with_silence(simulated: Run) -> None:
    telegram = b"/KAM 685-382-OK-10\r\n1.20(0009032*kWh)\r\n!\r\n"

    async def main() -> tuple[Readout, float]:
        async with head_on_a_meter(lambda: telegram) as (head, _):
            return await head.read(), now()

    readout, end = simulated(main)
    assert readout.telegram.check == "none"
    assert end == pytest.approx(REQUEST_S + 0.2 + len(telegram) * CHARACTER_S + 1.5)


# ---------------------------------------------------------------- what goes wrong at the meter


def test_a_silent_meter_is_told_in_a_sentence_to_act_on(simulated: Run) -> None:
    async def main() -> float:
        async with head_on_a_meter(silent=True, echo=True) as (head, _):
            with pytest.raises(OpticalSilence) as caught:
                await head.read()
            assert str(caught.value) == (
                "position 3: no answer from the optical head on simulated://meter within 2.2 s. Is the head seated on the meter?"
            )
            assert isinstance(caught.value, OpticalError)
            assert not isinstance(caught.value, InstrumentError)
            return now()

    assert simulated(main) == pytest.approx(REQUEST_S + 2.2)


def test_a_meter_that_missed_the_first_request_answers_the_second(simulated: Run) -> None:
    async def main() -> Readout:
        async with head_on_a_meter(deaf_for=1) as (head, _):
            return await head.read(attempts=2)

    readout = simulated(main)
    assert readout.telegram.raw == TELEGRAM
    assert readout.requested_at == pytest.approx(REQUEST_S + 2.2 + REQUEST_S)


def test_silence_is_told_after_the_attempts_it_was_given_and_garble_at_once(simulated: Run) -> None:
    async def main() -> tuple[float, float]:
        async with head_on_a_meter(silent=True) as (head, port):
            with pytest.raises(OpticalSilence):
                await head.read(attempts=2)
            silent_for = now()
            port.behaviour.silent, port.behaviour.corrupt = False, (57, 0x03)
            with pytest.raises(OpticalGarbled):
                await head.read(attempts=2)
            return silent_for, now() - silent_for

    silent_for, garbled_for = simulated(main)
    assert silent_for == pytest.approx(2 * (REQUEST_S + 2.2))
    assert garbled_for == pytest.approx(REQUEST_S + 0.2 + 167 * CHARACTER_S)


@pytest.mark.parametrize(
    ("behaviour", "fault", "words"),
    [
        ({"corrupt": (57, 0x01)}, ParityError, "character 57 of the telegram has wrong parity"),
        ({"corrupt": (57, 0x03)}, BlockCheckError, "the block check is 0x"),
        ({"corrupt": (60, 0x0F)}, BlockCheckError, "the block check is 0x"),
        ({"garbled": True}, NoTelegram, "no '/' that begins a telegram"),
    ],
)
def test_a_garbled_answer_names_position_port_and_fault(
    simulated: Run, behaviour: dict[str, Any], fault: type[Exception], words: str
) -> None:
    async def main() -> None:
        async with head_on_a_meter(**behaviour) as (head, _):
            with pytest.raises(OpticalGarbled, match=f"^position 3: .*simulated://meter.*{words}") as caught:
                await head.read()
            assert isinstance(caught.value.__cause__, fault)
            assert not isinstance(caught.value, InstrumentError)

    simulated(main)


@pytest.mark.parametrize("echo", [False, True])
def test_on_nak_the_meter_repeats_its_block_and_the_telegram_is_whole(simulated: Run, echo: bool) -> None:
    async def main() -> Readout:
        async with head_on_a_meter(corrupt=(57, 0x01), repeats=True, echo=echo) as (head, _):
            return await head.read(repeat=True)

    assert simulated(main).telegram.raw == TELEGRAM


def test_where_the_meter_does_not_repeat_the_first_fault_stands(simulated: Run) -> None:
    async def main() -> float:
        async with head_on_a_meter(corrupt=(57, 0x01)) as (head, _):
            with pytest.raises(OpticalGarbled, match="character 57 of the telegram has wrong parity"):
                await head.read(repeat=True)
            return now()

    # The rest of the telegram, the pause after it, and 2.2 s for a repeat that does not come.
    assert simulated(main) == pytest.approx(REQUEST_S + 0.2 + 168 * CHARACTER_S + 1.5 + 2.2, abs=0.1)


def test_no_nak_is_sent_by_itself(simulated: Run) -> None:
    async def main() -> None:
        async with head_on_a_meter(corrupt=(57, 0x01), repeats=True) as (head, _):
            with pytest.raises(OpticalGarbled):
                await head.read(attempts=2)

    simulated(main)


def test_a_register_that_is_no_number_is_a_garbled_answer(simulated: Run) -> None:
    async def main() -> None:
        async with head_on_a_meter(lambda: encode("KAM X", "1.20(00O9032*kWh)!")) as (head, _):
            with pytest.raises(OpticalGarbled) as caught:
                await head.read()
            assert isinstance(caught.value.__cause__, MalformedTelegram)

    simulated(main)


def test_a_meter_that_stops_in_mid_answer_is_given_up_after_the_longest_pause(simulated: Run) -> None:
    stops_at = 4.01

    async def main() -> float:
        async with head_on_a_meter() as (head, port):
            asyncio.get_running_loop().call_at(stops_at, setattr, port.behaviour, "silent", True)
            with pytest.raises(OpticalGarbled, match="stopped after 109 characters") as caught:
                await head.read()
            assert isinstance(caught.value.__cause__, TruncatedTelegram)
            return now()

    end = simulated(main)
    assert end == pytest.approx(REQUEST_S + 0.2 + 109 * CHARACTER_S + 1.5)
    assert end - 1.5 <= stops_at


def test_a_failed_readout_is_followed_by_a_good_one_that_waits_for_the_end_of_the_first(simulated: Run) -> None:
    async def main() -> Readout:
        async with head_on_a_meter(corrupt=(57, 0x01)) as (head, port):
            with pytest.raises(OpticalGarbled):
                await head.read()
            port.behaviour.corrupt = None
            return await head.read()

    readout = simulated(main)
    assert readout.telegram.raw == TELEGRAM
    assert readout.requested_at == pytest.approx(REQUEST_S + 0.2 + 167 * CHARACTER_S + 1.5 + REQUEST_S)


@pytest.mark.parametrize("cancelled_after", [0.0, 0.1, 0.3, 2.0, 5.9])
def test_a_cancelled_readout_leaves_the_head_usable(simulated: Run, cancelled_after: float) -> None:
    async def main() -> Readout:
        async with head_on_a_meter() as (head, _):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(cancelled_after):
                    await head.read()
            return await head.read()

    readout = simulated(main)
    assert readout.telegram.raw == TELEGRAM
    if cancelled_after > 0.0:
        assert readout.requested_at == pytest.approx(REQUEST_S + 0.2 + 167 * CHARACTER_S + 1.5 + REQUEST_S)


def test_light_without_end_is_told(simulated: Run) -> None:
    async def main() -> float:
        line = SerialLine("flicker")
        async with head_on_a_meter(line=line) as (head, _):
            loop = asyncio.get_running_loop()

            def flicker() -> None:
                line.send(b"\xff")
                loop.call_later(1.0, flicker)

            flicker()
            await asyncio.sleep(0.5)
            with pytest.raises(OpticalGarbled, match="without end"):
                await head.read()
            return now()

    assert simulated(main) == pytest.approx(38.0, abs=1.5)


# ---------------------------------------------------------------- what goes wrong at the port


def test_a_port_that_vanishes_is_the_bench_s_fault_and_can_be_opened_again(simulated: Run) -> None:
    async def main() -> None:
        line = SerialLine("usb")
        SimulatedOpticalPort(line, lambda: TELEGRAM)
        head = OpticalHead(line.url, "position 3")
        await head.open()
        asyncio.get_running_loop().call_later(2.0, line.close)
        with pytest.raises(OpticalPortGone, match=r"^position 3: .*simulated://usb has gone") as caught:
            await head.read()
        assert isinstance(caught.value, InstrumentError)
        assert now() == 2.0
        with pytest.raises(OpticalPortGone):
            await head.read()
        line = SerialLine("usb")
        port = SimulatedOpticalPort(line, lambda: TELEGRAM)
        await head.open()
        assert (await head.read()).telegram.raw == TELEGRAM
        await head.close()
        port.close()

    simulated(main)


def test_a_port_that_vanished_between_two_readouts_is_told_at_the_next(simulated: Run) -> None:
    async def main() -> None:
        async with head_on_a_meter() as (head, port):
            port.close()
            await asyncio.sleep(1.0)
            with pytest.raises(OpticalPortGone):
                await head.read()

    simulated(main)


def test_closing_the_head_ends_a_readout_under_way(simulated: Run) -> None:
    async def main() -> None:
        async with head_on_a_meter() as (head, _):
            reading = asyncio.ensure_future(head.read())
            await asyncio.sleep(1.0)
            await head.close()
            with pytest.raises(OpticalPortGone, match="closed"):
                await reading
            with pytest.raises(OpticalPortError, match="not open"):
                await head.read()

    simulated(main)


def test_a_port_that_cannot_be_opened_says_what_to_do(simulated: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(url: str) -> str:
        with pytest.raises(OpticalPortError) as caught:
            await OpticalHead(url, "position 3").open()
        assert isinstance(caught.value, InstrumentError)
        assert str(caught.value).startswith(f"position 3: the optical head's port {url} cannot be opened: ")
        return str(caught.value)

    async def main() -> None:
        assert "adapter plugged in" in await refused("/dev/ttyNOSUCH")
        assert "adapter plugged in" in await refused("simulated://nobody")
        assert "not known" in await refused("nosuch://port")
        assert "Could not configure port" in await refused("/dev/null")
        async with head_on_a_meter():
            assert "another program" in await refused("simulated://meter")

        def forbidden(*_: object, **__: object) -> None:
            raise serial.SerialException(errno.EACCES, "could not open port /dev/ttyUSB2: Permission denied")

        monkeypatch.setattr(serial, "serial_for_url", forbidden)
        assert "group dialout" in await refused("/dev/ttyUSB2")

    simulated(main)


def test_a_real_port_has_one_user(simulated: Run) -> None:
    async def main() -> None:
        line = PtyLine()
        head = OpticalHead(line.url)
        await head.open()
        with pytest.raises(OpticalPortError, match="another program"):
            await OpticalHead(line.url).open()
        await head.close()
        line.close()

    simulated(main)


def test_an_opening_that_is_cancelled_leaves_the_port_closed(simulated: Run) -> None:
    async def main() -> None:
        line = SerialLine("cancelled")
        opening = asyncio.ensure_future(OpticalHead(line.url).open())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await asyncio.sleep(1.0)
        assert line.settings is None
        line.close()

    simulated(main)


# ---------------------------------------------------------------- other kinds of port, and other users of the meter's


def test_a_pty_is_read_in_simulated_time(simulated: Run) -> None:
    async def main() -> Readout:
        line = PtyLine()
        port = SimulatedOpticalPort(line, lambda: TELEGRAM)
        head = OpticalHead(line.url)
        await head.open()
        readout = await head.read()
        await head.close()
        port.close()
        return readout

    readout = simulated(main)
    assert readout.telegram.raw == TELEGRAM
    assert readout.requested_at == pytest.approx(REQUEST_S)


def test_a_port_without_a_file_descriptor_is_read_by_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    from drivers.simulated.serial_handler import protocol_simulated

    class WithoutDescriptor(protocol_simulated.Serial):
        def fileno(self) -> int:
            raise io.UnsupportedOperation("fileno")

    monkeypatch.setattr(protocol_simulated, "Serial", WithoutDescriptor)

    async def main() -> None:
        line = SerialLine("rfc2217")
        line.listen(lambda _: line.send(software_parity.encode(TELEGRAM)))
        head = OpticalHead(line.url)
        await head.open()
        assert registers((await head.read()).telegram).total_kwh == 9032
        line.listen(lambda _: line.close())
        with pytest.raises(OpticalPortGone):
            await head.read()
        await head.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("settings", "request_sent", "answer"),
    [
        ({"baudrate": 300}, software_parity.encode(b"/?!\r\n"), software_parity.encode(TELEGRAM)),
        ({"baudrate": 300}, software_parity.encode(b"/?!\n"), software_parity.encode(TELEGRAM)),
        ({"baudrate": 300, "bytesize": 7, "parity": "E"}, b"/?!\r\n", TELEGRAM),
        ({"baudrate": 300}, b"/?!\r\n", b""),
        ({"baudrate": 300, "bytesize": 7, "parity": "O"}, b"/?!\r\n", b""),
        ({"baudrate": 1200}, software_parity.encode(b"/?!\r\n"), b""),
        ({"baudrate": 300}, software_parity.encode(b"/?\r\n"), b""),
    ],
    ids=["8N1", "LF alone", "7E1", "8N1 without parity", "7O1", "1200 baud", "no end mark"],
)
def test_the_simulated_meter_answers_only_what_a_real_one_can_read(
    simulated: Run, settings: dict[str, Any], request_sent: bytes, answer: bytes
) -> None:
    async def main() -> bytes:
        line = SerialLine("settings")
        meter = SimulatedOpticalPort(line, lambda: TELEGRAM)
        with serial.serial_for_url(line.url, timeout=0, **settings) as port:
            port.write(request_sent)
            await asyncio.sleep(10.0)
            received = port.read(1000)
        meter.close()
        return received

    assert simulated(main) == answer


def test_the_simulated_meter_does_not_hear_while_it_speaks(simulated: Run) -> None:
    async def main() -> bytes:
        line = SerialLine("deaf")
        meter = SimulatedOpticalPort(line, lambda: TELEGRAM)
        with serial.serial_for_url(line.url, 300, timeout=0) as port:
            for pause in (2.0, 20.0):
                port.write(software_parity.encode(b"/?!\r\n"))
                await asyncio.sleep(pause)
            received = port.read(1000)
        meter.close()
        return received

    assert simulated(main) == software_parity.encode(TELEGRAM)
