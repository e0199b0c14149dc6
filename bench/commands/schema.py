"""`bench schema`: the JSON schema of a file that a person writes, for the editor that he writes it with."""

from __future__ import annotations

import click


@click.command("schema")
@click.argument("file", type=click.Choice(["profile"]))
def command(file: str) -> None:  # noqa: ARG001  # the one there is
    """Print the JSON schema of a FILE. `#:schema profile.schema.json` as its first line makes an editor complete and check it."""
    import json

    from bench.profile_file import profile_schema

    click.echo(json.dumps(profile_schema(), indent=2, ensure_ascii=False))
