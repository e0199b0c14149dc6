"""A profile read from TOML and checked: every mistake at once. Figures that are not named are the norm's."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from pathlib import Path
from typing import Any

from bench.profile import STANDARD, Profile
from bench.session import Refused
from bench.written_file import text_of

_KINDS = {field.name: type(getattr(STANDARD, field.name)) for field in dataclasses.fields(Profile)}


def load_profile(path: Path) -> Profile:
    """Read a profile file. Raises `Refused` naming the file and every mistake."""
    missing = f"there is no profile at {path}; give the path of a TOML file with figures of docs/profile.md"
    try:
        table = tomllib.loads(text_of(path, "the profile", missing))
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"the profile {path} is not TOML: {error}") from None
    wrong = [mistake for name, value in table.items() if (mistake := _mistake(name, value))]
    if wrong:
        raise Refused(f"{path}: {'; '.join(wrong)}")
    figures: dict[str, Any] = {name: _figure(name, value) for name, value in table.items()}
    try:
        return Profile(**{"name": path.stem, **figures})
    except ValueError as error:
        raise Refused(f"{path}: {error}") from None


def _figure(name: str, value: Any) -> Any:
    """As the profile holds it: TOML knows lists and lets a number be whole."""
    return _KINDS[name](value) if _KINDS[name] in (float, tuple) else value


def _mistake(name: str, value: object) -> str:
    if name not in _KINDS:
        near = difflib.get_close_matches(name, _KINDS, n=1)
        return f"{name} is no figure of a profile{f'; did you mean {near[0]}?' if near else ''}"
    kind = _KINDS[name]
    if kind is bool:
        return "" if isinstance(value, bool) else f"{name} is {value!r}; true or false is wanted"
    if kind is tuple:
        fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return "" if fits else f"{name} is {value!r}; a list of texts is wanted"
    fits = isinstance(value, (int, float) if kind is float else kind) and not isinstance(value, bool)
    words = {float: "a number", int: "a whole number", str: "a text"}
    return "" if fits else f"{name} is {value!r}; {words[kind]} is wanted"
