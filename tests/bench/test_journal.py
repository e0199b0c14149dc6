"""The journal, its writer thread, and where it lives."""

from __future__ import annotations

import asyncio
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from bench import record_tables as tables
from bench import schema
from bench.export import canonical, from_canonical
from bench.journal import Journal
from bench.journal_errors import JournalError, NoSuchRun
from bench.journal_reader import JournalReader
from bench.journal_writer import JournalWriter
from bench.places import PlaceError, home, journal_path, make_home
from bench.record import Act, Correction, Edges, ErrorBasis, Measurement, Prompt, Run, Step, TerminalPower
from bench.record_packing import pack_edges, unpack_edges
from bench.release import Release, ReleaseAct
from bench.verdict import Ending, Verdict
from tests.bench.test_export import runs, with_value
from tests.bench.test_kill import a_run, a_step


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bench.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


def write(journal: Journal, run: Run) -> None:
    """Write a closed run as an engine does, piece by piece."""
    journal.open_run(replace(run, steps=(), acts=(), ending=None, closed_at=None, reason=""))
    for act in run.acts:
        journal.act(run.id, act)
    for step in run.steps:
        journal.close_step(run.id, step)
    assert run.ending is not None
    assert run.closed_at is not None
    journal.close_run(run.id, run.ending, run.reason, run.closed_at)


def closed(run_id: str, *steps: Step, **changes: Any) -> Run:
    run = replace(a_run(run_id), steps=steps, ending=Ending.COMPLETE, closed_at="2026-01-01T00:04:10Z")
    return replace(run, **changes)


def stat(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("select * from stat order by step, measurement, position").fetchall()


# ---------------------------------------------------------------------- what is written reads back


@settings(max_examples=60, deadline=None, derandomize=True)
@given(runs)
def test_any_run_reads_back_as_it_was_written_and_its_hash_holds(run: Run) -> None:
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "bench.db") as journal:
        write(journal, run)
        assert journal.run(run.id) == run
        assert journal.faults() == ()


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.0, None, "", "nan", "1.5", 7])
def test_a_value_is_not_taken_for_another_kind(journal: Journal, value: float | str | None) -> None:
    run = with_value(closed("r", a_step(1)), value)
    write(journal, run)
    assert canonical(journal.run("r")) == canonical(run)
    assert journal.faults() == ()


def test_400_pulses_take_less_room_than_8_bytes_each(journal: Journal) -> None:
    edges = a_step(1).outcomes[0].edges
    assert edges is not None
    packed = pack_edges(edges)
    assert len(packed) < 8 * len(edges.rises_ns)
    assert unpack_edges(packed, 0) == edges


def test_a_pulse_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        pack_edges(Edges((1, 2), (3,)))


def test_steps_stand_in_the_order_of_the_plan_whichever_closed_first(journal: Journal) -> None:
    journal.open_run(a_run("r"))
    journal.close_step("r", a_step(2))
    journal.close_step("r", a_step(1))
    journal.close_run("r", Ending.COMPLETE, "", "2026-01-01T00:04:10Z")
    assert [step.number for step in journal.run("r").steps] == [1, 2]
    assert journal.faults() == ()


def test_an_act_is_on_the_disk_at_once(path: Path, journal: Journal) -> None:
    journal.open_run(a_run("r"))
    journal.act("r", Act(1.5, "4711", "abort"))
    with JournalReader(path) as reader:
        assert reader.run("r").acts == (Act(1.5, "4711", "abort"),)


def test_a_step_that_is_refused_leaves_nothing_of_itself(path: Path, journal: Journal) -> None:
    journal.open_run(a_run("r"))
    journal.close_step("r", a_step(1))
    counted = stat(path)
    twice = replace(a_step(2), outcomes=(*a_step(2).outcomes, a_step(2).outcomes[0]))
    for step in (a_step(1), twice):
        with pytest.raises(JournalError, match="UNIQUE"):
            journal.close_step("r", step)
    assert journal.run("r").steps == (a_step(1),)
    assert stat(path) == counted


def test_nothing_is_added_to_a_closed_run(journal: Journal) -> None:
    write(journal, closed("r", a_step(1)))
    additions: list[Callable[[], None]] = [
        lambda: journal.close_step("r", a_step(2)),
        lambda: journal.act("r", Act(9.0, "4711", "re-arm")),
        lambda: journal.close_run("r", Ending.ABORTED, "", "2026"),
    ]
    for addition in additions:
        with pytest.raises(JournalError, match=r"is closed \(COMPLETE\): nothing is added to it"):
            addition()
    assert journal.run("r") == closed("r", a_step(1))


