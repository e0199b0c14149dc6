"""`bench tui`: opens the station's session and hands it to the operator's app. Textual is loaded only when the screen opens."""

from __future__ import annotations

import math
import os
import sys
from typing import NoReturn

import click

_SIMULATION_ONLY = ("positions", "seed", "fault", "speed")


def _speed(text: str) -> float:
    """Simulated seconds a second, or `max`; click makes a usage error of the ValueError."""
    speed = math.inf if text == "max" else float(text)
    if not speed > 0.0:
        raise ValueError(text)
    return speed


@click.command()
@click.option("--simulated", is_flag=True, help="Run a simulated line; no hardware is touched.")
@click.option("--positions", type=click.IntRange(1, 99), default=4, show_default=True, help="Simulated positions.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the simulated world.")
@click.option(
    "--fault", multiple=True, metavar="POSITION:NAME[=VALUE]", help="A fault of a simulated meter; may be repeated."
)
@click.option(
    "--speed", type=_speed, default="10", show_default=True, metavar="1|10|max|N", help="Simulated seconds a second."
)
@click.option("--type", "type_number", default="", metavar="685-…", help="Type number of the meters.")
@click.option(
    "--station", type=click.Path(dir_okay=False), default=None, help="Station file; the installed one without it."
)
@click.option(
    "--socket", type=click.Path(dir_okay=False), default=None, help="Join the engine that serves this Unix socket."
)
@click.pass_context
def tui(
    context: click.Context,
    simulated: bool,
    positions: int,
    seed: int,
    fault: tuple[str, ...],
    speed: float,
    type_number: str,
    station: str | None,
    socket: str | None,
) -> None:
    """The operator's screen.

    Where `bench engine` runs the station, it is this screen's engine too, and its tests go on when the screen is left.
    """
    _refuse_simulation_options(context, simulated, socket)
    if not _on_a_terminal():
        _stop("bench tui needs a terminal. Without one, use: bench run SEQUENCE --type 685-…", 2)
    import asyncio
    import signal
    import threading
    from functools import partial

    from bench.joining import open_or_join
    from bench.session import Refused, Session, Unreachable
    from tui.app import BenchApp

    async def operate() -> int | None:
        asked = partial(
            open_or_join,
            simulated=simulated, station=station, positions=positions, seed=seed, faults=fault, speed=speed,
        )  # fmt: skip
        session, joined = await asked(socket=socket)

        async def again() -> Session:
            return (await asked(socket=joined))[0]

        app = BenchApp(session, type_number, session.glance().speed, again if joined else None)

        def close_and_end() -> None:
            try:
                if joined is None:
                    asyncio.run(session.close())
            finally:
                os._exit(128 + signal.SIGHUP)

        # A terminal that has gone ends Textual's writer, and the next few pictures then hold up this loop for ever: the
        # source is switched off and the record closed from a thread, and there is nothing left to clear.
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, threading.Thread(target=close_and_end).start)
        # systemd stops with SIGTERM: the terminal is still there, so the screen ends as it does by F10.
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGTERM, partial(app.exit, return_code=128 + signal.SIGTERM)
        )
        try:
            await app.run_async()
            return app.return_code
        finally:
            await app.session.close()

    try:
        code = asyncio.run(operate())
    except Refused as reason:
        _stop(f"bench tui: {reason}", 3 if isinstance(reason, Unreachable) else 2)
    context.exit(code or 0)


def _refuse_simulation_options(context: click.Context, simulated: bool, socket: str | None) -> None:
    """A test of real meters must not seem to have had a simulated fault, nor one at an engine another than the engine's."""
    for name in _SIMULATION_ONLY:
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and not simulated:
            raise click.UsageError(f"--{name} is for a simulated line: add --simulated.")
        if given and socket is not None:
            raise click.UsageError(f"--{name} is the engine's: give it to bench engine, or leave out --socket.")


def _on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _stop(sentence: str, code: int) -> NoReturn:
    click.echo(sentence, err=True)
    if (
        sys.stdout.isatty() and not sys.stderr.isatty()
    ):  # a unit's errors go to the journal, and nobody at the console reads that
        click.echo(sentence)
    sys.exit(code)
