"""What a process and the pins of the world apart say to each other: one JSON object a line, each a frozen message; no I/O here.

A line of the header belongs to one connection at a time, as a line of a gpiochip belongs to one process.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

LONGEST_LINE = 4096
"""Bytes. Whoever sends more is out of step."""


class Garbage(Exception):
    """A line that is no message of these pins."""


@dataclass(frozen=True, slots=True)
class Claim:
    """To the world: this line is mine. Answered by `Claimed`. Claiming one's own line again changes how it is used."""

    pin: str
    """As "GPIO4"."""
    output: bool
    pull_up: bool
    """What an input reads that nothing drives."""


@dataclass(frozen=True, slots=True)
class Drive:
    """To the world: the level of an output. Never answered."""

    pin: str
    level: bool


@dataclass(frozen=True, slots=True)
class Release:
    """To the world: this line is free again. Never answered."""

    pin: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """To the process: the answer to `Claim`."""

    pin: str
    level: bool
    why_not: str
    """Empty where the line is now its; else who has it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """To the process: an input changed."""

    pin: str
    level: bool
    ticks: float
    """CLOCK_MONOTONIC in s of the change itself, as the kernel stamps it; not of its delivery."""


Message = Claim | Drive | Release | Claimed | Edge

_MESSAGES: dict[str, Any] = {kind.__name__.lower(): kind for kind in (Claim, Drive, Release, Claimed, Edge)}
_TYPES = {"str": str, "bool": bool, "float": float}


def encode(message: Message) -> bytes:
    """The message as a line."""
    return json.dumps({"say": type(message).__name__.lower(), **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line. Raises `Garbage`."""
    try:
        said = json.loads(line)
        kind = _MESSAGES[said.pop("say")]
        for each in fields(kind):
            if type(said[each.name]) is not _TYPES[str(each.type)]:
                raise TypeError(f"{each.name} {said[each.name]!r}")
        message: Message = kind(**said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Garbage(f"{line[:60]!r} is no message of these pins ({error})") from None
    return message
