from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.iec61107 import ModeADecoder, RepeatDecoder, encode, request
from drivers.mode_a_registers import Registers, registers
from drivers.mode_a_telegram import (
    BlockCheckError,
    DataSet,
    MalformedTelegram,
    NoTelegram,
    ParityError,
    Telegram,
    TelegramError,
    TruncatedTelegram,
)

BLOCK_685 = (
    "0.0(10865272)\r\n1.20(0009032*kWh)\r\n1.20.1(0009031*kWh)\r\n1.20.2(0000001*kWh)\r\n"
    "1.31(0057392*h)\r\n1.26(0000000)\r\n1.6(000001,5*kW)\r\n1.6*1(000002,8)!"
)
"""A real 685-382-OK-10: github.com/casperbang/KMP382-driver, README and MeterProtocolIEC61107.cs."""
GOLDEN_685 = b"/KAM 685-382-OK-10\r\n\x02" + BLOCK_685.encode() + b"\r\n\x03"
WHOLE_685 = GOLDEN_685 + bytes([0x6A])

BLOCK_382C = (
    "0.0.0(14410000)\r\n1.8.0(0036886*kWh)\r\n1.8.1(0036886*kWh)\r\n1.8.2(0000000*kWh)\r\n1.8.3(0000000*kWh)\r\n"
    "1.8.4(0000000*kWh)\r\n96.8.0(0119899*h)\r\n0.128.1(0000000)\r\n1.6.0(1.078*kW)\r\n!"
)
"""A real 382C: github.com/madspeterbach/kamstrup-382C, README. Its framing is not shown there and taken from the standard."""
GOLDEN_382C = b"/KAM 68438BC450000\r\n\x02" + BLOCK_382C.encode() + b"\r\n\x03"


def decode(characters: bytes) -> Telegram:
    telegram = ModeADecoder().feed(characters)
    assert telegram is not None
    return telegram


# ---------------------------------------------------------------- the real meters


@pytest.mark.parametrize(
    ("identification", "block", "golden", "check", "character", "length"),
    [
        ("KAM 685-382-OK-10", BLOCK_685, GOLDEN_685, "xor", 0x1E, 167),
        ("KAM 685-382-OK-10", BLOCK_685, GOLDEN_685, "sum7", 0x6A, 167),
        ("KAM 68438BC450000", BLOCK_382C, GOLDEN_382C, "xor", 0x1F, 197),
        ("KAM 68438BC450000", BLOCK_382C, GOLDEN_382C, "sum7", 0x5D, 197),
    ],
)
def test_the_real_telegrams_are_sent_and_read_byte_for_byte(
    identification: str, block: str, golden: bytes, check: Literal["xor", "sum7"], character: int, length: int
) -> None:
    wire = golden + bytes([character])
    assert len(wire) == length
    assert encode(identification, block, check) == wire
    telegram = decode(wire)
    assert telegram.raw == wire
    assert telegram.check == check
    assert str(telegram.identification) == identification


def test_the_685_names_itself_and_all_its_registers() -> None:
    telegram = decode(GOLDEN_685 + b"\x6a")
    assert telegram.identification.manufacturer == "KAM"
    assert telegram.identification.baud == " "
    assert telegram.type_text == "685-382-OK-10"
    assert telegram.data_sets[6] == DataSet("1.6", "000001,5", "kW")
    assert registers(telegram) == Registers(
        customer_number="10865272",
        total_kwh=9032,
        tariff_kwh=(9031, 1),
        hours=57392,
        pulse_input=0,
        peak_kw=Decimal("1.5"),
        last_peak_kw=Decimal("2.8"),
        production_number=None,
    )


def test_the_obis_codes_of_the_382c_name_the_same_registers() -> None:
    telegram = decode(GOLDEN_382C + b"\x1f")
    assert registers(telegram) == Registers(
        customer_number="14410000",
        total_kwh=36886,
        tariff_kwh=(36886, 0),
        hours=119899,
        pulse_input=0,
        peak_kw=Decimal("1.078"),
        last_peak_kw=None,
    )
    assert DataSet("1.8.4", "0000000", "kWh") in telegram.data_sets


def test_the_request_is_the_standards_and_may_carry_an_address() -> None:
    assert request() == b"/?!\r\n"
    assert request("10865272") == b"/?10865272!\r\n"
    with pytest.raises(ValueError, match="32 digits"):
        request("1!")


# ---------------------------------------------------------------- what is tolerated


