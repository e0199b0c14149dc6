"""Golden meter and red rabbit, the whole way: the lock before production, and what a run says of a known meter."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.engine import Engine
from bench.fact_log import FactLog
from bench.journal_writer import JournalWriter
from bench.known_meters import CertifiedPoint, GoldenMeter, KnownMeters, RedRabbit
from bench.line import Line
from bench.places import journal_path, make_home
from bench.pytest_line import TestLine
from bench.record import Run
from bench.sequences import sequence_names
from bench.session import Refused, RunRequest, StationCard
from bench.simulated_station import describe, simulated_line
from bench.station import Calibration
from bench.verdict import Ending, Verdict
from drivers.load import OFF
from reference_meter import TypeNumber
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_steps

TYPE = "685-381-OK-50"
GOLD, RABBIT, OTHER = "21480001", "21480009", "21490000"
FAULT = "2:gain=+2.5%"


class Station:
    """An engine that takes the simulated instruments for real ones, and whose clock the test sets."""

    def __init__(self, engine: Engine, world: Any) -> None:
        self.engine, self.world = engine, world
        self.now = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
        engine._wall_clock = lambda: self.now  # type: ignore[method-assign]  # the only clock that a date comes from

    async def golden(self, serials: dict[int, str], sequence: str = "golden", only: str = "") -> Run:
        """Put the meters in and run them for the bench's sake."""
        await self.world.mount(TypeNumber.parse(TYPE), 1, serials)
        request = RunRequest(sequence, TYPE, serials, purpose="golden", only=only)
        return await self.engine.execute(await self.engine.prepare(request, "4711"))

    async def refusal(self, serial: str = OTHER) -> str:
        """Why production may not start but for a release, which is asked for last; empty where it may."""
        request = RunRequest("eol", TYPE, {1: serial}, purpose="production")
        try:
            await self.engine.prepare(request, "4711")
        except Refused as error:
            return "" if "is not released for production" in str(error) else str(error)
        finally:
            self.engine._runner = None
        assert self.world._world.truth == OFF
        return ""


Play = Callable[..., None]


@pytest.fixture
def play(simulated: Callable[..., Any]) -> Play:
    def start(known: KnownMeters, scene: Callable[[Station], Any], *faults: str) -> None:
        async def main() -> None:
            world = simulated_line(2, 1, faults)
            await world.start()
            holds = Calibration("C1", "DKD-1", date.max)
            station = describe(world)
            assert station.standard is not None
            station = replace(
                station,
                simulated=False,
                known=known,
                standard=replace(station.standard, calibration=holds),
                positions=tuple(replace(each, calibration=holds) for each in station.positions),
            )
            make_home()
            journal = JournalWriter(journal_path(simulated=False))
            card = StationCard("EOL 3", 2, False, sequence_names())
            engine = Engine(Line(station, world.pin_factory), journal, FactLog(), card)
            await engine.open()
            try:
                await scene(Station(engine, world))
            finally:
                await engine.close()
                await world.stop()

        simulated(main)

    return start


# What this meter's laboratory would have written: what the serial number makes of it, within 0.1 %.
CERTIFIED = tuple(CertifiedPoint(step, 0.0, 0.5) for step in ("accuracy-ib", "accuracy-imax"))
KNOWN = KnownMeters((GoldenMeter(GOLD, TYPE, "DKD-2", CERTIFIED),), (RedRabbit(RABBIT, TYPE, "accuracy-ib"),))


