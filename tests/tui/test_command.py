"""`bench tui` from the outside: options, refusals, and no screen without a terminal."""

from __future__ import annotations

import contextlib
import math
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from bench.journal_reader import JournalReader
from bench.session import Refused, Unreachable
from bench.verdict import Ending
from tests.tui.scripted_session import ScriptedSession
from tui.app import BenchApp
from tui.command import tui


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Run the command on a terminal with a session that is opened by the test; what the session was asked for."""

    def run(arguments: str | Sequence[str], refuse: Refused | None = None, joined: str | None = None) -> dict[str, Any]:
        seen: dict[str, Any] = {}

        async def open_or_join(**asked: Any) -> tuple[ScriptedSession, str | None]:
            seen.update(asked)
            if refuse is not None:
                raise refuse
            seen["session"] = session = ScriptedSession(asked["positions"])
            session.line(speed=asked["speed"])
            return session, joined

        async def run_async(app: BenchApp) -> None:
            seen["app"] = app

        module = ModuleType("bench.joining")
        module.open_or_join = open_or_join  # type: ignore[attr-defined] # the one function that is used
        monkeypatch.setitem(sys.modules, "bench.joining", module)
        monkeypatch.setattr("tui.command._on_a_terminal", lambda: True)
        monkeypatch.setattr(BenchApp, "run_async", run_async)
        seen["result"] = CliRunner().invoke(tui, arguments)
        return seen

    return run


def test_the_options_reach_the_session_and_the_screen_and_the_session_is_closed(opened: Callable[..., Any]) -> None:
    seen = opened(
        "--simulated --positions 6 --seed 7 --fault 2:gain=2.5 --fault 3:no-s0 --speed max --type 685-382-OK-50"
    )
    assert seen["result"].exit_code == 0, seen["result"].output
    assert (seen["simulated"], seen["station"], seen["positions"], seen["seed"]) == (True, None, 6, 7)
    assert seen["faults"] == ("2:gain=2.5", "3:no-s0")
    assert seen["speed"] == math.inf
    assert seen["app"].picture.entry.type_number == "685-382-OK-50"
    assert seen["app"].picture.speed == math.inf
    assert seen["session"].commands == [("close",)]


def test_a_socket_joins_its_engine_and_no_simulation_may_be_described(opened: Callable[..., Any]) -> None:
    seen = opened("--simulated --socket e.sock", joined="e.sock")
    assert seen["result"].exit_code == 0, seen["result"].output
    assert seen["socket"] == "e.sock"
    assert seen["session"].commands == [("close",)]
    result = opened("--simulated --socket e.sock --seed 7")["result"]
    assert result.exit_code == 2
    assert "give it to bench engine" in result.stderr


@pytest.mark.parametrize(("refusal", "status"), [(Unreachable, 3), (Refused, 2)])
def test_a_session_that_is_refused_is_one_line_and_the_status_says_whose_fault_it_is(
    opened: Callable[..., Any], refusal: type[Refused], status: int
) -> None:
    result = opened(["--station", "station.toml"], refuse=refusal("the source does not answer."))["result"]
    assert result.exit_code == status
    assert result.stderr == "bench tui: the source does not answer.\n"


@pytest.mark.parametrize(
    "arguments", [["--fault", "2:gain=2.5"], ["--speed", "10"], ["--seed", "3"], ["--positions", "2"]]
)
def test_simulation_options_without_a_simulation_are_wrong_usage(
    opened: Callable[..., Any], arguments: list[str]
) -> None:
    result = opened(arguments)["result"]
    assert result.exit_code == 2
    assert "add --simulated" in result.stderr


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_a_speed_is_a_positive_number_or_max(opened: Callable[..., Any], speed: str) -> None:
    assert opened(["--simulated", "--speed", speed])["result"].exit_code == 2


def test_without_a_terminal_it_says_so_in_one_line_and_exits_2() -> None:
    result = CliRunner().invoke(tui, ["--simulated"])
    assert result.exit_code == 2
    assert result.stderr == "bench tui needs a terminal. Without one, use: bench run SEQUENCE --type 685-…\n"


def test_the_command_loads_no_screen_until_it_opens_one() -> None:
    look = "import sys, tui.command; print([m for m in ('textual', 'bench.session', 'asyncio') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_terminal_that_closes_or_a_stop_in_mid_run_ends_the_run_and_the_process(
    number: signal.Signals, tmp_path: Path
) -> None:
    home = {**os.environ, "BENCH_HOME": str(tmp_path), "TERM": "xterm-256color"}
    line = [sys.executable, "-m", "bench", "tui", "--simulated", "--type", "685-121-OK-50", "--speed", "1"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, line, home)

    def until(shown: bytes) -> None:
        seen = b""
        while shown not in seen:
            seen += os.read(terminal, 65536)

    until(b"SCAN")
    os.write(terminal, b"12345678\r")
    until(b"12345678")
    os.write(terminal, b"\x1bOP")  # F1
    until(b"ENERGISED")
    if number == signal.SIGTERM:
        os.kill(pid, number)
        with contextlib.suppress(OSError):  # EIO: the process has let go of its end
            while os.read(terminal, 65536):
                pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 128 + number
    with JournalReader(tmp_path / "simulated.db") as journal:
        assert [run.ending for run in journal.runs()] == [Ending.ABORTED]
