"""`bench read PORT`: optical readouts, decoded."""

from __future__ import annotations

import click


@click.command("read")
@click.argument("port")
@click.option("--native", is_flag=True, help="Native protocol at 1200 baud: trip in 10 Wh, power and peak in W.")
@click.option("--repeat", is_flag=True, help="Ask by NAK once more for a mode A telegram that came garbled.")
@click.option("--raw", is_flag=True, help="The characters as they came, undecoded.")
@click.option("--watch", is_flag=True, help="Read again and again until Ctrl-C.")
def command(port: str, native: bool, repeat: bool, raw: bool, watch: bool) -> None:
    """Read the meter under the optical head on PORT (a device, a pty or a URL such as socket://host:port)."""
    from bench.command_line import BLOCKED, Fault
    from bench.read import read_aloud
    from drivers.optical_head import OpticalError

    try:
        read_aloud(port, click.echo, native=native, raw=raw, watch=watch, repeat=repeat)
    except OpticalError as error:
        raise Fault(str(error), BLOCKED) from None
