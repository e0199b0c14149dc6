"""Putting an engine together, on a real station or a simulated one, on the loop that is running."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.clock_slew import ClockReading
from bench.engine import Engine
from bench.engine_lock import only_engine
from bench.fact_log import FactLog
from bench.journal_writer import JournalWriter
from bench.line import Line
from bench.places import journal_path, make_home
from bench.prompt_desk import Respondent
from bench.sequences import sequence_names
from bench.session import Refused, StationCard
from bench.simulation import Simulation
from drivers.simulated.faults import FaultError
from reference_meter import Configuration, TypeNumber

if TYPE_CHECKING:
    pass


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
    socket: str = ""
    """Where the engine will serve sessions; empty for one that serves none."""


@asynccontextmanager
async def engine_for(setup: Setup) -> AsyncIterator[Engine]:
    """An opened engine; everything is closed and the source off when the block is left.

    Raises `Refused` for a setup that cannot be, `InstrumentError`, `JournalError` or `PlaceError` for a world that will not.
    """
    async with AsyncExitStack() as stack:
        if setup.simulated:
            from bench.simulated_operator import SimulatedOperator
            from bench.simulated_station import DEFAULT_TYPE, KNOWN, describe, simulated_line

            world = simulated_line(setup.positions, setup.seed, setup.faults, setup.source)
            stack.push_async_callback(world.stop)
            await world.start()
            station = replace(describe(world), known=KNOWN)
            line = Line(station, world.pin_factory)
            clocks = world.clocks
            if clocks is not None:
                line.read_clocks = lambda: ClockReading(*clocks(), 0)

            async def mount(
                meter: TypeNumber, run: int, serials: Mapping[int, str], configuration: Configuration
            ) -> None:
                try:
                    await world.mount(meter, run, serials, configuration)
                except FaultError as error:
                    raise Refused(str(error)) from None

            simulation = Simulation(setup.seed, f"{setup.positions}:{tuple(setup.faults)}:{setup.source}", mount)
            default_type, file = DEFAULT_TYPE, None
            operator: Respondent | None = SimulatedOperator(world)
        else:
            from bench.station_file import load_station, station_path

            file = station_path(setup.station).absolute()
            station = load_station(file)
            stack.enter_context(only_engine(make_home(), setup.socket))
            line = Line(station)
            simulation = None
            default_type = ""
            operator = None
        make_home()
        path = journal_path(simulated=setup.simulated)
        card = StationCard(
            station.name,
            len(station.positions),
            setup.simulated,
            sequence_names(),
            default_type,
            purpose="engineering" if station.is_world_apart else "production",
            file=str(file or ""),
            journal=str(path),
        )
        engine = Engine(line, JournalWriter(path), FactLog(), card, simulation, operator)
        await engine.open()
        stack.push_async_callback(engine.close)
        standard = line.standard.identity if line.standard is not None else ""
        engine.card = replace(card, source=line.owner.identity, standard=standard)
        yield engine