def test_a_run_with_steps_is_not_opened(journal: Journal) -> None:
    with pytest.raises(ValueError, match="before its first step"):
        journal.open_run(replace(a_run("r"), steps=(a_step(1),)))


# ---------------------------------------------------------------------- finding runs


def test_a_run_is_found_by_a_prefix_that_only_it_has(journal: Journal) -> None:
    for run_id in ("ab1", "ab2", "c%", "c"):
        write(journal, closed(run_id))
    assert journal.run("ab2").id == "ab2"
    assert journal.run("c%").id == "c%"
    assert journal.run("c").id == "c", "a whole id is never ambiguous"
    with pytest.raises(NoSuchRun, match=r"several runs begin with 'ab' \(ab1, ab2, ...\): give more"):
        journal.run("ab")
    with pytest.raises(NoSuchRun, match=r"no run in .* begins with '%'; `bench history` lists them"):
        journal.run("%")


def test_the_history_is_newest_first_and_filters(journal: Journal) -> None:
    write(journal, closed("r1", a_step(1)))
    write(journal, closed("r2", a_step(1), type_number="685-381", ending=Ending.ABORTED, reason="by 4711"))
    journal.open_run(replace(a_run("r3"), meters=(replace(a_run("").meters[0], serial="77"),), purpose="golden"))
    assert [run.id for run in journal.runs()] == ["r3", "r2", "r1"]
    assert [run.id for run in journal.runs(limit=1)] == ["r3"]
    assert [run.id for run in journal.runs(serial="S2")] == ["r2", "r1"]
    assert [run.id for run in journal.runs(type_number="685-381")] == ["r2"]
    assert [run.id for run in journal.runs(purpose="golden", sequence="eol")] == ["r3"]
    assert journal.runs(sequence="other") == ()


def test_the_history_gives_the_verdict_of_the_closed_run(journal: Journal) -> None:
    write(journal, closed("r1", a_step(1)))
    write(journal, closed("r2", a_step(1), ending=Ending.ABORTED))
    journal.open_run(a_run("r3"))
    journal.close_step("r3", a_step(1))
    verdicts = [[meter.verdict for meter in run.meters] for run in journal.runs()]
    none, passed, failed = Verdict.NONE, Verdict.PASS, Verdict.FAIL
    assert verdicts == [[none] * 4, [none, failed, none, none], [passed, failed, passed, passed]]
    assert [run.ending for run in journal.runs()] == [None, Ending.ABORTED, Ending.COMPLETE]


# ---------------------------------------------------------------------- the chain of hashes


@pytest.mark.parametrize(
    "change",
    [
        "update measurement set value = 0.1 where run = 'r2' and step = 1 and position = 2 and number = 1",
        "update outcome set edges = x'00' where run = 'r2' and position = 3",
        "update telegram set raw = x'2f' where run = 'r2' and position = 1",
        "update meter set serial = 'other' where run = 'r2' and position = 1",
        "update run set ending = 'FINE' where id = 'r2'",
        "update run set plan = '{\"limit\": 9}' where id = 'r2'",
        "delete from act where run = 'r2'",
        "delete from step where run = 'r2' and number = 2",
    ],
)
def test_a_change_after_closing_is_found_and_named(path: Path, change: str) -> None:
    with Journal(path) as journal:
        for run_id in ("r1", "r2", "r3"):
            write(journal, closed(run_id, a_step(1), a_step(2), acts=(Act(1.0, "4711", "answer"),)))
        assert journal.faults() == ()
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(change).rowcount > 0
    with JournalReader(path) as reader:
        assert reader.faults() == (("r2", "its record was changed after it was closed"),)


