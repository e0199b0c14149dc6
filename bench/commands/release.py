"""`bench release`: a second person releases a plan for production, withdraws it, or looks at what was released."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bench.commands.options import station_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.release import Release


@click.command("release")
@click.argument("sequence", default="")
@click.option("--type", "type_number", default="", help="Type number, for instance 685-382-OK-50.")
@click.option("--profile", default="", metavar="FILE", help="Profile: a plant's choices within the norm.")
@station_option
@click.option("--badge", default="", help="Who releases or withdraws: role quality.")
@click.option(
    "--prepared-by", default="", metavar="BADGE", help="Who prepared the plan: role engineer, another person."
)
@click.option("--withdraw", default="", metavar="HASH", help="Withdraw this plan; the beginning of its hash is enough.")
@click.option("--list", "listing", is_flag=True, help="Every release and withdrawal, oldest first.")
@click.option("--json", "as_json", is_flag=True, help="With --list: one JSON object a line, the plan in it.")
def command(
    sequence: str,
    type_number: str,
    profile: str,
    station: str | None,
    badge: str,
    prepared_by: str,
    withdraw: str,
    listing: bool,
    as_json: bool,
) -> None:
    """Release the plan of SEQUENCE with a type for production: production runs nothing else. Nothing is switched on."""

    from bench.command_line import BLOCKED, USAGE, Fault
    from bench.journal_errors import JournalError
    from bench.places import PlaceError, journal_path
    from bench.session import Refused, RunRequest

    if sum((bool(sequence), bool(withdraw), listing)) != 1:
        raise click.UsageError("give a SEQUENCE to release, --withdraw HASH, or --list")
    if as_json and not listing:
        raise click.UsageError("--json is for --list")
    if sequence and not type_number:
        raise click.UsageError("no type number: give --type, for instance --type 685-382-OK-50")
    try:
        path = journal_path(simulated=False)
        if listing:
            _list(path, as_json)
            return
        from bench.station_file import load_station, station_path

        at = load_station(station_path(station))
        if sequence:
            from bench.releasing import released

            acts = released(RunRequest(sequence, type_number, profile=profile), at, badge, prepared_by, _now())
            _keep(path, lambda _: acts)
        else:
            from bench.releasing import withdrawn

            _keep(path, lambda known: (withdrawn(known, withdraw, at, badge, _now()),))
    except (JournalError, PlaceError) as error:
        raise Fault(str(error), BLOCKED) from None
    except Refused as error:
        raise Fault(str(error), USAGE) from None


def _keep(path: Path, decide: Callable[[tuple[Release, ...]], tuple[Release, ...]]) -> None:
    """Write what is decided from what the journal knows, then tell it."""
    from bench.journal import Journal
    from bench.places import make_home

    make_home()
    with Journal(path) as journal:
        acts = decide(journal.releases())
        journal.release(*acts)
    for act in acts:
        click.echo(f"{act.what}: {act}\nhash {act.plan_hash}")


def _list(path: Path, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    from bench.journal_reader import JournalReader

    with JournalReader(path) as journal:
        acts = journal.releases()
    for act in acts:
        if as_json:
            click.echo(json.dumps(asdict(act), ensure_ascii=False))
        else:
            click.echo(f"{act.at}  {act.plan_hash[:8]}  {act.act:9}  {act.who:10}  {act.prepared_by:10}  {act.what}")
    if not acts and not as_json:
        click.echo("No plan was ever released here.")


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")
