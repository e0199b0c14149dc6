"""`bench plan`: the steps, loads, limits, expected uncertainty and seconds of a sequence; nothing is switched on."""

from __future__ import annotations

import click


@click.command("plan")
@click.argument("sequence")
@click.option("--type", "type_number", required=True, help="Type number, for instance 685-382-OK-50.")
@click.option("--profile", default="", metavar="FILE", help="Profile: a plant's choices within the norm.")
@click.option("--only", default="", metavar="STEP", help="One step alone (gates before it still run).")
@click.option(
    "--station",
    default=None,
    metavar="FILE",
    help="Station to reckon with: accuracy, settling time, and what it cannot do.",
)
@click.option("--json", "as_json", is_flag=True, help="The whole plan as JSON.")
def command(sequence: str, type_number: str, profile: str, only: str, station: str | None, as_json: bool) -> None:
    """Show what SEQUENCE would do with a type."""
    from pathlib import Path

    from bench.command_line import USAGE, Fault
    from bench.engine import plan_document, plan_for
    from bench.plan_text import plan_text
    from bench.session import Refused, RunRequest

    try:
        reckoned = None
        if station is not None:
            from bench.station_file import load_station

            reckoned = load_station(Path(station))
        plan = plan_for(RunRequest(sequence, type_number, profile=profile, only=only), reckoned)
        if as_json:
            click.echo(plan_document(plan))
            return
        click.echo(plan_text(plan, reckoned))
    except Refused as error:
        raise Fault(str(error), USAGE) from None