def test_production_waits_for_golden_meter_and_rabbit_and_for_no_longer_than_a_shift(play: Play) -> None:
    async def scene(station: Station) -> None:
        told = await station.refusal()
        assert f"the golden meter {GOLD} was not checked yet" in told
        assert f"the red rabbit {RABBIT} was not checked yet" in told
        run = await station.golden({1: GOLD, 2: RABBIT})
        assert run.ending is Ending.COMPLETE
        assert (run.verdict(1), run.verdict(2)) == (Verdict.PASS, Verdict.FAIL)
        assert run.failures(2)[0][0].name == "accuracy-imax"
        last = {outcome.position: outcome for outcome in run.steps[-1].outcomes}
        assert (last[1].verdict, last[2].verdict) == (Verdict.PASS, Verdict.PASS)
        assert "0 of 20 runs of its baseline before this one" in last[1].measurements[0].note
        assert last[2].measurements[0].note == "the red rabbit failed accuracy-ib, as it must"
        assert await station.refusal() == ""
        station.now += timedelta(hours=8.5)
        assert "8.5 h ago and at most 8 h are allowed" in await station.refusal()

    play(KNOWN, scene, FAULT)


def test_a_rabbit_that_passes_locks_production_and_its_own_run_says_so(play: Play) -> None:
    async def scene(station: Station) -> None:
        run = await station.golden({2: RABBIT})
        assert run.verdict(2) is Verdict.FAIL
        ((step, measurement),) = run.failures(2)
        assert step.name == "known-meter"
        assert "did not fail accuracy-ib by what was measured there: the bench passes a bad meter" in str(
            measurement.value
        )
        assert "production is locked until a red rabbit run failed as it must" in await station.refusal()

    play(replace(KNOWN, golden=()), scene)


def test_a_rabbit_that_fails_somewhere_else_locks_production(play: Play) -> None:
    async def scene(station: Station) -> None:
        run = await station.golden({1: OTHER, 2: RABBIT})
        assert next(step.name for step, _ in run.failures(2)) == "sign-on"
        assert "never came to accuracy-ib, where it must fail, it failed Sign-on" in await station.refusal()

    play(replace(KNOWN, golden=()), scene, "2:wrong-type=685-382-OK-50")


def test_a_reference_that_shifts_is_seen_in_the_golden_meter_and_locks_until_it_is_right_again(play: Play) -> None:
    """0.3 % is nothing that source and standard could tell of each other, and far inside the limits of the class."""

    async def scene(station: Station) -> None:
        true = station.world._instruments.standard_reads
        first = await station.golden({1: GOLD}, only="accuracy-ib")
        (error,) = (each for each in first.steps[-1].outcomes[0].measurements if each.name == "error")
        assert isinstance(error.value, float)
        certified = CertifiedPoint("accuracy-ib", error.value, 0.03)
        known = KnownMeters((GoldenMeter(GOLD, TYPE, "DKD-2", (certified,)),))
        station.engine._line.station = replace(station.engine._line.station, known=known)
        assert await station.refusal() == ""

        def shifted() -> Any:
            reading = true()
            a, b, c = (each * 1.003 for each in reading.power)
            return replace(reading, power=(a, b, c))

        station.world._instruments.standard_reads = shifted
        run = await station.golden({1: GOLD})
        assert run.ending is Ending.COMPLETE
        ((step, measurement),) = run.failures(1)
        assert step.name == "known-meter"
        assert f"the golden meter {GOLD} shifted at Accuracy Ib by -0." in str(measurement.value)
        assert "check the reference" in await station.refusal()
        station.world._instruments.standard_reads = true
        assert (await station.golden({1: GOLD})).verdict(1) is Verdict.PASS
        assert await station.refusal() == ""

    play(replace(KNOWN, red_rabbits=()), scene)


@pytest.mark.parametrize(("serial", "kind"), [(GOLD, "golden meter"), (RABBIT, "red rabbit")])
def test_a_known_meter_is_never_production(play: Play, serial: str, kind: str) -> None:
    async def scene(station: Station) -> None:
        assert await station.refusal(serial) == f"serial {serial} is a {kind}, which is no production: --purpose golden"

    play(KNOWN, scene)


# ---------------------------------------------------------------- on the simulated line

GOLDEN_AND_RABBIT = pytest.mark.line(positions=2, serials={1: "GOLDEN", 2: "RABBIT"})


