"""What a command loads: a version without a command line, a help without instruments, a history without a screen."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bench.journal import Journal

_ASK = """
import json, sys
sys.argv = ["bench", *json.loads(sys.argv[1])]
from bench.__main__ import main
try:
    main()
except SystemExit as ended:
    status = ended.code
else:
    status = 0
sys.stderr.write(json.dumps([status, sorted(sys.modules)]))
"""

HEAVY = {"textual", "pyvisa", "gpiozero", "pydantic", "sqlalchemy"}


def loaded(home: Path, *arguments: str) -> tuple[str, set[str]]:
    """What the command printed, and the top-level modules that a fresh interpreter had loaded by its end."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK, json.dumps(arguments)],
        env={"BENCH_HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    status, modules = json.loads(done.stderr)
    assert not status, done.stdout
    return done.stdout, {name.partition(".")[0] for name in modules}


def test_the_version_is_answered_before_click_is_loaded(tmp_path: Path) -> None:
    printed, modules = loaded(tmp_path, "--version")
    assert printed.startswith("bench ")
    assert not modules & {*HEAVY, "click", "serial", "sqlite3", "asyncio"}


def test_the_help_lists_every_command_and_loads_no_library_of_any(tmp_path: Path) -> None:
    printed, modules = loaded(tmp_path, "--help")
    for command in (
        "run",
        "plan",
        "schema",
        "release",
        "doctor",
        "faults",
        "history",
        "show",
        "export",
        "replay",
        "gauge",
        "golden",
        "read",
        "source",
        "engine",
        "tui",
    ):
        assert f"\n  {command} " in printed
    assert "click" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize("command", ["run", "plan", "doctor", "read", "engine", "tui"])
def test_the_help_of_a_command_loads_no_instrument_and_no_screen(tmp_path: Path, command: str) -> None:
    printed, modules = loaded(tmp_path, command, "--help")
    assert printed.startswith(f"Usage: bench {command}")
    assert not modules & HEAVY


def test_the_history_loads_no_instrument_and_no_screen(tmp_path: Path) -> None:
    Journal(tmp_path / "bench.db").close()
    printed, modules = loaded(tmp_path, "history")
    assert "No run is recorded here." in printed
    assert not modules & HEAVY


def test_the_fault_catalogue_and_a_plan_load_no_instrument_and_no_screen(tmp_path: Path) -> None:
    for arguments in (["faults"], ["plan", "eol", "--type", "685-381-OK-50"]):
        _, modules = loaded(tmp_path, *arguments)
        assert not modules & {"textual", "pyvisa", "gpiozero", "sqlalchemy"}


def test_pydantic_comes_with_the_first_file_that_is_checked(tmp_path: Path) -> None:
    plan = ["plan", "eol", "--type", "685-381-OK-50"]
    assert "pydantic" not in loaded(tmp_path, *plan)[1]
    (tmp_path / "tight.toml").write_text("limit_factor = 0.5\n")
    assert "pydantic" in loaded(tmp_path, *plan, "--profile", str(tmp_path / "tight.toml"))[1]


def test_nothing_of_it_leaves_a_trace_in_the_home(tmp_path: Path) -> None:
    loaded(tmp_path, "--help")
    loaded(tmp_path, "plan", "eol", "--type", "685-381-OK-50")
    assert list(tmp_path.iterdir()) == []


def test_every_real_driver_is_kept_from_its_own_simulation() -> None:
    root = Path(__file__).parents[2]
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (kept,) = (each for each in contracts if each["name"].startswith("Real drivers know neither"))
    real = {f"drivers.{module.stem}" for module in (root / "drivers").glob("*.py") if module.stem != "__init__"}
    assert set(kept["source_modules"]) == real
