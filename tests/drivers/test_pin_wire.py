"""What is said to the pins of the world apart: every message survives the wire, and whatever else comes is garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from drivers.simulated.pin_wire import Claim, Claimed, Drive, Edge, Garbage, Message, Release, decode, encode

MESSAGES: tuple[Message, ...] = (
    Claim("GPIO4", False, True),
    Drive("GPIO16", True),
    Release("GPIO4"),
    Claimed("GPIO4", True, "GPIO4 is in use by process 7"),
    Edge("GPIO4", False, 12345.678901234),
)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_survives_the_wire(message: Message) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1
    assert decode(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"[]\n",
        b'{"say":"claim"}\n',
        b'{"say":"drive","pin":"GPIO4","level":1}\n',
        b'{"say":"drive","pin":4,"level":true}\n',
        b'{"say":"release","pin":"GPIO4","level":true}\n',
        b'{"say":["claim"]}\n',
        b"[" * 5000,
    ],
)
def test_what_is_no_message_is_garbage(line: bytes) -> None:
    with pytest.raises(Garbage):
        decode(line)


@given(some.binary(max_size=200))
def test_no_bytes_whatever_are_anything_but_a_message_or_garbage(line: bytes) -> None:
    try:
        assert isinstance(decode(line), (Claim, Drive, Release, Claimed, Edge))
    except Garbage:
        pass
