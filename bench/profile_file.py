"""A profile read from TOML and checked by pydantic: every mistake at once with file and line, and the JSON schema that an editor uses.

The shape of a file is checked here, the values by `bench.profile`; both come from the fields of `Profile`, so neither can fall behind.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import re
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from bench.profile import Profile, ProfileError
from bench.session import Refused
from bench.toml_lines import Place, line_of
from bench.written_file import text_of

_FIGURES = {field.name: field for field in dataclasses.fields(Profile)}
_HINTS = typing.get_type_hints(Profile)
_WANTED = {bool: "true or false", float: "a number", int: "a whole number", str: "a text"}


def _model(meanings: dict[str, str]) -> type[BaseModel]:
    """The shape of a profile file; `meanings` go into the schema."""
    figures: dict[str, Any] = {
        name: (
            list[str] if _HINTS[name] == tuple[str, ...] else _HINTS[name],
            Field(
                default=list(field.default) if isinstance(field.default, tuple) else field.default,
                description=meanings.get(name),
                json_schema_extra=dict(field.metadata.get("schema", {})),
            ),
        )
        for name, field in _FIGURES.items()
    }
    strict = ConfigDict(strict=True, extra="forbid", title="Profile of the bench")
    return create_model("Profile", __config__=strict, **figures)


def load_profile(path: Path) -> Profile:
    """Read a profile file. Raises `Refused` naming every mistake with file and line. What it leaves out is the norm's."""
    missing = f"there is no profile at {path}; give the path of a TOML file with figures of docs/profile.md"
    text = text_of(path, "the profile", missing)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"the profile {path} is not TOML: {error}") from None
    mistakes: list[tuple[Place, str]] = []
    try:
        _model({}).model_validate(table)
    except ValidationError as error:
        mistakes += _of_shape(error)
    shapeless = {place[0] for place, _ in mistakes if len(place) == 1}
    figures = {name: _figure(name, value) for name, value in table.items() if name not in shapeless}
    try:
        profile = Profile(**{"name": path.stem, **figures})
    except ProfileError as error:
        mistakes += [(_place(sentence, table), sentence) for sentence in error.mistakes]
    if mistakes:
        raise Refused("; ".join(_in_order(mistakes, path, text)))
    return profile


def profile_schema() -> dict[str, Any]:
    """The JSON schema of a profile file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_model(_meanings()).model_json_schema()}


def _figure(name: str, value: Any) -> Any:
    """As the profile holds it: TOML knows lists and lets a number be whole."""
    if isinstance(value, list):
        return tuple(each for each in value if isinstance(each, str))
    return float(value) if _HINTS[name] is float else value


def _place(sentence: str, table: dict[str, Any]) -> Place:
    """Where in the file a mistake is, by the beginning of its sentence: "points 2: ..." counts the texts of the list."""
    figure, number = re.match(r"(\w+)(?: (\d+):)?", sentence).groups()  # type: ignore[union-attr]  # every sentence has a first word
    if number is None:
        return (figure,)
    texts = [k for k, member in enumerate(table[figure]) if isinstance(member, str)]
    return (figure, texts[int(number) - 1])


def _of_shape(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Each figure that is none or has another kind of value, or each such member of a list, with a sentence."""
    for each in error.errors():
        name = str(each["loc"][0])
        if each["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, _FIGURES, n=1)
            yield each["loc"], f"{name} is no figure of a profile{f'; did you mean {near[0]}?' if near else ''}"
        else:
            verb = "holds" if len(each["loc"]) > 1 else "is"
            yield (
                each["loc"],
                f"{name} {verb} {each['input']!r}; {_WANTED.get(_HINTS[name], 'a list of texts')} is wanted",
            )


def _in_order(mistakes: list[tuple[Place, str]], path: Path, text: str) -> list[str]:
    """The sentences in the order of the file, each with its place."""
    placed = sorted((line_of(place, text) or 0, sentence) for place, sentence in mistakes)
    return [f"{path}:{line}: {sentence}" if line else f"{path}: {sentence}" for line, sentence in placed]


def _meanings() -> dict[str, str]:
    """What stands below each field of `Profile`."""
    (written,) = ast.parse(inspect.getsource(Profile)).body
    assert isinstance(written, ast.ClassDef)
    found = {}
    for field, below in zip(written.body, written.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(meaning))):
                found[name] = meaning
    return found
