"""`bench engine`: the process that runs the tests of a station, as systemd starts it; screens and `bench run` are its clients."""

from __future__ import annotations

import click

from bench.commands.options import refuse_simulation_options, simulation_options, speed_factor, station_option


@click.command("engine")
@station_option
@click.option(
    "--socket", "socket", default=None, metavar="PATH", help="Unix socket to serve; in the bench's home if absent."
)
@simulation_options
def command(
    station: str | None,
    socket: str | None,
    simulated: bool,
    positions: int,
    faults: tuple[str, ...],
    seed: int,
    speed: str,
    source: str,
) -> None:
    """Open the station and run its tests for whoever connects, until SIGTERM.

    Prints "ready" when it serves. A run under way is aborted at the end; the output is off afterwards.
    """
    import asyncio
    from pathlib import Path

    from bench.assembly import Setup
    from bench.command_line import BLOCKED, USAGE, Fault
    from bench.engine_process import run_engine
    from bench.places import PlaceError, engine_socket
    from bench.session import Refused, Unreachable
    from drivers.power_source import InstrumentError

    refuse_simulation_options(simulated)
    if simulated and station is not None:
        raise click.UsageError("--station is for a real line: leave it or --simulated out")
    try:
        path = Path(socket).absolute() if socket else engine_socket(simulated=simulated)
        setup = Setup(simulated, station, positions, seed, faults, speed_factor(speed), source, str(path))
        asyncio.run(run_engine(setup, lambda: click.echo("ready")))
    except (Unreachable, PlaceError, InstrumentError) as error:
        raise Fault(str(error), BLOCKED) from None
    except Refused as error:
        raise Fault(str(error), USAGE) from None
