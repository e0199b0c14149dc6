"""The plugin's fixtures as a test of ours uses them, and what they say of marks that cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.assembly import Setup
from bench.engine import Engine
from bench.facts import PromptAnswered, RunClosed, RunOpened, Safe
from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.pytest_fixtures import Meter
from bench.pytest_line import TestLine
from bench.verdict import Ending, Verdict
from reference_meter import ReferenceMeter

pytest_plugins = "pytester"

FAIL, NONE, PASS = Verdict.FAIL, Verdict.NONE, Verdict.PASS


def test_without_a_mark_the_meter_is_a_good_one_on_a_simulated_line(
    line: TestLine, station: Setup, meter: Meter
) -> None:
    assert (station.simulated, station.positions, station.faults) == (True, 1, ())
    run = line.run("eol", only="sign-on")
    assert run.type_number == str(meter.type_number) == "685-382-OK-50"
    assert (run.ending, run.verdict(1)) == (Ending.COMPLETE, Verdict.PASS)
    assert "bench-home" in os.environ["BENCH_HOME"]


@pytest.mark.meter(type_number="685-181-OK-50", fault="short-pulse=26ms", serial="4711")
def test_a_marked_meter_has_its_type_its_serial_and_its_fault(line: TestLine, reference_meter: ReferenceMeter) -> None:
    run = line.run("eol")
    assert str(reference_meter.type_number) == run.type_number == "685-181-OK-50"
    assert run.meters[0].serial == "4711"
    assert "s0-pulses" in {step.name for step, _ in run.failures(1)}


@pytest.mark.meter("685-381-OK-50", fault="gain=+2.5%")
def test_what_cannot_be_run_fails_the_test_in_a_sentence(line: TestLine) -> None:
    with pytest.raises(pytest.fail.Exception, match="there is no sequence 'gone'"):
        line.run("gone")


# ---------------------------------------------------------------------- several meters


@pytest.mark.meter("685-381-OK-50", fault="wrong-label")
@pytest.mark.line("3:broken-seal", positions=3, seed=7)
def test_a_marked_line_has_so_many_meters_and_a_fault_at_its_place(line: TestLine, station: Setup) -> None:
    assert (station.positions, station.seed, station.faults) == (3, 7, ("1:wrong-label", "3:broken-seal"))
    run = line.run("eol", only="label-and-seals")
    assert (run.seed, run.type_number) == (7, "685-381-OK-50")
    assert run.verdicts == {1: FAIL, 2: PASS, 3: FAIL}


def test_marks_add_up_and_where_two_name_the_same_the_tests_own_counts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.line("2:broken-seal", positions=2, seed=3, serials={2: "B"})

        @pytest.mark.line("1:wrong-label", seed=4, serials={1: "A"})
        def test_it(line, station):
            assert (station.positions, station.seed) == (2, 4)
            assert station.faults == ("2:broken-seal", "1:wrong-label")
            assert line.request.serials == {1: "A", 2: "B"}
        """
    )
    assert pytester.runpytest_inprocess("--bench", "-p", "no:cacheprovider").parseoutcomes() == {"passed": 1}


@pytest.mark.meter(serial="A1")
@pytest.mark.line(positions=3, serials={3: "C3"})
def test_with_serials_only_their_positions_are_tested(line: TestLine) -> None:
    run = line.run("eol", only="sign-on")
    assert [(meter.position, meter.serial) for meter in run.meters] == [(1, "A1"), (3, "C3")]


@pytest.mark.line("line:standard-silent=5s")
def test_a_fault_of_the_bench_blocks_the_run(line: TestLine) -> None:
    run = line.run("eol", only="accuracy-ib")
    assert (run.ending, run.verdicts) == (Ending.BLOCKED, {1: NONE})
    assert "no answer from the reference standard" in run.reason


