"""A station as the text of a `station.toml`: what `bench.station_file` reads, written. What a dialect declares anyway is left out."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from bench.station import Calibration, Station
from bench.transformer import Transformer
from drivers.source_dialects import default_capabilities


def station_text(station: Station) -> str:
    """The text; `load_station` makes an equal station of it."""
    source = station.source
    defaults = asdict(default_capabilities(source.dialect))
    own = {name: value for name, value in asdict(source.capabilities).items() if value != defaults[name]}
    tables = [
        _table("", {"name": station.name, "pin_factory": station.pin_factory, "owner_socket": station.owner_socket}),
        _table(
            "[source]",
            {"resource": source.resource, "dialect": source.dialect, **own, "deadline": source.deadline}
            | {"temperature_percent_per_k": source.temperature_percent_per_k},
        )
        + _lines(_calibration(source.calibration)),
    ]
    if station.standard is not None:
        tables.append(_described("[standard]", station.standard))
    tables.append(_table("[environment]", asdict(station.environment)))
    tables.append(_table("[safety]", asdict(station.safety)))
    for each in station.positions:
        tables.append(_described("[[position]]", each))
        tables += [_transformer(one) for one in each.transformers]
    tables += [_table("[[people]]", asdict(each)) for each in station.people]
    return "\n".join(tables)


def _described(header: str, description: Any) -> str:
    values = {name: value for name, value in asdict(description).items() if name not in ("calibration", "transformers")}
    return _table(header, values | _calibration(description.calibration))


def _transformer(one: Transformer) -> str:
    rows = [", ".join(_lines(asdict(point)).splitlines()) for point in one.points]
    points = "".join(f"    {{ {row} }},\n" for row in rows)
    own = {name: value for name, value in asdict(one).items() if name not in ("points", "phases")}
    phases = json.dumps(one.phases)
    return _table("[[position.transformer]]", own) + f"phases = {phases}\npoints = [\n{points}]\n"


def _calibration(known: Calibration) -> dict[str, Any]:
    return {name: value for name, value in asdict(known).items() if value}


def _table(header: str, values: dict[str, Any]) -> str:
    return (f"{header}\n" if header else "") + _lines(values)


def _lines(values: dict[str, Any]) -> str:
    return "".join(f"{name} = {_value(value)}\n" for name, value in values.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value)  # a JSON string is a TOML basic string
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(each)}" for name, each in value.items()) + " }"
    return str(value).lower() if isinstance(value, bool) else repr(value)
