"""The journal written: every run of a station in one SQLite file, committed step by step before anybody is told.

It closes what dead processes left open. Blocking: the engine uses `journal_writer`.
"""

from __future__ import annotations

import fcntl
import math
import os
import sqlite3
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import record_tables as tables
from bench import schema
from bench.export import run_hash, step_digest
from bench.journal_errors import WRITABLE, JournalError, NoSuchRun, reason_and_advice
from bench.journal_reader import JournalReader
from bench.record import Act, Outcome, Run, Step
from bench.record_packing import pack_edges, pack_energy, pack_readings
from bench.release import Release, release_hash
from bench.table import Table, insert
from bench.verdict import Ending


class Journal(JournalReader):
    """Writes the journal: nothing returns before it is on the disk. Every method raises `JournalError`.

    Several processes may write one journal. Each holds a shared lock on the file `….lock` beside it; whoever gets that lock
    alone knows that every run still open belongs to a dead process, and closes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock_file = -1
        self._connect("rwc")
        with self._closed_on_error():
            alone = self._lock()
            self._prepare()
            self.interrupted: tuple[str, ...] = self._close_torn_runs() if alone else ()
            """Ids of the runs that a dead process had left open and that were closed as INTERRUPTED at opening."""
            # Not before: a second process that waits for the shared lock then finds the journal ready.
            fcntl.flock(self._lock_file, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let the file and the lock go. A run that is still open counts as torn from then on."""
        super().close()
        if self._lock_file >= 0:
            os.close(self._lock_file)
            self._lock_file = -1

    def open_run(self, run: Run) -> None:
        """Begin a run: its plan, meters and instruments. Steps and acts follow one by one, so there are none yet.

        A simulated run takes its id from its seed; repeated, it takes the place of the earlier one.
        """
        if run.steps or run.acts or run.ending:
            raise ValueError("a run is opened before its first step")
        with self._writing():
            self._keep_apart(run)
            self._make_room(run)
            seed = None if run.seed is None else str(run.seed)
            self._insert(tables.RUN, run, number=None, seed=seed, ending=None)
            for number, meter in enumerate(run.meters, 1):
                self._insert(tables.METER, meter, run=run.id, number=number, verdict=None)
            for number, instrument in enumerate(run.instruments, 1):
                self._insert(tables.INSTRUMENT, instrument, run=run.id, number=number)

    def close_step(self, run_id: str, step: Step) -> None:
        """Commit a finished step whole: outcomes, measurements, edges, telegrams, energy and aggregates, or nothing of it."""
        energy, digest = pack_energy(step.energy), step_digest(step)
        with self._writing():
            self._need_open(run_id)
            self._insert(tables.STEP, step, run=run_id, energy=energy, digest=digest)
            for number, outcome in enumerate(step.outcomes, 1):
                place = {"run": run_id, "step": step.number, "position": outcome.position}
                self._insert_outcome(outcome, number, place)
            self._connection.execute(_AGGREGATE, (run_id, step.number))

    def act(self, run_id: str, act: Act) -> None:
        """Commit at once what a person, or the bench for safety's sake, did."""
        with self._writing():
            self._need_open(run_id)
            number = self._all("select count(*) + 1 as next from act where run = ?", (run_id,))[0]["next"]
            self._insert(tables.ACT, act, run=run_id, number=number)

    def close_run(self, run_id: str, ending: Ending, reason: str, closed_at: str) -> None:
        """End a run: its ending, the verdict on each meter, and its hash, chained to the run closed before it."""
        with self._writing():
            self._need_open(run_id)
            self._close_run(run_id, ending, reason, closed_at)

    def release(self, *acts: Release) -> None:
        """Keep the release or withdrawal of plans, all or none, each chained to the one before it."""
        with self._writing():
            last = self._all('select hash from "release" order by number desc limit 1')
            previous = last[0]["hash"] if last else ""
            for act in acts:
                previous = release_hash(act, previous)
                self._insert(tables.RELEASE, act, number=None, hash=previous)

    # ------------------------------------------------------------------ what a transaction does

    def _close_torn_runs(self) -> tuple[str, ...]:
        with self._writing():
            torn = [row["id"] for row in self._all("select id from run where ending is null order by number")]
            for run_id in torn:
                run = self._load(run_id, whole=False)
                last = f"step {run.steps[-1].number} ({run.steps[-1].name})" if run.steps else "its opening"
                reason = f"Power failed or the bench was killed after {last}; found and closed at the next start."
                self._close_run(run_id, Ending.INTERRUPTED, reason, _last_instant(run))
        return tuple(torn)

    def _close_run(self, run_id: str, ending: Ending, reason: str, closed_at: str) -> None:
        self._connection.execute(
            "update run set ending = ?, reason = ?, closed_at = ? where id = ?",
            (ending.value, reason, closed_at, run_id),
        )
        run = self._load(run_id, whole=False)
        self._connection.executemany(
            "update meter set verdict = ? where run = ? and position = ?",
            [(int(run.verdict(meter.position)), run_id, meter.position) for meter in run.meters],
        )
        digests = [row["digest"] for row in self._rows(tables.STEP, run_id, "number")]
        last = self._all("select hash from seal order by number desc limit 1")
        previous = last[0]["hash"] if last else ""
        seal = {"number": None, "run": run_id, "hash": run_hash(run, digests, previous), "previous": previous}
        self._connection.execute(insert(tables.SEAL), seal)

    def _insert(self, table: Table, record: Any, /, **more: Any) -> None:
        row = {c.name: more[c.name] if c.name in more else getattr(record, c.name) for c in table.columns}
        self._connection.execute(insert(table), row)

    def _insert_outcome(self, outcome: Outcome, number: int, place: dict[str, Any]) -> None:
        edges = outcome.edges
        self._insert(
            tables.OUTCOME,
            outcome,
            **place,
            number=number,
            edges=None if edges is None else pack_edges(edges),
            anomalies=None if edges is None else edges.anomalies,
        )
        for k, m in enumerate(outcome.measurements, 1):
            text = m.value if isinstance(m.value, str) else None
            numbers = {name: _real(getattr(m, name)) for name in ("lower", "upper", "uncertainty")}
            value = None if isinstance(m.value, str) else _real(m.value)
            self._insert(tables.MEASUREMENT, m, **place, **numbers, number=k, value=value, text=text)
        for k, telegram in enumerate(outcome.telegrams, 1):
            self._insert(tables.TELEGRAM, telegram, **place, number=k)
        for k, correction in enumerate(outcome.corrections, 1):
            self._insert(tables.CORRECTION, correction, **place, number=k)
        for k, prompt in enumerate(outcome.prompts, 1):
            self._insert(tables.PROMPT, prompt, **place, number=k)
        if outcome.basis is not None:
            self._insert(tables.BASIS, outcome.basis, **place, readings=pack_readings(outcome.basis.readings))

    def _need_open(self, run_id: str) -> None:
        found = self._all("select ending from run where id = ?", (run_id,))
        if not found:
            raise NoSuchRun(f"there is no run {run_id} in {self.path}: open it first.")
        if found[0]["ending"]:
            raise JournalError(f"run {run_id} in {self.path} is closed ({found[0]['ending']}): nothing is added to it.")

    def _keep_apart(self, run: Run) -> None:
        simulated = run.purpose == "simulated"
        if self._all("select 1 from run where (purpose = 'simulated') <> ? limit 1", (simulated,)):
            raise JournalError(
                f"the journal {self.path} holds {'real' if simulated else 'simulated'} runs: "
                f"a {run.purpose} run must not stand among them. Give it the other journal."
            )

    def _make_room(self, run: Run) -> None:
        """Take out the earlier run of a simulated run that is repeated, and its share of the aggregates."""
        same = self._all("select *, substr(opened_at, 1, 10) as day from run where id = ?", (run.id,))
        if not same:
            return
        if run.purpose != "simulated":
            raise JournalError(f"run {run.id} is in {self.path} already: a run is tested once.")
        if same[0]["ending"] is None:
            raise JournalError(
                f"run {run.id} is under way in {self.path}, with the same seed. Wait for its end or take another seed."
            )
        kin = (same[0]["day"], same[0]["type_number"], same[0]["purpose"])
        self._connection.execute("delete from run where id = ?", (run.id,))
        self._connection.execute("delete from stat where day = ? and type_number = ? and purpose = ?", kin)
        steps = self._all(
            "select s.run, s.number from step s join run r on r.id = s.run"
            " where substr(r.opened_at, 1, 10) = ? and r.type_number = ? and r.purpose = ?",
            kin,
        )
        self._connection.executemany(_AGGREGATE, [tuple(step) for step in steps])

    # ------------------------------------------------------------------ the file

    def _lock(self) -> bool:
        """Open and take the lock; whether nobody else has it."""
        try:
            self._lock_file = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o666)
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._lock_file, fcntl.LOCK_SH)
            return False
        except OSError as error:
            raise self._unwritable(error.strerror or str(error), WRITABLE) from error
        return True

    def _prepare(self) -> None:
        version = self._version()  # before anything is set: another program's database is left as it was
        try:
            mode = self._pragma("journal_mode = wal")
            self._connection.execute("pragma synchronous = full")  # with NORMAL a power cut loses commits
            self._connection.execute("pragma foreign_keys = on")
        except sqlite3.Error as error:
            raise self._explained(error) from error
        if mode != "wal":
            raise self._unwritable("this file system allows no write-ahead log", "use a local disk")
        if version < schema.VERSION:
            with self._writing():
                self._bring_up_to_date(self._pragma("user_version"))
        self._check_version(self._version())

    def _bring_up_to_date(self, version: int) -> None:
        steps = (
            [schema.MIGRATIONS[v] for v in range(version + 1, schema.VERSION + 1)] if version else [schema.statements()]
        )
        for statement in (s for step in steps for s in step):
            self._connection.execute(statement)
        self._connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
        self._connection.execute(f"pragma user_version = {schema.VERSION}")

    def _writing(self) -> AbstractContextManager[None]:
        return self._transaction("begin immediate")

    def _explained(self, error: sqlite3.Error) -> JournalError:
        return self._unwritable(*reason_and_advice(error))

    def _unwritable(self, what: str, advice: str) -> JournalError:
        return JournalError(
            f"the journal {self.path} cannot be written: {what}. Nothing was tested that is not recorded; {advice}."
        )


