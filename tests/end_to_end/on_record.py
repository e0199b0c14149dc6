"""What a run found, as tests ask for it, and the same run as the journal keeps it."""

from __future__ import annotations

from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.record import Outcome, Run


def kept(run: Run) -> Run:
    """The run as read from the journal: what was returned is what is on the disk."""
    with JournalReader(journal_path(simulated=True)) as reader:
        found = reader.run(run.id)
    assert found == run
    return found


def failed_steps(run: Run, position: int) -> list[str]:
    """The step of each measurement that a position failed."""
    return [step.name for step, _ in run.failures(position)]


def failed_measurements(run: Run, position: int) -> list[str]:
    """The measurements that a position failed."""
    return [measurement.name for _, measurement in run.failures(position)]


def outcomes(run: Run, step: str) -> tuple[Outcome, ...]:
    """What the one step of this name found, a position each."""
    (found,) = (each for each in run.steps if each.name == step)
    return found.outcomes