@pytest.mark.parametrize(
    "before", [b"/?!\r\n", b"\0\0\0", b"\xff\x81k\n", b"/?10865272!\n", b"/?!", b"\x03\r\n\0/?!\r\n\0"]
)
def test_noise_and_the_echo_of_the_request_are_skipped(before: bytes) -> None:
    assert decode(before + GOLDEN_685 + b"\x6a").raw == GOLDEN_685 + b"\x6a"


def test_line_feeds_alone_end_a_line() -> None:
    block = BLOCK_685.replace("\r\n", "\n")
    wire = encode("KAM 685-382-OK-10", block).replace(b"\r\n\x02", b"\n\x02")
    assert registers(decode(wire)).total_kwh == 9032


def test_the_mark_may_stand_on_its_own_line() -> None:
    assert (
        decode(encode("KAM X", BLOCK_685.replace("!", "\r\n!"))).data_sets
        == decode(encode("KAM X", BLOCK_685)).data_sets
    )


def test_several_data_sets_on_a_line_and_unknown_codes_are_kept_in_order() -> None:
    telegram = decode(encode("KAM X", "F.F(00)C.1(ab 7)\r\n1.20(1*kWh)!"))
    assert telegram.data_sets == (DataSet("F.F", "00"), DataSet("C.1", "ab 7"), DataSet("1.20", "1", "kWh"))
    assert [str(each) for each in telegram.data_sets] == ["F.F(00)", "C.1(ab 7)", "1.20(1*kWh)"]


def test_without_start_of_text_only_silence_ends_the_telegram() -> None:
    decoder = ModeADecoder()
    assert decoder.feed(b"/KAM X\r\n1.20(0000007*kWh)\r\n!\r\n") is None
    telegram = decoder.end()
    assert telegram.check == "none"
    assert registers(telegram).total_kwh == 7


def test_where_both_block_checks_give_the_same_it_is_called_the_sum() -> None:
    both = next(
        wire
        for k in range(10_000)
        if (wire := encode("KAM X", f"1.20({k:07}*kWh)!", "sum7")) == encode("KAM X", f"1.20({k:07}*kWh)!", "xor")
    )
    assert decode(both).check == "sum7"


def test_what_follows_a_complete_telegram_is_ignored() -> None:
    decoder = ModeADecoder()
    telegram = decoder.feed(GOLDEN_685 + b"\x6a\r\n/KAM")
    assert telegram is not None
    assert decoder.feed(b"more") is telegram
    assert decoder.end() is telegram


# ---------------------------------------------------------------- what is refused


def test_a_wrong_block_check_tells_both_computed_values() -> None:
    with pytest.raises(BlockCheckError, match=r"0x00.*0x1E.*0x6A") as caught:
        decode(GOLDEN_685 + b"\x00")
    assert (caught.value.received, caught.value.exclusive_or, caught.value.sum7) == (0x00, 0x1E, 0x6A)


@pytest.mark.parametrize("index", [0, 7, 20, 57, 165, 166])
def test_a_character_of_wrong_parity_is_located(index: int) -> None:
    wire = bytearray(GOLDEN_685 + b"\x6a")
    wire[index] |= 0x80
    decoder = ModeADecoder()
    if index == 0:  # a '/' that nobody can read begins no telegram
        assert decoder.feed(bytes(wire)) is None
        with pytest.raises(NoTelegram):
            decoder.end()
        return
    with pytest.raises(ParityError, match=f"character {index} ") as caught:
        decoder.feed(b"/?!\r\n" + bytes(wire))
    assert caught.value.index == index


@pytest.mark.parametrize("length", [2, 10, 20, 21, 100, 166])
def test_a_telegram_that_stops_is_truncated_and_says_where(length: int) -> None:
    decoder = ModeADecoder()
    assert decoder.feed(b"\0/?!\r\n" + GOLDEN_685[:length]) is None
    with pytest.raises(TruncatedTelegram, match=f"after {length} characters") as caught:
        decoder.end()
    assert caught.value.raw == GOLDEN_685[:length]


