"""A run whose output goes nowhere: closed, full, read by nobody, not Unicode, a terminal that closes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.journal_reader import JournalReader
from bench.standard_streams import legible
from bench.verdict import Ending

BENCH = f"{sys.executable} -m bench"
RUN = f"{BENCH} run eol --simulated --type 685-121-OK-50 --positions 1 --only sign-on"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCH_HOME", str(tmp_path))
    return tmp_path


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **more},
    )


@pytest.mark.parametrize(
    "line", [f"{RUN} | true", f"{RUN} --json | head -1", f"{RUN} >&-", f"{RUN} --json >&-", f"{RUN} <&- >&- 2>&-"]
)
def test_a_run_that_nobody_reads_ends_as_it_would_have_ended(line: str, home: Path) -> None:
    said = shell(line)
    assert (said.returncode, said.stderr) == (0, "")
    with JournalReader(home / "simulated.db") as journal:
        assert [run.ending for run in journal.runs()] == [Ending.COMPLETE]


@pytest.mark.parametrize("line", [RUN, f"{RUN} --json"])
def test_a_result_that_cannot_be_written_is_one_line_and_never_a_failed_meter(line: str) -> None:
    said = shell(f"{line} >/dev/full")
    assert said.returncode == 3
    assert said.stderr.startswith(
        "bench: standard output cannot be written: No space left on device. The run itself is"
    )
    assert said.stderr.count("\n") == 1


def test_a_reader_of_the_journal_that_cannot_be_heard_says_so_in_one_line() -> None:
    said = shell(f"{BENCH} faults >/dev/full")
    assert (said.returncode, said.stderr) == (
        3,
        "bench: standard output cannot be written: No space left on device\n",
    )


def test_a_list_that_nobody_reads_to_its_end_is_no_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    said = subprocess.run(
        [sys.executable, "-m", "bench", "faults"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (said.returncode, said.stderr) == (0, b"")


def test_a_version_that_nobody_reads_is_no_traceback() -> None:
    assert shell(f"{BENCH} --version | true").stderr == ""


def test_a_terminal_without_the_glyphs_gets_the_words() -> None:
    said = shell(RUN, PYTHONIOENCODING="latin-1")
    assert said.returncode == 0
    assert "? PASS" in said.stdout


def test_a_terminal_that_closes_aborts_the_run_and_the_record_says_so(home: Path) -> None:
    line = f"{BENCH} run eol --simulated --type 685-121-OK-50 --positions 1 --speed 20 --json"
    with subprocess.Popen(line.split(), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "run-opened" in running.stdout.readline()
        running.send_signal(signal.SIGHUP)
        assert '"ABORTED"' in running.stdout.read()
    assert running.returncode == 130


def test_what_would_move_the_cursor_is_a_dot() -> None:
    assert legible("21480001\x1d\x1b[31m ✔ Å") == "21480001··[31m ✔ Å"
