"""Fixtures for tests of sequences and meters: `station`, `line`, `meter`, `reference_meter`.

The line is simulated unless `--bench-station` names the file of a real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from bench.assembly import Setup
from bench.pytest_line import TestLine, Wanted
from bench.session import RunRequest
from bench.simulated_station import DEFAULT_TYPE
from reference_meter import MalformedTypeNumber, ReferenceMeter, TypeNumber


@dataclass(frozen=True)
class Meter:
    """The meter under test, in position 1; all others of the line are of its type."""

    type_number: TypeNumber
    fault: str = ""
    """What is wrong with a simulated one, for instance "gain=+2.5%"; `bench faults` lists them."""
    serial: str = ""


@pytest.fixture
def meter(request: pytest.FixtureRequest) -> Meter:
    """The meter that `@pytest.mark.meter("685-382-OK-50", fault="gain=+2.5%")` names; a good one without the mark."""
    words = _meter_mark(request)
    marked = words.pop("type_number", "")
    text = marked or request.config.getoption("--bench-type") or DEFAULT_TYPE
    try:
        named = Meter(TypeNumber.parse(text), **words)
    except MalformedTypeNumber as error:
        where = "@pytest.mark.meter" if marked else "--bench-type"
        raise pytest.fail.Exception(f"{where}: {error}", pytrace=False) from None
    if named.fault and request.config.getoption("--bench-station"):
        pytest.skip(f"no fault can be put into a real meter: {named.fault}")
    return named


@pytest.fixture
def station(meter: Meter, request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Setup:
    """How the line is opened: simulated, as its marks want it, or the station of `--bench-station`."""
    file = pytestconfig.getoption("--bench-station")
    faults = (f"1:{meter.fault}",) if meter.fault else ()
    setup = Setup(station=file) if file else Setup(simulated=True, positions=1, faults=faults)
    for wanted in _line_marks(request):
        setup = wanted.of(setup, _serials(meter, request))
    return setup


@pytest.fixture
def line(
    station: Setup, meter: Meter, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TestLine:
    """The line with the meter in it: `line.run("eol")`. A simulated run leaves nothing in the bench's home.

    `@pytest.mark.line("2:gain=+4%", positions=4, seed=2)` wants more of it; several such marks add up.
    """
    if station.simulated:
        monkeypatch.setenv("BENCH_HOME", str(tmp_path / "bench-home"))
    return TestLine(station, request_for(station, str(meter.type_number), _serials(meter, request)))


@pytest.fixture
def reference_meter(meter: Meter) -> ReferenceMeter:
    """A reference meter of the same type, fresh from the factory."""
    return ReferenceMeter(meter.type_number)


def request_for(setup: Setup, type_number: str, serials: dict[int, str]) -> RunRequest:
    """A request without its sequence. pytest makes engineering runs: none of them is production."""
    return RunRequest("", type_number, serials=serials, purpose="" if setup.simulated else "engineering")


def serials_of(config: pytest.Config) -> dict[int, str]:
    """The meters of `--bench-serial`. Raises `pytest.UsageError`."""
    found = {}
    for text in config.getoption("--bench-serial"):
        number, equals, serial = text.partition("=")
        if not equals or not number.isdecimal() or not serial:
            raise pytest.UsageError(f"--bench-serial {text!r}: write POSITION=SERIAL, for instance 1=12345678")
        found[int(number)] = serial
    return found


def _serials(meter: Meter, request: pytest.FixtureRequest) -> dict[int, str]:
    """Of the command line and of the marks; these go first, and name each position once."""
    marked = {1: meter.serial} if meter.serial else {}
    for wanted in _line_marks(request):
        for position, serial in wanted.serials.items():
            if position in marked:
                pytest.fail(
                    f"@pytest.mark.line: position {position} is named twice, with {marked[position]} and with {serial}",
                    pytrace=False,
                )
            marked[position] = serial
    return {**serials_of(request.config), **marked}


def _meter_mark(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the nearest mark `meter` says, by name."""
    mark = request.node.get_closest_marker("meter")
    if mark is None:
        return {}
    names = ("type_number", "fault", "serial")
    if len(mark.args) > len(names):
        pytest.fail(f"@pytest.mark.meter: {mark.args[-1]!r} is too much; it takes {', '.join(names)}", pytrace=False)
    words = {**dict(zip(names, mark.args, strict=False)), **mark.kwargs}
    _check_words("meter", words, *names)
    for name, text in words.items():
        if not isinstance(text, str):
            pytest.fail(f"@pytest.mark.meter: {name}={text!r} is no text", pytrace=False)
    return words


def _line_marks(request: pytest.FixtureRequest) -> list[Wanted]:
    """What the marks `line` want, those of the module first and those of the test itself last."""
    found = []
    for mark in reversed(list(request.node.iter_markers("line"))):
        _check_words("line", mark.kwargs, *(each.name for each in fields(Wanted) if each.name != "faults"))
        try:
            found.append(Wanted(mark.args, **mark.kwargs))
        except ValueError as error:
            raise pytest.fail.Exception(f"@pytest.mark.line: {error}", pytrace=False) from None
    return found


def _check_words(mark: str, given: Mapping[str, Any], *known: str) -> None:
    for word in given:
        if word not in known:
            pytest.fail(f"@pytest.mark.{mark}: there is no {word!r}; there are {', '.join(known)}", pytrace=False)