def test_silence_after_the_echo_is_told_from_noise() -> None:
    for characters, noise in [(b"", 0), (b"\0/?!\r\n", 0), (b"/?!", 0), (b"/", 1), (b"\x81\xfe\r\n/?!\r\nx", 3)]:
        decoder = ModeADecoder()
        assert decoder.feed(characters) is None
        assert not decoder.begun
        with pytest.raises(NoTelegram) as caught:
            decoder.end()
        assert caught.value.noise == noise


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (b"/KAM\r\n", "identification"),
        (b"/K4M 685\r\n", "identification"),
        (encode("KAM X", "1.20(7*kWh)"), "'!'"),
        (encode("KAM X", "1.20(7*kWh)!\r\n1.31(8)"), "'!'"),
        (encode("KAM X", "!"), "empty"),
        (encode("KAM X", "1.20(7*kWh!"), "no line of data sets"),
        (encode("KAM X", "1.20(7*k\x07Wh)!"), "no line of data sets"),
        (encode("KAM X", "1.20(7*MWh)!"), "not in kWh"),
        (encode("KAM X", "1.20(7,5*kWh)!"), "no whole number"),
        (encode("KAM X", "1.6(1,5,0*kW)!"), "no number"),
        (encode("KAM X", "1.20(7*kWh)\r\n1.8.0(8*kWh)!"), "same register"),
        (b"/KAM X\r\n1.20(7*kWh)!\r\n\x03\x11", "STX"),
        (b"/KAM X\r\n\x02" + b"1.20(7)\r\n" * 200, "no end after 1024"),
    ],
)
def test_what_is_no_telegram_is_malformed_with_its_reason(wire: bytes, reason: str) -> None:
    decoder = ModeADecoder()
    with pytest.raises(MalformedTelegram, match=re.escape(reason)) as caught:
        decoder.feed(wire)
    with pytest.raises(MalformedTelegram) as again:
        decoder.feed(b"more")
    assert again.value is caught.value


# ---------------------------------------------------------------- any bytes


@st.composite
def on_the_wire(draw: st.DrawFn) -> bytes:
    """Anything, and often nearly a telegram."""
    pieces = st.one_of(
        st.binary(max_size=20),
        st.sampled_from(
            [b"/KAM 685-382-OK-10\r\n", b"\x02", b"\x03", b"!", b"\r\n", b"/?!\r\n", b"1.20(0009032*kWh)", b"/"]
        ),
        st.just(GOLDEN_685 + b"\x6a"),
    )
    return b"".join(draw(st.lists(pieces, max_size=8)))


def outcome(pieces: list[bytes]) -> object:
    decoder = ModeADecoder()
    try:
        for piece in pieces:
            if (telegram := decoder.feed(piece)) is not None:
                registers(telegram)
                return telegram
        return registers(decoder.end())
    except TelegramError as fault:
        return type(fault), str(fault), fault.raw


@settings(deadline=None, derandomize=True)
@given(on_the_wire(), st.lists(st.integers(0, 200), max_size=6))
def test_any_bytes_in_any_pieces_give_the_same_telegram_or_the_same_typed_error(wire: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    pieces = [wire[a:b] for a, b in pairwise(places)]
    assert outcome(pieces) == outcome([wire])


@settings(deadline=None, derandomize=True)
@given(on_the_wire(), on_the_wire())
def test_any_bytes_after_a_nak_are_a_telegram_or_a_typed_error(garbled: bytes, wire: bytes) -> None:
    decoder = RepeatDecoder(garbled)
    try:
        telegram = decoder.feed(wire) or decoder.end()
    except TelegramError:
        return
    assert isinstance(telegram, Telegram)


@pytest.mark.parametrize("again", [WHOLE_685, WHOLE_685[WHOLE_685.find(b"\x02") :]], ids=["telegram", "block"])
@pytest.mark.parametrize("before", [b"", b"\x15", b"\x00\x15"], ids=["plain", "echo", "noise"])
def test_what_follows_a_nak_is_the_telegram_again_or_its_block(again: bytes, before: bytes) -> None:
    decoder = RepeatDecoder(WHOLE_685[:60])
    assert not decoder.begun
    assert decoder.feed(before) is None
    telegram = decoder.feed(again)
    assert telegram is not None
    assert telegram.raw == WHOLE_685


_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="()/!*"), max_size=16)


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.builds(DataSet, _text.map(lambda code: "x" + code), _text, _text), min_size=1, max_size=12),
    st.sampled_from(["xor", "sum7"]),
)
def test_what_a_meter_sends_is_what_is_read(data_sets: list[DataSet], check: Literal["xor", "sum7"]) -> None:
    wire = encode("KAM 685-382-OK-10", "\r\n".join(map(str, data_sets)) + "!", check)
    telegram = decode(wire)
    assert list(telegram.data_sets) == data_sets
    assert telegram.raw == wire
    assert telegram.check in (check, "sum7")