@GOLDEN_AND_RABBIT
def test_the_simulated_station_knows_a_golden_meter_and_a_rabbit(line: TestLine) -> None:
    well = line.having(FAULT).run("golden")
    assert well.verdicts == {1: Verdict.PASS, 2: Verdict.FAIL}
    assert "known-meter" not in failed_steps(well, 2)
    ill = line.run("golden")
    assert (ill.ending, failed_steps(ill, 2)) == (Ending.COMPLETE, ["known-meter"])


@pytest.mark.line(positions=2)
def test_a_meter_scanned_again_is_the_same_meter_at_any_position_of_any_line(bench: Bench, line: TestLine) -> None:
    def error(serial: str, position: int, seed: int) -> float:
        run = line.having(seed=seed, serials={position: serial}).run("gauge", only="accuracy-ib")
        shown = bench(f"show {run.id} --simulated").out
        (told,) = (each for each in shown.splitlines() if each.split()[1:2] == ["error"])
        return float(told.split()[2])

    first = error("A", 1, 1)
    assert error("A", 2, 1) == pytest.approx(first, abs=0.1)
    assert error("A", 1, 2) == pytest.approx(first, abs=0.1)
    others = [error(serial, 1, 1) for serial in ("B", "C", "D", "E")]
    assert max(others) - min(others) > 0.2


@GOLDEN_AND_RABBIT
def test_bench_golden_shows_the_charts_and_whether_production_is_locked(bench: Bench, line: TestLine) -> None:
    empty = bench("golden --simulated")
    assert (empty.status, "golden meter GOLDEN  685-382-OK-50  not checked yet" in empty.out) == (3, True)
    line.having(FAULT).run("golden")
    well = bench("golden --simulated")
    assert (well.status, well.out.splitlines()[-1]) == (0, "production may start")
    assert "Accuracy Ib PF 0.5 ind" in well.out
    line.having(seed=2).run("golden")
    ill = bench("golden --simulated --json")
    document = json.loads(ill.out)
    assert ill.status == 3
    assert document["locked"].startswith("the red rabbit RABBIT did not fail accuracy-ib")
    assert [run["as_known"] for run in document["red_rabbits"][0]["runs"]] == [True, False]
    golden = document["golden"][0]["runs"]
    assert [(run["as_known"], len(run["points"])) for run in golden] == [(True, 10), (True, 10)]


@GOLDEN_AND_RABBIT
def test_a_reference_that_shifts_in_the_first_week_locks_and_leaves_the_baseline_alone(
    bench: Bench, line: TestLine
) -> None:
    line.having(FAULT).run("golden")
    line.having(FAULT, "line:transformer-ratio=-1.4%", seed=2).run("golden")
    ill = bench("golden --simulated --json")
    assert ill.status == 3
    first, second = json.loads(ill.out)["golden"][0]["runs"]
    assert (first["as_known"], second["as_known"]) == (True, False)
    assert {each["rule"] for each in second["points"]} == {"baseline"}
    assert "begin its baseline anew (baseline_from)" in bench("golden --simulated").out
    line.having(FAULT, seed=3).run("golden")
    well = bench("golden --simulated")
    assert (well.status, well.out.splitlines()[-1]) == (0, "production may start")
    assert "1 of 20" in well.out, "the shifted run is in no baseline"


def test_a_station_file_without_known_meters_has_no_charts(bench: Bench, home: Path) -> None:
    home.mkdir()
    station = '[source]\nresource = "ASRL/dev/null::INSTR"\n[[position]]\nnumber = 1\ns0_pin = "GPIO4"\noptical = "/dev/null"\n'
    (home / "station.toml").write_text(f'name = "EOL 3"\n{station}', encoding="utf-8")
    said = bench("golden")
    assert (said.status, "lists no golden meter and no red rabbit" in said.err) == (2, True)
    listed = f'[[golden]]\nserial = "{GOLD}"\ntype = "{TYPE}"\n'
    (home / "station.toml").write_text(f'name = "EOL 3"\n{station}{listed}', encoding="utf-8")
    assert f"golden meter {GOLD}  {TYPE}  not checked yet" in bench("golden").out
    assert "✖ known meters" in bench("doctor").out
