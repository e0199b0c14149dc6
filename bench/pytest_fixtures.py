"""Fixtures for tests of sequences and meters: `station`, `line`, `meter`, `reference_meter`.

The line is simulated unless `--bench-station` names the file of a real one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.assembly import Setup, engine_for
from bench.journal_errors import JournalError
from bench.places import PlaceError
from bench.record import Run
from bench.session import Refused, RunRequest
from bench.simulated_station import DEFAULT_TYPE
from drivers.power_source import InstrumentError
from drivers.simulated.simulated_time import SimulatedTimeLoop
from reference_meter import MalformedTypeNumber, ReferenceMeter, TypeNumber


@dataclass(frozen=True)
class Meter:
    """The meter under test, in position 1."""

    type_number: TypeNumber
    fault: str = ""
    """What is wrong with a simulated one, for instance "gain=+2.5%"; `bench faults` lists them."""
    serial: str = ""


@dataclass(frozen=True)
class TestLine:
    """A line on which a test runs sequences. Each run opens the station and switches it off afterwards."""

    __test__ = False
    setup: Setup
    request: RunRequest

    def run(self, sequence: str, *, only: str = "", profile: str = "") -> Run:
        """Run a sequence, or one step of it after its gates; the closed record. What cannot be run fails the test in a sentence."""
        request = replace(self.request, sequence=sequence, only=only, profile=profile)
        factory: Callable[[], asyncio.AbstractEventLoop] | None = None
        if self.setup.simulated:
            factory = lambda: SimulatedTimeLoop(self.setup.speed)  # noqa: E731  # asyncio.Runner wants a callable
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                return runner.run(self._run(request))
        except (Refused, InstrumentError, JournalError, PlaceError) as error:
            pytest.fail(str(error), pytrace=False)

    async def _run(self, request: RunRequest) -> Run:
        async with engine_for(self.setup) as engine:
            return await engine.execute(await engine.prepare(request, request.operator))


@pytest.fixture
def meter(request: pytest.FixtureRequest) -> Meter:
    """The meter that `@pytest.mark.meter("685-382-OK-50", fault="gain=+2.5%")` names; a good one without the mark."""
    mark = request.node.get_closest_marker("meter")
    given = Meter(TypeNumber.parse(request.config.getoption("--bench-type") or DEFAULT_TYPE))
    if mark is None:
        return given
    try:
        (text,) = mark.args or (str(given.type_number),)
        named = replace(given, type_number=TypeNumber.parse(text), **mark.kwargs)
    except (MalformedTypeNumber, TypeError, ValueError) as error:
        pytest.fail(f"@pytest.mark.meter: {error}", pytrace=False)
    if named.fault and request.config.getoption("--bench-station"):
        pytest.skip(f"no fault can be put into a real meter: {named.fault}")
    return named


@pytest.fixture
def station(meter: Meter, pytestconfig: pytest.Config) -> Setup:
    """How the line is opened: simulated with this meter in its only position, or the station of `--bench-station`."""
    file = pytestconfig.getoption("--bench-station")
    if file:
        return Setup(station=file)
    return Setup(simulated=True, positions=1, faults=(f"1:{meter.fault}",) if meter.fault else ())


@pytest.fixture
def line(
    station: Setup, meter: Meter, pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TestLine:
    """The line with the meter in it: `line.run("eol")`. A simulated run leaves nothing in the bench's home."""
    serials = serials_of(pytestconfig)
    if meter.serial:
        serials = {**serials, 1: meter.serial}
    if station.simulated:
        monkeypatch.setenv("BENCH_HOME", str(tmp_path / "bench-home"))
    return TestLine(station, request_for(station, str(meter.type_number), serials))


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