def test_a_run_taken_out_of_the_chain_is_found(path: Path) -> None:
    with Journal(path) as journal:
        for run_id in ("r1", "r2", "r3"):
            write(journal, closed(run_id, a_step(1)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from run where id = 'r2'")
    with JournalReader(path) as reader:
        assert reader.faults() == (("r2", "it was closed and is no longer there"),)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from seal where run = 'r2'")
    with JournalReader(path) as reader:
        ((run, fault),) = reader.faults()
        assert run == "r3"
        assert fault.startswith("it does not follow the run before it")


# ---------------------------------------------------------------------- torn runs


def test_a_torn_run_ends_with_its_last_record_and_a_fail_of_it_stands(path: Path) -> None:
    with Journal(path) as journal:
        journal.open_run(a_run("r"))
        journal.close_step("r", a_step(1))
        journal.act("r", Act(7.25, "4711", "answer"))
    with Journal(path) as journal:
        assert journal.interrupted == ("r",)
        run = journal.run("r")
        assert journal.faults() == ()
    assert run.ending is Ending.INTERRUPTED
    assert run.reason.startswith("Power failed or the bench was killed after step 1 (accuracy-ib)")
    assert run.closed_at == "2026-01-01T00:00:07.250000Z"
    assert [run.verdict(position) for position in (1, 2)] == [Verdict.NONE, Verdict.FAIL]


def test_a_reader_and_a_second_writer_leave_a_live_run_open(path: Path, journal: Journal) -> None:
    journal.open_run(a_run("r"))
    with JournalReader(path) as reader, Journal(path) as second:
        assert second.interrupted == ()
        assert reader.run("r").ending is None
    journal.close_step("r", a_step(1))
    assert journal.run("r").ending is None


def test_a_reader_cannot_write(path: Path, journal: Journal) -> None:
    with JournalReader(path) as reader:
        assert not hasattr(reader, "open_run")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute("delete from run")


# ---------------------------------------------------------------------- purposes and aggregates


def test_simulated_runs_never_stand_among_real_ones(path: Path, journal: Journal) -> None:
    journal.open_run(a_run("r"))
    with pytest.raises(JournalError, match="holds real runs: a simulated run must not stand among them"):
        journal.open_run(replace(a_run("s"), purpose="simulated"))
    with Journal(path.with_name("simulated.db")) as simulated:
        simulated.open_run(replace(a_run("s"), purpose="simulated"))
        with pytest.raises(JournalError, match="holds simulated runs: a golden run"):
            simulated.open_run(replace(a_run("g"), purpose="golden"))


def test_a_production_run_is_tested_once(journal: Journal) -> None:
    write(journal, closed("r", a_step(1)))
    with pytest.raises(JournalError, match="a run is tested once"):
        journal.open_run(a_run("r"))


def test_a_simulated_run_repeated_takes_the_place_of_the_earlier_one(path: Path, journal: Journal) -> None:
    for run_id in ("seed-1", "seed-2"):
        write(journal, closed(run_id, a_step(1), purpose="simulated"))
    counted = stat(path)
    write(journal, closed("seed-1", a_step(1), purpose="simulated"))
    assert sorted(run.id for run in journal.runs()) == ["seed-1", "seed-2"]
    assert journal.faults() == ()
    assert stat(path) == counted, "what is there once counts once"


def test_a_simulated_run_is_not_taken_from_under_one_that_goes_on(path: Path, journal: Journal) -> None:
    run = replace(a_run("seed-1"), purpose="simulated")
    journal.open_run(run)
    with Journal(path) as second, pytest.raises(JournalError, match=r"under way .* take another seed"):
        second.open_run(run)
    journal.close_step("seed-1", a_step(1))


def test_aggregates_grow_with_each_step_and_leave_void_outcomes_out(path: Path, journal: Journal) -> None:
    def step(number: int, *values: float | str | None, void: bool = False, verdict: Verdict = Verdict.PASS) -> Step:
        limits = (-1.0, 1.0, None, None)
        measured = tuple(Measurement("error", "%", value, *limits, verdict, "clause") for value in values)
        outcome = replace(a_step(1).outcomes[0], measurements=measured, void=void)
        return replace(a_step(number), outcomes=(outcome,))

    journal.open_run(a_run("r"))
    journal.close_step("r", step(1, 0.5, -0.25))
    journal.close_step("r", step(2, 100.0, void=True))
    journal.close_step("r", step(3, math.nan, "?", None, math.inf, verdict=Verdict.FAIL))
    journal.close_step("r", step(4, 2.0, verdict=Verdict.FAIL))
    key = ("2026-01-01", "685-382-OK-50", "production", "accuracy-ib", "error", 1)
    assert stat(path) == [(*key, 3, 2.25, 0.25 + 0.0625 + 4.0, -0.25, 2.0, 5)]


# ---------------------------------------------------------------------- errors for the person who must act


def many_steps(journal: Journal) -> None:
    for number in range(2, 50):
        journal.close_step("r", a_step(number))


def test_disk_full_is_said_in_words_and_what_was_committed_stands(path: Path, journal: Journal) -> None:
    journal.open_run(a_run("r"))
    journal.close_step("r", a_step(1))
    pages = journal._connection.execute("pragma page_count").fetchone()[0]
    journal._connection.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(JournalError) as caught:
        many_steps(journal)
    assert str(caught.value) == (
        f"the journal {path} cannot be written: disk full. "
        "Nothing was tested that is not recorded; free space and start again."
    )
    kept = journal.run("r").steps
    assert kept == tuple(a_step(number) for number in range(1, len(kept) + 1))
    journal._connection.execute("pragma max_page_count = 100000")
    journal.close_step("r", a_step(len(kept) + 1))


def test_a_journal_that_another_program_keeps_locked_is_said_so(path: Path, journal: Journal) -> None:
    journal._connection.execute("pragma busy_timeout = 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(JournalError, match=r"another program keeps it locked.*close that program"):
            journal.open_run(a_run("r"))
        other.execute("rollback")
    journal.open_run(a_run("r"))


def test_a_journal_that_may_not_be_written_is_refused_before_a_test(path: Path) -> None:
    with Journal(path) as journal:
        write(journal, closed("r", a_step(1)))
    folder = Path(tempfile.mkdtemp())  # not below tmp_path, whose parents only its owner may enter
    try:
        shut = folder / "bench.db"
        shut.write_bytes(path.read_bytes())
        shut.chmod(0o444)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)  # to root nothing is read-only
        try:
            with pytest.raises(JournalError, match=r"cannot be written: Permission denied.*set BENCH_HOME"):
                Journal(shut)
        finally:
            if root:
                os.seteuid(0)
    finally:
        folder.chmod(0o755)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_a_file_that_is_no_database_is_refused_untouched(path: Path) -> None:
    path.write_bytes(b"meter,verdict\n" * 100)
    for opening in (Journal, JournalReader):
        with pytest.raises(JournalError, match=r"the file is not a database.*move it away"):
            opening(path)
    assert path.read_bytes() == b"meter,verdict\n" * 100


def test_another_programs_database_is_refused_untouched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("create table photos (name)")
    before = path.read_bytes()
    for opening in (Journal, JournalReader):
        with pytest.raises(JournalError, match="is another program's database"):
            opening(path)
    assert path.read_bytes() == before


def test_a_damaged_journal_is_said_so(path: Path) -> None:
    with Journal(path) as journal:
        write(journal, closed("r", *(a_step(number) for number in range(1, 9))))
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\x55" * (len(content) - 8192))
    with JournalReader(path) as reader, pytest.raises(JournalError, match="the file is damaged"):
        reader.run("r")


def test_there_is_no_journal_yet(path: Path) -> None:
    with pytest.raises(JournalError, match="nothing was tested yet"):
        JournalReader(path)
    assert not path.exists()


# ---------------------------------------------------------------------- the schema and its versions


def test_a_journal_of_a_newer_bench_is_refused(path: Path) -> None:
    with Journal(path) as journal:
        journal._connection.execute("pragma user_version = 99")
    for opening in (Journal, JournalReader):
        with pytest.raises(
            JournalError, match=rf"written by a newer bench \(schema 99, this one knows {schema.VERSION}\). Update"
        ):
            opening(path)


def test_an_older_journal_is_brought_up_step_by_step_by_a_writer_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(path) as journal:
        write(journal, closed("r", a_step(1)))
    now = schema.VERSION
    monkeypatch.setattr(schema, "VERSION", now + 2)
    migrations = {now + 1: ("create table room (k real)",), now + 2: ("alter table room add column humidity real",)}
    monkeypatch.setattr(schema, "MIGRATIONS", migrations)
    with pytest.raises(JournalError, match=f"has the older schema {now}; the next test brings it to {now + 2}"):
        JournalReader(path)
    with Journal(path) as journal:
        journal._connection.execute("select k, humidity from room")
        assert journal.run("r") == closed("r", a_step(1))
    with JournalReader(path) as reader:
        assert reader.faults() == ()


def test_a_journal_from_before_the_corrections_keeps_its_runs_and_takes_new_ones(path: Path) -> None:
    old = closed("old", a_step(1))
    with Journal(path) as journal:
        write(journal, old)
        for statement in (
            "drop table correction",
            "drop table prompt",
            "drop table basis",
            'drop table "release"',
            "alter table step drop column frequency",
            "alter table run drop column temperature_c",
            "alter table run drop column temperature_basis",
            "pragma user_version = 1",
        ):
            journal._connection.execute(statement)
    outcome = replace(a_step(1).outcomes[0], corrections=(Correction("L1", 5.0, -0.16, 27.0, 0.4, 1.19),))
    new = closed("new", replace(a_step(1), outcomes=(outcome,), frequency=50.01), temperature_c=22.5)
    with Journal(path) as journal:
        write(journal, new)
        assert journal.run("old") == old
        assert journal.run("new") == new
        assert journal.faults() == ()


def test_a_journal_from_before_the_questions_takes_them(path: Path) -> None:
    with Journal(path) as journal:
        write(journal, closed("old", a_step(1)))
        journal._connection.execute("drop table prompt")
        journal._connection.execute("drop table basis")
        journal._connection.execute('drop table "release"')
        journal._connection.execute("pragma user_version = 2")
    step = a_step(1)
    prompt = Prompt(13.25, "test", "Is all lit?", "88888888 888", "differs", "4711", 7.5)
    outcomes = tuple(replace(outcome, prompts=(prompt,)) for outcome in step.outcomes)
    asked = closed("new", replace(step, outcomes=outcomes))
    with Journal(path) as journal:
        write(journal, asked)
        assert journal.run("old") == closed("old", a_step(1))
        assert journal.run("new") == asked
        assert journal.faults() == ()


def test_a_journal_from_before_errors_could_be_judged_again_takes_what_they_rest_on(path: Path) -> None:
    with Journal(path) as journal:
        write(journal, closed("old", a_step(1)))
        journal._connection.execute("drop table basis")
        journal._connection.execute('drop table "release"')
        journal._connection.execute("pragma user_version = 3")
    step = a_step(1)
    basis = ErrorBasis(1_000_000_007, 0.05, 0.02, 0.2, 0.0125, 0.0, (TerminalPower(0.9, 3450.25, 3448.5),))
    outcomes = tuple(replace(outcome, basis=basis) for outcome in step.outcomes)
    kept = closed("new", replace(step, outcomes=outcomes))
    with Journal(path) as journal:
        write(journal, kept)
        assert journal.run("old") == closed("old", a_step(1))
        assert journal.run("new") == kept
        assert journal.faults() == ()
    assert from_canonical(canonical(kept)) == kept


def test_a_journal_from_before_the_releases_takes_them(path: Path) -> None:
    with Journal(path) as journal:
        write(journal, closed("old", a_step(1)))
        journal._connection.execute('drop table "release"')
        journal._connection.execute("pragma user_version = 4")
    with Journal(path) as journal:
        journal.release(RELEASED)
        assert journal.releases() == (RELEASED,)
        assert journal.faults() == ()


# ---------------------------------------------------------------------- releases

RELEASED = Release(
    "2026-01-01T06:00:00+00:00",
    ReleaseAct.RELEASED,
    "ab" * 32,
    "Q1",
    "E1",
    "EOL 3",
    "eol",
    "685-381-OK-50",
    "tight",
    "{}",
)
OTHER = replace(RELEASED, plan_hash="cd" * 32)
WITHDRAWN = replace(RELEASED, act=ReleaseAct.WITHDRAWN, at="2026-02-01T06:00:00+00:00")


def test_releases_read_back_in_their_order_all_or_those_of_one_plan(path: Path, journal: Journal) -> None:
    journal.release(RELEASED, OTHER)
    journal.release(WITHDRAWN)
    with JournalReader(path) as reader:
        assert reader.releases() == (RELEASED, OTHER, WITHDRAWN)
        assert reader.releases(RELEASED.plan_hash) == (RELEASED, WITHDRAWN)
        assert reader.faults() == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("update \"release\" set who = 'E1' where number = 1", "release 1"),
        ("update \"release\" set plan_hash = 'ef' where number = 2", "release 2"),
        ('delete from "release" where number = 1', "release 2"),
        ("update \"release\" set act = 'nothing' where number = 2", "release 2"),
    ],
)
def test_a_release_that_was_changed_or_taken_out_is_named(journal: Journal, change: str, named: str) -> None:
    write(journal, closed("r", a_step(1)))
    journal.release(RELEASED, OTHER)
    journal._connection.execute(change)
    assert [where for where, _ in journal.faults()] == [named]


