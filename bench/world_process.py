"""The life of the process that is the simulated world: meters mounted, everything listening, a station file written, until it is stopped.

Owner, engine and screen of that station are processes of their own and run as on a Raspberry Pi.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from bench.session import Refused
from bench.simulated_station import check_faults, check_source, describe
from bench.station import SafetyDescription, Station
from bench.station_text import station_text
from drivers.power_source import InstrumentError
from drivers.simulated.faults import FaultError
from drivers.simulated.world_apart import MOST_POSITIONS_APART, Mounted, WorldApart
from drivers.simulated.world_control import SOCKET, serve_actions
from drivers.simulated.world_log import WorldInUse
from reference_meter import MalformedTypeNumber, TypeNumber

STATION = "station.toml"
_LONGEST_SOCKET_PATH = 100
"""Linux allows 107 bytes (unix(7)); the longest name of ours is behind the folder's."""


async def serve_world(
    folder: Path,
    type_number: str,
    positions: int,
    seed: int,
    faults: Sequence[str],
    dialect: str,
    ready: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told what is mounted when everything listens.

    Raises `Refused` for what cannot be simulated, `InstrumentError` where the folder cannot be served from.
    """
    if not 1 <= positions <= MOST_POSITIONS_APART:
        raise Refused(f"{positions} positions: a header with a safety circuit has room for 1 to {MOST_POSITIONS_APART}")
    placed = check_faults(faults, positions)
    check_source(dialect)
    folder = folder.absolute()
    if len(str(folder / SOCKET)) > _LONGEST_SOCKET_PATH:
        raise Refused(f"the path {folder} is too long for a Unix socket; serve a folder nearer to the root")
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        meter = TypeNumber.parse(type_number)
        folder.mkdir(parents=True, exist_ok=True)
        world = WorldApart(folder, positions, seed, placed, dialect)
        try:
            mounted = await world.mount_once(meter)
            await world.start()
            acting = await serve_actions(world, folder / SOCKET)
            (folder / STATION).write_text(station_text(_station(world, folder)), encoding="utf-8")
            ready(table(mounted))
            await stopped.wait()
            acting.close()
        finally:
            await world.stop()
            (folder / SOCKET).unlink(missing_ok=True)
    except (MalformedTypeNumber, FaultError) as error:
        raise Refused(str(error)) from None
    except WorldInUse as error:
        raise InstrumentError(str(error)) from None
    except OSError as error:
        raise InstrumentError(
            f"the simulated world cannot be served from {folder}: {error.strerror or error}"
        ) from error


def table(mounted: Sequence[Mounted]) -> str:
    """One line a meter."""
    lines = [f"{'pos':>3}  {'serial':<10}  {'type':<14}  faults"]
    for each in mounted:
        lines.append(f"{each.position:>3}  {each.serial:<10}  {each.type_number:<14}  {', '.join(each.faults) or '-'}")
    return "\n".join(lines)


def _station(world: WorldApart, folder: Path) -> Station:
    return replace(
        describe(world),
        name="world apart",
        simulated=False,
        pin_factory=f"simulated:{world.pin_socket}",
        owner_socket=str(folder / "source.sock"),
        safety=SafetyDescription(**asdict(world.safety)),
    )
