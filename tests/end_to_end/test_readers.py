"""What else a user types: reading one meter, and looking into the journal that the main job left."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from bench.export import from_canonical
from bench.verdict import Ending, Verdict
from tests.bench.test_read import TELEGRAM_382C, TELEGRAM_685, pty_that_answers
from tests.end_to_end.conftest import Bench

JOB = "run eol --simulated --type 685-381-OK-50 --positions 2 --fault 2:short-pulse=26ms --json"


@pytest.mark.parametrize(
    ("telegram", "lines"),
    [
        (TELEGRAM_685, ["type 685-382-OK-10", "customer number 10865272", "total 9032 kWh", "tariff 2 1 kWh", "hours 57392 h"]),
        (TELEGRAM_382C, ["type 68438BC450000", "customer number 14410000", "total 36886 kWh", "hours 119899 h"]),
    ],
)  # fmt: skip
def test_bench_read_prints_the_registers_of_a_real_meter(bench: Bench, telegram: bytes, lines: list[str]) -> None:
    with pty_that_answers(telegram) as port:
        said = bench("read", port)
    assert (said.status, said.err) == (0, "")
    printed = [" ".join(line.split()) for line in said.out.splitlines()]
    assert set(lines) <= set(printed)


def test_bench_read_names_a_port_that_is_not_there(bench: Bench) -> None:
    said = bench("read /dev/ttyNOSUCH")
    assert (said.status, said.out) == (3, "")
    assert said.err.startswith("bench: the optical head's port /dev/ttyNOSUCH cannot be opened: there is no such port.")
    assert said.err.count("\n") == 1


def test_the_journal_of_the_main_job_is_listed_shown_and_exported(bench: Bench, home: Path) -> None:
    job = bench(JOB, "--serial", "1=21480001", "--serial", "2=21480002", "--order", "A-1", "--operator", "4711")
    run_id = job.facts[-1]["run"]

    listed = bench("history --simulated")
    assert listed.status == 0
    (line,) = (line for line in listed.out.splitlines() if line.startswith(run_id[:8]))
    assert line.split()[-4:] == ["685-381-OK-50", "simulated", "COMPLETE", "PF"]
    assert run_id[:8] in bench("history --simulated --serial 21480002").out
    assert run_id[:8] not in bench("history --simulated --serial 99999999").out

    shown = bench("show", run_id[:8])
    assert shown.status == 0
    for words in ("21480001", "21480002", "A-1", "4711", "Register against pulses", "mean width", "No-load", "±1 %"):
        assert words in shown.out

    exported = bench("export --canonical", run_id)
    assert exported.out.count("\n") == 1
    record = from_canonical(exported.out)
    assert (record.id, record.ending, record.operator) == (run_id, Ending.COMPLETE, "4711")
    assert [record.verdict(position) for position in (1, 2)] == [Verdict.PASS, Verdict.FAIL]
    assert all(
        any(outcome.edges for outcome in step.outcomes) for step in record.steps if step.name.startswith("accuracy")
    )
    assert json.loads(bench("export", run_id).out) == json.loads(exported.out)

    assert (home / "simulated.db").exists()
    assert not (home / "bench.db").exists(), "simulated runs never mix with production"
    with sqlite3.connect(home / "simulated.db") as journal:
        assert journal.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    journal.close()


def test_the_plan_is_the_one_that_a_run_follows_and_nothing_is_switched_on(bench: Bench, home: Path) -> None:
    said = bench("plan eol --type 685-381-OK-50 --json")
    plan = json.loads(said.out)
    assert said.status == 0
    assert not home.exists()
    ran = bench("run eol --simulated --type 685-381-OK-50 --positions 1 --json")
    assert ran.facts[0]["plan_hash"] == plan["hash"]
    assert ran.facts[0]["steps"] == [step["title"] for step in plan["steps"]]
    assert plan["hash"] != json.loads(bench("plan eol --type 685-382-OK-50 --json").out)["hash"]
    text = bench("plan eol --type 685-381-OK-50").out
    assert plan["hash"] in text
    assert all(step["title"] in text for step in plan["steps"])


def test_a_run_repeated_replaces_itself_and_is_listed_once(bench: Bench) -> None:
    line = "run eol --simulated --positions 1 --only sign-on --json"
    first, second = bench(line), bench(line)
    assert first.out == second.out
    listed = [
        each for each in bench("history --simulated").out.splitlines() if each.startswith(first.facts[-1]["run"][:8])
    ]
    assert len(listed) == 1
