"""`bench show RUN`: every step of a run with its measurements, limits, uncertainties and verdicts."""

from __future__ import annotations

import click

from bench.commands.journal_access import holding, simulated_option


@click.command("show")
@click.argument("run")
@simulated_option
def command(run: str, simulated: bool) -> None:
    """Show RUN; the first characters of its id are enough."""
    from bench.history import run_text

    with holding(run, simulated) as journal:
        click.echo(run_text(journal.run(run)))
