"""What a session says to an engine in another process and hears from it: one JSON object a line, each a frozen message; no I/O here.

The values inside are those of `bench.session` and `bench.facts` themselves: what a screen sees here it sees there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from bench.facts import Fact
from bench.session import LineGlance, Refused, RunRequest, StationCard, Unreachable

PROTOCOL = 2
"""Rises when an older session or engine would misunderstand."""

LONGEST_REQUEST = 1 << 16
"""Bytes of a line to the engine. Whoever sends more is out of step."""
LONGEST_ANSWER = 1 << 20
"""Bytes of a line from the engine: a step of twelve positions with every measurement failed takes a tenth of it."""

_Whole = Annotated[int, Field(ge=0)]


class Garbage(Exception):
    """A line that is no message of this protocol."""


class OtherProtocol(Exception):
    """The engine speaks another version; the message says what to do."""


# ---------------------------------------------------------------- session to engine


@dataclass(frozen=True, slots=True)
class Start:
    """Start a run. Answered by `Done` with its id, or `Failed`. The run goes on when the connection ends."""

    id: _Whole
    """Numbers the requests of a connection; the answer has the same."""
    request: RunRequest
    badge: str


@dataclass(frozen=True, slots=True)
class Abort:
    """Stop the run. Answered by `Done` or `Failed`."""

    id: _Whole
    badge: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer an open prompt. Answered by `Done` or `Failed`."""

    id: _Whole
    prompt: str
    answer: str
    badge: str


@dataclass(frozen=True, slots=True)
class Rearm:
    """Let a tripped source energise again. Answered by `Done` or `Failed`."""

    id: _Whole
    badge: str


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Simulated seconds a second. One way: the next glance shows it."""

    speed: Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class Follow:
    """Tell every fact with a number above `after`, then the new ones. Answered by any number of `Told`."""

    id: _Whole
    after: _Whole


@dataclass(frozen=True, slots=True)
class Unfollow:
    """No more facts for the `Follow` of this number. One way."""

    id: _Whole


# ---------------------------------------------------------------- engine to session


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first line of every connection."""

    protocol: _Whole
    pid: _Whole
    """The engine's process."""
    card: StationCard
    glance: LineGlance


@dataclass(frozen=True, slots=True)
class Done:
    """A request was carried out."""

    id: _Whole
    run: str = ""
    """Of a run that was started."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A request was refused."""

    id: _Whole
    kind: Literal["Refused", "Unreachable"]
    sentence: str


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, for the `Follow` of this number."""

    id: _Whole
    fact: Fact


@dataclass(frozen=True, slots=True)
class Glanced:
    """The latest picture. Comes at least once a second, changed or not: it is the engine's sign of life."""

    glance: LineGlance


Request = Start | Abort | Answer | Rearm | SetSpeed | Follow | Unfollow
News = Greeting | Done | Failed | Told | Glanced
Message = Request | News


def failure(request: int, error: Refused) -> Failed:
    """The answer to a request that raised `error`."""
    return Failed(request, "Unreachable" if isinstance(error, Unreachable) else "Refused", str(error))


def refusal(failed: Failed) -> Refused:
    """The error that the engine had."""
    return (Unreachable if failed.kind == "Unreachable" else Refused)(failed.sentence)


def encode(message: Message) -> bytes:
    """The message as a line. Raises `UnicodeEncodeError` for text that is none."""
    said = {"say": type(message).__name__, **asdict(message)}
    if isinstance(message, Told):
        said["kind"] = message.fact.kind
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line. Raises `Garbage`, or `OtherProtocol` for the greeting of another version."""
    try:
        said = json.loads(line)
        name = said.pop("say")
        if name == "Greeting" and said["protocol"] != PROTOCOL:
            raise OtherProtocol(
                f"the engine (process {said['pid']}) speaks version {said['protocol']} of the session's protocol and this bench "
                f"version {PROTOCOL}; end it and start it again with this software: systemctl restart bench-engine"
            )
        if name == "Told":
            return Told(_WHOLE.validate_python(said["id"], strict=True), _as(_FACTS[said["kind"]], said["fact"]))
        if said.keys() != _FIELDS[name]:
            raise ValueError("other fields")
        message: Message = _as(_MESSAGES[name], said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Garbage(f"{line[:60]!r} is no message of the session's protocol ({_short(error)})") from None
    return message


def _as(adapter: TypeAdapter[Any], value: Any) -> Any:
    return adapter.validate_json(json.dumps(value), strict=True)


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


_WHOLE: TypeAdapter[int] = TypeAdapter(_Whole)
_KINDS: tuple[Any, ...] = (Start, Abort, Answer, Rearm, SetSpeed, Follow, Unfollow, Greeting, Done, Failed, Glanced)
_MESSAGES: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in _KINDS}
_FIELDS = {kind.__name__: {each.name for each in fields(kind)} for kind in _KINDS}
_FACTS: dict[str, TypeAdapter[Any]] = {kind.kind: TypeAdapter(kind) for kind in Fact.__subclasses__()}
