"""How a table of the journal is described: columns with types and meanings, keys, parents; and the SQL that follows from it.

Standard library only, so that the plant's metadata can be rendered from the same description without touching the station.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; the value is SQLite's word for it."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    BLOB = "blob"


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False
    """Whether it may be empty (NULL)."""


@dataclass(frozen=True)
class Table:
    """One table."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    parent: str = ""
    """Table whose row this one belongs to, and with which it goes."""
    parent_key: tuple[str, ...] = ()
    """The parent's columns to which the first columns of `key` point."""
    unique: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    """Columns that have an index of their own."""


def insert(table: Table) -> str:
    """The statement that inserts one row, its values named as its columns."""
    names = [column.name for column in table.columns]
    values = ", ".join(f":{name}" for name in names)
    return f"insert into {quoted((table.name,))} ({quoted(names)}) values ({values})"


def quoted(names: tuple[str, ...] | list[str]) -> str:
    """Names as SQL takes them, whatever words they are: `order` and `check` are its own."""
    return ", ".join(f'"{name}"' for name in names)


def create(table: Table) -> list[str]:
    """The statements that make an empty table with its indices, meanings as comments."""
    name = quoted((table.name,))
    rules = [f"primary key ({quoted(table.key)})", *(f"unique ({quoted((column,))})" for column in table.unique)]
    if table.parent:
        own = table.key[: len(table.parent_key)]
        target = f"{quoted((table.parent,))} ({quoted(table.parent_key)})"
        rules.append(f"foreign key ({quoted(own)}) references {target} on delete cascade")
    lines = [
        f"  {quoted((c.name,))} {c.kind}{'' if c.optional else ' not null'}, -- {c.meaning}" for c in table.columns
    ]
    # A clustered table saves the second index of a composite key, and is slow where rows are large.
    clustered = len(table.key) > 1 and not any(column.kind is Kind.BLOB for column in table.columns)
    body = "\n".join(lines) + "\n  " + ",\n  ".join(rules)
    return [
        f"create table {name} ( -- {table.meaning}\n{body}\n){' without rowid' if clustered else ''}",
        *(
            f"create index {quoted((f'{table.name}_by_{column}',))} on {name} ({quoted((column,))})"
            for column in table.indexed
        ),
    ]