_AGGREGATE = """
insert into stat
select substr(r.opened_at, 1, 10), r.type_number, r.purpose, s.name, m.name, m.position,
    count(m.v), coalesce(sum(m.v), 0.0), coalesce(sum(m.v * m.v), 0.0), min(m.v), max(m.v), sum(m.verdict = 3)
from (
    select *, case when typeof(value) = 'real' and abs(value) < 1e150 then value end as v -- its square is a number, too
    from measurement where run = ? and step = ?
) m
join outcome o on o.run = m.run and o.step = m.step and o.position = m.position
join step s on s.run = m.run and s.number = m.step
join run r on r.id = m.run
where not o.void
group by m.name, m.position
on conflict do update set
    n = n + excluded.n, total = total + excluded.total, squares = squares + excluded.squares,
    least = min(coalesce(least, excluded.least), coalesce(excluded.least, least)),
    greatest = max(coalesce(greatest, excluded.greatest), coalesce(excluded.greatest, greatest)),
    fails = fails + excluded.fails
"""


def _real(number: float | None) -> float | str | None:
    """A number as a column holds it: SQLite has no NaN and would make NULL of it, which means never set."""
    return "nan" if number is not None and math.isnan(number) else number


def _last_instant(run: Run) -> str:
    """Wall clock of the last thing on record: when a torn run really ended nobody knows."""
    seconds = max([0.0, *(step.closed for step in run.steps), *(act.time for act in run.acts)])
    try:
        return (datetime.fromisoformat(run.opened_at) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return run.opened_at  # not a date this program wrote; the run must be closed all the same
