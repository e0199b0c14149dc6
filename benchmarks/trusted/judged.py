"""One run of the whole bench on a simulated line of its own, and what it said of each meter. Nothing of the bench is called but its engine.

The seed redraws source, standard, circuits, certificates, crystal and meters. A task and what was found travel between processes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bench.assembly import Setup, engine_for
from bench.configure import PASSWORD_VARIABLE
from bench.record import Run
from bench.session import Refused, RunRequest, Unreachable
from bench.verdict import Verdict
from benchmarks.trusted import limits
from benchmarks.trusted.production import Made, Placed, delivered, make
from drivers.power_source import InstrumentError
from drivers.simulated.simulated_time import SimulatedTimeLoop
from reference_meter import TypeNumber

POSITIONS = 12
FACTORY_PASSWORD = "123456"
"""Of every simulated meter."""
FIRST_SERIAL = 21480000


@dataclass(frozen=True)
class Task:
    """One run."""

    part: str
    """Which part of the benchmark it belongs to."""
    seed: int
    type_number: str
    meters: tuple[Placed, ...]
    """One a position."""
    sequence: str = "trust"
    only: str = ""
    """One step of the sequence; empty for all."""
    faults: tuple[str, ...] = ()
    profile: str = ""
    """Path of a profile; empty for the norm as it stands."""
    room_c: float = 23.0
    """What the sensor of the room tells."""
    scanned: bool = False
    """Whether the label of every meter was scanned."""
    key: str = ""
    """What the part knows it by."""


@dataclass(frozen=True)
class Stated:
    """What the record says of one meter at one accuracy point."""

    accepted: bool
    error: float
    uncertainty: float
    """Expanded, %."""
    truth: float
    """%, by the oracle."""


@dataclass(frozen=True)
class Judged:
    """What the bench made of a task."""

    task: Task
    ending: str
    """COMPLETE, BLOCKED, …; BLOCKED too where the bench would not begin."""
    reason: str
    verdicts: tuple[str, ...]
    """One a position; NONE where nothing was judged."""
    failed: tuple[tuple[str, ...], ...]
    """Names of the steps that failed, one tuple a position."""
    points: tuple[dict[str, Stated], ...]
    """By the name of the step, one a position; a point that was not reached is not in it."""


def judge(task: Task) -> Judged:
    """Run a task on a fresh simulated line."""
    meter = TypeNumber.parse(task.type_number)
    rng = random.Random(f"{task.seed}:meters")
    steps = limits.points(task.type_number)
    made = [make(meter, placed, steps, task.room_c, rng) for placed in task.meters]
    with asyncio.Runner(loop_factory=SimulatedTimeLoop) as runner, delivered([each.physics for each in made]):
        try:
            run = runner.run(_run(task))
        except (Refused, Unreachable, InstrumentError) as error:
            nobody = tuple(() for _ in made)
            return Judged(task, "BLOCKED", str(error), ("NONE",) * len(made), nobody, tuple({} for _ in made))
    return _judged(task, run, made)


async def _run(task: Task) -> Run:
    setup = Setup(simulated=True, positions=len(task.meters), seed=task.seed, faults=task.faults)
    numbers = range(1, len(task.meters) + 1)
    serials = {number: str(FIRST_SERIAL + number) for number in numbers} if task.scanned else {}
    request = RunRequest(
        task.sequence, task.type_number, serials, only=task.only, profile=task.profile, temperature=task.room_c
    )
    async with engine_for(setup) as engine:
        return await engine.execute(await engine.prepare(request, "trust"))


def _judged(task: Task, run: Run, made: list[Made]) -> Judged:
    numbers = range(1, len(made) + 1)
    return Judged(
        task=task,
        ending=run.ending.name if run.ending else "",
        reason=run.reason,
        verdicts=tuple(run.verdict(number).name for number in numbers),
        failed=tuple(tuple(dict.fromkeys(step.name for step, _ in run.failures(number))) for number in numbers),
        points=tuple(_stated(run, number, each) for number, each in zip(numbers, made, strict=True)),
    )


def _stated(run: Run, position: int, made: Made) -> dict[str, Stated]:
    found = {}
    for step in run.steps:
        if step.name not in made.errors:
            continue
        for outcome in step.outcomes:
            if outcome.position != position or outcome.void:
                continue
            error = next((each for each in outcome.measurements if each.name == "error"), None)
            if error is not None and isinstance(error.value, float) and error.uncertainty is not None:
                accepted = outcome.verdict in (Verdict.PASS, Verdict.MARGINAL)
                found[step.name] = Stated(accepted, error.value, error.uncertainty, made.errors[step.name])
    return found


def settle_in(home: str) -> None:
    """A process of its own for many tasks: a journal that nobody keeps, and no word on the terminal."""
    os.environ["BENCH_HOME"] = tempfile.mkdtemp(dir=home)
    os.environ[PASSWORD_VARIABLE] = FACTORY_PASSWORD
    logging.disable(logging.CRITICAL)


def benches(runs: int, *words: object) -> Iterator[int]:
    """So many seeds that belong to these words alone: no two runs of the benchmark share a bench, and each has its own for ever."""
    for number in range(1, runs + 1):
        yield zlib.crc32(":".join(map(str, (*words, number))).encode())
