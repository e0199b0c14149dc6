"""`pytest --bench-sequence eol --bench-type TYPE`: the steps of one run are the test items, one a step and position.

The run is made once, when the first of them is due; each item then says what its step found.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from bench.admission import positions_of
from bench.assembly import Setup
from bench.engine import Engine
from bench.measurements import limit_in_words
from bench.pytest_fixtures import request_for, serials_of
from bench.pytest_line import TestLine
from bench.record import Measurement, Outcome, Run
from bench.requested_plan import plan_for
from bench.session import Refused, RunRequest
from bench.simulated_station import DEFAULT_TYPE
from bench.station_file import load_station, station_path
from bench.verdict import Ending, Verdict


class StepFailed(Exception):
    """What the step found, for a person."""


class RunCollector(pytest.Collector):
    """One run."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        config = self.config
        self._sequence: str = config.getoption("--bench-sequence")
        self._profile: str = config.getoption("--bench-profile")
        station, count = config.getoption("--bench-station"), config.getoption("--bench-positions")
        self._serials = serials_of(config)
        if station:
            setup = Setup(station=station)
            self._positions = sorted(self._serials)
        else:
            setup = Setup(simulated=True, positions=count, faults=tuple(config.getoption("--bench-fault")))
            self._positions = sorted(self._serials) or list(range(1, count + 1))
        self._line = TestLine(
            setup, request_for(setup, config.getoption("--bench-type") or DEFAULT_TYPE, self._serials)
        )

    def collect(self) -> Iterator[pytest.Item]:
        """Every step at every position, in the order of the plan."""
        request = replace(self._line.request, sequence=self._sequence, profile=self._profile)
        try:
            plan = plan_for(request)
            self._check(request)
        except (Refused, pytest.fail.Exception) as error:
            raise pytest.UsageError(str(error)) from None
        for step in plan.steps:
            for position in self._positions:
                name = f"{step.name}[{position}]"
                yield StepItem.from_parent(self, name=name, step=step.name, title=step.title, position=position)

    def _check(self, request: RunRequest) -> None:
        """Whether the line can make the run: a simulated one is opened and prepared, of a real one only its file is read.

        Raises `Refused`, or `pytest.fail.Exception` with a sentence.
        """
        setup = self._line.setup
        if not setup.simulated:
            if faults := self.config.getoption("--bench-fault"):
                raise Refused(f"--bench-fault: no fault can be put into a real line: {', '.join(faults)}")
            station = load_station(station_path(setup.station))
            positions_of(request, [each.number for each in station.positions], simulated=False)
            return

        async def prepared(engine: Engine) -> None:
            await engine.prepare(request, "")

        with _home_of_its_own():
            self._line.play(prepared)

    @cached_property
    def run(self) -> Run:
        """The closed record; a simulated run leaves nothing in the bench's home."""
        if not self._line.setup.simulated:
            return self._line.run(self._sequence, profile=self._profile)
        profile = str(Path(self._profile).absolute()) if self._profile else ""
        with _home_of_its_own():
            return self._line.run(self._sequence, profile=profile)


@contextmanager
def _home_of_its_own() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_HOME", os.fspath(home))
        yield


class StepItem(pytest.Item):
    """One step at one position."""

    parent: RunCollector

    def __init__(self, *, step: str, title: str, position: int, **more: Any) -> None:
        super().__init__(**more)
        self._step, self._title, self._position = step, title, position

    def runtest(self) -> None:
        """Say what the step found: FAIL and void fail, a meter that had left the run before is skipped."""
        run = self.parent.run
        outcome = next(
            (
                each
                for step in run.steps
                if step.name == self._step
                for each in step.outcomes
                if each.position == self._position
            ),
            None,
        )
        if outcome is None and run.ending is Ending.COMPLETE:
            pytest.skip("not made: the meter had left the run, or the station leaves the step out")
        if outcome is None or outcome.void:
            raise StepFailed(f"{run.ending}: {run.reason}")
        if outcome.verdict is Verdict.FAIL:
            raise StepFailed(_why(outcome))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The measurements, without a traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, StepFailed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it comes from: the sequence has no line of its own."""
        return self.path, None, f"{self._title}, position {self._position}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> bool:
    """Collect the run in place of files. Raises `pytest.UsageError` where both were asked for."""
    config = session.config
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        raise pytest.UsageError("--bench-sequence makes its own tests: name no files beside it")
    collector = RunCollector.from_parent(session, nodeid="bench", name=config.getoption("--bench-sequence"))
    session.items = list(collector.collect())
    for item in session.items:
        item.ihook.pytest_itemcollected(item=item)
    config.hook.pytest_collectreport(report=pytest.CollectReport(collector.nodeid, "passed", None, list(session.items)))
    config.hook.pytest_collection_modifyitems(session=session, config=config, items=session.items)
    session.testscollected = len(session.items)
    config.hook.pytest_collection_finish(session=session)
    return True


def _why(outcome: Outcome) -> str:
    failed = [each for each in outcome.measurements if each.verdict is Verdict.FAIL]
    return "\n".join([outcome.note] * bool(outcome.note) + [_line(each) for each in failed])


def _line(failed: Measurement) -> str:
    value = (
        "none" if failed.value is None else f"{failed.value:.4g}" if isinstance(failed.value, float) else failed.value
    )
    note = f" ({failed.note})" if failed.note else ""
    return f"{failed.name} {value} {failed.unit}".rstrip() + f", limit {limit_in_words(failed)}{note}"
