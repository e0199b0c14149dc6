"""`bench source`: the process that owns the power source, as systemd starts it."""

from __future__ import annotations

import click

from bench.commands.options import station_option


@click.command("source")
@station_option
@click.option("--socket", "socket", default=None, metavar="PATH", help="Unix socket; owner_socket of the station file.")
@click.option("--rearm", "badge", default=None, metavar="BADGE", help="Re-arm the owner that runs, and leave.")
def command(station: str | None, socket: str | None, badge: str | None) -> None:
    """Own the power source until SIGTERM: lend it to one run at a time, and switch it off when that run falls silent.

    Prints "ready" when it serves. The output is off before and afterwards.
    """
    import asyncio
    import signal
    from pathlib import Path

    from bench.command_line import BLOCKED, USAGE, Fault
    from bench.owner_process import own_source, rearm
    from bench.session import Refused
    from bench.station_file import load_station, station_path
    from drivers.power_source import InstrumentError

    try:
        if badge is not None and socket is not None:
            asyncio.run(rearm(Path(socket), badge))
            return
        described = load_station(station_path(station))
        path = socket or described.owner_socket
        if path is None:
            raise Fault("no socket: give --socket, or owner_socket in the station file", USAGE)
        if badge is not None:
            asyncio.run(rearm(Path(path), badge))
            return
        for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C reaches the whole group of a terminal
            signal.signal(number, signal.SIG_IGN)
        asyncio.run(own_source(described, Path(path), lambda: click.echo("ready")))
    except Refused as error:
        raise Fault(str(error), USAGE) from None
    except InstrumentError as error:
        raise Fault(str(error), BLOCKED) from None
