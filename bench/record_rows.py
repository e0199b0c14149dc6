"""Rows of a journal made into what they are a record of: a run with its steps, what each found, and the raw evidence.

A column and the field of its name belong together; only what is packed, judged or ended is made by hand.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from bench import record_tables as tables
from bench.record import (
    Act,
    Correction,
    ErrorBasis,
    Instrument,
    Measurement,
    MeterUnderTest,
    Outcome,
    Prompt,
    Run,
    Step,
    Telegram,
)
from bench.record_packing import unpack_edges, unpack_energy, unpack_readings
from bench.table import Table
from bench.verdict import Ending, Verdict

_T = TypeVar("_T")

Rows = Callable[[Table, str], list[sqlite3.Row]]
"""The rows of a table that belong to the run, in the order of the named columns."""


def run_in(row: sqlite3.Row, rows: Rows, *, whole: bool = True) -> Run:
    """The run of a row; without measurements, edges, telegrams and energy unless `whole`."""
    return made(
        Run,
        row,
        seed=None if row["seed"] is None else int(row["seed"]),
        ending=ending_in(row),
        meters=tuple(made(MeterUnderTest, each) for each in rows(tables.METER, "number")),
        instruments=tuple(made(Instrument, each) for each in rows(tables.INSTRUMENT, "number")),
        acts=tuple(made(Act, each) for each in rows(tables.ACT, "number")),
        steps=_steps(rows, whole=whole),
    )


def made(cls: type[_T], row: sqlite3.Row, **more: Any) -> _T:
    """A record's value from the columns of its name, and `more`."""
    values = {f.name: more[f.name] if f.name in more else row[f.name] for f in fields(cls)}  # type: ignore[arg-type]  # cls is a dataclass
    return cls(**values)


def ending_in(row: sqlite3.Row) -> Ending | None:
    """How a run ended; None while it is open."""
    return Ending(row["ending"]) if row["ending"] else None


def figures_in(row: sqlite3.Row) -> dict[str, Any]:
    """What was measured, its limits and its uncertainty. A number may be kept as text: SQLite would make NULL of NaN."""
    value = row["text"] if row["text"] is not None else _float(row["value"])
    return {"value": value, **{name: _float(row[name]) for name in ("lower", "upper", "uncertainty")}}


def _steps(rows: Rows, *, whole: bool) -> tuple[Step, ...]:
    measurements: dict[tuple[int, int], list[Measurement]] = defaultdict(list)
    telegrams: dict[tuple[int, int], list[Telegram]] = defaultdict(list)
    corrections: dict[tuple[int, int], list[Correction]] = defaultdict(list)
    prompts: dict[tuple[int, int], list[Prompt]] = defaultdict(list)
    outcomes: dict[int, list[Outcome]] = defaultdict(list)
    for row in rows(tables.MEASUREMENT, "step, position, number") if whole else ():
        measurements[row["step"], row["position"]].append(_measurement(row))
    for row in rows(tables.TELEGRAM, "step, position, number") if whole else ():
        telegrams[row["step"], row["position"]].append(made(Telegram, row))
    for row in rows(tables.CORRECTION, "step, position, number") if whole else ():
        corrections[row["step"], row["position"]].append(made(Correction, row))
    for row in rows(tables.PROMPT, "step, position, number") if whole else ():
        prompts[row["step"], row["position"]].append(made(Prompt, row))
    bases = {
        (row["step"], row["position"]): made(ErrorBasis, row, readings=unpack_readings(row["readings"]))
        for row in (rows(tables.BASIS, "step, position") if whole else ())
    }
    for row in rows(tables.OUTCOME, "step, number"):
        place = (row["step"], row["position"])
        seen = whole and row["edges"] is not None
        outcome = made(
            Outcome,
            row,
            verdict=Verdict(row["verdict"]),
            void=bool(row["void"]),
            measurements=tuple(measurements[place]),
            edges=unpack_edges(row["edges"], row["anomalies"]) if seen else None,
            telegrams=tuple(telegrams[place]),
            corrections=tuple(corrections[place]),
            prompts=tuple(prompts[place]),
            basis=bases.get(place),
        )
        outcomes[row["step"]].append(outcome)
    return tuple(
        made(
            Step,
            row,
            outcomes=tuple(outcomes[row["number"]]),
            energy=unpack_energy(row["energy"]) if whole else (),
        )
        for row in rows(tables.STEP, "number")
    )


def _measurement(row: sqlite3.Row) -> Measurement:
    return made(Measurement, row, **figures_in(row), verdict=Verdict(row["verdict"]))


def _float(cell: float | str | None) -> float | None:
    return None if cell is None else float(cell)
