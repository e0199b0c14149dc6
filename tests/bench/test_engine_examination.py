"""What the doctor makes of a running engine's word, on a scripted one behind a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.doctor import Finding, State
from bench.engine_examination import examine_engine
from bench.engine_lock import only_engine
from bench.session import SourceState
from bench.session_server import SessionServer
from bench.station import Calibration, PositionDescription, SourceDescription, StandardDescription, Station
from tests.tui.scripted_session import ScriptedSession

STATION = Station(
    "EOL 3",
    SourceDescription("TCPIP::192.0.2.10::5025::SOCKET", calibration=Calibration(serial="17")),
    (PositionDescription(1, "GPIO4", "/dev/ttyUSB0"),),
    StandardDescription("TCPIP::192.0.2.11::5025::SOCKET", 0.05),
)

Examine = Callable[..., dict[str, Finding]]


@pytest.fixture
def examine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """Examine `STATION` through an engine on its file, after the engine was changed."""
    monkeypatch.setenv("BENCH_HOME", str(tmp_path))
    file, socket = tmp_path / "station.toml", tmp_path / "engine.sock"

    def run(change: Callable[[ScriptedSession], None], station: Path = file) -> dict[str, Finding]:
        engine = ScriptedSession(positions=1, simulated=False)
        engine.card = replace(engine.card, file=str(file), source="MAKER,MODEL,17,2", standard="MAKER,WT,1,1")
        change(engine)

        async def main() -> dict[str, Finding]:
            server = SessionServer(engine)
            await server.listen(socket)
            try:
                return {each.check: each for each in await examine_engine(station, STATION)}
            finally:
                await server.close()

        with only_engine(tmp_path, str(socket)):
            return asyncio.run(main())

    return run


def faults(found: dict[str, Finding]) -> dict[str, str]:
    wrong = [each for each in found.values() if each.state is State.FAULT]
    assert all(each.to_do for each in wrong)
    return {each.check: each.found for each in wrong}


def test_an_engine_that_is_well_speaks_for_its_instruments_and_what_it_cannot_say_is_named(examine: Examine) -> None:
    found = examine(lambda engine: engine.line(running=True, sequence="eol", type_number="685-382-OK-50"))
    assert faults(found) == {}
    assert "tests 685-382-OK-50 with eol now" in found["engine"].found
    assert found["power source"].found == "MAKER,MODEL,17,2"
    assert found["reference standard"].found == "MAKER,WT,1,1"
    assert found["optical heads, S0 inputs"].state is State.NOTE


def test_a_trip_and_a_source_that_may_be_on_are_faults(examine: Examine) -> None:
    tripped = examine(lambda engine: engine.line(source=SourceState.TRIPPED, trip="the door was opened"))
    assert faults(tripped) == {"power source": "MAKER,MODEL,17,2 is tripped: the door was opened"}
    unknown = examine(lambda engine: engine.line(source=SourceState.UNKNOWN, message="no answer"))
    assert faults(unknown) == {"power source": "MAKER,MODEL,17,2: no answer"}


def test_another_instrument_or_another_number_of_positions_than_the_file_describes_is_a_fault(examine: Examine) -> None:
    def changed(engine: ScriptedSession) -> None:
        engine.card = replace(engine.card, source="MAKER,MODEL,18,2", positions=2)

    found = faults(examine(changed))
    assert "serial number 18 answers" in found["power source"]
    assert found["positions"] == "the engine has opened 2, the station file describes 1"


def test_an_engine_on_another_station_file_is_not_asked(examine: Examine, tmp_path: Path) -> None:
    found = faults(examine(lambda _: None, tmp_path / "other.toml"))
    assert found.keys() == {"engine"}
    assert "runs the station of" in found["engine"]


def test_without_an_engine_that_serves_there_is_nothing_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_HOME", str(tmp_path))
    assert asyncio.run(examine_engine(tmp_path / "station.toml", STATION)) == ()
    with only_engine(tmp_path, str(tmp_path / "gone.sock")):
        assert asyncio.run(examine_engine(tmp_path / "station.toml", STATION)) == ()