@pytest.mark.line("1:creep", source="ametek")
def test_the_source_is_the_one_that_the_mark_names(line: TestLine) -> None:
    refused = line.run("eol", only="accuracy-ib")
    assert (refused.ending, refused.verdicts) == (Ending.BLOCKED, {1: NONE})
    assert "has no current circuit of its own" in refused.reason
    assert line.run("no-load").verdicts == {1: FAIL}


@pytest.mark.line("1:broken-seal", positions=2)
def test_a_line_can_be_had_otherwise_in_mid_test_and_stays_as_it_was(line: TestLine) -> None:
    other = line.of("685-161-OK-50").having("2:wrong-label", seed=5, serials={2: "B2"})
    run = other.run("eol", only="label-and-seals")
    assert (run.type_number, run.seed, run.verdicts) == ("685-161-OK-50", 5, {2: FAIL})
    assert other.setup.faults == ("1:broken-seal", "2:wrong-label")
    run = line.run("eol", only="label-and-seals")
    assert (run.type_number, run.seed, run.verdicts) == ("685-382-OK-50", 1, {1: FAIL, 2: PASS})


# ---------------------------------------------------------------------- a run


def test_a_run_belongs_to_an_order_and_an_operator_and_is_in_the_tests_own_journal(line: TestLine) -> None:
    run = line.run("eol", only="sign-on", order="A-1", operator="4711", temperature=29.0)
    assert (run.order, run.operator, run.temperature_c) == ("A-1", "4711", 29.0)
    with JournalReader(journal_path(simulated=True)) as journal:
        assert journal.run(run.id) == run


def test_the_facts_of_the_last_run_are_told(line: TestLine) -> None:
    line.run("eol", only="sign-on")
    run = line.run("eol", only="label-and-seals")
    assert isinstance(line.facts[0], RunOpened)
    assert {fact.run for fact in line.facts} == {run.id}
    assert [closed.ending for closed in line.told(RunClosed)] == [Ending.COMPLETE]
    assert line.told(Safe)[0].volts < 1.0


def test_answers_go_before_the_simulated_operator(line: TestLine) -> None:
    answers = {"display": {"total": "same", "test": "same 1=differs"}}
    assert line.run("eol", only="display", answers=answers).verdicts == {1: FAIL}
    assert {fact.who for fact in line.told(PromptAnswered)} == {"answers file"}
    with pytest.raises(pytest.fail.Exception, match="answers: display, total: 'maybe' is no answer"):
        line.run("eol", only="display", answers={"display": {"total": "maybe", "test": "same"}})


def test_a_profile_that_is_not_there_fails_the_test_in_a_sentence(line: TestLine, tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"tight\.toml"):
        line.run("eol", profile=tmp_path / "tight.toml")


def test_a_scene_works_with_the_engine_of_the_opened_line(line: TestLine) -> None:
    async def scene(engine: Engine) -> int:
        assert not engine.running
        return engine.card.positions

    assert line.having(positions=5).play(scene) == 5


# ---------------------------------------------------------------------- marks that cannot be

