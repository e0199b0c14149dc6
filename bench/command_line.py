"""The command line: finds its own commands and those of other packages, and turns every foreseeable fault into one line and a status."""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, NoReturn

import click

from bench.standard_streams import drop, prepare

OWN = {
    "run": "bench.commands.run",
    "plan": "bench.commands.plan",
    "schema": "bench.commands.schema",
    "release": "bench.commands.release",
    "doctor": "bench.commands.doctor",
    "faults": "bench.commands.faults",
    "history": "bench.commands.history",
    "show": "bench.commands.show",
    "lot": "bench.commands.lot",
    "export": "bench.commands.export",
    "replay": "bench.commands.replay",
    "golden": "bench.commands.golden",
    "gauge": "bench.commands.gauge",
    "read": "bench.commands.read",
    "engine": "bench.commands.engine",
    "configure": "bench.commands.configure",
    "source": "bench.commands.source",
    "simulate": "bench.commands.simulate",
}
"""Command and the module that defines it under its own name with `command` appended."""

GROUP = "bench.commands"
"""Entry point group through which other packages add commands."""

USAGE = 2
"""Exit status: wrong usage or configuration."""
BLOCKED = 3
"""Exit status: the world refused: a port, the source, the disk."""
ABORTED = 130
"""Exit status: a person stopped it."""

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Fault(Exception):
    """A foreseeable fault: one sentence for stderr and an exit status."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class _Commands(click.Group):
    """Loads a command's module when it is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return [*OWN, *sorted(entry.name for entry in entry_points(group=GROUP))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        if cmd_name in OWN:
            command: click.Command = import_module(OWN[cmd_name]).command
            return command
        for entry in entry_points(group=GROUP, name=cmd_name):
            loaded: click.Command = entry.load()
            return loaded
        return None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kwh-bench-382", prog_name="bench")
def _group() -> None:
    """End-of-line test bench for the Kamstrup 382 kWh meter."""


def cli(prog_name: str = "bench") -> NoReturn:
    """Run the command line and leave with its status."""
    prepare()
    sys.exit(run(sys.argv[1:], prog_name))


def run(arguments: list[str], prog_name: str = "bench") -> int:
    """Run one command line; the exit status. Faults are one line on stderr, never a traceback."""
    stdout = sys.stdout
    try:
        result: Any = _group.main(args=arguments, prog_name=prog_name, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return USAGE
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else prog_name
        click.echo(f"{path}: {' '.join(error.format_message().split())}", err=True)
        return USAGE
    except click.Abort:
        return ABORTED
    except Fault as error:
        click.echo(f"{prog_name}: {' '.join(str(error).split())}", err=True)
        return error.status
    except SystemExit:
        if sys.stdout is stdout:
            raise
        return 0  # click put another stream for a pipe that nobody reads; its own 1 would say that a meter failed
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        drop(sys.stdout)
        click.echo(f"{prog_name}: standard output cannot be written: {error.strerror}", err=True)
        return BLOCKED
    return result if isinstance(result, int) else 0
