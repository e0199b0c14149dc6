"""The doctor: what makes a station unfit, each check by itself and a bad station as a whole."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import pty
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import serial
from gpiozero import DigitalOutputDevice, InputDevice

import bench.examination
import bench.wall_clock
from bench import doctor
from bench.command_line import run
from bench.doctor import Finding, State
from bench.engine_lock import only_engine
from bench.examination import examine
from bench.line import source_of
from bench.owner_server import OwnerServer
from bench.permits import Role, StaffMember
from bench.places import journal_path
from bench.simulated_station import describe, simulated_line
from bench.station import Calibration, PositionDescription, SafetyDescription, SourceDescription, Station
from drivers.simulated.line import MOST_POSITIONS
from drivers.simulated.pins import SimulatedPinFactory
from drivers.simulated.scpi_server import Manner, ScpiServer
from drivers.simulated.scpi_standard_server import ScpiStandardServer

TODAY = date(2027, 3, 1)
STATION = Station(
    "EOL 3",
    SourceDescription("TCPIP::192.0.2.10::5025::SOCKET", calibration=Calibration(due=date(2028, 1, 1))),
    (PositionDescription(1, "GPIO4", "/dev/ttyUSB0", "GPIO16"), PositionDescription(2, "GPIO5", "/dev/ttyUSB1")),
)
Simulated = Callable[..., Any]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("BENCH_HOME", str(folder))
    return folder


@pytest.fixture
def clock_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.examination, "synchronised", lambda: True)


def faults(findings: tuple[Finding, ...]) -> dict[str, str]:
    """What was found wrong, by check; every fault says what to do."""
    wrong = [each for each in findings if each.state is State.FAULT]
    assert all(each.to_do for each in wrong)
    return {each.check: each.found for each in wrong}


# ---------------------------------------------------------------- each check by itself


def test_a_budget_of_pins_without_doubles_is_fit() -> None:
    (finding,) = doctor.check_pins(STATION)
    assert finding == Finding("pins", State.FIT, "3 pins, none used twice")


def test_every_pin_that_is_not_there_or_used_twice_is_told_with_its_users() -> None:
    safety = SafetyDescription(estop_pin="BCM16", door_pin="GPIO99", red_pin="J8:1")
    findings = doctor.check_pins(replace(STATION, safety=safety))
    assert [each.found for each in findings] == [
        "safety door_pin: the header has no input or output 'GPIO99'",
        "safety red_pin: the header has no input or output 'J8:1'",
        "GPIO16 is used twice: position 1 bypass_pin and safety estop_pin",
    ]
    assert all(each.state is State.FAULT and each.to_do for each in findings)


@pytest.mark.parametrize(
    ("due", "state", "words"),
    [
        (None, State.FAULT, "has no due date: production is refused"),
        (date(2027, 2, 28), State.FAULT, "overdue since 2027-02-28: production is refused"),
        (date(2027, 3, 1), State.NOTE, "falls due on 2027-03-01 (today)"),
        (date(2027, 3, 15), State.NOTE, "falls due on 2027-03-15 (14 days)"),
        (date(2027, 3, 16), State.FIT, "due 2027-03-16"),
    ],
)
def test_a_certificate_is_told_14_days_before_its_end_and_a_fault_after_it(
    due: date | None, state: State, words: str
) -> None:
    station = replace(STATION, source=replace(STATION.source, calibration=Calibration(due=due)))
    (finding,) = doctor.check_calibration(station, TODAY)
    assert finding.check == "power source calibration"
    assert finding.state is state
    assert words in finding.found
    assert bool(finding.to_do) == (state is not State.FIT)


def test_a_position_past_its_date_is_a_fault_and_one_without_a_date_is_not() -> None:
    late = replace(STATION.positions[1], calibration=Calibration(due=date(2026, 1, 1)))
    findings = doctor.check_calibration(replace(STATION, positions=(STATION.positions[0], late)), TODAY)
    assert faults(findings) == {"position 2 calibration": "it is overdue since 2026-01-01: production is refused"}


@pytest.mark.parametrize(
    ("roles", "state"),
    [
        ((), State.NOTE),
        ((("engineer", "quality"),), State.NOTE),
        ((("engineer",), ("operator",)), State.NOTE),
        ((("engineer",), ("quality",)), State.FIT),
        ((("engineer", "quality"), ("quality",)), State.FIT),
    ],
)
def test_two_persons_who_can_release_a_plan_together_are_looked_for(
    roles: tuple[tuple[str, ...], ...], state: State
) -> None:
    people = tuple(StaffMember(f"B{k}", "N. N.", tuple(map(Role, each))) for k, each in enumerate(roles))
    (finding,) = doctor.check_people(replace(STATION, people=people))
    assert finding.state is state
    assert bool(finding.to_do) == (state is State.NOTE)


@pytest.mark.parametrize(
    ("identity", "state"),
    [
        ("MAKER,WT310,C1234,F1.01", State.FIT),
        ("MAKER,WT310,0,F1.01", State.FIT),  # IEEE 488.2: the instrument does not know its number
        ("MT786 V1", State.FIT),  # a dialect that tells none
        ("MAKER,WT310,C9999,F1.01", State.FAULT),
        ("", State.FAULT),
    ],
)
def test_another_instrument_than_the_certificates_or_one_without_a_name_is_a_fault(identity: str, state: State) -> None:
    finding = doctor.check_identity("reference standard", identity, Calibration("C1234"))
    assert finding.state is state
    assert bool(finding.to_do) == (state is State.FAULT)


def test_less_than_a_gigabyte_is_a_fault() -> None:
    assert doctor.check_space(Path("/"), 10**9).state is State.FIT
    finding = doctor.check_space(Path("/"), 10**9 - 1)
    assert finding.state is State.FAULT
    assert finding.to_do


def test_a_broken_chain_is_told_with_its_first_run_and_how_many_more() -> None:
    assert doctor.check_chain(Path("bench.db"), ()).state is State.FIT
    finding = doctor.check_chain(Path("bench.db"), (("a1", "its record was changed"), ("b2", "it is gone")))
    assert finding.found.endswith("is broken: run a1: its record was changed, and 1 more")
    assert finding.state is State.FAULT


def test_a_clock_that_follows_no_server_is_a_fault_and_one_of_which_nothing_is_known_a_note() -> None:
    states = [doctor.check_clock(each).state for each in (True, False, None)]
    assert states == [State.FIT, State.FAULT, State.NOTE]


@pytest.mark.parametrize(("answer", "known"), [(0, True), (1, True), (5, False), (-1, None)])
def test_the_kernel_says_whether_the_clock_is_synchronised(
    answer: int, known: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(adjtimex=lambda _: answer))
    assert bench.wall_clock.synchronised(tmp_path / "flag") is known
    (tmp_path / "flag").touch()
    assert bench.wall_clock.synchronised(tmp_path / "flag") is True


def test_a_system_without_adjtimex_knows_nothing_of_its_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    assert bench.wall_clock.synchronised(tmp_path / "flag") is None


# ---------------------------------------------------------------- instruments, ports, pins


def examined(
    simulated: Simulated, change: Callable[[Station], Station] = lambda station: station, manner: Manner | None = None
) -> tuple[Finding, ...]:
    """Examine a simulated station that was changed, or whose standard has another manner."""

    async def main() -> tuple[Finding, ...]:
        world = simulated_line(2, 1, ())
        await world.start()
        try:
            if manner is not None:
                world._instruments.standard.manner = manner
            return await examine(change(describe(world)), world.pin_factory)
        finally:
            await world.stop()

    findings: tuple[Finding, ...] = simulated(main)
    return findings


def test_a_simulated_station_is_fit(simulated: Simulated) -> None:
    findings = examined(simulated)
    assert {each.state for each in findings} == {State.FIT}
    assert [each.found for each in findings if each.check == "power source"] == ["BENCH,SIMULATED SOURCE,0001,1.0"]


def test_a_temperature_sensor_that_lies_is_a_note_because_a_run_may_do_without(simulated: Simulated) -> None:
    def broken(station: Station) -> Station:
        Path(station.environment.temperature_sensor).write_text("-127000", encoding="ascii")
        return station

    (told,) = (each for each in examined(simulated, broken) if each.check == "temperature")
    assert told.state is State.NOTE
    assert "reads -127.0 °C, which is no room" in told.found
    assert "--temperature" in told.to_do
    (fine,) = (each for each in examined(simulated) if each.check == "temperature")
    assert (fine.state, fine.found) == (State.FIT, "23.0 °C at the meters")


def test_the_budget_of_the_longest_simulated_line_holds(simulated: Simulated) -> None:
    async def main() -> tuple[Finding, ...]:
        world = simulated_line(MOST_POSITIONS, 1, ())
        await world.start()
        try:
            return doctor.check_pins(describe(world))
        finally:
            await world.stop()

    assert [each.found for each in simulated(main)] == ["24 pins, none used twice"]


def test_an_instrument_that_is_silent_is_a_fault_within_its_deadline_and_the_others_are_asked(
    simulated: Simulated,
) -> None:
    findings = examined(simulated, manner=Manner.SILENT)
    (told,) = faults(findings).items()
    assert told[0] == "reference standard"
    assert "within 2 s" in told[1]
    assert sum(each.state is State.FIT and "optical head" in each.check for each in findings) == 2


def test_an_optical_port_that_another_program_uses_or_that_is_not_there_is_a_fault(simulated: Simulated) -> None:
    leader, follower = pty.openpty()
    taken = os.ttyname(follower)
    with serial.Serial(taken, exclusive=True):

        def change(station: Station) -> Station:
            first, second = station.positions
            return replace(station, positions=(replace(first, optical=taken), replace(second, optical="/dev/nowhere")))

        told = faults(examined(simulated, change))
    os.close(leader)
    os.close(follower)
    assert "another program uses it" in told["position 1 optical head"]
    assert "there is no such port" in told["position 2 optical head"]


def test_a_pin_factory_that_gpiozero_does_not_know_is_a_fault(simulated: Simulated) -> None:
    async def main() -> tuple[Finding, ...]:
        station = replace(STATION, positions=(), pin_factory="abacus", owner_socket="/nowhere/source.sock")
        return await examine(station)

    told = faults(simulated(main))
    assert "gpiozero knows no pin factory 'abacus'" in told["pin factory"]
    assert "no source owner answers at /nowhere/source.sock" in told["power source"]


def test_an_s0_input_that_is_taken_is_a_fault_and_no_output_is_touched(simulated: Simulated) -> None:
    async def main() -> tuple[Finding, ...]:
        factory = SimulatedPinFactory(asyncio.get_running_loop().time)
        with (
            InputDevice("GPIO4", pin_factory=factory),
            DigitalOutputDevice("GPIO16", initial_value=True, pin_factory=factory) as contactor,
        ):
            findings = bench.examination._open_pins(STATION, factory)
            assert contactor.value == 1
        return tuple(findings)

    told = faults(simulated(main))
    assert list(told) == ["position 1 S0"]
    assert "GPIO4" in told["position 1 S0"]


def test_a_source_that_belongs_to_an_owner_is_asked_through_it_and_must_not_be_tripped(
    simulated: Simulated, tmp_path: Path
) -> None:
    path = tmp_path / "s"

    async def main() -> None:
        world = simulated_line(1, 1, ())
        await world.start()
        station = replace(describe(world), owner_socket=str(path))
        server = OwnerServer(source_of(station.source))
        await server.open()
        listening = await asyncio.start_unix_server(server.serve, path)
        findings = await examine(station, world.pin_factory)
        assert faults(findings) == {}
        assert [each.found for each in findings if each.check == "power source"] == ["BENCH,SIMULATED SOURCE,0001,1.0"]
        server.trip("the door was opened")
        findings = await examine(station, world.pin_factory)
        assert "is tripped: the door was opened" in faults(findings)["power source"]
        await server.stop()
        listening.close()
        await world.stop()

    simulated(main)


# ---------------------------------------------------------------- the host


def test_a_home_that_cannot_be_made_is_a_fault(home: Path, clock_is_right: None) -> None:
    home.write_text("in the way")
    told = faults(asyncio.run(bench.examination.examine_host()))
    assert list(told) == ["home"]


def test_a_journal_that_is_none_is_a_fault(home: Path, clock_is_right: None) -> None:
    home.mkdir()
    journal_path(simulated=False).write_bytes(b"no database, but long enough to be looked at" * 100)
    assert "not a database" in faults(asyncio.run(bench.examination.examine_host()))["journal"]


# ---------------------------------------------------------------- the command

BAD = """\
name = "EOL 3"
pin_factory = "abacus"