TEST = """
import pytest

{marks}
def test_it(line):
    line.run("eol", only="sign-on")
"""


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ('@pytest.mark.meter("685-982-OK-50")', "@pytest.mark.meter: '685-982-OK-50'"),
        (
            '@pytest.mark.meter(flaw="gain")',
            "@pytest.mark.meter: there is no 'flaw'; there are type_number, fault, serial",
        ),
        ("@pytest.mark.meter(serial=4711)", "@pytest.mark.meter: serial=4711 is no text"),
        ('@pytest.mark.meter("685-382-OK-50", "gain", "A", 4)', "@pytest.mark.meter: 4 is too much; it takes "),
        ('@pytest.mark.meter(fault="gian")', "fault 'gian' does not exist; did you mean gain"),
        ('@pytest.mark.line("1:gian=+4%")', "fault 'gian' does not exist; did you mean gain"),
        ('@pytest.mark.line("gain=+4%")', "'gain=+4%' is no fault; write POSITION:NAME or POSITION:NAME=VALUE"),
        ('@pytest.mark.line("3:gain", positions=2)', "position 3 does not exist; the line has positions 1 to 2"),
        ("@pytest.mark.line(positions=99)", "99 positions: a simulated line has 1 to "),
        ('@pytest.mark.line(positions="2")', "@pytest.mark.line: positions='2' is no whole number"),
        ("@pytest.mark.line(2)", "@pytest.mark.line: 2 is no fault"),
        (
            '@pytest.mark.line(fault="1:gain")',
            "@pytest.mark.line: there is no 'fault'; there are positions, seed, serials, source",
        ),
        ('@pytest.mark.line(serials=["A"])', "@pytest.mark.line: serials=['A']: write {POSITION: \"SERIAL\"}"),
        ("@pytest.mark.line(source=5)", "@pytest.mark.line: source=5 is no dialect"),
        ('@pytest.mark.line(source="flukes")', "did you mean 'fluke-6105a'?"),
        (
            '@pytest.mark.meter(serial="A")\n@pytest.mark.line(serials={1: "B"})',
            "@pytest.mark.line: position 1 is named twice, with A and with B",
        ),
        ('@pytest.mark.line(serials={1: "A", 2: "A"}, positions=2)', "serial A was given for two positions"),
        ('@pytest.mark.line(serials={2: "B"})', "position 2 does not exist"),
    ],
)
def test_a_mark_that_cannot_be_is_told_in_a_sentence(pytester: pytest.Pytester, marks: str, why: str) -> None:
    pytester.makepyfile(TEST.format(marks=marks))
    said = pytester.runpytest_inprocess("--bench", "-p", "no:cacheprovider")
    assert said.parseoutcomes() in ({"failed": 1}, {"errors": 1})
    assert why in said.stdout.str()
    for line in said.outlines:
        assert "Traceback" not in line
        assert "exception" not in line
        assert not line.startswith("E  "), "a sentence, not a place in the code"


def test_a_type_of_the_command_line_that_cannot_be_is_told_in_a_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TEST.format(marks=""))
    said = pytester.runpytest_inprocess("--bench", "--bench-type=685", "-p", "no:cacheprovider")
    assert said.parseoutcomes() == {"errors": 1}
    assert "--bench-type: '685'" in said.stdout.str()
    assert "Traceback" not in said.stdout.str()


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ('@pytest.mark.meter(fault="gain=+4%")', "no fault can be put into a real meter: gain=+4%"),
        ('@pytest.mark.line("2:gain=+4%")', "no fault can be put into a real line: 2:gain=+4%"),
        ('@pytest.mark.line(source="zera")', "a real line has its own source, and no other: zera"),
        ("@pytest.mark.line(positions=2)", "no meter is named for position 2: --bench-serial 2=SERIAL"),
    ],
)
def test_on_a_real_station_a_test_is_skipped_whose_marks_want_what_it_cannot_have(
    pytester: pytest.Pytester, marks: str, why: str
) -> None:
    pytester.makepyfile(TEST.format(marks=marks))
    said = pytester.runpytest_inprocess(
        "--bench-station=none.toml", "--bench-serial=1=21480001", "-rs", "-p", "no:cacheprovider"
    )
    assert said.parseoutcomes() == {"skipped": 1}
    assert why in said.stdout.str()


def test_on_a_real_station_faults_of_mid_test_skip_it_and_seed_and_positions_with_meters_do_not(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.line(positions=2, seed=3)
        def test_it(line, station):
            assert (station.simulated, station.station) == (False, "none.toml")
            line.having(seed=4, positions=2)
            line.having("1:gain=+4%")
        """
    )
    said = pytester.runpytest_inprocess(
        "--bench-station=none.toml", "--bench-serial=1=A", "--bench-serial=2=B", "-rs", "-p", "no:cacheprovider"
    )
    assert said.parseoutcomes() == {"skipped": 1}
    assert "no fault can be put into a real line: 1:gain=+4%" in said.stdout.str()
