"""`bench run`: one run without a screen: progress on a terminal, facts as NDJSON with `--json`, a table at the end, and a status."""

from __future__ import annotations

import click

from bench.commands.options import (
    engine_option,
    refuse_simulation_options,
    simulation_options,
    speed_factor,
    station_option,
)


@click.command("run")
@click.argument("sequence")
@click.option("--type", "type_number", default="", help="Type number, for instance 685-382-OK-50.")
@click.option(
    "--serial", "serials", multiple=True, metavar="POSITION=SERIAL", help="Serial number at a position; repeat."
)
@click.option("--order", default="", help="Order the meters belong to.")
@click.option("--operator", default="", help="Badge of the operator.")
@click.option("--purpose", default="", help="production, engineering or golden.")
@click.option("--profile", default="", metavar="FILE", help="Profile: a plant's choices within the norm.")
@click.option("--only", default="", metavar="STEP", help="One step alone (gates before it still run).")
@click.option("--temperature", type=float, default=None, metavar="°C", help="Temperature at the meters as read now.")
@station_option
@click.option("--answers", default="", metavar="FILE", help="Answers to what steps ask a person.")
@simulation_options
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Facts as NDJSON on stdout; the last line sums the run up.")
@click.option("--junit", default=None, metavar="FILE", help="Write the steps as JUnit XML.")
@click.option("--strict", is_flag=True, help="MARGINAL counts as a failure in the exit status.")
def command(
    sequence: str,
    type_number: str,
    serials: tuple[str, ...],
    order: str,
    operator: str,
    purpose: str,
    profile: str,
    only: str,
    temperature: float | None,
    station: str | None,
    answers: str,
    simulated: bool,
    positions: int,
    faults: tuple[str, ...],
    seed: int,
    speed: str,
    source: str,
    socket: str | None,
    as_json: bool,
    junit: str | None,
    strict: bool,
) -> int:
    """Test the meters on the line with SEQUENCE.

    Where `bench engine` runs the station, it runs the test, and goes on with it when this process is killed.

    Exit status: 0 all passed, 1 a meter failed, 2 wrong usage or configuration, 3 blocked, 130 aborted.
    """
    from bench.assembly import Setup
    from bench.headless import Output, run_headless
    from bench.session import RunRequest

    refuse_simulation_options(simulated, at_engine=socket is not None)
    if simulated and station is not None:
        raise click.UsageError("--station is for a real line: leave it or --simulated out")
    request = RunRequest(
        sequence=sequence,
        type_number=type_number,
        serials=_by_position(serials),
        operator=operator,
        order=order,
        purpose=purpose,
        profile=profile,
        only=only,
        temperature=temperature,
    )
    setup = Setup(simulated, station, positions, seed, faults, speed_factor(speed), source)
    output = Output(as_json=as_json, junit=junit, strict=strict)
    return run_headless(setup, request, output, answers, socket)


def _by_position(serials: tuple[str, ...]) -> dict[int, str]:
    found: dict[int, str] = {}
    for text in serials:
        number, equals, serial = text.partition("=")
        if not equals or not number.strip().isdecimal() or not serial.strip():
            raise click.UsageError(f"--serial {text!r}: write POSITION=SERIAL, for instance 1=12345678")
        if int(number) in found:
            raise click.UsageError(f"--serial: position {int(number)} was given twice")
        found[int(number)] = serial.strip()
    return found
