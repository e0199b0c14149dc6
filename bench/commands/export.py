"""`bench export RUN`: the whole record of a run as JSON, every fact and every edge."""

from __future__ import annotations

import click

from bench.commands.journal_access import holding, simulated_option


@click.command("export")
@click.argument("run")
@click.option("--canonical", "as_canonical", is_flag=True, help="Sorted, on one line: byte-identical for equal runs.")
@simulated_option
def command(run: str, as_canonical: bool, simulated: bool) -> None:
    """Export RUN; the first characters of its id are enough."""
    from bench.export import as_json, canonical

    with holding(run, simulated) as journal:
        record = journal.run(run)
        click.echo(canonical(record) if as_canonical else as_json(record))
