"""The words between a session and an engine elsewhere: whole messages or garbage, nothing between."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import session_protocol as say
from bench.facts import (
    Acted,
    Fact,
    Failure,
    PositionResult,
    PromptAnswered,
    PromptOpened,
    RunClosed,
    RunOpened,
    Safe,
    StepClosed,
    Suspected,
    Tripped,
)
from bench.prompt import Choice, Display, Mark, OpenPrompt, Sight
from bench.session import (
    LineGlance,
    PositionGlance,
    PositionState,
    Refused,
    RunRequest,
    SourceState,
    StationCard,
    Unreachable,
)
from bench.verdict import Ending, Verdict

CARD = StationCard("EOL 3", 2, False, ("eol",), file="/var/lib/bench/station.toml", source="MAKER,MODEL,1,2")
GLANCE = LineGlance(
    7,
    True,
    "run",
    source=SourceState.ENERGISED,
    volts=(230.1, 229.9, 0.1 + 0.2),
    positions=(PositionGlance(1, "µ1", PositionState.RUNNING, Verdict.MARGINAL, error_percent=-0.1, pulses=3),),
    speed=math.inf,
)
FAILURE = Failure("accuracy-ib", "Accuracy Ib", "error", 2.51, "%", "±1 %")
OPEN = OpenPrompt(
    "p1", "display", "Display", "total", "Does it show this?", (Choice("same", "as shown"), Choice("differs", "not")),
    (
        Sight(1, "A", Display("0009032 kWh", ("abcdef", "bc"), unit="kWh", tariffs=(True, False)), ()),
        Sight(2, "", None, (Mark("type", "685-382-OK-50"),)),
    ),
    by_key=True,
)  # fmt: skip
FACTS: list[Fact] = [
    RunOpened(1, 0.0, "r", "eol", "685-382-OK-50", "production", "ab", (1, 2), ("A", "B"), ("Sign-on",), 190.5),
    StepClosed(2, 1.5, "r", "a", "A", (1, 2), (Verdict.PASS, Verdict.FAIL), False, ((2, FAILURE),)),
    PromptOpened(3, 2.0, "r", OPEN),
    PromptAnswered(4, 2.5, "r", "p1", "display", "total", (1, 2), ("same", "differs"), "4711", 0.5),
    Acted(5, 2.5, "r", "4711", "re-arm"),
    Tripped(6, 2.5, "", "the door was opened"),
    Suspected(9, 1.5, "r", "accuracy-ib", "Accuracy Ib", (1, 2, 4), 4, -1.3, "have the golden meter tested"),
    Safe(7, 3.0, "r", 0.1, 0.0),
    RunClosed(8, 3.0, "r", Ending.BLOCKED, "x", (PositionResult(2, "B", Verdict.FAIL, (replace(FAILURE, value=None),)),)),
]  # fmt: skip
MESSAGES: list[say.Message] = [
    say.Start(1, RunRequest("eol", "685-382-OK-50", {1: "A", 12: "B"}, order="17"), "4711"),
    say.Abort(2, "4711"),
    say.Answer(3, "p1", "yes", "4711"),
    say.Rearm(4, "4711"),
    say.SetSpeed(60.0),
    say.SetSpeed(math.inf),
    say.Follow(5, 17),
    say.Unfollow(5),
    say.Greeting(say.PROTOCOL, 99, CARD, GLANCE),
    say.Done(1, "run"),
    say.Failed(2, "Unreachable", "the source is silent (µ)"),
    say.Glanced(GLANCE),
    *(say.Told(5, fact) for fact in FACTS),
]


def test_every_kind_of_fact_is_tried_here() -> None:
    assert {type(fact) for fact in FACTS} == {
        kind for kind in Fact.__subclasses__() if kind.__module__ == "bench.facts"
    }


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: type(each).__name__)
def test_a_message_arrives_as_it_was_sent_on_one_line(message: say.Message) -> None:
    line = say.encode(message)
    assert line.count(b"\n") == 1
    assert say.decode(line) == message


texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.floats(allow_nan=False)
triples = st.tuples(numbers, numbers, numbers)
glances = st.builds(
    LineGlance,
    positions=st.lists(
        st.builds(PositionGlance, serial=texts, error_percent=st.none() | numbers, width_ms=st.none() | numbers)
    ).map(tuple),
    volts=triples,
    amperes=triples,
    watts=triples,
    message=texts,
    elapsed=numbers,
)


@given(glances)
def test_a_glance_arrives_to_the_last_bit(glance: LineGlance) -> None:
    assert say.decode(say.encode(say.Glanced(glance))) == say.Glanced(glance)


def test_a_value_that_is_no_number_arrives_as_such() -> None:
    glance = LineGlance(positions=(PositionGlance(1, error_percent=math.nan),))
    arrived = say.decode(say.encode(say.Glanced(glance)))
    assert isinstance(arrived, say.Glanced)
    assert math.isnan(arrived.glance.positions[0].error_percent or 0.0)


@given(texts, texts, st.dictionaries(st.integers(1, 99), texts))
def test_any_text_of_a_request_arrives(order: str, badge: str, serials: dict[int, str]) -> None:
    message = say.Start(1, RunRequest("eol", "685", serials, order=order), badge)
    assert say.decode(say.encode(message)) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b":OUTP ON\n",
        b"[]\n",
        b'{"say":"Command","text":":OUTP ON"}\n',
        b'{"say":"Abort"}\n',
        b'{"say":"Abort","id":"1","badge":""}\n',
        b'{"say":"Abort","id":-1,"badge":""}\n',
        b'{"say":"Abort","id":1,"badge":null}\n',
        b'{"say":"Abort","id":1,"badge":"","more":1}\n',
        b'{"say":["Abort"],"id":1,"badge":""}\n',
        b'{"say":"Abort","id":1,"badge":"\\ud800"}\n',
        b'{"say":"SetSpeed","speed":0}\n',
        b'{"say":"SetSpeed","speed":NaN}\n',
        b'{"say":"Start","id":1,"badge":"","request":{"sequence":"eol"}}\n',
        b'{"say":"Told","id":1,"kind":"gossip","fact":{}}\n',
        b'{"say":"Told","id":1,"kind":"safe","fact":{"number":1}}\n',
        b'{"say":"Failed","id":1,"kind":"SystemExit","sentence":""}\n',
        b"\xff\xfe\n",
        b"[" * 3000,
        b'{"say":"Abort","id":' + b"9" * 5000 + b',"badge":""}\n',
    ],
)
def test_what_is_no_message_is_garbage(line: bytes) -> None:
    with pytest.raises(say.Garbage, match="no message of the session's protocol"):
        say.decode(line)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_garbage(line: bytes) -> None:
    try:
        say.decode(line)
    except say.Garbage:
        pass


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(MESSAGES), st.data(), json_values)
def test_a_message_with_one_field_put_wrong_is_a_message_or_garbage(
    message: say.Message, data: Any, value: Any
) -> None:
    said = json.loads(say.encode(message))
    said[data.draw(st.sampled_from(sorted(said)))] = value
    try:
        say.decode(json.dumps(said).encode())
    except (say.Garbage, say.OtherProtocol):
        pass


def test_another_version_is_told_from_garbage_whatever_else_it_says() -> None:
    line = json.dumps({"say": "Greeting", "protocol": say.PROTOCOL + 1, "pid": 7, "hall": "north"}).encode()
    with pytest.raises(say.OtherProtocol, match=r"process 7.*version 3 .*this bench version 2.*restart bench-engine"):
        say.decode(line)


class _Deaf(Unreachable):
    pass


@pytest.mark.parametrize(
    ("error", "kind"), [(Refused("a"), Refused), (Unreachable("b"), Unreachable), (_Deaf("c"), Unreachable)]
)
def test_an_error_arrives_as_its_own_kind_with_its_sentence(error: Refused, kind: type[Refused]) -> None:
    failed = say.decode(say.encode(say.failure(3, error)))
    assert isinstance(failed, say.Failed)
    arrived = say.refusal(failed)
    assert (type(arrived), str(arrived)) == (kind, str(error))
