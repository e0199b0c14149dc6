"""`bench faults`: the fault catalogue: what can be wrong, from which size it is found, and by which step."""

from __future__ import annotations

import click

_NAME, _ROOM = 31, 68
"""Columns of the name with its value, and of what is said of it: 100 with the blank between."""


@click.command("faults")
@click.option("--json", "as_json", is_flag=True, help="The catalogue as JSON.")
def command(as_json: bool) -> None:
    """List the faults that a simulated line can have: `bench run … --fault 2:gain=+2.5%`.

    A condition stands behind the size, and the name says on which side it holds: 2:gain-above=+3%@15Hz, 3:gain-below=+4%@0.1Ib.
    """
    import json
    import textwrap

    from drivers.simulated.faults import CATALOGUE

    faults = list(CATALOGUE.values())
    if as_json:
        keys = (
            "name", "what", "default", "unit", "family", "sequence", "found_by", "from_size", "smallest", "ends", "module",
        )  # fmt: skip
        click.echo(
            json.dumps([{key: getattr(fault, key) for key in keys} for fault in faults], indent=2, ensure_ascii=False)
        )
        return
    for fault in faults:
        value = f"={fault.default}" if fault.default else ""
        needs = f"; module {' or '.join(fault.module.split())}" if fault.module else ""
        found = f"{fault.ends} at {fault.sequence} {fault.found_by}, found from: {fault.from_size}{needs}"
        first, *more = [*textwrap.wrap(fault.what, _ROOM), *textwrap.wrap(found, _ROOM)]
        click.echo(f"{fault.name + value:{_NAME}} {first}")
        for line in more:
            click.echo(f"{'':{_NAME}} {line}")
    click.echo(f"{len(faults)} faults")
