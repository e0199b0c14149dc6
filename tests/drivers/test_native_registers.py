"""What the captured native answers say, and that no other answer is taken for one of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import native_registers
from drivers.mode_a_registers import Registers
from drivers.native_frames import Frame, FrameError, WrongAnswer, decode
from drivers.native_registers import IDENTITY_MEMORY, MemoryIdentity, TariffBlock, read_memory
from drivers.simulated.native_answers import answer
from reference_meter import ReferenceMeter
from tests.drivers.test_native_frames import CAPTURED
from tests.reference_meter.test_golden import captured

HELLO, MEMORY, _, REGISTERS, TARIFFS = (decode(answer.encode() + b"\r", "H") for _, _, answer in CAPTURED)


def test_the_captured_register_block() -> None:
    assert native_registers.registers(REGISTERS) == Registers(
        customer_number="10865272",
        total_kwh=9032,
        hours=57037,
        power_w=0,
        trip_wh=9_032_330,
        peak_w=1559,
        production_number="10001093",
    )


def test_the_captured_tariff_block_and_greeting() -> None:
    assert native_registers.tariffs(TARIFFS) == TariffBlock(1, 9032, (9031, 1))
    assert native_registers.hello(HELLO) == bytes.fromhex("02010701")


def test_the_captured_memory_says_type_constant_and_the_low_digits_of_the_production_number() -> None:
    first, last = IDENTITY_MEMORY
    told = native_registers.memory(read_memory(0x0001, 0x002C), MEMORY)
    assert native_registers.identity(told[first - 1 : last]) == MemoryIdentity("685382OK10", 1000, "001093")


def test_what_may_be_the_password_is_not_asked_for() -> None:
    assert IDENTITY_MEMORY[1] < 0x1E


@pytest.mark.parametrize(("asked", "sent", "answered"), CAPTURED)
def test_the_simulated_meter_answers_as_the_captured_one(asked: Frame, sent: str, answered: str) -> None:
    found = answer(captured(), asked)
    assert found is not None
    assert found.encode("H") == answered.encode() + b"\r"


@pytest.mark.parametrize(
    "request_frame",
    [
        Frame(0x90, address=0x01),
        Frame(0x90, b"\0"),
        Frame(0x55),
        Frame(0x01, b"\0\1"),
        Frame(0x01, bytes.fromhex("00000001")),
        read_memory(0x0700, 0x0800),
        read_memory(0x0001, 0x0100),
        Frame(0x01, bytes.fromhex("00020001")),
    ],
)
def test_to_anything_else_it_is_silent(request_frame: Frame) -> None:
    assert answer(ReferenceMeter("685-382-OK-50"), request_frame) is None


@given(st.builds(Frame, st.sampled_from([0x00, 0x01, 0x90, 0x95]), st.binary(max_size=60)))
def test_any_answer_is_values_or_a_wrong_answer(frame: Frame) -> None:
    asked = read_memory(1, 20)
    for understand in (
        native_registers.registers,
        native_registers.tariffs,
        native_registers.hello,
        lambda each: native_registers.identity(native_registers.memory(asked, each)),
    ):
        try:
            understand(frame)
        except FrameError:
            pass


@given(st.binary(min_size=20, max_size=20))
def test_any_memory_says_something(memory: bytes) -> None:
    assert 0 <= native_registers.identity(memory).constant <= 0xFFFF


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame(0x95, bytes(36)), "an answer to command 95 of FE came to command 90"),
        (Frame(0x90, bytes(35)), "has 35 bytes of data where 36 belong"),
        (Frame(0x90, b"\xff" * 36), "the total is 4294967295, which has more than seven digits"),
    ],
)
def test_an_answer_that_does_not_fit_says_why(frame: Frame, words: str) -> None:
    with pytest.raises(WrongAnswer, match=words):
        native_registers.registers(frame)
