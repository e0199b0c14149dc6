"""`bench replay RUN`: judge the edges, readings and values of a run again, under its own profile or another."""

from __future__ import annotations

import click

from bench.commands.journal_access import holding, simulated_option


@click.command("replay")
@click.argument("run")
@click.option("--profile", default="", metavar="FILE", help="Judge by this profile; by the run's own if absent.")
@simulated_option
@click.option("--json", "as_json", is_flag=True, help="The same as one JSON document.")
def command(run: str, profile: str, simulated: bool, as_json: bool) -> int:
    """Judge RUN again without any instrument; the first characters of its id are enough.

    Exit status: 0 judged, 1 the run's own profile does not give its own verdicts, 2 it cannot be judged again.
    """
    import json
    from pathlib import Path

    from bench.command_line import USAGE, Fault
    from bench.profile_file import load_profile
    from bench.replay import CannotReplay, replay
    from bench.replay_text import replay_document, replay_text
    from bench.session import Refused

    try:
        chosen = load_profile(Path(profile)) if profile else None
    except Refused as error:
        raise Fault(str(error), USAGE) from None
    with holding(run, simulated) as journal:
        record = journal.run(run)
    try:
        done = replay(record, chosen)
    except CannotReplay as error:
        raise Fault(str(error), USAGE) from None
    click.echo(
        json.dumps(replay_document(done), indent=2, ensure_ascii=False, allow_nan=False)
        if as_json
        else replay_text(done)
    )
    return 0 if chosen is not None or done.same else 1
