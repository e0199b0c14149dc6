"""The schema of a journal's file: how it is marked, which version it has, and what brings an older one to it.

The tables of the present version are described in `bench.record_tables`; statements of older versions stand here as they were.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.record_tables import TABLES
from bench.table import create

APPLICATION_ID = 0x33383245
"""Marks the file as a journal of this bench (`PRAGMA application_id`): "382E"."""

VERSION = 5
"""Version of the schema (`PRAGMA user_version`)."""

MIGRATIONS: Mapping[int, tuple[str, ...]] = {
    2: (
        "alter table run add column temperature_c real",
        "alter table run add column temperature_basis text not null default ''",
        "alter table step add column frequency real",
        """create table correction (run text not null, step integer not null, position integer not null,
            number integer not null, phase text not null, current real not null, ratio_percent real not null,
            phase_minutes real not null, lead_milliohm real not null, power_percent real not null,
            primary key (run, step, position, number),
            foreign key (run, step, position) references outcome (run, step, position) on delete cascade
        ) without rowid""",
    ),
    3: (
        """create table prompt (run text not null, step integer not null, position integer not null,
            number integer not null, time real not null, name text not null, question text not null, wanted text not null,
            answer text not null, who text not null, seconds real not null,
            primary key (run, step, position, number),
            foreign key (run, step, position) references outcome (run, step, position) on delete cascade) without rowid""",
    ),
    4: (
        """create table basis (run text not null, step integer not null, position integer not null, first_ns integer not null,
            reference_percent real not null, circuit_percent real not null, circuit_mrad real not null,
            correction_percent real not null, temperature_percent real not null, readings blob not null,
            primary key (run, step, position),
            foreign key (run, step, position) references outcome (run, step, position) on delete cascade)""",
    ),
    5: (
        """create table "release" (number integer not null, at text not null, act text not null, plan_hash text not null,
            who text not null, prepared_by text not null, station text not null, sequence text not null,
            type_number text not null, profile text not null, plan text not null, hash text not null, primary key (number))""",
        'create index "release_by_plan_hash" on "release" ("plan_hash")',
    ),
}
"""By version: the statements that make it of the version before."""


def statements() -> tuple[str, ...]:
    """The statements that make an empty journal of the present version."""
    return tuple(statement for table in TABLES for statement in create(table))
