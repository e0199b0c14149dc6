"""Results across runs: what the journal tells is what the records hold."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings

from bench.journal import Journal
from bench.record import MeterUnderTest, Run
from bench.results import Result, results_of
from tests.bench.test_export import runs
from tests.bench.test_journal import closed, write
from tests.bench.test_kill import a_step


def of(run: Run) -> tuple[Result, ...]:
    return tuple(
        each for meter in sorted(run.meters, key=lambda m: m.position) for each in results_of(run, meter.position)
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(runs)
def test_the_journal_tells_of_any_run_what_its_record_holds(run: Run) -> None:
    run = replace(run, steps=tuple(sorted(run.steps, key=lambda step: step.number)))
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "bench.db") as journal:
        write(journal, run)
        assert journal.results(purposes=(run.purpose,)) == of(run)


def test_runs_are_told_oldest_first_and_of_the_purposes_and_serials_asked_for_alone(tmp_path: Path) -> None:
    first, second, other = (closed(name, a_step(1), purpose="golden") for name in "bca")
    other = replace(other, meters=(MeterUnderTest(1, "X"),), purpose="engineering")
    with Journal(tmp_path / "bench.db") as journal:
        for run in (first, second, other):
            write(journal, run)
        told = journal.results(purposes=("golden",), serial=("S1", "S2"))
        assert list(dict.fromkeys(each.run for each in told)) == ["b", "c"]
        assert {each.serial for each in told} == {"S1", "S2"}
        assert journal.results(purposes=("golden",), serial=("X",)) == ()


def test_a_void_step_has_no_result() -> None:
    step = a_step(1)
    void = replace(step, outcomes=tuple(replace(each, void=True) for each in step.outcomes))
    assert of(closed("r", void)) == ()
