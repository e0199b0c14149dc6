"""`station.toml` read and checked: every mistake at once, each with its line and what is allowed."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

from pydantic import ValidationError

from bench.places import home
from bench.session import Refused
from bench.station import Station
from bench.station_contradictions import contradictions
from bench.station_tables import StationTable, names_at
from bench.toml_lines import line_of
from bench.written_file import text_of


def station_path(given: str | None = None) -> Path:
    """The station file that was named, else `station.toml` in the bench's home. Raises `PlaceError`."""
    return Path(given) if given else home() / "station.toml"


def load_station(path: Path) -> Station:
    """Read a station file. Raises `Refused` naming every mistake with file and line."""
    text = text_of(
        path,
        "the station file",
        f"there is no station file at {path}; write one as docs/station.md shows, or use --simulated",
    )
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{path}: not TOML: {error}") from None
    try:
        checked = StationTable.model_validate(table)
    except ValidationError as error:
        raise Refused("; ".join(_sentences(error, path, text))) from None
    wrong = contradictions(checked)
    if wrong:
        raise Refused(f"{path}: " + "; ".join(wrong))
    return checked.station()


def _sentences(error: ValidationError, path: Path, text: str) -> list[str]:
    found = []
    for each in error.errors():
        place = [str(part) for part in each["loc"]]
        line = line_of(each["loc"], text)
        where = f"{path}:{line}" if line else str(path)
        hint = ""
        if each["type"] == "extra_forbidden":
            near = difflib.get_close_matches(place[-1], names_at(each["loc"]), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
        got = "" if each["type"] in ("missing", "extra_forbidden") else f" (got {each['input']!r})"
        found.append(f"{where}: {'.'.join(place)}: {each['msg']}{got}{hint}")
    return found
