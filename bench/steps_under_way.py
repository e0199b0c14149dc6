"""The steps under way: those of one stage, at all live positions at once, until each is committed or void.

A step is closed when the last of its positions has ended, and only after the bench itself is beyond doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.circuit import Circuit
from bench.deadlines import Deadlines
from bench.doubts import Doubts
from bench.equipment import Equipment
from bench.error_calculator import NoPulse
from bench.fixture import Fixture
from bench.plan import Stage
from bench.position import Position
from bench.prompt_desk import PromptDesk
from bench.record import Energy, Outcome
from bench.run_record import RunRecord
from bench.steps import Blocked, LineStep, Step
from drivers.load import Load
from drivers.module_line import ModuleError
from drivers.optical_head import OpticalError
from drivers.power_source import InstrumentError, Reading


@dataclass
class _UnderWay:
    """A step under way: what must be voided when the bench fails it."""

    step: Step
    positions: dict[int, Position]
    began: float
    leading: bool
    """Whether it is the first of its stage, which keeps the edges and the reference readings for all of them."""
    energy: list[Energy] = field(default_factory=list)
    frequencies: list[float] = field(default_factory=list)


class StepsUnderWay:
    """Of one run, a stage after the other: `begin`, then `run`, and `void` for whatever is left open."""

    def __init__(
        self,
        equipment: Equipment,
        circuit: Circuit,
        desk: PromptDesk,
        deadlines: Deadlines,
        doubts: Doubts,
        record: RunRecord,
    ) -> None:
        self._equipment = equipment
        self._circuit = circuit
        self._desk = desk
        self._deadlines = deadlines
        self._doubts = doubts
        self._record = record
        self._begun: list[_UnderWay] = []

    def begin(self, stage: Stage, live: Mapping[int, Fixture], edges_since: float) -> None:
        """The load of a stage stands: its steps are open at the `live` positions. Its edges count from this loop time on."""
        now = asyncio.get_running_loop().time()
        self._begun = []
        for k, step in enumerate(stage.steps):
            since = edges_since if k == 0 else None
            readings: list[Energy] = []
            positions = {
                number: self._equipment.position(fixture, step, readings, edges_since=since)
                for number, fixture in live.items()
            }
            self._begun.append(_UnderWay(step, positions, now, leading=k == 0, energy=readings))

    async def run(self, stage: Stage) -> None:
        """Run what has begun to its end. Raises `Blocked` for what the bench cannot do, `Disturbed` for what passes."""
        limit = stage.deadline()
        if isinstance(stage.steps[0], LineStep):
            await self._line_step(stage.steps[0], limit, stage.load)
        else:
            async with asyncio.TaskGroup() as group:
                for under_way in self._open():
                    group.create_task(self._everywhere(under_way, limit))

    def note(self, reading: Reading) -> None:
        """A reading of the reference, kept with the step that leads its stage."""
        for under_way in self._open():
            if under_way.leading:
                under_way.energy.append(Energy(reading.time - self._record.opened, reading.power))
                if reading.frequency:
                    under_way.frequencies.append(reading.frequency)

    async def void(self, note: str, *, repeated: bool = False) -> None:
        """Keep what is unfinished, for nothing."""
        for under_way in self._open():
            outcomes = tuple(each.outcome(void=True, note=note) for each in under_way.positions.values())
            await self._keep(under_way, outcomes, void=True, repeated=repeated)
        self._begun = []

    def _open(self) -> list[_UnderWay]:
        return [each for each in self._begun if each.step.name not in self._record.finished]

    async def _everywhere(self, under_way: _UnderWay, limit: float) -> None:
        """One step at all its positions at once; it is closed when the last of them has ended."""
        step = under_way.step
        outcomes: dict[int, Outcome] = {}

        async def one(number: int, position: Position) -> None:
            outcomes[number] = await _at(step, position)
            self._desk.ended(step.name, number)

        try:
            async with self._deadlines.within(limit), asyncio.TaskGroup() as group:
                self._desk.expect(step.name, under_way.positions)
                for number, position in under_way.positions.items():
                    group.create_task(one(number, position))
        except TimeoutError:
            raise Blocked(f"{step.title}: not finished within {limit:.0f} s") from None
        await self._doubts.of(step, under_way.began, outcomes.values())
        if len(self._open()) == 1:
            out_of_circuit = self._circuit.out_of_circuit(frozenset(under_way.positions), limit)
            await step.examine_fixture(tuple(under_way.positions.values()), outcomes, out_of_circuit)
        await self._keep(under_way, tuple(outcomes[number] for number in sorted(outcomes)))

    async def _line_step(self, step: LineStep, limit: float, load: Load) -> None:
        (under_way,) = self._open()
        out_of_circuit = self._circuit.out_of_circuit(frozenset(under_way.positions), limit, load)
        await step.run_line(tuple(under_way.positions.values()), out_of_circuit)
        await self._doubts.of_the_load(step)
        await self._keep(under_way, tuple(position.outcome() for position in under_way.positions.values()))

    async def _keep(
        self, under_way: _UnderWay, outcomes: tuple[Outcome, ...], *, void: bool = False, repeated: bool = False
    ) -> None:
        await self._record.keep_step(
            under_way.step,
            outcomes,
            under_way.began,
            under_way.energy,
            under_way.frequencies,
            void=void,
            repeated=repeated,
        )


async def _at(step: Step, position: Position) -> Outcome:
    """One step at one position. What the meter does not do is its failure; what the bench cannot do is raised."""
    try:
        await step.run(position)
    except NoPulse as fault:
        position.found_mute()
        return position.outcome(note=f"position {position.number}: {fault}")
    except InstrumentError:
        raise
    except (OpticalError, ModuleError) as fault:
        return position.outcome(note=str(fault))
    if position.lost_edges:
        raise Blocked(
            f"position {position.number}: {position.lost_edges} S0 edges were lost or out of order during {step.title}; "
            "what was measured is void. Check the S0 wire and what else this computer is doing."
        )
    return position.outcome()
