"""What is on the disk after SIGKILL and on a full disk. This file is its own child process: it commits, and says so on a pipe."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

from bench.journal import Journal
from bench.journal_errors import JournalError
from bench.journal_reader import JournalReader
from bench.record import Edges, Energy, Measurement, MeterUnderTest, Outcome, Run, Step, Telegram
from bench.verdict import Ending, Verdict

POSITIONS = (1, 2, 3, 4)


def a_run(run_id: str) -> Run:
    return Run(
        id=run_id,
        sequence="eol",
        type_number="685-382-OK-50",
        purpose="production",
        station="line 1",
        operator="4711",
        order="",
        plan_hash="0" * 64,
        plan="{}",
        software="0.1.0",
        seed=None,
        opened_at="2026-01-01T00:00:00Z",
        meters=tuple(MeterUnderTest(position, f"S{position}") for position in POSITIONS),
    )


def a_step(number: int) -> Step:
    """Position 2 fails from the first step on; several pages of the database each, so that a commit has a middle."""
    rises = tuple(number * 10**9 + k * 52_000_000 + k * k for k in range(400))
    edges = Edges(rises, tuple(rise + 30_000_000 for rise in rises))

    def outcome(position: int) -> Outcome:
        verdict = Verdict.FAIL if position == 2 else Verdict.PASS
        error = Measurement(
            "error", "%", number / 7 + position, -1.0, 1.0, None, 0.1, verdict, "IEC 62053-21:2003, 8.1"
        )
        return Outcome(
            position, verdict, False, (error,) * 5, edges, (Telegram(number + 0.5, b"/KAM5\r\n" * 80, "xor"),)
        )

    energy = tuple(Energy(number + k / 10, (1.0, 2.0, 3.0)) for k in range(20))
    outcomes = tuple(outcome(position) for position in POSITIONS)
    return Step(number, "accuracy-ib", "Accuracy at Ib", float(number), number + 0.9, "3 × 230 V 5 A", outcomes, energy)


def child(path: str, run_id: str, largest_file: int) -> None:
    """Commit steps until killed, or until the disk takes no more; tell each one after its commit."""
    if largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    journal = Journal(Path(path))
    journal.open_run(a_run(run_id))
    number = 0
    while True:
        number += 1
        try:
            journal.close_step(run_id, a_step(number))
        except JournalError as error:
            sys.stdout.write(json.dumps(str(error)) + "\n")
            return
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def start(path: Path, run_id: str, largest_file: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.test_kill", str(path), run_id, str(largest_file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def killed_after(path: Path, run_id: str, told: int) -> int:
    """Kill a child once it has told of so many steps; the number of the last step it told of."""
    with start(path, run_id) as process:
        assert process.stdout is not None
        for _ in range(told):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    assert process.returncode == -signal.SIGKILL
    return told + len(rest)


def test_a_kill_loses_no_acknowledged_step_and_leaves_no_partial_one(tmp_path: Path) -> None:
    path = tmp_path / "bench.db"
    for told in (1, 2, 5, 11, 20):
        run_id = f"run-{told}"
        acknowledged = killed_after(path, run_id, told)

        with JournalReader(path) as reader:
            assert reader.run(run_id).ending is None, "a reader closes nothing"
        with Journal(path) as journal:
            assert journal.interrupted == (run_id,)
            run = journal.run(run_id)
            assert journal.faults() == ()

        assert acknowledged <= len(run.steps) <= acknowledged + 1, "at most one commit was not told any more"
        assert run.steps == tuple(a_step(number) for number in range(1, len(run.steps) + 1))
        assert run.ending is Ending.INTERRUPTED
        assert f"step {len(run.steps)} " in run.reason
        assert run.verdict(1) is Verdict.NONE, "no pass without a complete run"
        assert run.verdict(2) is Verdict.FAIL, "a finished step's fail stands"


def test_a_run_of_a_live_process_stays_open_whoever_opens_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "bench.db"
    with start(path, "alive") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            with Journal(path) as journal:
                assert journal.interrupted == ()
                assert journal.run("alive").ending is None
            assert process.stdout.readline(), "and it goes on"
        finally:
            process.kill()
    with Journal(path) as journal:
        assert journal.interrupted == ("alive",)


def test_two_processes_write_one_journal_and_neither_is_turned_away(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    with start(path, "one") as one, start(path, "two") as two:
        try:
            for process in (one, two):
                assert process.stdout is not None
                told = [process.stdout.readline() for _ in range(30)]
                assert told == [f"{number}\n" for number in range(1, 31)]
        finally:
            one.kill()
            two.kill()
    with Journal(path) as journal:
        assert sorted(journal.interrupted) == ["one", "two"]
        assert all(journal.run(run_id).steps[:30] == tuple(map(a_step, range(1, 31))) for run_id in ("one", "two"))
        assert journal.faults() == ()


def test_on_a_disk_that_takes_no_more_every_step_told_of_still_reads(tmp_path: Path) -> None:
    path = tmp_path / "bench.db"
    with start(path, "full", largest_file=300_000) as process:
        out, _ = process.communicate()
    *told, message = out.splitlines()
    assert process.returncode == 0
    assert told
    assert json.loads(message).startswith(f"the journal {path} cannot be written: ")

    with Journal(path) as journal:
        run = journal.run("full")
        assert journal.faults() == ()
    assert run.steps == tuple(a_step(number) for number in range(1, len(told) + 1))
    assert run.ending is Ending.INTERRUPTED


if __name__ == "__main__":
    child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
