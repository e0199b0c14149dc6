from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.software_parity import WRONG_PARITY, decode, encode


def test_the_request_has_even_parity_in_bit_7() -> None:
    assert encode(b"/?!\r\n") == bytes.fromhex("AF 3F 21 8D 0A")


@settings(deadline=None, derandomize=True)
@given(st.binary().map(lambda b: bytes(c & 0x7F for c in b)))
def test_every_character_comes_back(characters: bytes) -> None:
    assert all(c.bit_count() % 2 == 0 for c in encode(characters))
    assert decode(encode(characters)) == characters


@settings(deadline=None, derandomize=True)
@given(st.binary(min_size=1).map(lambda b: bytes(c & 0x7F for c in b)), st.data())
def test_one_flipped_bit_is_found_where_it_happened(characters: bytes, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(characters) - 1))
    wire = bytearray(encode(characters))
    wire[index] ^= 1 << data.draw(st.integers(0, 7))
    received = decode(bytes(wire))
    assert [k for k, c in enumerate(received) if c & WRONG_PARITY] == [index]


def test_eight_bits_are_no_character() -> None:
    with pytest.raises(ValueError, match="more than 7 bits"):
        encode(b"\xb5")
