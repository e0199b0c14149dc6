"""`bench history`: the latest runs, newest first, one line each."""

from __future__ import annotations

import click

from bench.commands.journal_access import reading, simulated_option


@click.command("history")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="So many runs.")
@click.option("--serial", default="", help="Runs of this meter only.")
@simulated_option
def command(limit: int, serial: str, simulated: bool) -> None:
    """List the latest runs of the station, or with --simulated of the simulated line."""
    from bench.history import history

    with reading(simulated) as journal:
        click.echo(history(journal.runs(limit, serial=serial)))
