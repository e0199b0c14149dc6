"""`bench golden`: golden meters on their control charts, red rabbits, and whether production is locked."""

from __future__ import annotations

import click

from bench.commands.journal_access import simulated_option
from bench.commands.options import station_option


@click.command("golden")
@station_option
@simulated_option
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON document, with every run.")
def command(station: str | None, simulated: bool, as_json: bool) -> int:
    """Show what the golden meters and red rabbits of the station say of the bench. Nothing is opened but the journal.

    Exit status: 0 production may start, 2 the station file is wrong, 3 production is locked.
    """
    import json
    from datetime import UTC, datetime

    from bench.command_line import BLOCKED, USAGE, Fault
    from bench.golden import why_locked
    from bench.golden_text import golden_document, golden_text
    from bench.journal_errors import JournalError
    from bench.journal_reader import JournalReader
    from bench.known_check import PURPOSES, Check, checks
    from bench.places import PlaceError, journal_path
    from bench.session import Refused

    if simulated and station is not None:
        raise click.UsageError("--station is for a real station; leave out --simulated")
    try:
        if simulated:
            from bench.simulated_station import KNOWN

            known = KNOWN
        else:
            from bench.station_file import load_station, station_path

            known = load_station(station_path(station)).known
        path = journal_path(simulated=simulated)
        history: tuple[Check, ...] = ()
        if known.serials and path.exists():
            with JournalReader(path) as journal:
                history = checks(journal.results(purposes=PURPOSES, serial=known.serials))
    except Refused as error:
        raise Fault(str(error), USAGE) from None
    except (JournalError, PlaceError) as error:
        raise Fault(str(error), BLOCKED) from None
    if not known.serials:
        raise Fault("the station file lists no golden meter and no red rabbit; docs/golden.md says how", USAGE)
    # A simulated run has a date of its own, at which it is looked back on.
    now = max((each.opened_at for each in history), default=None) if simulated else None
    shown = (known, history, now or datetime.now(UTC))
    click.echo(json.dumps(golden_document(*shown), indent=2, ensure_ascii=False) if as_json else golden_text(*shown))
    return BLOCKED if why_locked(*shown) else 0
