"""Putting an engine together, on a real station or a simulated one, on the loop that is running."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.engine import Engine, Simulation
from bench.engine_lock import only_engine
from bench.fact_log import FactLog
from bench.journal_writer import JournalWriter
from bench.line import Line
from bench.places import journal_path, make_home
from bench.sequences import sequence_names
from bench.session import Refused, StationCard
from drivers.simulated.faults import FaultError
from reference_meter import TypeNumber


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

            async def mount(meter: TypeNumber, run: int) -> None:
                try:
                    await world.mount(meter, run)
                except FaultError as error:
                    raise Refused(str(error)) from None

            simulation = Simulation(setup.seed, f"{setup.positions}:{tuple(setup.faults)}:{setup.source}", mount)
            default_type = DEFAULT_TYPE
        else:
            from bench.station_file import default_station_path, load_station

            station = load_station(Path(setup.station) if setup.station else default_station_path())
            stack.enter_context(only_engine(make_home()))
            line = Line(station)
            simulation = None
            default_type = ""
        make_home()
        card = StationCard(
            station.name,
            len(station.positions),
            setup.simulated,
            sequence_names(),
            default_type,
            "engineering" if station.is_world_apart else "production",
        )
        journal = JournalWriter(journal_path(simulated=setup.simulated))
        engine = Engine(line, journal, FactLog(), card, simulation)
        await engine.open()
        stack.push_async_callback(engine.close)
        yield engine
