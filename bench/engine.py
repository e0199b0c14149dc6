"""The engine: one opened line, one journal, one run at a time. It turns a request into a plan, runs it, and enforces who may do what."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import __version__
from bench.answers import Answers
from bench.board import Board
from bench.calibration import instruments, outside_the_certificate
from bench.environment import Room, Temperature
from bench.fact_log import FactLog
from bench.facts import Tripped
from bench.fixture import Fixture
from bench.journal_writer import JournalWriter
from bench.line import Line
from bench.permits import Permit, refusal
from bench.person import Person
from bench.plan import Plan, make_plan
from bench.production import PRODUCTION, clear
from bench.profile import STANDARD, Profile
from bench.prompt_desk import Respondent
from bench.record import Act, MeterUnderTest, Run
from bench.reference_check import not_checked
from bench.reference_energy import ReferenceEnergy
from bench.run_record import RunRecord
from bench.run_story import RunStory
from bench.runner import Runner
from bench.screening import screening_lines
from bench.sequences import sequence_named
from bench.session import LONGEST_SCAN, PositionState, Refused, RunRequest, SourceState, StationCard, Unreachable
from bench.station import Station
from bench.verdict import Ending
from bench.watch import Watch
from drivers.power_source import InstrumentError
from drivers.simulated.simulated_time import SimulatedTimeLoop
from reference_meter import Configuration, MalformedTypeNumber, TypeNumber

SIMULATED_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The wall clock of a simulated run at loop time 0."""

PURPOSES = (PRODUCTION, "engineering", "golden")


@dataclass(frozen=True)
class Simulation:
    """What makes a run simulated: its seed, and how the right meters come onto the line."""

    seed: int
    makeup: str
    """Everything else that makes one simulated line differ from another: positions and faults."""
    mount: Callable[[TypeNumber, int, Mapping[int, str], Configuration], Awaitable[None]]
    """Put fresh meters of a type into the positions: which run of this engine it is, the serials printed on them, their configuration."""


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
            purpose = self._purpose(request)
            self._permit(badge, Permit.START_ENGINEERING if purpose == "engineering" else Permit.START)
            positions = self._positions(request)
            now = self._wall_clock()
            cleared = await clear(purpose, plan, request, positions, self._line.station, self._journal, now)
            respondent = self._respondent(request, badge, plan, positions)
            _check_lacks(plan)
            self._check_certificates(plan, positions)
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

    def _purpose(self, request: RunRequest) -> str:
        if self._simulation is not None:
            if request.purpose:
                raise Refused(
                    f"purpose {request.purpose!r} is for a real station; a simulated line has a purpose of its own"
                )
            return "simulated"
        purpose = request.purpose or PRODUCTION
        if purpose not in PURPOSES:
            raise Refused(f"purpose {purpose!r} is unknown; it is one of {', '.join(PURPOSES)}")
        if purpose == PRODUCTION and self._line.station.is_world_apart:
            raise Refused("a simulated world is no production line; --purpose engineering")
        return purpose

    def _positions(self, request: RunRequest) -> tuple[int, ...]:
        known = tuple(fixture.number for fixture in self._line.fixtures)
        unknown = [number for number in request.serials if number not in known]
        if unknown:
            raise Refused(f"position {unknown[0]} does not exist; this line has positions {known[0]} to {known[-1]}")
        doubled = [serial for serial in request.serials.values() if list(request.serials.values()).count(serial) > 1]
        if doubled:
            raise Refused(f"serial {doubled[0]} was given for two positions; scan the meters again")
        if request.serials:
            return tuple(sorted(request.serials))
        if self._simulation is None:
            raise Refused("no serial was scanned; scan the meter at each position first")
        return known

    def _check_certificates(self, plan: Plan, positions: tuple[int, ...]) -> None:
        used = [each for each in self._line.station.positions if each.number in positions]
        beyond = outside_the_certificate(plan.steps, used)
        if beyond:
            raise Refused("; ".join(beyond))

    def _respondent(self, request: RunRequest, badge: str, plan: Plan, positions: tuple[int, ...]) -> Respondent | None:
        """Who answers what the steps ask. Nothing is switched on for a question that nobody will answer."""
        if request.answers or request.answers_file:
            answers = Answers(Path(request.answers_file), request.answers, badge or "answers file")
            answers.check(plan, positions)
            return answers
        if request.attended:
            return self._person
        asking = [step.title for step in plan.person_needed()]
        if asking and self._simulated_operator is None:
            raise Unreachable(
                f"{'this step needs' if len(asking) == 1 else 'these steps need'} a person: {', '.join(asking)}. "
                "Test at the screen (bench tui), give their answers with --answers FILE, or leave them out by the profile."
            )
        return self._simulated_operator

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
        # The same line, seed, plan and serials give the same run: it has the same id, and replaces itself when repeated.
        makeup = (
            f"{self._runs}:{plan.hash}:{sorted(request.serials.items())}:{request.order}:{request.operator}:{badge}"
            + (f":{request.temperature}" if request.temperature is not None else "")
            + (f":{request.answers}" if request.answers else "")
        )
        seeded = random.Random(f"{simulation.seed}:{simulation.makeup}:{makeup}") if simulation else None
        run_id = uuid.UUID(int=seeded.getrandbits(128), version=4) if seeded else uuid.uuid4()
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
        if self._simulation is not None:
            return SIMULATED_EPOCH + timedelta(seconds=asyncio.get_running_loop().time())
        return datetime.now(UTC)

    def _now(self) -> str:
        return self._wall_clock().isoformat(timespec="milliseconds")


def _check_lacks(plan: Plan) -> None:
    lacking = [f"{step.title}: {reason}" for step in plan.steps if (reason := step.lacks())]
    if lacking:
        raise Unreachable("; ".join(lacking))


def plan_for(request: RunRequest, station: Station | None = None) -> Plan:
    """The plan for a request, on a station where one is given. Raises `Refused` with what is wrong with it."""
    for text in (request.order, request.operator, *request.serials.values()):
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise Refused(f"{text!r} holds bytes that are no text (UTF-8); scan or type it again")
        if len(text) > LONGEST_SCAN:
            raise Refused(
                f"{text[:20]!r}… has {len(text)} characters, at most {LONGEST_SCAN} are possible; scan it again"
            )
    profile = _profile_in(request.profile) if request.profile else STANDARD
    try:
        meter = TypeNumber.parse(request.type_number)
        sequence = sequence_named(request.sequence)
        without = station.without_bypass(request.serials) if station is not None else ()
        return make_plan(request.sequence, sequence, meter, profile, request.only, without)
    except (MalformedTypeNumber, ValueError) as error:
        raise Refused(str(error)) from None


def _profile_in(path: str) -> Profile:
    from bench.profile_file import load_profile  # with pydantic: a run without a profile starts faster

    return load_profile(Path(path))


def _left_out(plan: Plan) -> list[str]:
    return [f"left out: {each}" for each in plan.left_out]


def plan_document(plan: Plan) -> str:
    """The plan as indented JSON with its hash."""
    return json.dumps({"hash": plan.hash, **plan.as_json()}, indent=2, ensure_ascii=False)
