"""The words between a client and the source owner: whole messages or garbage, nothing between."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import owner_protocol as say
from bench.safety import StillEnergised, Tripped
from drivers.load import Load, symmetrical
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, Reading

LOAD = symmetrical(230.0, 5.0, 60.0)
READING = Reading(1234.5, LOAD.u, LOAD.i, LOAD.power, 50.0)
MESSAGES = [
    say.Energise(1),
    say.Apply(2, 7, LOAD),
    say.Read(3),
    say.Renew(7),
    say.Off(4),
    say.Rearm(5, "4711"),
    say.Welcome(1, 99, "MAKER,MODEL,1,2", Capabilities(i_max=12.5, watchdog=True), "the door was opened"),
    say.Done(2),
    say.Done(3, 7, READING),
    say.Failed(4, "Tripped", "the source was switched off (µ)"),
    say.Tripped("nobody renewed"),
    say.Rearmed("4711"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: type(each).__name__)
def test_a_message_arrives_as_it_was_sent_on_one_line(message: say.Message) -> None:
    line = say.encode(message)
    assert line.count(b"\n") == 1
    assert say.decode(line) == message


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
phasor = st.builds(complex, finite, finite)


@given(st.tuples(phasor, phasor, phasor), st.tuples(phasor, phasor, phasor), finite)
def test_a_load_arrives_to_the_last_bit(
    u: tuple[complex, complex, complex], i: tuple[complex, complex, complex], frequency: float
) -> None:
    message = say.Apply(1, 1, Load(u, i, frequency))
    assert say.decode(say.encode(message)) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b":OUTP ON\n",
        b"[]\n",
        b'{"say":"Command","text":":OUTP ON"}\n',
        b'{"say":"Read"}\n',
        b'{"say":"Read","id":"1"}\n',
        b'{"say":"Read","id":true}\n',
        b'{"say":"Read","id":-1}\n',
        b'{"say":"Read","id":1,"more":1}\n',
        b'{"say":["Read"],"id":1}\n',
        b'{"say":"Apply","id":1,"lease":1,"load":[[[1,0],[1,0]],[[1,0],[1,0],[1,0]],50]}\n',
        b'{"say":"Apply","id":1,"lease":1,"load":[[[1,0],[1,0],[NaN,0]],[[1,0],[1,0],[1,0]],50]}\n',
        b'{"say":"Apply","id":1,"lease":1,"load":null}\n',
        b"\xff\xfe\n",
        b"[" * 3000,
    ],
)
def test_what_is_no_message_is_garbage(line: bytes) -> None:
    with pytest.raises(say.Garbage, match="no message of the source owner's protocol"):
        say.decode(line)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_garbage(line: bytes) -> None:
    try:
        say.decode(line)
    except say.Garbage:
        pass


@pytest.mark.parametrize("wrong", [{"u_max": math.inf}, {"u_max": "300"}, {"watchdog": 1}, {"phases": True}])
def test_capabilities_that_cannot_be_are_garbage(wrong: dict[str, object]) -> None:
    said = json.loads(say.encode(say.Welcome(1, 1, "", Capabilities(), "")))
    said["capabilities"] |= wrong
    with pytest.raises(say.Garbage):
        say.decode(json.dumps(said).encode())


class _Other(StillEnergised):
    pass


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Tripped("a"), Tripped),
        (LoadRefused("b"), LoadRefused),
        (InstrumentError("c"), InstrumentError),
        (_Other("d"), StillEnergised),
    ],
)
def test_an_error_arrives_as_its_own_kind(error: InstrumentError, kind: type[InstrumentError]) -> None:
    failed = say.failure(3, error)
    assert say.ERRORS[failed.kind] is kind
    assert failed.sentence == str(error)
