"""`bench simulate`: the simulated world as a process of its own, and acts upon it from outside."""

from __future__ import annotations

import click


@click.command("simulate")
@click.option("--serve", default=None, metavar="DIR", help="Serve a world from this folder until SIGTERM or Ctrl-C.")
@click.option("--type", "type_number", default="685-382-OK-50", show_default=True, help="Type number of the meters.")
@click.option("--positions", default=4, show_default=True, metavar="N", help="Positions of the line.")
@click.option("--fault", "faults", multiple=True, metavar="POSITION:NAME[=VALUE]", help="Put a fault into a position.")
@click.option("--seed", default=1, show_default=True, help="Same seed, same meters.")
@click.option("--source", default="generic-scpi", show_default=True, metavar="DIALECT", help="Language of the source.")
@click.option("--tell", default=None, metavar="DIR", help="Do ACTION to the world that serves this folder, and leave.")
@click.argument("action", nargs=-1)
def command(
    serve: str | None,
    type_number: str,
    positions: int,
    faults: tuple[str, ...],
    seed: int,
    source: str,
    tell: str | None,
    action: tuple[str, ...],
) -> None:
    """Serve a simulated world in real time: source and standard on TCP, optical heads on ptys, pins on a Unix socket.

    It writes DIR/station.toml for bench source, bench run and bench tui, and DIR/world.log, which alone says when the source was off.
    With --tell, ACTION is one of: press estop, release estop, open door, close door, source silent, source late, source garbage,
    source pulled, source normal, pull head N, plug head N.
    """
    import asyncio
    from pathlib import Path

    from bench.command_line import BLOCKED, USAGE, Fault
    from bench.session import Refused
    from bench.world_process import serve_world
    from drivers.power_source import InstrumentError
    from drivers.simulated.world_apart import UnknownAction
    from drivers.simulated.world_control import WorldUnreachable, tell_world

    if (serve is None) == (tell is None) or bool(action) != (tell is not None):
        raise click.UsageError("give --serve DIR, or --tell DIR and an action, for instance: --tell DIR press estop")
    try:
        if tell is not None:
            tell_world(Path(tell), " ".join(action))
            return
        assert serve is not None
        asyncio.run(
            serve_world(
                Path(serve), type_number, positions, seed, faults, source, lambda table: click.echo(f"{table}\nready")
            )
        )
    except (Refused, UnknownAction) as error:
        raise Fault(str(error), USAGE) from None
    except (InstrumentError, WorldUnreachable) as error:
        raise Fault(str(error), BLOCKED) from None