[source]
resource = "TCPIP::127.0.0.1::1::SOCKET"

[standard]
resource = "TCPIP::127.0.0.1::1::SOCKET"
accuracy_percent = 0.05
due = 2020-02-29

[[position]]
number = 1
s0_pin = "GPIO99"
optical = "/dev/nowhere-1"
due = 2020-02-28

[[position]]
number = 2
s0_pin = "GPIO5"
optical = "/dev/nowhere-2"
"""


@contextmanager
def bad_host(home: Path) -> Iterator[None]:
    home.mkdir()
    journal_path(simulated=False).write_bytes(b"no database, but long enough to be looked at" * 100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.examination, "synchronised", lambda: False)
        patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**8))
        yield


def test_a_bad_station_is_told_every_fault_at_once_each_with_what_to_do(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    station = tmp_path / "station.toml"
    station.write_text(BAD)
    with bad_host(home):
        assert run(["doctor", "--station", str(station), "--json"]) == 3
        document = json.loads(capsys.readouterr().out)
        assert run(["doctor", "--station", str(station)]) == 3
        text = capsys.readouterr().out
    assert document["fit"] is False
    wrong = [each for each in document["findings"] if each["state"] == "fault"]
    assert [each["check"] for each in wrong] == [
        "pins",
        "pin factory",
        "power source",
        "reference standard",
        "position 1 optical head",
        "position 2 optical head",
        "reference standard calibration",
        "position 1 calibration",
        "disk",
        "journal",
        "clock",
    ]
    for each in wrong:
        assert each["to_do"]
        assert each["found"] in text
        assert f"→ {each['to_do']}" in text
    assert text.endswith("not fit: 11 to put right, 2 to note\n")


def test_a_wrong_station_file_is_told_with_what_can_be_examined_without_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    station = tmp_path / "station.toml"
    station.write_text(BAD.replace("number = 2", "number = 3"))
    with bad_host(home):
        assert run(["doctor", "--station", str(station), "--json"]) == 2
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [each["check"] for each in findings if each["state"] == "fault"] == [
        "station file",
        "disk",
        "journal",
        "clock",
    ]
    assert "without a gap" in findings[0]["found"]


def test_while_an_engine_runs_no_instrument_is_asked(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], clock_is_right: None
) -> None:
    station = tmp_path / "station.toml"
    station.write_text(BAD)
    home.mkdir()
    with only_engine(home):
        assert run(["doctor", "--station", str(station), "--json"]) == 3
    checks = {each["check"]: each["state"] for each in json.loads(capsys.readouterr().out)["findings"]}
    assert checks["engine"] == "fault"
    assert checks["reference standard calibration"] == "fault"
    assert not {"power source", "reference standard", "position 1 optical head", "pin factory"} & set(checks)


def test_a_real_station_whose_everything_answers_is_fit(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], clock_is_right: None
) -> None:
    """Through the station file, on the real loop, with ports that are there."""
    leader, follower = pty.openpty()
    serving: asyncio.AbstractEventLoop = asyncio.new_event_loop()
    thread = threading.Thread(target=serving.run_forever)
    thread.start()
    server = ScpiServer(ScpiStandardServer(lambda: None, 0.0))  # type: ignore[arg-type,return-value]  # only asked for its name
    asyncio.run_coroutine_threadsafe(server.start(), serving).result()
    station = tmp_path / "station.toml"
    station.write_text(f"""\
name = "EOL 3"
pin_factory = "mock"
source = {{ resource = "{server.resource}", due = 9999-12-31 }}
position = [ {{ number = 1, s0_pin = "GPIO4", optical = "{os.ttyname(follower)}" }} ]
people = [
    {{ badge = "E1", name = "Eva", roles = ["engineer", "quality"] }},
    {{ badge = "Q1", name = "Kim", roles = ["quality"] }},
]
""")
    try:
        status = run(["doctor", "--station", str(station)])
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), serving).result()
        serving.call_soon_threadsafe(serving.stop)
        thread.join()
        serving.close()
        os.close(leader)
        os.close(follower)
    out = capsys.readouterr().out
    assert status == 0, out
    assert out.endswith("fit to test, 1 to note\n")


def test_a_simulated_station_is_fit_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--simulated", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["fit"] is True
    assert {each["state"] for each in document["findings"]} == {"fit"}
    assert run(["doctor", "--simulated", "--station", "station.toml"]) == 2
