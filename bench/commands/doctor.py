"""`bench doctor`: is this station fit to test; every fault at once, each with what to do."""

from __future__ import annotations

import click

from bench.commands.options import station_option


@click.command("doctor")
@station_option
@click.option("--simulated", is_flag=True, help="Examine a simulated station; no hardware and no file is needed.")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def command(station: str | None, simulated: bool, as_json: bool) -> int:
    """Look at everything a test needs: station file, pins, instruments, ports, disk, journal, clock, calibration dates.

    Nothing is switched on and no contactor moves. Exit status: 0 fit, 2 the station file is wrong, 3 not fit.
    """
    import asyncio

    from bench import doctor
    from bench.command_line import BLOCKED, USAGE
    from bench.examination import examine_file, examine_host, examine_simulated
    from bench.session import Refused
    from bench.station_file import station_path
    from drivers.simulated.simulated_time import run_simulated

    if simulated and station is not None:
        raise click.UsageError("--station is for a real station; leave out --simulated")
    status = None
    if simulated:
        findings = run_simulated(examine_simulated)
    else:
        path = station_path(station)
        try:
            findings = asyncio.run(examine_file(path))
        except Refused as error:
            wrong = doctor.fault("station file", str(error), "correct it as docs/station.md shows, and ask again")
            findings, status = (wrong, *asyncio.run(examine_host())), USAGE
    click.echo(doctor.as_json(findings) if as_json else doctor.as_text(findings))
    return status or (0 if doctor.is_fit(findings) else BLOCKED)
