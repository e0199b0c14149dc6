"""The systemd units: they parse, they name each other, and each starts a command line that this bench understands."""

from __future__ import annotations

import configparser
import shlex
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from bench.command_line import OWN
from bench.places import engine_socket

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = {path.name: path for path in DEPLOY.glob("*.service")}
ORDERING = ("Wants", "Requires", "After")
SYSTEMS_OWN = {"network-online.target", "systemd-user-sessions.service", "getty@tty1.service"}


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#", strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read_string(UNITS[name].read_text(encoding="utf-8"))
    return parser


def command(name: str) -> click.Command:
    if name in OWN:
        found: click.Command = import_module(OWN[name]).command
    else:
        (entry,) = entry_points(group="bench.commands", name=name)
        found = entry.load()
    return found


def test_there_is_a_unit_for_the_owner_the_engine_and_the_screen() -> None:
    assert set(UNITS) == {"bench-source.service", "bench-engine.service", "bench-tui.service"}


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_parses_and_starts_a_command_line_that_exists(name: str) -> None:
    parsed = unit(name)
    assert set(parsed.sections()) == {"Unit", "Service", "Install"}
    program, word, *arguments = shlex.split(parsed["Service"]["ExecStart"])
    assert program == "/opt/bench/bin/bench"
    command(word).make_context(word, arguments)  # a usage error for an option that does not exist


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_waits_for_units_that_exist_and_runs_as_the_bench_in_its_home(name: str) -> None:
    parsed = unit(name)
    wanted = {each for key in ORDERING for each in parsed["Unit"].get(key, "").split()}
    assert wanted <= SYSTEMS_OWN | set(UNITS)
    service = parsed["Service"]
    assert (service["User"], service["Group"], service["StateDirectory"]) == ("bench", "bench", "bench")
    assert "BENCH_HOME=/var/lib/bench" in service["Environment"].split()
    assert (service["NoNewPrivileges"], service["PrivateTmp"], service["ProtectHome"]) == ("yes", "yes", "yes")


def test_the_screen_joins_the_engine_where_it_serves_and_the_engine_finds_its_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BENCH_HOME", "/var/lib/bench")
    words = shlex.split(unit("bench-tui.service")["Service"]["ExecStart"])
    assert words[words.index("--socket") + 1] == str(engine_socket(simulated=False))
    assert "--socket" not in unit("bench-engine.service")["Service"]["ExecStart"]
    for before, after in (("bench-source", "bench-engine"), ("bench-engine", "bench-tui")):
        ordering = unit(f"{after}.service")["Unit"]
        assert f"{before}.service" in ordering["Wants"].split()
        assert f"{before}.service" in ordering["After"].split()


def test_an_engine_that_fails_is_started_again_without_end_and_has_time_to_switch_off() -> None:
    engine = unit("bench-engine.service")
    assert engine["Service"]["Restart"] == "on-failure"
    assert engine["Unit"]["StartLimitIntervalSec"] == "0"
    assert int(engine["Service"]["TimeoutStopSec"]) >= 30
