"""What a client and the source owner say to each other: one JSON object a line, each a frozen message; no I/O here.

There is no message for a raw command: a client can ask for a load, for nothing else that switches anything.
"""

from __future__ import annotations

import cmath
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from bench import safety
from drivers.load import Load, Phasors
from drivers.power_source import Capabilities, InstrumentError, LoadRefused, Reading, SelfReported, Unanswered
from drivers.visa import Revoked

PROTOCOL = 2
"""Rises when an older client or owner would misunderstand."""

LONGEST_LINE = 16384
"""Bytes. Whoever sends more is out of step."""


class Garbage(Exception):
    """A line that is no message of this protocol."""


# ---------------------------------------------------------------- client to owner


@dataclass(frozen=True, slots=True)
class Energise:
    """Lend me the source. Answered by `Done` with the number of the lease, or `Failed`."""

    id: int
    """Numbers the requests of a connection; the answer has the same."""


@dataclass(frozen=True, slots=True)
class Apply:
    """Set this load. Answered by `Done` or `Failed`."""

    id: int
    lease: int
    load: Load


@dataclass(frozen=True, slots=True)
class Read:
    """Read the output back. Answered by `Done` with the reading, or `Failed`."""

    id: int


@dataclass(frozen=True, slots=True)
class Renew:
    """Keep the source on for another lease. One way: never answered."""

    lease: int


@dataclass(frozen=True, slots=True)
class Off:
    """Switch off, read back, end my lease. Answered by `Done` with the reading, or `Failed`."""

    id: int


@dataclass(frozen=True, slots=True)
class Rearm:
    """A person allows the source to be energised again. Answered by `Done` or `Failed`."""

    id: int
    badge: str
    """Who; never empty."""


# ---------------------------------------------------------------- owner to client


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first line of every connection."""

    protocol: int
    pid: int
    """The owner's process."""
    identity: str
    capabilities: Capabilities
    trip: str
    """Why the source may not be energised now; empty while it may."""
    found: str = ""
    """What the source held in its error queue when the owner opened it, in one sentence; empty when nothing."""


@dataclass(frozen=True, slots=True)
class Done:
    """A request was carried out."""

    id: int
    lease: int = 0
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A request was not carried out."""

    id: int
    kind: str
    """Name of the error in `ERRORS`."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Tripped:
    """To all clients: the owner has told the source to go off and lends it to nobody."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rearmed:
    """To all clients: a person allowed the source to be energised again."""

    badge: str


ERRORS: dict[str, type[InstrumentError]] = {
    error.__name__: error
    for error in (
        LoadRefused,
        Revoked,
        SelfReported,
        Unanswered,
        safety.Tripped,
        safety.StillEnergised,
        InstrumentError,
    )
}
"""The errors that cross the connection, by name."""


def failure(request: int, error: InstrumentError) -> Failed:
    """The answer to a request that raised `error`."""
    return Failed(request, next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in ERRORS), str(error))


Request = Energise | Apply | Read | Renew | Off | Rearm
Announcement = Welcome | Done | Failed | Tripped | Rearmed
Message = Request | Announcement


def encode(message: Message) -> bytes:
    """The message as a line."""
    said: dict[str, Any] = {"say": type(message).__name__}
    for name in _FIELDS[type(message).__name__]:
        value = getattr(message, name)
        said[name] = _TO_JSON[name](value) if name in _TO_JSON and value is not None else value
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line. Raises `Garbage`."""
    try:
        said = json.loads(line)
        kind = _MESSAGES[said.pop("say")]
        if tuple(said) != _FIELDS[kind.__name__]:
            raise ValueError("other fields")
        message: Message = kind(**{name: _FROM_JSON[name](value) for name, value in said.items()})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise Garbage(f"{line[:60]!r} is no message of the source owner's protocol ({error})") from None
    return message


# ---------------------------------------------------------------- fields


def _phasors(values: Phasors) -> list[list[float]]:
    return [[value.real, value.imag] for value in values]


def _three(values: Any) -> tuple[Any, Any, Any]:
    first, second, third = values
    return first, second, third


def _as_phasors(values: Any) -> Phasors:
    first, second, third = (complex(_number(re), _number(im)) for re, im in _three(values))
    if not all(map(cmath.isfinite, (first, second, third))):
        raise ValueError("not finite")
    return first, second, third


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _load(load: Load) -> Any:
    return [_phasors(load.u), _phasors(load.i), load.frequency]


def _as_load(value: Any) -> Load:
    u, i, frequency = value
    return Load(_as_phasors(u), _as_phasors(i), _number(frequency))


def _reading(reading: Reading) -> Any:
    return [reading.time, _phasors(reading.u), _phasors(reading.i), list(reading.power), reading.frequency]


def _as_reading(value: Any) -> Reading | None:
    if value is None:
        return None
    time, u, i, power, frequency = value
    a, b, c = map(_number, _three(power))
    return Reading(_number(time), _as_phasors(u), _as_phasors(i), (a, b, c), _number(frequency))


def _capabilities(capabilities: Capabilities) -> Any:
    return {each.name: getattr(capabilities, each.name) for each in fields(Capabilities)}


def _as_capabilities(value: Any) -> Capabilities:
    defaults = _capabilities(Capabilities())
    if value.keys() != defaults.keys():
        raise ValueError("other capabilities")
    for name, given in value.items():
        if isinstance(defaults[name], bool) != isinstance(given, bool) or (
            not isinstance(given, bool) and not math.isfinite(given)
        ):
            raise ValueError(f"{name} {given!r}")
    return Capabilities(**value)


_TO_JSON: dict[str, Callable[[Any], Any]] = {"load": _load, "reading": _reading, "capabilities": _capabilities}
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "lease", "pid", "protocol"), _whole),
    **dict.fromkeys(("badge", "identity", "trip", "found", "kind", "sentence", "reason"), _text),
    "load": _as_load,
    "reading": _as_reading,
    "capabilities": _as_capabilities,
}
_MESSAGES: dict[str, Any] = {
    kind.__name__: kind for kind in (Energise, Apply, Read, Renew, Off, Rearm, Welcome, Done, Failed, Tripped, Rearmed)
}
_FIELDS = {name: tuple(each.name for each in fields(kind)) for name, kind in _MESSAGES.items()}
