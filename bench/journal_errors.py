"""What can be wrong with a journal, and what a person does about it."""

from __future__ import annotations

import sqlite3


class JournalError(Exception):
    """The journal cannot do what was wanted. The message says why and what to do."""


class NoSuchRun(JournalError):
    """No run has an id that begins like that."""


class SeveralRuns(NoSuchRun):
    """More than one run has an id that begins like that."""


WRITABLE = "give this user the right to write there, or set BENCH_HOME to another folder, and start again"
"""What to do where the place of the journal cannot be written."""

_REASONS = {
    sqlite3.SQLITE_FULL: ("disk full", "free space and start again"),
    sqlite3.SQLITE_READONLY: ("it is read-only", WRITABLE),
    sqlite3.SQLITE_PERM: ("permission denied", WRITABLE),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", WRITABLE),
    sqlite3.SQLITE_BUSY: ("another program keeps it locked", "close that program and start again"),
    sqlite3.SQLITE_LOCKED: ("another program keeps it locked", "close that program and start again"),
    sqlite3.SQLITE_NOTADB: ("the file is not a database", "move it away and start again"),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", "move it away, keep it for rescue, and start again"),
    sqlite3.SQLITE_IOERR: ("the disk refused (I/O error)", "check the disk, its space and quota, and start again"),
}


def reason_and_advice(error: sqlite3.Error) -> tuple[str, str]:
    """What SQLite found wrong, and what to do about it."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the low byte is the primary code
    return _REASONS.get(code, (str(error), "report this with the journal's name"))
