"""The journal read: runs, their summaries, and whether the chain over them holds. It changes nothing; others may write meanwhile."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bench import schema
from bench.export import run_hash, step_digest
from bench.journal_errors import JournalError, NoSuchRun, SeveralRuns, reason_and_advice
from bench.record import (
    Run,
)
from bench.record_rows import ending_in, figures_in, made, run_in
from bench.release import Release, ReleaseAct, release_hash
from bench.results import ERROR, Result
from bench.table import Table, quoted
from bench.verdict import Ending, Verdict

_T = TypeVar("_T")

_BUSY_S = 5.0
"""How long a commit waits for another program's before it gives up."""


@dataclass(frozen=True)
class MeterSummary:
    """What became of one meter."""

    position: int
    serial: str
    verdict: Verdict
    """NONE while the run is open."""


@dataclass(frozen=True)
class RunSummary:
    """One line of the history."""

    id: str
    opened_at: str
    sequence: str
    type_number: str
    purpose: str
    ending: Ending | None
    """None while the run is open."""
    reason: str
    meters: tuple[MeterSummary, ...]


class JournalReader:
    """Reads a journal while others write it; changes nothing. Every method raises `JournalError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise JournalError(
                f"there is no journal at {path}: nothing was tested yet, or BENCH_HOME names another place."
            )
        self._connect("ro")
        with self._closed_on_error():
            self._check_version(self._version())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go. Closing twice is once."""
        self._connection.close()

    def run(self, prefix: str) -> Run:
        """The run with this id, or the only one whose id begins so. Raises `NoSuchRun`."""
        with self._reading():
            return self._load(self._find(prefix))

    def runs(
        self,
        limit: int = 20,
        *,
        serial: str = "",
        type_number: str = "",
        sequence: str = "",
        purpose: str = "",
        order: str = "",
    ) -> tuple[RunSummary, ...]:
        """The latest runs, newest first; of one serial number, type number, sequence, purpose or order where one is given."""
        wanted = {"type_number": type_number, "sequence": sequence, "purpose": purpose, "order": order}
        where = [f'"{name}" = :{name}' for name, value in wanted.items() if value]
        if serial:
            where.append("id in (select run from meter where serial = :serial)")
        with self._reading():
            rows = self._all(
                f"select * from run where {' and '.join(where) or 'true'} order by number desc limit :limit",
                {**wanted, "serial": serial, "limit": limit},
            )
            return tuple(self._summary(row) for row in rows)

    def releases(self, plan_hash: str = "") -> tuple[Release, ...]:
        """Every release and withdrawal, oldest first; of one plan where its hash is given."""
        where = "where plan_hash = ?" if plan_hash else ""
        with self._reading():
            rows = self._all(f'select * from "release" {where} order by number', (plan_hash,) if plan_hash else ())
            return tuple(made(Release, row, act=ReleaseAct(row["act"])) for row in rows)

    def results(self, *, purposes: Collection[str], **wanted: Collection[str]) -> tuple[Result, ...]:
        """What `results_of` tells of every meter, oldest run first; of runs and meters whose named columns hold one of the values.

        For instance `serial=("21480001",)`, `sequence=("gauge",), order=("G-1",)`.
        """
        chosen = {"purpose": purposes, **wanted}
        where = " and ".join(f"{quoted((name,))} in ({', '.join('?' * len(each))})" for name, each in chosen.items())
        with self._reading():
            rows = self._all(
                f"""select run.id as run, opened_at, ending, type_number, plan_hash, operator, meter.position, serial,
                    step.name as step, step.title, m.name as measurement, m.value, m.text, m.lower, m.upper, m.uncertainty, m.verdict
                from run join meter on meter.run = run.id
                join outcome on outcome.run = run.id and outcome.position = meter.position and outcome.void = 0
                join step on step.run = run.id and step.number = outcome.step
                left join measurement m on m.run = run.id and m.step = outcome.step and m.position = outcome.position
                    and (m.name = '{ERROR}' or m.verdict = {Verdict.FAIL:d})
                where {where} order by run.number, meter.position, step.number, m.number""",
                tuple(value for each in chosen.values() for value in each),
            )
            return tuple(
                made(Result, row, **figures_in(row), ending=ending_in(row), verdict=Verdict(row["verdict"] or 0))
                for row in rows
            )

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Every run, release and withdrawal that no longer is what was written, and what is wrong with it; empty when all hold."""
        found = []
        with self._reading():
            seals = self._all("select * from seal order by number")
            last = {seal["run"]: seal["number"] for seal in seals}
            known = {row["id"]: row["ending"] for row in self._all("select id, ending from run")}
            previous = ""
            for seal in seals:
                if seal["previous"] != previous:
                    found.append((seal["run"], "it does not follow the run before it: a run was taken out or put in"))
                previous = seal["hash"]
                if last[seal["run"]] != seal["number"]:
                    continue  # a simulated run that was repeated: only its last seal has a run
                if seal["run"] not in known:
                    found.append((seal["run"], "it was closed and is no longer there"))
                elif not self._intact(seal):
                    found.append((seal["run"], "its record was changed after it was closed"))
            found += self._release_faults()
            found += [
                (run, "it is closed and not in the chain") for run, end in known.items() if end and run not in last
            ]
        return tuple(found)

    def _release_faults(self) -> list[tuple[str, str]]:
        found, previous = [], ""
        for row in self._all('select * from "release" order by number'):
            act = made(Release, row)
            if release_hash(act, previous) != row["hash"]:
                found.append((f"release {row['number']}", "it was changed, or one before it was taken out or put in"))
            previous = row["hash"]
        return found

    def _intact(self, seal: sqlite3.Row) -> bool:
        try:
            run = self._load(seal["run"])
        except (ValueError, TypeError, zlib.error):
            return False  # changed into something that is no record
        digests = [step_digest(step) for step in run.steps]
        return bool(run_hash(run, digests, seal["previous"]) == seal["hash"])

    # ------------------------------------------------------------------ rows to values

    def _summary(self, row: sqlite3.Row) -> RunSummary:
        meters = tuple(
            made(MeterSummary, meter, verdict=Verdict(meter["verdict"] or 0))
            for meter in self._all("select * from meter where run = ? order by number", (row["id"],))
        )
        return made(RunSummary, row, meters=meters, ending=ending_in(row))

    def _find(self, prefix: str) -> str:
        if not prefix:
            raise NoSuchRun("no run was named; `bench history` lists them.")
        rows = self._all(
            "select id from run where substr(id, 1, length(:p)) = :p order by id <> :p, number limit 3", {"p": prefix}
        )
        ids: list[str] = [row["id"] for row in rows]
        if not ids:
            raise NoSuchRun(f"no run in {self.path} begins with {prefix!r}; `bench history` lists them.")
        if len(ids) > 1 and ids[0] != prefix:
            raise SeveralRuns(f"several runs begin with {prefix!r} ({', '.join(ids[:2])}, ...): give more of the id.")
        return ids[0]

    def _load(self, run: str, *, whole: bool = True) -> Run:
        """The run; without measurements, edges, telegrams and energy unless `whole`."""
        row = self._all("select * from run where id = ?", (run,))[0]
        return run_in(row, lambda table, order: self._rows(table, run, order), whole=whole)

    # ------------------------------------------------------------------ the database

    def _connect(self, mode: str) -> None:
        try:
            self._connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_S, isolation_level=None
            )
        except sqlite3.Error as error:
            raise self._explained(error) from error
        self._connection.row_factory = sqlite3.Row

    def _all(self, sql: str, values: dict[str, Any] | tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def _rows(self, table: Table, run: str, order: str) -> list[sqlite3.Row]:
        return self._all(f"select * from {table.name} where run = ? order by {order}", (run,))

    def _pragma(self, name: str) -> Any:
        return self._connection.execute(f"pragma {name}").fetchone()[0]

    def _version(self) -> int:
        """Version of the schema; 0 for an empty file. Raises `JournalError` for a file of another program."""
        with self._reading():
            version: int = self._pragma("user_version")
            ours = self._pragma("application_id") == schema.APPLICATION_ID
            if not ours and (version or self._all("select 1 from sqlite_master limit 1")):
                raise JournalError(f"{self.path} is another program's database. Move it away and start again.")
            return version

    def _check_version(self, version: int) -> None:
        if version > schema.VERSION:
            raise JournalError(
                f"the journal {self.path} was written by a newer bench (schema {version}, this one knows "
                f"{schema.VERSION}). Update the bench; the journal was not touched."
            )
        if version < schema.VERSION:
            raise JournalError(
                f"the journal {self.path} has the older schema {version}; the next test brings it to {schema.VERSION}."
            )

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _reading(self) -> AbstractContextManager[None]:
        """One consistent picture, whatever is committed meanwhile."""
        return self._transaction("begin")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        try:
            self._connection.execute(begin)
            yield
            self._connection.execute("commit")
        except sqlite3.Error as error:
            raise self._explained(error) from error
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()

    def _explained(self, error: sqlite3.Error) -> JournalError:
        what, advice = reason_and_advice(error)
        return JournalError(f"the journal {self.path} cannot be read: {what}. To go on, {advice}.")
