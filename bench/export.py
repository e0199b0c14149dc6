"""A run as JSON: canonical (one line, sorted keys, byte-identical for equal runs), pretty, and back; and the hash over it.

Nothing of the machine is in it: no path, no host, no wall clock but the run's own opening and closing.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any, TypeVar

from bench.record import (
    Act,
    Correction,
    Edges,
    Energy,
    ErrorBasis,
    Instrument,
    Measurement,
    MeterUnderTest,
    Outcome,
    Prompt,
    Run,
    Step,
    Telegram,
    TerminalPower,
)
from bench.verdict import Ending, Verdict

FORMAT = 1
"""Version of the JSON; it rises when an older reader would misread it."""

_T = TypeVar("_T")


def canonical(run: Run) -> str:
    """The run as one line of JSON with every fact and edge: equal runs give equal text, whatever machine they ran on."""
    return _line(_document(run))


def as_json(run: Run) -> str:
    """The same, for people: indented, numbers of a list on one line."""
    text = json.dumps(_document(run), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=2)
    # A line break inside a string is escaped, so this finds lists of bare numbers only.
    return re.sub(r"\[\n\s+([^\[\]{}\"]*?)\n\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)


def from_canonical(text: str) -> Run:
    """The run of a canonical or pretty text. Raises ValueError, saying what is wrong with it."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']} is not {FORMAT}")
        return _read(Run, document["run"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"this is not an exported run: {error}. Export it again with `bench export RUN`.") from error


def step_digest(step: Step) -> str:
    """SHA-256 of a step, in hexadecimal."""
    # One outcome at a time: the JSON encoder holds the interpreter's lock, and the engine's loop waits for it.
    sha = hashlib.sha256()
    for part in (replace(step, outcomes=()), *step.outcomes):
        sha.update(_line(_plain(part, type(part), sparse=True)).encode() + b"\n")
    return sha.hexdigest()


def run_hash(run: Run, step_digests: Iterable[str], previous: str) -> str:
    """SHA-256 over the run without its steps (with its plan), the digests of its steps in order, and the previous run's hash.

    Fields at their default are left out of what is hashed, so that a field added later does not break old hashes.
    """
    lines = (_line(_plain(replace(run, steps=()), Run, sparse=True)), *step_digests, previous)
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _line(plain: Any) -> str:
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _document(run: Run) -> dict[str, Any]:
    return {"format": FORMAT, "run": _plain(run, Run)}


_KINDS = (
    Run,
    MeterUnderTest,
    Instrument,
    Act,
    Step,
    Energy,
    Outcome,
    Measurement,
    Correction,
    Edges,
    Telegram,
    Prompt,
    ErrorBasis,
    TerminalPower,
)
_HINTS: dict[type, dict[str, Any]] = {kind: typing.get_type_hints(kind) for kind in _KINDS}


def _plain(value: Any, hint: Any, sparse: bool = False) -> Any:
    """`value` as JSON holds it. The declared type decides, so that 1 and 1.0, which are equal, read the same."""
    if value is None or (isinstance(value, str) and not isinstance(value, Ending)):
        return value
    if is_dataclass(hint):
        return {
            f.name: _plain(getattr(value, f.name), _HINTS[type(value)][f.name], sparse)
            for f in fields(value)
            if not sparse or f.default is MISSING or getattr(value, f.name) != f.default
        }
    if typing.get_origin(hint) is tuple:
        of = typing.get_args(hint)[0]
        return list(value) if of is int else [_plain(item, of, sparse) for item in value]
    if typing.get_origin(hint) is types.UnionType:
        return _plain(value, _inner(hint), sparse)
    if hint is float:
        number = float(value) + 0.0  # −0.0 equals 0.0 and must read the same
        return number if math.isfinite(number) else {"float": str(number)}
    if isinstance(value, Verdict | Ending):
        return value.name
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _inner(hint: Any) -> Any:
    """What stands in a field besides None and text."""
    return next((h for h in typing.get_args(hint) if h not in (types.NoneType, str)), str)


def _read(kind: type[_T], plain: dict[str, Any]) -> _T:
    hints = _HINTS[kind]
    unknown = plain.keys() - hints.keys()
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return kind(**{name: _value(hints[name], item) for name, item in plain.items()})


_SCALARS: dict[Any, Callable[[Any], Any]] = {
    Verdict: lambda plain: Verdict[plain],
    Ending: lambda plain: Ending[plain],
    bytes: lambda plain: plain.encode("latin-1"),
    float: lambda plain: float(plain["float"]) if isinstance(plain, dict) else float(plain),
}


def _value(hint: Any, plain: Any) -> Any:
    if typing.get_origin(hint) is types.UnionType:
        members = typing.get_args(hint)
        if (plain is None and types.NoneType in members) or (isinstance(plain, str) and str in members):
            return plain
        return _value(_inner(hint), plain)
    if typing.get_origin(hint) is tuple:
        of = typing.get_args(hint)[0]
        return tuple(plain) if of is int else tuple(_value(of, item) for item in plain)
    if is_dataclass(hint):
        return _read(typing.cast(type, hint), plain)
    read = _SCALARS.get(hint)
    if read:
        return read(plain)
    if not isinstance(plain, hint):
        raise ValueError(f"{plain!r} stands where {hint.__name__} is wanted")
    return plain
