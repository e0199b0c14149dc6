"""`bench read PORT`: one optical readout, decoded."""

from __future__ import annotations

import click


@click.command("read")
@click.argument("port")
def command(port: str) -> None:
    """Read the meter under the optical head on PORT (a device, a pty or a URL such as socket://host:port)."""
    from bench.command_line import BLOCKED, Fault
    from bench.read import read_once
    from drivers.optical_head import OpticalError

    try:
        click.echo(read_once(port))
    except OpticalError as error:
        raise Fault(str(error), BLOCKED) from None
