"""How the readers of the journal open it, and how its faults become one line and a status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bench.command_line import BLOCKED, USAGE, Fault

if TYPE_CHECKING:
    from pathlib import Path

    from bench.journal_reader import JournalReader

simulated_option = click.option("--simulated", is_flag=True, help="Look among the simulated runs only.")


@contextmanager
def reading(simulated: bool) -> Iterator[JournalReader]:
    """The journal of this station, or the one of simulated runs."""
    from bench.journal_errors import JournalError, NoSuchRun
    from bench.journal_reader import JournalReader

    path = _path(simulated=simulated)
    if not simulated and not path.exists() and _path(simulated=True).exists():
        raise Fault("no real meter was tested yet; the simulated runs are listed with --simulated", USAGE)
    try:
        with JournalReader(path) as reader:
            yield reader
    except NoSuchRun as error:
        raise Fault(str(error), USAGE) from None
    except JournalError as error:
        raise Fault(str(error), BLOCKED) from None


@contextmanager
def holding(run: str, simulated: bool) -> Iterator[JournalReader]:
    """The journal that holds `run`: the station's own, else the one of simulated runs."""
    from bench.journal_errors import JournalError, NoSuchRun, SeveralRuns

    if not simulated and _path(simulated=False).exists():
        from bench.journal_reader import JournalReader

        try:
            with JournalReader(_path(simulated=False)) as reader:
                reader.run(run)
        except SeveralRuns as error:
            raise Fault(str(error), USAGE) from None
        except NoSuchRun:
            simulated = True
        except JournalError as error:
            raise Fault(str(error), BLOCKED) from None
    elif not simulated:
        simulated = True
    with reading(simulated) as reader:
        yield reader


def _path(*, simulated: bool) -> Path:
    from bench.places import PlaceError, journal_path

    try:
        return journal_path(simulated=simulated)
    except PlaceError as error:
        raise Fault(str(error), BLOCKED) from None
