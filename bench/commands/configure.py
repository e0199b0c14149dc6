"""`bench configure PORT --set NAME=VALUE`: write a meter's configuration and read it back."""

from __future__ import annotations

import click


@click.command("configure")
@click.argument("port")
@click.option(
    "--set", "settings", multiple=True, required=True, metavar="NAME=VALUE", help="What to write; repeatable."
)
@click.option("--dialect", metavar="NAME", help="How this meter is written to; real meters have none yet.")
@click.option("--password-file", metavar="FILE", help="File with the 6-digit password; else BENCH_METER_PASSWORD.")
def command(port: str, settings: tuple[str, ...], dialect: str | None, password_file: str | None) -> None:
    """Configure the meter under the optical head on PORT: display, zeroes, numbers, pulse input, output 2. Legal data is refused."""
    from bench.command_line import BLOCKED, USAGE, Fault
    from bench.configure import configure_once, dialect_is_known, password_from
    from drivers.configuration import ConfigurationError
    from drivers.configuration_fields import FieldError, parse_settings
    from drivers.optical_head import OpticalError

    try:
        wanted = parse_settings(settings)
        dialect_is_known(dialect)
        password = password_from(password_file)
    except FieldError as error:
        raise Fault(str(error), USAGE) from None
    except ConfigurationError as error:
        raise Fault(str(error), BLOCKED if dialect is None else USAGE) from None
    assert dialect is not None
    try:
        click.echo(configure_once(port, dialect, password, wanted))
    except (OpticalError, ConfigurationError) as error:
        raise Fault(str(error), BLOCKED) from None