def test_the_schema_tells_a_person_what_each_column_means(path: Path, journal: Journal) -> None:
    with closing(sqlite3.connect(path)) as connection:
        texts = dict(connection.execute("select name, sql from sqlite_master where type = 'table'"))
        for table in tables.TABLES:
            assert table.meaning in texts[table.name]
            assert all(f"-- {column.meaning}\n" in texts[table.name] for column in table.columns)
            columns = [row[1] for row in connection.execute(f'pragma table_info("{table.name}")')]
            assert columns == [column.name for column in table.columns]


def test_a_commit_reaches_the_disk_before_it_is_told(journal: Journal) -> None:
    def pragma(name: str) -> Any:
        return journal._connection.execute(f"pragma {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)


def test_reading_the_journal_loads_neither_configuration_nor_event_loop() -> None:
    program = (
        "import sys, bench.journal, bench.export, bench.places, bench.history\n"
        "heavy = {'pydantic', 'click', 'asyncio', 'concurrent', 'textual', 'sqlalchemy', 'pyvisa', 'gpiozero'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# ---------------------------------------------------------------------- the writer thread


async def one_run(path: Path) -> tuple[Run, tuple[str, ...]]:
    async with JournalWriter(path) as writer:
        await writer.open_run(a_run("r"))
        await writer.act("r", Act(0.5, "4711", "start"))
        await writer.close_step("r", a_step(1))
        await writer.close_run("r", Ending.COMPLETE, "", "2026-01-01T00:04:10Z")
        assert [run.id for run in await writer.runs(serial="S1")] == ["r"]
        return await writer.run("r"), writer.interrupted


def test_the_writer_thread_serves_a_simulated_loop_and_a_real_one(
    tmp_path: Path, simulated: Callable[..., Any]
) -> None:
    wanted = closed("r", a_step(1), acts=(Act(0.5, "4711", "start"),)), ()
    assert simulated(lambda: one_run(tmp_path / "simulated.db")) == wanted
    assert asyncio.run(one_run(tmp_path / "bench.db")) == wanted


def test_a_cancelled_step_is_committed_and_known_before_the_cancellation_takes_effect(
    path: Path, simulated: Callable[..., Any]
) -> None:
    known: list[int] = []

    async def test(writer: JournalWriter) -> None:
        await writer.close_step("r", a_step(1))
        known.append(1)
        await asyncio.sleep(0)
        known.append(2)

    async def main() -> Run:
        async with JournalWriter(path) as writer:
            await writer.open_run(a_run("r"))
            task = asyncio.create_task(test(writer))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await writer.close_run("r", Ending.ABORTED, "by 4711", "2026-01-01T00:04:10Z")
            return await writer.run("r")

    run = simulated(main)
    assert known == [1]
    assert run.steps == (a_step(1),)
    assert run.ending is Ending.ABORTED


def test_a_deadline_that_passes_during_a_commit_is_still_a_deadline(path: Path) -> None:
    async def test(writer: JournalWriter) -> None:
        async with asyncio.timeout(0):
            await writer.close_step("r", a_step(1))
            await asyncio.sleep(3600)

    async def main() -> Run:
        async with JournalWriter(path) as writer:
            await writer.open_run(a_run("r"))
            with pytest.raises(TimeoutError):
                await test(writer)
            return await writer.run("r")

    assert asyncio.run(main()).steps == (a_step(1),)


def test_an_error_of_the_journal_reaches_the_engine_and_the_thread_ends(
    path: Path, simulated: Callable[..., Any]
) -> None:
    async def main() -> None:
        async with JournalWriter(path) as writer:
            await writer.close_step("nobody", a_step(1))

    with pytest.raises(NoSuchRun, match="there is no run nobody"):
        simulated(main)
    path.unlink()
    path.mkdir()
    with pytest.raises(JournalError, match="cannot be opened"):
        simulated(main)


# ---------------------------------------------------------------------- places


def test_the_home_is_bench_home_else_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/lise")
    monkeypatch.delenv("BENCH_HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert home() == Path("/home/lise/.local/state/bench")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert home() == Path("/home/lise/.local/state/bench")
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert home() == Path("/var/state/bench")
    monkeypatch.setenv("BENCH_HOME", str(tmp_path / "a" / "b"))
    assert home() == tmp_path / "a" / "b"
    assert [journal_path(simulated=each).name for each in (False, True)] == ["bench.db", "simulated.db"]
    assert not home().exists()
    assert make_home().is_dir()
    assert make_home() == journal_path(simulated=True).parent


def test_a_home_that_cannot_be_made_is_said_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENCH_HOME", str(tmp_path / "file" / "bench"))
    with pytest.raises(PlaceError, match=r"cannot be made: Not a directory. Set BENCH_HOME"):
        make_home()
