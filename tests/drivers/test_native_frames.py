"""Frames of the native protocol: those captured from a real meter byte for byte, and whatever else may come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.native_frames import (
    LONGEST_FRAME,
    CheckSumError,
    Frame,
    FrameError,
    MalformedFrame,
    NativeDecoder,
    NoFrame,
    ReceivedFrame,
    TruncatedFrame,
    Way,
    decode,
)
from drivers.native_registers import HELLO, REGISTERS, TARIFFS, read_memory

CAPTURED: tuple[tuple[Frame, str, str], ...] = (
    (HELLO, "@FE0002", "HFE0002010701F7"),
    (
        read_memory(0x0001, 0x002C),
        "@FE010001002CD4",
        "HFE013638353338324F4B31300000004000931000E8030000000000000000FE40E2010078CAA5000000FFFFFFFF00F4",
    ),
    (read_memory(0x0384, 0x039B), "@FE010384039BDC", f"HFE01{48 * 'F'}19"),
    (REGISTERS, "@FE9072", "HFE9000002348000000000000DECD000DC8410000061700A5CA780000000000000000100010938F"),
    (TARIFFS, "@FE95006D", "HFE950100002348000023470000000196"),
)
"""Request, its characters and the answer's: 685-382-OK-10, github.com/casperbang/KMP382-driver, MeterProtocolKMP382.cs."""

frames = st.builds(Frame, st.integers(0, 255), st.binary(max_size=200), st.integers(0, 255))
ways = st.sampled_from(["@", "H"])


@pytest.mark.parametrize(("request_frame", "sent", "answer"), CAPTURED)
def test_the_captured_frames_come_and_go_byte_for_byte(request_frame: Frame, sent: str, answer: str) -> None:
    assert request_frame.encode("@") == sent.encode() + b"\r"
    assert decode(sent.encode() + b"\r", "@") == request_frame
    received = decode(answer.encode() + b"\r", "H")
    assert received.encode("H") == answer.encode() + b"\r"
    assert (received.address, received.command) == (0xFE, request_frame.command)


@given(frames, ways)
def test_every_frame_survives_its_way(frame: Frame, way: Way) -> None:
    assert decode(frame.encode(way), way) == frame


@given(frames, st.data())
def test_one_character_turned_is_never_the_same_frame(frame: Frame, data: st.DataObject) -> None:
    wire = bytearray(frame.encode("H"))
    index = data.draw(st.integers(0, len(wire) - 1))
    wire[index] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(FrameError):
        decode(bytes(wire), "H")


@given(st.binary(max_size=700), st.lists(st.integers(1, 50)))
def test_any_characters_in_any_portions_are_a_frame_or_an_error(characters: bytes, portions: list[int]) -> None:
    whole, pieces = NativeDecoder(), NativeDecoder()
    assert outcome(whole, [characters]) == outcome(pieces, cut(characters, portions))


@given(st.text("H@0123456789ABCDEF\r\0", max_size=80))
def test_so_are_the_characters_of_the_protocol_in_any_order(characters: str) -> None:
    outcome(NativeDecoder(), [characters.encode()])


def outcome(decoder: NativeDecoder, pieces: list[bytes]) -> Frame | str:
    """The frame, or kind and words of the error."""
    try:
        for piece in pieces:
            received = decoder.feed(piece)
            if received is not None:
                return received.frame
        return decoder.end().frame
    except FrameError as fault:
        return f"{type(fault).__name__}: {fault}"


def feed_and_end(decoder: NativeDecoder, characters: bytes) -> None:
    decoder.feed(characters)
    decoder.end()


def cut(characters: bytes, portions: list[int]) -> list[bytes]:
    pieces = []
    for size in portions:
        pieces.append(characters[:size])
        characters = characters[size:]
    return [*pieces, characters]


def test_noise_and_the_echo_of_the_request_are_skipped() -> None:
    decoder = NativeDecoder()
    assert decoder.feed(b"\0\xff~" + REGISTERS.encode("@") + b"\0") is None
    assert not decoder.begun
    assert decoder.feed(b"HFE0002010701F7\r") == ReceivedFrame(
        Frame(0x00, bytes.fromhex("02010701")), b"HFE0002010701F7\r"
    )


@pytest.mark.parametrize(
    ("characters", "fault", "words"),
    [
        (b"", NoFrame, "0 characters and no 'H' that begins a frame"),
        (b"\0" + HELLO.encode("@"), NoFrame, "0 characters"),
        (b"\xff\xfe" + HELLO.encode("@"), NoFrame, "2 characters"),
        (b"HFE0002", TruncatedFrame, "the frame stopped after 7 characters"),
        (b"HFE0002010701F8\r", CheckSumError, "the check byte is 0xF8; the frame gives 0xF7"),
        (b"HFE0002010701f7\r", MalformedFrame, "is no frame"),
        (b"HFE00020107017\r", MalformedFrame, "is no frame"),
        (b"HFE02\r", MalformedFrame, "is no frame"),
        (b"H" * (LONGEST_FRAME + 1), MalformedFrame, "no end after 600 characters"),
    ],
)
def test_what_is_no_frame_says_why(characters: bytes, fault: type[FrameError], words: str) -> None:
    decoder = NativeDecoder()
    with pytest.raises(fault, match=words):
        feed_and_end(decoder, characters)
    with pytest.raises(fault, match=words):  # and again ever after
        decoder.end()
