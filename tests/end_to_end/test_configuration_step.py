"""A configuration that the profile names is written, read back and compared; the password stands nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.configure import FILE_VARIABLE, PASSWORD_VARIABLE
from bench.facts import StepClosed
from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.pytest_line import TestLine
from bench.record import Run
from bench.verdict import Ending, Verdict
from drivers.configuration import NO_DIALECT
from drivers.simulated import world
from drivers.simulated.meter import SimulatedMeter
from drivers.simulated.physics import MeterPhysics
from tests.end_to_end.conftest import Bench, Said
from tests.end_to_end.on_record import failed_measurements, failed_steps, kept, outcomes

FAIL, NONE, PASS = Verdict.FAIL, Verdict.NONE, Verdict.PASS

pytestmark = pytest.mark.line(positions=2)

PASSWORD = "730519"
"""Six digits that come up in no other figure of the run."""
PLACE = 'configuration = ["output-2=1000", "display=1+3", "customer-data=4711"]\n'


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (PASSWORD_VARIABLE, FILE_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def meters_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every simulated meter has `PASSWORD`."""

    class WithPassword(SimulatedMeter):
        def __init__(self, physics: MeterPhysics, *more: object) -> None:
            super().__init__(physics, *more)  # type: ignore[arg-type]  # handed on as they came
            self._logic._protection.password = PASSWORD

    monkeypatch.setattr(world, "SimulatedMeter", WithPassword)


def recorded(said: Said) -> Run:
    with JournalReader(journal_path(simulated=True)) as reader:
        return reader.run(said.facts[-1]["run"])


def profile(folder: Path, text: str) -> Path:
    path = folder / "plant.toml"
    path.write_text(text, encoding="utf-8")
    return path


MODEL = PLACE + 'configuration_dialect = "model"\n'


@pytest.mark.usefixtures("meters_password")
def test_a_configuration_is_written_read_back_and_compared(
    line: TestLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    run = kept(line.run("eol", only="configuration", profile=profile(tmp_path, MODEL)))
    assert run.verdicts == {1: PASS, 2: PASS}
    for outcome in outcomes(run, "configuration"):
        assert {each.name: each.value for each in outcome.measurements} == {
            "configuration": "taken", "output-2": "1000", "display": "1+3", "customer-data": "4711",
        }  # fmt: skip


@pytest.mark.usefixtures("meters_password")
def test_the_whole_end_of_line_test_passes_with_a_configuration_and_the_password_stands_nowhere(
    bench: Bench, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="ascii")
    monkeypatch.setenv(FILE_VARIABLE, str(file))
    said = bench(f"run eol --simulated --positions 2 --json --profile {profile(tmp_path, MODEL)}")
    assert said.status == 0
    shown = bench("show", said.facts[-1]["run"])
    exported = bench("export", said.facts[-1]["run"])
    assert "customer-data" in shown.out
    memory = outcomes(recorded(said), "memory")[0].measurements
    assert [each.value for each in memory if each.name == "configuration"] == ["kept"]
    assert exported.status == 0
    texts = (said.out, said.err, shown.out, exported.out, caplog.text)
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert any(path.name == journal_path(simulated=True).name for path in home.rglob("*"))
    for shape in (PASSWORD, PASSWORD.encode("ascii").hex().upper(), PASSWORD.encode("ascii").hex()):
        assert not any(shape in text for text in texts)
        assert not any(shape.encode("ascii") in content for content in files)


@pytest.mark.usefixtures("meters_password")
@pytest.mark.line("2:config-stuck")
def test_a_meter_that_takes_a_configuration_and_changes_nothing_fails(
    line: TestLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    run = kept(line.run("eol", only="configuration", profile=profile(tmp_path, MODEL)))
    assert run.verdicts == {1: PASS, 2: FAIL}
    assert set(failed_steps(run, 2)) == {"configuration"}
    assert set(failed_measurements(run, 2)) == {"output-2", "display", "customer-data"}


@pytest.mark.usefixtures("meters_password")
def test_a_password_that_is_not_the_meter_s_fails_it_and_is_not_named(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "840620")
    said = bench(f"run eol --simulated --positions 2 --json --only configuration --profile {profile(tmp_path, MODEL)}")
    assert said.verdicts == {1: "FAIL", 2: "FAIL"}
    (told, *_) = outcomes(recorded(said), "configuration")[0].measurements
    assert told.value == "the meter refuses the login: the password is not this meter's"
    assert "840620" not in said.out + said.err


def test_without_a_dialect_nothing_is_written_the_record_says_why_and_the_run_goes_on(
    line: TestLine, tmp_path: Path
) -> None:
    run = kept(line.run("eol", profile=profile(tmp_path, PLACE)))
    assert (run.ending, run.verdicts) == (Ending.COMPLETE, {1: PASS, 2: PASS})
    for outcome in outcomes(run, "configuration"):
        assert (outcome.verdict, outcome.measurements) == (NONE, ())
        assert outcome.note == f"not tested: {NO_DIALECT}"
    closed = [each.step for each in line.told(StepClosed)]
    assert closed[-4:] == ["configuration", "read-out", "power-cut", "memory"]


def test_without_a_password_nothing_is_switched_on(bench: Bench, tmp_path: Path) -> None:
    said = bench(f"run eol --simulated --positions 2 --json --only configuration --profile {profile(tmp_path, MODEL)}")
    assert said.status == 3
    assert "Configuration: no password: set BENCH_METER_PASSWORD to the meter's 6 digits" in said.err
    assert not journal_path(simulated=True).exists() or not [f for f in said.facts if f["fact"] == "run-opened"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('configuration = ["constant=500"]', "constant is legal data: it cannot be changed"),
        ('configuration = ["colour=red"]', "'colour=red' sets nothing; write NAME=VALUE"),
        ('configuration = ["output-2=7"]', "output-2=7: give 1 or 1000 pulses a kWh"),
        ('configuration_dialect = "metertool"', "configuration_dialect is 'metertool'; there are: model"),
        ("configuration = 5", "configuration is 5; a list of texts is wanted"),
    ],
)
def test_a_profile_that_asks_for_what_cannot_be_is_refused(bench: Bench, tmp_path: Path, text: str, words: str) -> None:
    said = bench(f"run eol --simulated --positions 2 --json --only configuration --profile {profile(tmp_path, text)}")
    assert said.status == 2
    assert words in said.err


def test_a_profile_that_names_no_configuration_has_no_such_step(bench: Bench) -> None:
    said = bench("run eol --simulated --positions 1 --only configuration")
    assert said.status == 2
    assert "has no step 'configuration'" in said.err
