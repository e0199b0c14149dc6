"""`bench faults`: the fault catalogue: what can be wrong, from which size it is found, and by which step."""

from __future__ import annotations

import click


@click.command("faults")
@click.option("--json", "as_json", is_flag=True, help="The catalogue as JSON.")
def command(as_json: bool) -> None:
    """List the faults that a simulated line can have."""
    import json

    from drivers.simulated.faults import CATALOGUE

    faults = list(CATALOGUE.values())
    if as_json:
        keys = ("name", "what", "default", "unit", "family", "found_by", "from_size", "ends", "module", "sequence")
        click.echo(
            json.dumps([{key: getattr(fault, key) for key in keys} for fault in faults], indent=2, ensure_ascii=False)
        )
        return
    for fault in faults:
        value = f"={fault.default}" if fault.default else ""
        click.echo(f"{fault.name + value:28} {fault.what}")
        needs = f"; module {' or '.join(fault.module.split())}" if fault.module else ""
        where = fault.found_by if fault.sequence == "eol" else f"{fault.found_by} of {fault.sequence}"
        click.echo(f"{'':28} {fault.ends} at {where}, found from: {fault.from_size}{needs}")
