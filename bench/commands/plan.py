"""`bench plan`: steps, loads, limits, expected uncertainty and seconds of a sequence, and a chart of them; nothing is switched on."""

from __future__ import annotations

import click

from bench.commands.journal_access import holding, simulated_option


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
@click.option(
    "--diff", "old", default="", metavar="OLD", help="What changed since OLD: a plan as --json prints it, or a run."
)
@simulated_option
def command(
    sequence: str,
    type_number: str,
    profile: str,
    only: str,
    station: str | None,
    as_json: bool,
    old: str,
    simulated: bool,
) -> None:
    """Show what SEQUENCE would do with a type."""
    import json
    import shutil
    from pathlib import Path

    from bench.command_line import USAGE, Fault
    from bench.gantt import BARS, PLAIN_BARS, WIDTH
    from bench.plan_diff import NoPlan, plan_diff
    from bench.plan_text import plan_text, reckoned_with
    from bench.requested_plan import plan_for
    from bench.session import Refused, RunRequest

    if old and as_json:
        raise click.UsageError("--diff tells what changed in words: leave --json out")
    try:
        reckoned = None
        if station is not None:
            from bench.station_file import load_station

            reckoned = load_station(Path(station))
        plan = plan_for(RunRequest(sequence, type_number, profile=profile, only=only), reckoned)
        if as_json:
            click.echo(json.dumps({"hash": plan.hash, **plan.as_json()}, indent=2, ensure_ascii=False))
            return
        if old:
            changes = plan_diff(_plan_of(old, simulated), plan.as_text(), reckoned_with(reckoned))
            click.echo("\n".join(changes) or f"nothing changed; hash {plan.hash}")
            return
        width = shutil.get_terminal_size((WIDTH, 24)).columns
        click.echo(plan_text(plan, reckoned, width, BARS if _has(BARS) else PLAIN_BARS))
    except NoPlan as error:
        raise Fault(f"--diff {old}: {error}", USAGE) from None
    except Refused as error:
        raise Fault(str(error), USAGE) from None


def _has(signs: str) -> bool:
    """Whether standard output's character set has these."""
    import sys

    try:
        signs.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _plan_of(old: str, simulated: bool) -> str:
    """The text of a plan file, else the plan of the run with this id."""
    from pathlib import Path

    from bench.written_file import text_of

    if Path(old).exists():
        return text_of(Path(old), "the plan", "")
    with holding(old, simulated) as journal:
        return journal.run(old).plan
