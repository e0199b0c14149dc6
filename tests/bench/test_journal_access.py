"""Which journal a run is looked for in, and how a fault of a journal becomes one line and a status."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.command_line import BLOCKED, USAGE, Fault
from bench.commands.journal_access import holding, reading
from bench.journal import Journal
from bench.places import journal_path
from bench.record import Run
from tests.bench.test_kill import a_run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_HOME", str(tmp_path))


def keep(*ids: str, simulated: bool) -> None:
    purpose = "simulated" if simulated else "production"
    with Journal(journal_path(simulated=simulated)) as journal:
        for each in ids:
            journal.open_run(replace(a_run(each), purpose=purpose))


def found(prefix: str, *, simulated: bool = False) -> Run:
    with holding(prefix, simulated) as journal:
        return journal.run(prefix)


def test_a_run_is_looked_for_among_the_stations_own_and_then_among_the_simulated_ones() -> None:
    keep("aa-1", simulated=False)
    keep("aa-2", "bb-1", simulated=True)
    assert found("aa-1").purpose == "production"
    assert found("bb").purpose == "simulated"
    assert found("aa", simulated=True).id == "aa-2"


def test_where_the_station_has_tested_nothing_the_simulated_runs_are_looked_at() -> None:
    keep("bb-1", simulated=True)
    assert found("bb").id == "bb-1"


def test_a_beginning_that_fits_several_runs_of_the_station_is_never_taken_for_a_simulated_one() -> None:
    keep("aa-1", "aa-2", simulated=False)
    keep("aa-3", simulated=True)
    with pytest.raises(Fault, match=r"several runs begin with 'aa' \(aa-1, aa-2") as fault:
        found("aa")
    assert fault.value.status == USAGE


def test_a_run_that_is_nowhere_is_wrong_usage() -> None:
    keep("aa-1", simulated=False)
    keep("bb-1", simulated=True)
    with pytest.raises(Fault, match=r"no run in .* begins with 'cc'") as fault:
        found("cc")
    assert fault.value.status == USAGE


def test_a_journal_that_is_not_there_or_damaged_blocks() -> None:
    with pytest.raises(Fault, match="there is no journal at") as fault, reading(simulated=False):
        pass
    assert fault.value.status == BLOCKED
    journal_path(simulated=False).write_bytes(b"no database" * 100)
    with pytest.raises(Fault, match="not a database") as fault:
        found("aa")
    assert fault.value.status == BLOCKED
