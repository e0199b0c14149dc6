"""Options that several commands share: which station is meant, and how a simulated line is described."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--simulated", is_flag=True, help="Run on a simulated line; no hardware and no file is needed."),
    click.option("--positions", default=4, show_default=True, metavar="N", help="Positions of the simulated line."),
    click.option(
        "--fault",
        "faults",
        multiple=True,
        metavar="POSITION:NAME[=VALUE]",
        help="Put a fault into a position, or one of the bench itself as line:NAME[=SECONDS].",
    ),
    click.option("--seed", default=1, show_default=True, help="Seed of the simulated line: same seed, same run."),
    click.option("--speed", default="max", show_default=True, metavar="max|1|N", help="Simulated seconds a second."),
    click.option(
        "--source",
        default="generic-scpi",
        show_default=True,
        metavar="DIALECT",
        help="Language of the simulated power source.",
    ),
)

station_option = click.option(
    "--station", default=None, metavar="FILE", help="Station file; station.toml in the bench's home if absent."
)


def simulation_options(function: _F) -> _F:
    """Add the options that describe a simulated line."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


engine_option = click.option(
    "--socket", "socket", default=None, metavar="PATH", help="Join the engine that serves this Unix socket."
)


def refuse_simulation_options(simulated: bool, *, at_engine: bool = False) -> None:
    """A test of real meters must not seem to have had a simulated fault or seed, nor one at an engine another than the engine's.

    Raises `click.UsageError`.
    """
    context = click.get_current_context()
    for name, option in {
        "positions": "--positions",
        "faults": "--fault",
        "seed": "--seed",
        "speed": "--speed",
        "source": "--source",
    }.items():
        if not simulated and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} is for a simulated line: add --simulated")
        if at_engine and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} is the engine's: give it to bench engine, or leave out --socket")


def speed_factor(text: str) -> float:
    """`max` or a number above 0. Raises `click.UsageError`."""
    if text == "max":
        return math.inf
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not (factor > 0 and math.isfinite(factor)):
        raise click.UsageError(f"--speed {text!r}: write max, 1 or another number above 0")
    return factor
