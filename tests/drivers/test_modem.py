"""The bench's modem: a call, a caller, a short message, and everything a modem may say instead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.at_dialogue import PROMPT, AtLines, caller_in, is_final, stored_in
from drivers.iec61107 import encode
from drivers.mode_a_telegram import Telegram, TelegramError
from drivers.modem import Modem, NoConnection, modem_line
from drivers.module_line import ModuleGarbled, ModulePortError, ModuleSilence
from drivers.simulated.modem import SimulatedModem, Subscriber
from drivers.simulated.serial_line import SerialLine
from drivers.sms_readout import telegram_in

TELEGRAM = encode("KAM 685-382-HK-50", "0.0(10865272)\r\n1.20(0009032*kWh)!")
MESSAGE = "0.0(10865272) 1.20(0009032*kWh) 1.6*1(000002,8)"
Simulated = Callable[..., Any]
Scene = Callable[[Modem, SimulatedModem], Awaitable[object]]


def subscriber(telegram: bytes | None = TELEGRAM, message: str | None = MESSAGE) -> Subscriber:
    return Subscriber(lambda: telegram, lambda: message)


def dialled(simulated: Simulated, scene: Scene, meter: Subscriber | None) -> Any:
    async def main() -> object:
        far_end = SimulatedModem(SerialLine("modem"), lambda number: meter if number == "101" else None)
        try:
            async with modem_line("simulated://modem", "position 1") as line:
                modem = Modem(line)
                await modem.set_up()
                return await scene(modem, far_end)
        finally:
            far_end.close()

    return simulated(main)


# ---------------------------------------------------------------- the dialogue


def test_lines_are_read_in_pieces_of_any_size() -> None:
    lines, found = AtLines(), []
    for character in b'\r\nRING\r\n\r\n+CLIP: "12345678",129\r\n\r\nOK\r\n':
        found += lines.feed(bytes([character]))
    assert found == ["RING", '+CLIP: "12345678",129', "OK"]


def test_what_follows_connect_is_data_and_no_line() -> None:
    lines = AtLines()
    assert lines.feed(b"\r\nCONNECT 1200\r\n/KAM\r\n") == ["CONNECT 1200"]
    assert lines.data() == b"/KAM\r\n"


def test_the_prompt_of_a_short_message_has_no_line_end() -> None:
    assert AtLines().feed(b"\r\n> ") == [PROMPT]


@pytest.mark.parametrize(
    ("line", "caller"), [('+CLIP: "+4589931000",145', "+4589931000"), ("NMBR = 89931000", "89931000"), ("RING", None)]
)
def test_a_caller_is_known_by_either_form(line: str, caller: str | None) -> None:
    assert caller_in(line) == caller


def test_the_results_that_end_a_command_are_known() -> None:
    assert all(map(is_final, ("OK", "ERROR", "NO CARRIER", "CONNECT", "CONNECT 1200", "+CMS ERROR: 500")))
    assert not any(map(is_final, ("RING", '+CMTI: "SM",3', "OKAY")))
    assert stored_in('+CMTI: "SM",3') == 3


@given(st.lists(st.binary(max_size=600), max_size=4))
def test_any_characters_are_lines(pieces: list[bytes]) -> None:
    lines = AtLines()
    for piece in pieces:
        for line in lines.feed(piece):
            assert line
            assert len(line) <= 1800
    lines.data()


@given(st.text(max_size=170))
def test_any_short_message_is_a_telegram_or_a_typed_error(text: str) -> None:
    try:
        assert isinstance(telegram_in(text), Telegram)
    except TelegramError:
        pass


# ---------------------------------------------------------------- calls


def test_a_call_reads_the_meter_and_is_ended(simulated: Simulated) -> None:
    async def scene(modem: Modem, _: SimulatedModem) -> tuple[Telegram, str]:
        await modem.call("101")
        _, telegram = await modem.read()
        await modem.hang_up()
        await modem.call("101")  # only a line that was ended can be dialled again
        _, again = await modem.read()
        return telegram, again.type_text

    telegram, again = dialled(simulated, scene, subscriber())
    assert telegram.raw == TELEGRAM
    assert again == "685-382-HK-50"


def test_nobody_who_takes_the_call_is_the_fault_of_the_meter(simulated: Simulated) -> None:
    with pytest.raises(NoConnection, match=r"position 1: no connection with the meter's modem on 101: NO CARRIER\."):
        dialled(simulated, lambda modem, _: modem.call("101"), None)


def test_no_dial_tone_is_the_fault_of_the_bench(simulated: Simulated) -> None:
    async def scene(modem: Modem, far_end: SimulatedModem) -> None:
        far_end.dial_tone = False
        await modem.call("101")

    with pytest.raises(ModulePortError, match="has no dial tone"):
        dialled(simulated, scene, subscriber())


@pytest.mark.parametrize(
    ("telegram", "kind"), [(None, ModuleSilence), (b"noise", ModuleGarbled), (TELEGRAM[:-9], ModuleGarbled)]
)
def test_a_connection_without_a_telegram_is_a_typed_error(
    simulated: Simulated, telegram: bytes | None, kind: type[Exception]
) -> None:
    async def scene(modem: Modem, _: SimulatedModem) -> None:
        await modem.call("101")
        await modem.read()

    with pytest.raises(kind, match="position 1: "):
        dialled(simulated, scene, subscriber(telegram))


def test_a_meter_that_calls_is_known_by_its_number_while_another_still_rings(simulated: Simulated) -> None:
    async def scene(modem: Modem, far_end: SimulatedModem) -> float:
        began = asyncio.get_running_loop().time()
        far_end.ring("102")
        asyncio.get_running_loop().call_later(4.0, far_end.ring, "101")
        await modem.called_by("101", 10.0)
        return asyncio.get_running_loop().time() - began

    assert dialled(simulated, scene, subscriber()) == pytest.approx(4.0, abs=0.1)


def test_a_meter_that_does_not_call_is_an_error_that_names_who_did(simulated: Simulated) -> None:
    async def scene(modem: Modem, far_end: SimulatedModem) -> None:
        far_end.ring("102")
        await modem.called_by("101", 10.0)

    with pytest.raises(NoConnection, match=r"did not call from 101 within 10 s; 102 called\. Has the module"):
        dialled(simulated, scene, subscriber())


# ---------------------------------------------------------------- short messages


def test_a_short_message_is_answered_by_one(simulated: Simulated) -> None:
    async def scene(modem: Modem, _: SimulatedModem) -> list[str]:
        return [await modem.exchange_messages("101", "READ") for _ in range(2)]

    first, second = dialled(simulated, scene, subscriber())
    assert first == second == MESSAGE
    assert [str(each) for each in telegram_in(first).data_sets] == MESSAGE.split()


def test_no_answer_by_short_message_says_what_to_look_at(simulated: Simulated) -> None:
    with pytest.raises(ModuleSilence, match="Has the module a SIM card and an aerial"):
        dialled(simulated, lambda modem, _: modem.exchange_messages("101", "READ"), subscriber(message=None))


# ---------------------------------------------------------------- the modem itself


def test_a_modem_that_does_not_answer_is_the_fault_of_the_bench(simulated: Simulated) -> None:
    async def main() -> None:
        line = SerialLine("modem")
        try:
            async with modem_line("simulated://modem", "position 1") as near:
                await Modem(near).set_up()
        finally:
            line.close()

    with pytest.raises(ModulePortError, match=r"answers ATE0 with nothing\. Is it an AT modem, and switched on\?"):
        simulated(main)


def test_a_modem_unplugged_in_mid_call_is_the_fault_of_the_bench(simulated: Simulated) -> None:
    async def scene(modem: Modem, far_end: SimulatedModem) -> None:
        asyncio.get_running_loop().call_later(3.0, far_end.close)
        await modem.call("101")

    with pytest.raises(ModulePortError, match="has gone"):
        dialled(simulated, scene, subscriber())
