"""The engine: one opened line, one journal, one run at a time. It turns a request into a plan, runs it, and enforces who may do what."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import __version__
from bench.admission import check_certificates, check_lacks, positions_of, purpose_of, respondent_for
from bench.board import Board
from bench.calibration import instruments
from bench.environment import Room, Temperature
from bench.fact_log import FactLog
from bench.facts import Tripped
from bench.fixture import Fixture
from bench.journal_writer import JournalWriter
from bench.line import Line
from bench.permits import Permit, refusal
from bench.person import Person
from bench.plan import Plan
from bench.production import clear
from bench.prompt_desk import Respondent
from bench.record import Act, MeterUnderTest, Run
from bench.reference_check import not_checked
from bench.reference_energy import ReferenceEnergy
from bench.requested_plan import plan_for
from bench.run_record import RunRecord
from bench.run_story import RunStory
from bench.runner import Runner
from bench.screening import screening_lines
from bench.session import PositionState, Refused, RunRequest, SourceState, StationCard
from bench.simulation import Simulation
from bench.verdict import Ending
from bench.watch import Watch
from drivers.power_source import InstrumentError
from drivers.simulated.simulated_time import SimulatedTimeLoop


@dataclass(frozen=True)
class Prepared:
    """A run that may begin."""

    run: Run
    fixtures: dict[int, Fixture]
    runner: Runner


class Engine:
    """Runs requests on a line, one at a time."""

    def __init__(
        self,
        line: Line,
        journal: JournalWriter,
        facts: FactLog,
        card: StationCard,
        simulation: Simulation | None = None,
        simulated_operator: Respondent | None = None,
    ) -> None:
        self._line = line
        self._journal = journal
        self._simulation = simulation
        loop = asyncio.get_running_loop()
        self._simulated_operator = simulated_operator
        self._person = Person(loop.outside_is_asked) if isinstance(loop, SimulatedTimeLoop) else Person()
        self._runs = 0
        self._preparing = False
        self._before: list[Act] = []
        self._runner: Runner | None = None
        self._opened = AsyncExitStack()
        self._room = Room(line.station.environment)
        self.card = card
        self.facts = facts
        self.board = Board(card.positions)

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._runner is not None

    async def open(self) -> None:
        """Open line and journal. Raises `InstrumentError` or `JournalError`."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._journal)
            await self._line.open(self._tripped)
            stack.push_async_callback(self._line.close)
            if self._line.owner.found:
                self._before.append(Act(0.0, "bench", self._line.owner.found))
            self._opened = stack.pop_all()

    async def close(self) -> None:
        """Close line and journal; the source is off afterwards."""
        try:
            await self._opened.aclose()
        finally:
            self.facts.close()

    # ------------------------------------------------------------------ commands

    def plan(self, request: RunRequest) -> Plan:
        """The plan for a request. Raises `Refused` with what is wrong with it."""
        return plan_for(request, self._line.station)

    async def prepare(self, request: RunRequest, badge: str) -> Prepared:
        """Make plan and header, and put the meters on a simulated line. Raises `Refused`; nothing is switched or recorded."""
        if self._preparing or self._runner is not None:
            raise Refused("a run is under way; wait for its end or abort it")
        self._preparing = True
        try:
            plan = self.plan(request)
            station, simulated = self._line.station, self._simulation is not None
            purpose = purpose_of(request, station, simulated=simulated)
            self._permit(badge, Permit.START_ENGINEERING if purpose == "engineering" else Permit.START)
            there = [fixture.number for fixture in self._line.fixtures]
            positions = positions_of(request, there, simulated=simulated)
            cleared = await clear(purpose, plan, request, positions, station, self._journal, self._wall_clock())
            respondent = respondent_for(request, badge, plan, positions, self._person, self._simulated_operator)
            check_lacks(plan)
            check_certificates(plan, station, positions)
            temperature = await self._room.temperature(request.temperature, self._wall_clock())
            self._runs += 1
            if self._simulation is not None:
                await self._simulation.mount(plan.meter, self._runs, request.serials, plan.profile.ordered)
        finally:
            self._preparing = False
        fixtures: dict[int, Fixture] = {}
        for fixture in self._line.fixtures:
            fixture.begin(request.serials.get(fixture.number, ""))
            if fixture.number in positions:
                fixtures[fixture.number] = fixture
            elif fixture.bypass is not None:
                fixture.bypass.take_out()
        run = self._header(request, plan, purpose, positions, badge, temperature)
        self._show_ready(request, plan, run, positions, temperature.remark)
        watch = Watch(self.board, ReferenceEnergy())
        before, self._before = (*self._before, *cleared.acts), []
        record = RunRecord(plan, run, self._journal, RunStory(self.facts, self.board), before)
        self._runner = Runner(self._line, record, watch, self._now, respondent, cleared.checks)
        return Prepared(run, fixtures, self._runner)

    async def execute(self, prepared: Prepared) -> Run:
        """Run what was prepared to its end and return the closed record."""
        try:
            return await prepared.runner.run(prepared.fixtures)
        finally:
            self._runner = None

    async def abort(self, badge: str) -> None:
        """Stop the run under way, the source first; without one it does nothing."""
        runner = self._runner
        if runner is None:
            return
        self.board.line(message="aborting")
        runner.stop(Ending.ABORTED, f"aborted by {badge or 'the operator'}", badge, "abort")
        # The run's own task may be waiting for a commit: the source does not.
        try:
            await self._line.owner.off()
        except InstrumentError:
            return  # the run ends with a switching off of its own, and says what became of it

    def answer(self, prompt: str, answer: str, badge: str) -> None:
        """Answer the open prompt. Raises `Refused` when it is not open, or not for this person to answer."""
        self._permit(badge, Permit.ANSWER)
        self._person.give(prompt, answer, badge)

    def rearm(self, badge: str) -> None:
        """Let a tripped source energise again. Raises `Refused` for a person who may not."""
        self._permit(badge, Permit.REARM)
        if self._line.owner.trip is not None:
            self._line.owner.rearm(badge)
            self.board.line(source=SourceState.OFF, trip="", message="")
            # Acts belong to a run: the next one keeps who made it possible, and only then is it told.
            self._before.append(Act(0.0, badge, "re-arm"))

    def _tripped(self, reason: str) -> None:
        runner = self._runner
        self.board.line(source=SourceState.TRIPPED, trip=reason, message=reason)
        time = asyncio.get_running_loop().time() - runner.opened if runner else 0.0
        self.facts.tell(Tripped, time=time, run=runner.run_id if runner else "", reason=reason)
        if runner is not None:
            runner.stop(Ending.BLOCKED, f"the source owner tripped: {reason}", "bench", f"trip: {reason}")

    # ------------------------------------------------------------------ who may, and what

    def _permit(self, badge: str, permit: Permit) -> None:
        if reason := refusal(self._line.station.people, badge, permit):
            raise Refused(reason)

    # ------------------------------------------------------------------ the run's header

    def _header(
        self,
        request: RunRequest,
        plan: Plan,
        purpose: str,
        positions: tuple[int, ...],
        badge: str,
        temperature: Temperature,
    ) -> Run:
        simulation = self._simulation
        run_id = simulation.run_id(self._runs, plan, request, badge) if simulation is not None else uuid.uuid4()
        station = self._line.station
        standard = self._line.standard
        return Run(
            id=str(run_id),
            sequence=plan.sequence,
            type_number=str(plan.meter),
            purpose=purpose,
            station=station.name,
            operator=request.operator or badge,
            order=request.order,
            plan_hash=plan.hash,
            plan=plan.as_text(),
            software=f"kwh-bench-382 {__version__}",
            seed=simulation.seed if simulation else None,
            opened_at=self._now(),
            meters=tuple(MeterUnderTest(number, request.serials.get(number, "")) for number in positions),
            instruments=instruments(
                station,
                self._line.owner.identity,
                standard.identity if standard is not None else "",
                positions,
                None if simulation else self._wall_clock().date(),
            ),
            temperature_c=temperature.celsius,
            temperature_basis=temperature.basis,
        )

    def _show_ready(self, request: RunRequest, plan: Plan, run: Run, positions: tuple[int, ...], remark: str) -> None:
        settle = self._line.owner.capabilities.settle
        unchecked = not_checked(standard=self._line.standard is not None, positions=len(positions))
        self.board.line(
            running=True,
            run=run.id,
            sequence=plan.sequence,
            type_number=str(plan.meter),
            elapsed=0.0,
            expected=plan.expected_seconds(settle),
            message="; ".join(
                filter(
                    None,
                    [
                        plan.meter.remark,
                        remark,
                        unchecked,
                        *screening_lines(plan.screens),
                        *_left_out(plan),
                        *plan.warnings(),
                    ],
                )
            ),
            ending="",
            since=self.facts.last,
        )
        self.board.clear_positions()
        for number in positions:
            self.board.position(number, serial=request.serials.get(number, ""), state=PositionState.READY)

    def _wall_clock(self) -> datetime:
        return self._simulation.wall_clock() if self._simulation is not None else datetime.now(UTC)

    def _now(self) -> str:
        return self._wall_clock().isoformat(timespec="milliseconds")


def _left_out(plan: Plan) -> list[str]:
    return [f"left out: {each}" for each in plan.left_out]
