"""Certificates and due dates: what the record says of them, and which runs they refuse."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bench.calibration import instruments, why_not_production
from bench.engine import Engine
from bench.fact_log import FactLog
from bench.journal import Journal
from bench.journal_writer import JournalWriter
from bench.line import Line
from bench.permits import Role, StaffMember
from bench.places import journal_path, make_home
from bench.record import Instrument
from bench.releasing import released
from bench.sequences import sequence_names
from bench.session import Refused, RunRequest, StationCard
from bench.simulated_station import describe, simulated_line
from bench.station import Calibration, PositionDescription, SourceDescription, StandardDescription, Station
from drivers.load import OFF
from reference_meter import TypeNumber

DUE = date(2027, 3, 1)
STANDARD = Calibration("C1234", "DKD-77", DUE)
STATION = Station(
    "EOL 3",
    SourceDescription("TCPIP::192.0.2.10::5025::SOCKET"),
    (PositionDescription(1, "GPIO4", "/dev/ttyUSB0"), PositionDescription(2, "GPIO5", "/dev/ttyUSB1")),
    StandardDescription("TCPIP::192.0.2.11::5025::SOCKET", 0.05, calibration=STANDARD),
)


def with_standard(calibration: Calibration) -> Station:
    assert STATION.standard is not None
    return replace(STATION, standard=replace(STATION.standard, calibration=calibration))


def listed(station: Station, today: date | None) -> dict[str, Instrument]:
    return {each.role: each for each in instruments(station, "SOURCE", "STANDARD", (1,), today)}


# ---------------------------------------------------------------- what the record says


def test_the_record_names_serial_certificate_and_due_date_beside_the_accuracy() -> None:
    found = listed(STATION, DUE)
    assert found["reference standard"] == Instrument(
        "reference standard",
        "STANDARD",
        "it gives the energy, ± 0.05 % of reading, serial C1234, certificate DKD-77, due 2027-03-01",
    )
    assert found["power source"] == Instrument("power source", "SOURCE", "")


def test_a_certificate_holds_on_its_last_day_and_is_marked_on_the_next() -> None:
    assert "OVERDUE" not in listed(STATION, DUE)["reference standard"].accuracy
    assert listed(STATION, date(2027, 3, 2))["reference standard"].accuracy.endswith(", OVERDUE since 2027-03-01")


def test_without_a_standard_the_record_says_that_the_source_gave_the_energy() -> None:
    found = listed(replace(STATION, standard=None), DUE)
    assert "its own readback gives the energy, ± 0.2 % of reading" in found["power source"].accuracy
    assert found["power source"].accuracy.endswith(", NO DUE DATE")
    assert "reference standard" not in found


def test_a_position_with_a_certificate_is_listed_where_it_took_part() -> None:
    first, second = (
        replace(each, calibration=Calibration(certificate=f"CT-{each.number}", due=DUE)) for each in STATION.positions
    )
    found = listed(replace(STATION, positions=(first, second)), date(2028, 1, 1))
    assert (
        found["position 1"].accuracy
        == "± 0.02 %, ± 0.2 mrad, certificate CT-1, due 2027-03-01, OVERDUE since 2027-03-01"
    )
    assert "position 2" not in found


def test_no_date_counts_in_a_simulated_run() -> None:
    found = listed(with_standard(Calibration()), None)
    assert found["reference standard"].accuracy == "it gives the energy, ± 0.05 % of reading"


# ---------------------------------------------------------------- what production may rest on


def test_production_may_rest_on_a_certificate_until_its_last_day() -> None:
    assert why_not_production(STATION, (1, 2), DUE) == ""
    told = why_not_production(STATION, (1, 2), date(2027, 3, 2))
    assert "calibration of the reference standard" in told
    assert "overdue since 2027-03-01" in told
    assert "[standard]" in told


def test_a_position_past_its_date_refuses_production_there_and_nowhere_else() -> None:
    late = replace(STATION.positions[1], calibration=Calibration(certificate="CT-2", due=date(2027, 1, 1)))
    station = replace(STATION, positions=(STATION.positions[0], late))
    assert why_not_production(station, (1,), DUE) == ""
    told = why_not_production(station, (1, 2), DUE)
    assert "calibration of the position 2 is overdue since 2027-01-01" in told
    assert "[[position]] number 2" in told


def test_production_needs_a_due_date_of_what_gives_the_energy_and_of_nothing_else() -> None:
    assert "reference standard, which gives the reference energy, has no due date" in why_not_production(
        with_standard(Calibration()), (1, 2), DUE
    )
    alone = replace(STATION, standard=None)
    assert "power source, which gives the reference energy, has no due date" in why_not_production(alone, (1,), DUE)
    dated = replace(alone, source=replace(alone.source, calibration=STANDARD))
    assert why_not_production(dated, (1,), DUE) == ""


# ---------------------------------------------------------------- the engine

Scene = Callable[[Engine, Any], Awaitable[None]]
Played = Callable[..., None]
HOLDS = replace(STANDARD, due=date.max)


@pytest.fixture
def played(simulated: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    """An engine that takes the simulated instruments for real ones."""
    monkeypatch.setenv("BENCH_HOME", str(tmp_path / "home"))

    def play(
        calibration: Calibration,
        scene: Scene,
        of_position: Calibration = HOLDS,
        people: tuple[StaffMember, ...] = (),
    ) -> None:
        async def main() -> None:
            world = simulated_line(1, 1, ())
            await world.start()
            station = describe(world)
            assert station.standard is not None
            positions = tuple(replace(each, calibration=of_position) for each in station.positions)
            standard = replace(station.standard, calibration=calibration)
            station = replace(station, simulated=False, standard=standard, positions=positions, people=people)
            make_home()
            journal = JournalWriter(journal_path(simulated=False))
            card = StationCard("EOL 3", 1, False, sequence_names())
            engine = Engine(Line(station, world.pin_factory), journal, FactLog(), card)
            await engine.open()
            try:
                await scene(engine, world)
            finally:
                await engine.close()
                await world.stop()

        simulated(main)

    return play


def request(purpose: str) -> RunRequest:
    return RunRequest("eol", "685-381-OK-50", {1: "12345678"}, purpose=purpose, only="accuracy-ib")


PEOPLE = (StaffMember("E1", "Eva", (Role.ENGINEER,)), StaffMember("Q1", "Kim", (Role.QUALITY,)))
OVERDUE = replace(STANDARD, due=date(2020, 2, 29))


@pytest.mark.parametrize(
    ("calibration", "words"), [(OVERDUE, "is overdue since 2020-02-29"), (Calibration(), "has no due date")]
)
def test_a_production_run_is_refused_before_anything_is_switched_on(
    played: Played, calibration: Calibration, words: str
) -> None:
    async def scene(engine: Engine, world: Any) -> None:
        for purpose in ("", "production"):
            with pytest.raises(Refused, match=words):
                await engine.prepare(request(purpose), "4711")
        assert world._world.truth == OFF
        assert not engine.running

    played(calibration, scene)


@pytest.mark.parametrize("purpose", ["engineering", "golden"])
def test_an_engineering_or_golden_run_is_marked(played: Played, purpose: str) -> None:
    async def scene(engine: Engine, world: Any) -> None:
        await world.mount(TypeNumber.parse("685-381-OK-50"), 1)
        run = await engine.execute(await engine.prepare(request(purpose), "4711"))
        assert run.purpose == purpose
        standard = next(each for each in run.instruments if each.role == "reference standard")
        assert standard.accuracy.endswith("certificate DKD-77, due 2020-02-29, OVERDUE since 2020-02-29")

    played(OVERDUE, scene)


def test_a_production_run_with_a_certificate_that_holds_is_prepared_and_not_marked(played: Played) -> None:
    async def scene(engine: Engine, world: Any) -> None:
        whole = replace(request("production"), only="", attended=True)
        with Journal(journal_path(simulated=False)) as journal:
            journal.release(*released(whole, engine._line.station, "Q1", "E1", "2026-01-01T06:00:00+00:00"))
        prepared = await engine.prepare(whole, "E1")
        assert prepared.run.purpose == "production"
        assert not any("OVERDUE" in each.accuracy for each in prepared.run.instruments)

    played(HOLDS, scene, people=PEOPLE)


@pytest.mark.parametrize(
    ("of_position", "words"), [(OVERDUE, "is overdue since 2020-02-29"), (Calibration(), "has no due date")]
)
def test_a_position_whose_circuit_is_corrected_needs_a_certificate_that_holds(
    played: Played, of_position: Calibration, words: str
) -> None:
    async def scene(engine: Engine, world: Any) -> None:
        with pytest.raises(Refused, match=f"calibration of the position 1 {words}.*number 1 of the station file"):
            await engine.prepare(request("production"), "4711")
        assert world._world.truth == OFF
        await world.mount(TypeNumber.parse("685-381-OK-50"), 1)
        run = await engine.execute(await engine.prepare(request("engineering"), "4711"))
        position = next(each for each in run.instruments if each.role == "position 1")
        assert position.accuracy.endswith("OVERDUE since 2020-02-29" if of_position.due else "NO DUE DATE")
        assert position.accuracy.startswith("corrected for transformers 0.25 to 120 A and leads 0.4 mΩ, ± 0.02 %")

    played(HOLDS, scene, of_position)
