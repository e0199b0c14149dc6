"""SIGKILL in the middle of a run of the command line: no step that was told is lost, and the next start closes the torn run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.verdict import Ending, Verdict
from tests.end_to_end.conftest import Bench

LINE = "run eol --simulated --type 685-381-OK-50 --positions 2 --fault 2:short-pulse=26ms --speed 60 --json"


def test_a_killed_run_keeps_every_step_it_told_and_is_closed_as_interrupted_at_the_next_start(bench: Bench) -> None:
    told = []
    with subprocess.Popen(
        [sys.executable, "-m", "bench", *LINE.split()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ,
    ) as process:
        assert process.stdout is not None
        while "s0-pulses" not in told:
            fact = json.loads(process.stdout.readline())
            if fact["fact"] == "step-closed":
                told.append(fact["step"])
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    assert told == ["sign-on", "display", "label-and-seals", "s0-wiring", "connections", "s0-pulses"]

    with JournalReader(journal_path(simulated=True)) as reader:
        torn = reader.run(fact["run"])
        assert reader.faults() == ()
    assert torn.ending is None
    assert {step.name for step in torn.steps} >= set(told)

    assert bench("run eol --simulated --only sign-on --positions 1").status == 0

    with JournalReader(journal_path(simulated=True)) as reader:
        closed = reader.run(fact["run"])
        assert reader.faults() == ()
    assert closed.ending is Ending.INTERRUPTED
    assert closed.steps == torn.steps
    assert [closed.verdict(position) for position in (1, 2)] == [Verdict.NONE, Verdict.FAIL]
    said = bench("history --simulated")
    assert "INTERRUPTED" in said.out
    assert "INTERRUPTED" in bench("show", fact["run"]).out
