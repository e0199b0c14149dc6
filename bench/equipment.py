"""The equipment of a run: from it a step gets its `Position` at each meter, with everything that it may use there.

What a position can do grows with the steps that want it; the run that puts it there does not change for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

from bench.circuit import Circuit
from bench.climate import Climate, excess_k
from bench.corrections import corrections
from bench.fixture import Fixture
from bench.golden import Told, tell
from bench.known_check import Check
from bench.position import Position
from bench.prompt import Prompt
from bench.prompt_desk import Answered, PromptDesk
from bench.record import Energy
from bench.results import results_of
from bench.run_record import RunRecord
from bench.station import Station
from bench.steps import Step
from bench.watch import Watch


class Equipment:
    """Of one run on this station. `checks` is what earlier runs found at golden meters and red rabbits."""

    def __init__(
        self,
        station: Station,
        circuit: Circuit,
        watch: Watch,
        desk: PromptDesk,
        record: RunRecord,
        checks: tuple[Check, ...],
    ) -> None:
        self._station = station
        self._circuit = circuit
        self._watch = watch
        self._desk = desk
        self._record = record
        self._checks = checks

    def position(
        self, fixture: Fixture, step: Step, readings: Sequence[Energy], *, edges_since: float | None
    ) -> Position:
        """What the step sees of this fixture under the load that stands.

        `readings` grows while the step runs; the edges from loop time `edges_since` on go into its record, where any do.
        """
        number = fixture.number
        station, run, meter = self._station, self._record.run, self._record.plan.meter
        limit = step.limit_percent

        def show(error_percent: float | None, progress: float) -> None:
            self._watch.board.position(number, error_percent=error_percent, limit_percent=limit, progress=progress)

        def ask(prompt: Prompt) -> Awaitable[Answered]:
            return self._desk.ask(step.name, step.title, prompt, number, fixture.serial)

        def known_meter() -> Awaitable[Told | None]:
            results = results_of(self._record.run, number)
            return asyncio.get_running_loop().run_in_executor(None, tell, station.known, self._checks, results)

        return Position(
            fixture=fixture,
            meter=meter,
            declared=step.measurements(),
            energy=self._watch.at(number),
            load=self._circuit.load,
            reference_percent=station.reference_accuracy_percent,
            opened=self._record.opened,
            edges_since=edges_since,
            show=show,
            measured=self._watch.energy,
            climate=Climate(
                meter.accuracy_class,
                excess_k(station.environment, run.temperature_c),
                station.reference_percent_per_k,
            ),
            corrections=corrections(step.load, fixture.description) if step.load is not None else (),
            ask=ask,
            earlier=run.outcomes(number),
            load_since=self._circuit.since,
            readings=readings,
            known_meter=known_meter,
        )
