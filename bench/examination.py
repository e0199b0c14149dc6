"""The examination of a station: everything is asked, opened and closed again, nothing is set, and one fault hides no other.

Outputs stay untouched: no bypass contactor moves, and a source that belongs to `bench source` is asked through it.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.doctor import (
    Finding,
    State,
    check_actuators,
    check_calibration,
    check_chain,
    check_clock,
    check_identity,
    check_known_meters,
    check_people,
    check_pins,
    check_space,
    fault,
    fit,
    is_fit,
)
from bench.engine_examination import examine_engine
from bench.engine_lock import only_engine
from bench.journal_errors import JournalError
from bench.journal_reader import JournalReader
from bench.known_check import PURPOSES, checks
from bench.line import named_factory
from bench.owner_client import RemoteOwner, at_socket
from bench.pin_budget import check_budget
from bench.pin_names import header_pin
from bench.places import PlaceError, home, journal_path, make_home
from bench.results import Result
from bench.session import Unreachable
from bench.station import MEASURED_PINS, Calibration, PositionDescription, Station
from bench.wall_clock import synchronised
from drivers.gpio_chips import find_chips
from drivers.optical_head import OpticalHead
from drivers.power_source import InstrumentError
from drivers.room_sensor import read_temperature
from drivers.source_dialects import source_port, standard_port

if TYPE_CHECKING:
    from drivers.visa import VisaPort

_SIMULATED_POSITIONS = 4


async def examine_file(path: Path) -> tuple[Finding, ...]:
    """Examine the station that a file describes. Raises `Refused` for a file that is wrong."""
    from bench.station_file import load_station

    station = load_station(path)
    host = await examine_host()
    with ExitStack() as stack:
        if is_fit(each for each in host if each.check == "home"):  # else it is told, and shall hide nothing else
            try:
                stack.enter_context(only_engine(home()))
            except Unreachable as error:
                asked = await examine_engine(path, station) or [
                    fault("engine", str(error), "end it; meanwhile no instrument and no port was asked")
                ]
                dates = (*_dates(station), *_known_meters(station))
                return (fit("station file", str(path)), *asked, *check_pins(station), *dates, *host)
        return (fit("station file", str(path)), *await examine(station), *_known_meters(station), *host)


async def examine_simulated() -> tuple[Finding, ...]:
    """Examine a simulated station in the same way, on the simulated loop that is running."""
    from bench.simulated_station import describe, simulated_line

    world = simulated_line(_SIMULATED_POSITIONS, 1, ())
    try:
        await world.start()
        findings = await examine(describe(world), world.pin_factory)
    finally:
        await world.stop()
    return (*findings, *await examine_host(simulated=True))


async def examine(station: Station, pin_factory: Any = None) -> tuple[Finding, ...]:
    """Examine what a station file describes; `pin_factory` as for `Line`."""
    instruments = [_source(station)]
    if station.standard is not None:
        described = station.standard
        port = standard_port(described.resource, described.deadline)
        instruments.append(_instrument("reference standard", port, described.calibration))
    room = [_room(station.environment.temperature_sensor)] if station.environment.temperature_sensor else []
    heads = [_optical_head(each) for each in station.positions]
    asked = await asyncio.gather(*instruments, *heads, *room)
    return (
        *_open_pins(station, pin_factory),
        *check_actuators(station),
        *check_people(station),
        *asked,
        *_dates(station),
    )


async def examine_host(*, simulated: bool = False) -> tuple[Finding, ...]:
    """Examine what every station needs: a home with room, a journal that holds, a clock that is right."""
    loop = asyncio.get_running_loop()
    clock = fit("clock", "simulated") if simulated else check_clock(synchronised())
    return (*_home(), await loop.run_in_executor(None, _journal, journal_path(simulated=simulated)), clock)


# ------------------------------------------------------------------ instruments and ports


async def _source(station: Station) -> Finding:
    described = station.source
    if station.owner_socket is None:
        port = source_port(described.dialect, described.resource, described.deadline)
        return await _instrument("power source", port, described.calibration)
    owner = RemoteOwner(at_socket(station.owner_socket), lambda _: None)
    try:
        await owner.open()
    except InstrumentError as error:
        return fault(
            "power source",
            str(error),
            "start it: systemctl start bench-source; journalctl -u bench-source says why not",
        )
    finally:
        await owner.close()
    if owner.trip is not None:
        return fault(
            "power source",
            f"{owner.identity} is tripped: {owner.trip}",
            "remove the cause, then re-arm: bench source --rearm BADGE",
        )
    return check_identity("power source", owner.identity, described.calibration)


async def _instrument(check: str, port: VisaPort, known: Calibration) -> Finding:
    try:
        await port.open()
    except InstrumentError as error:
        return fault(
            check, str(error), "switch it on, look at its cable and address, correct resource in the station file"
        )
    finally:
        await port.close()
    return check_identity(check, port.identity, known)


async def _optical_head(position: PositionDescription) -> Finding:
    check = f"position {position.number} optical head"
    head = OpticalHead(position.optical)
    try:
        await head.open()
    except InstrumentError as error:
        return fault(check, str(error), "put the port right, or correct optical in the station file")
    finally:
        await head.close()
    return fit(check, position.optical)


async def _room(sensor: str) -> Finding:
    check = "temperature"
    try:
        celsius = await read_temperature(sensor)
    except InstrumentError as error:
        advice = "put the sensor right, or type the temperature with each shift: bench run --temperature"
        return Finding(check, State.NOTE, str(error), advice)
    return fit(check, f"{celsius:.1f} °C at the meters")


def _open_pins(station: Station, pin_factory: Any) -> Sequence[Finding]:
    budget = check_pins(station)
    try:
        factory = pin_factory or named_factory(station.pin_factory)
    except InstrumentError as error:
        advice = (
            "install the extra [pi] on a Raspberry Pi and let this user into the group gpio, or correct pin_factory"
        )
        return (*budget, fault("pin factory", str(error), advice))
    if pin_factory is None and station.pin_factory == "gpiod":
        budget = (*budget, *check_budget(station, find_chips()))
    try:
        unusable = [finding for each in station.positions for finding in _open_inputs(each, factory)]
    finally:
        if pin_factory is None:
            factory.close()
    return (*budget, *unusable, fit("pin factory", "simulated" if station.simulated else station.pin_factory))


def _open_inputs(position: PositionDescription, factory: Any) -> Sequence[Finding]:
    """Only inputs whose edges are measured are opened: an output would move its contactor."""
    from gpiozero import InputDevice

    found = []
    for key, pin in position.pins_by_key.items():
        if key not in MEASURED_PINS or not header_pin(pin):  # the budget tells of those that are not the header's
            continue
        try:
            InputDevice(pin, pull_up=True, pin_factory=factory).close()
        except Exception as error:  # gpiozero raises a family of its own for a pin that is taken, missing or misnamed
            what = "S0" if key == "s0_pin" else key
            advice = f"end the program that uses it, or correct {key} in the station file"
            found.append(fault(f"position {position.number} {what}", f"GPIO pin {pin} cannot be used: {error}", advice))
    return found


def _dates(station: Station) -> Sequence[Finding]:
    if station.simulated:
        return (fit("calibration", "a simulated station needs none"),)
    return check_calibration(station, datetime.now(UTC).date())


def _known_meters(station: Station) -> Sequence[Finding]:
    path = journal_path(simulated=False)
    results: tuple[Result, ...] = ()
    if station.known.serials and path.exists():
        try:
            with JournalReader(path) as journal:
                results = journal.results(purposes=PURPOSES, serial=station.known.serials)
        except JournalError:
            return ()  # the finding on the journal says it
    return check_known_meters(station.known, checks(results), datetime.now(UTC))


# ------------------------------------------------------------------ the host


def _home() -> Sequence[Finding]:
    writable = "give this user the right to write there, or set BENCH_HOME to another folder"
    try:
        folder = make_home()
        with tempfile.TemporaryFile(dir=folder):
            pass
        return (fit("home", f"{folder} can be written"), check_space(folder, shutil.disk_usage(folder).free))
    except PlaceError as error:
        return (fault("home", str(error), writable),)
    except OSError as error:
        return (fault("home", f"{home()} cannot be written: {error.strerror or error}", writable),)


def _journal(path: Path) -> Finding:
    if not path.exists():
        return fit("journal", f"none yet; the first test makes {path}")
    try:
        with JournalReader(path) as journal:
            return check_chain(path, journal.faults())
    except JournalError as error:
        return fault("journal", str(error), "keep a copy of the file first, then do what is said")
