"""The course of a run through the stages of its plan: load, steps, once more what a disturbance spoilt, and who goes on after a gate.

What the bench cannot do is raised; what becomes of the run then is the runner's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from bench.circuit import Circuit
from bench.disturbance import disturbed_alone, of_its_own, passes
from bench.fixture import Fixture
from bench.heartbeat import Heartbeat
from bench.line import Line
from bench.load_doubt import read_source
from bench.plan import SMALLEST_I_MAX, Stage
from bench.run_record import RunRecord
from bench.steps import Blocked, Disturbed
from bench.steps_under_way import StepsUnderWay
from bench.verdict import Verdict
from bench.watch import Watch
from drivers.power_source import Reading, SelfReported


class Course:
    """Of one run on an energised line. `stopped` says whether somebody has ended it: then nothing is made once more."""

    def __init__(
        self,
        line: Line,
        fixtures: Mapping[int, Fixture],
        record: RunRecord,
        watch: Watch,
        circuit: Circuit,
        beat: Heartbeat,
        steps: StepsUnderWay,
        stopped: Callable[[], bool],
    ) -> None:
        self._line = line
        self._live = dict(fixtures)
        self._record = record
        self._watch = watch
        self._circuit = circuit
        self._beat = beat
        self._steps = steps
        self._stopped = stopped
        self._last_stage_closed = record.opened

    async def follow(self) -> None:
        """Every stage, as long as a meter is live. Raises `Blocked` or an `InstrumentError` for what the bench cannot do."""
        stages = self._record.plan.stages
        for k, stage in enumerate(stages):
            if not self._live:
                return
            self._record.story.stage_begins(stage, list(self._live))
            await self._tested(stage)
            self._last_stage_closed = asyncio.get_running_loop().time()
            if stage.gate:
                await self._after_gate(stage, stages[k + 1 :])

    def note(self, reading: Reading, there: Mapping[int, Reading]) -> None:
        """A reading of the reference, and what it is at the terminals of those positions that are corrected."""
        for fixture in self._live.values():
            if fixture.oracle is None:
                continue
            if fixture.bypass is not None and fixture.bypass.out:
                fixture.oracle.pause()
            else:
                fixture.oracle.advance(there.get(fixture.number, reading))
        self._steps.note(reading)

    async def _tested(self, stage: Stage) -> None:
        """Make a stage, and once more what a disturbance left unfinished of it. A person is not asked twice."""
        try:
            return await self._once(stage)
        except (Disturbed, ExceptionGroup) as error:
            first = disturbed_alone(error)
            left = tuple(step for step in stage.steps if step.name not in self._record.finished)
            if first is None or self._stopped() or any(step.asks() for step in left):
                raise
            if not left:  # it came when all of the stage was committed
                return None
        await self._steps.void(f"disturbed, and measured once more: {first}", repeated=True)
        self._last_stage_closed = asyncio.get_running_loop().time()
        try:
            await read_source(self._line)
        except SelfReported as error:  # of the same event it may have something to tell as well
            if not passes(error):
                raise Blocked(f"{stage.steps[0].title}: {error}") from error
        try:
            await self._once(replace(stage, steps=left), anew=True)
        except (Disturbed, ExceptionGroup) as error:
            second = disturbed_alone(error)
            if second is None or self._stopped():
                raise
            raise Blocked(f"{second}; it was repeated after: {first}") from error

    async def _once(self, stage: Stage, *, anew: bool = False) -> None:
        with _told_at(stage):
            await self._circuit.set_load(stage.load, anew=anew)
        self._beat.within(stage.deadline())
        self._steps.begin(stage, self._live, self._last_stage_closed)
        async with asyncio.TaskGroup() as group:
            absent = group.create_task(self._watch.absence.over())
            with _told_at(stage):
                await self._steps.run(stage)
            absent.cancel()

    async def _after_gate(self, stage: Stage, later: tuple[Stage, ...]) -> None:
        """Whoever did not pass a gate leaves the circuit; without a contactor no later load may exceed what any type bears.

        A gate at which nothing could be tested holds nobody back.
        """
        gates = {step.name for step in stage.steps if step.gate}
        passed = (Verdict.PASS, Verdict.MARGINAL)
        outcomes = [outcome for step in self._record.run.steps if step.name in gates for outcome in step.outcomes]
        counted = [each for each in outcomes if each.measurements and not each.void]
        for number in [each.position for each in counted if each.verdict not in passed]:
            fixture = self._live.pop(number, None)
            if fixture is None:
                continue
            wanted = max((each.load.largest_current for each in later), default=0.0)
            if not await self._circuit.take_out(fixture) and wanted > SMALLEST_I_MAX:
                raise Blocked(
                    f"position {number}: the meter did not prove to be a {self._record.plan.meter} and sits in the current circuit; "
                    f"{wanted:g} A would flow through it. Take it out and start again."
                )
            self._record.story.out(number)


@contextmanager
def _told_at(stage: Stage) -> Iterator[None]:
    """Say at which step an instrument had something to tell of itself."""
    try:
        yield
    except SelfReported as error:
        raise of_its_own(stage.steps[0].title, error) from error
