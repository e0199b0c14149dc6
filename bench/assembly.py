"""Putting an engine together, on a real station or a simulated one, on the loop that is running."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.answers import Answers
from bench.engine import Engine, Simulation
from bench.engine_lock import only_engine
from bench.fact_log import FactLog
from bench.journal_writer import JournalWriter
from bench.line import Line
from bench.person import Person
from bench.places import journal_path, make_home
from bench.prompt_desk import Respondent
from bench.sequences import sequence_names
from bench.session import Refused, StationCard
from drivers.simulated.faults import FaultError
from drivers.simulated.simulated_time import SimulatedTimeLoop
from reference_meter import TypeNumber

if TYPE_CHECKING:
    from drivers.simulated.line import SimulatedLine


@dataclass(frozen=True)
class Setup:
    """What the command line or a screen says of the station to open."""

    simulated: bool = False
    station: str | None = None
    """Path of `station.toml`; None for the one in the bench's home."""
    positions: int = 4
    seed: int = 1
    faults: Sequence[str] = ()
    speed: float = math.inf
    """Simulated seconds a second."""
    source: str = "generic-scpi"
    """Dialect of the simulated power source."""
    person: bool = False
    """Whether somebody at a screen answers what steps ask; else the answers or a simulated operator do."""
    answers: Answers | None = None
    """Answers given beforehand."""


@asynccontextmanager
async def engine_for(setup: Setup) -> AsyncIterator[Engine]:
    """An opened engine; everything is closed and the source off when the block is left.

    Raises `Refused` for a setup that cannot be, `InstrumentError`, `JournalError` or `PlaceError` for a world that will not.
    """
    async with AsyncExitStack() as stack:
        if setup.simulated:
            from bench.simulated_station import DEFAULT_TYPE, describe, simulated_line

            world = simulated_line(setup.positions, setup.seed, setup.faults, setup.source)
            stack.push_async_callback(world.stop)
            await world.start()
            station = describe(world)
            line = Line(station, world.pin_factory)

            async def mount(meter: TypeNumber, run: int, serials: Mapping[int, str]) -> None:
                try:
                    await world.mount(meter, run, serials)
                except FaultError as error:
                    raise Refused(str(error)) from None

            simulation = Simulation(setup.seed, f"{setup.positions}:{tuple(setup.faults)}:{setup.source}", mount)
            default_type = DEFAULT_TYPE
            respondent = _respondent(setup, world)
        else:
            from bench.station_file import default_station_path, load_station

            station = load_station(Path(setup.station) if setup.station else default_station_path())
            stack.enter_context(only_engine(make_home()))
            line = Line(station)
            simulation = None
            default_type = ""
            respondent = _respondent(setup)
        make_home()
        card = StationCard(station.name, len(station.positions), setup.simulated, sequence_names(), default_type)
        journal = JournalWriter(journal_path(simulated=setup.simulated))
        engine = Engine(line, journal, FactLog(), card, simulation, respondent)
        await engine.open()
        stack.push_async_callback(engine.close)
        yield engine


def _respondent(setup: Setup, world: SimulatedLine | None = None) -> Respondent | None:
    """Who answers what steps ask; None where nobody does."""
    if setup.answers is not None:
        return setup.answers
    loop = asyncio.get_running_loop()
    if setup.person:
        return Person(loop.outside_is_asked) if isinstance(loop, SimulatedTimeLoop) else Person()
    if world is None:
        return None
    from bench.simulated_operator import SimulatedOperator

    return SimulatedOperator(world)
