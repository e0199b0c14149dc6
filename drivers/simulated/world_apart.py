"""The world as a process of its own, in real time: the source on TCP, heads and modules on ptys and TCP, the pins on a Unix socket, a log.

Owner, engine and screen reach it as they reach a real station, and cannot tell. What it knows better than they do is in its log.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from drivers.load import OFF, Load
from drivers.simulated.faults import PlacedFault
from drivers.simulated.line import SimulatedLine
from drivers.simulated.optical_port import SimulatedOpticalPort
from drivers.simulated.pin_server import PinServer
from drivers.simulated.scpi_server import Manner, Reply
from drivers.simulated.serial_line import FarEnd, PtyLine
from drivers.simulated.tcp_line import TcpLine
from drivers.simulated.world_log import WorldLog
from reference_meter import TypeNumber

MOST_POSITIONS_APART = 10
"""So many leave room on the 28 lines of the header for the seven of the safety circuit."""

LATE_S = 3.0
"""By so much `source late` delays each answer: longer than the deadline that a station file has by itself."""

MANNERS = {
    "silent": Manner.SILENT,
    "garbage": Manner.GARBLED,
    "repeating": Manner.REPEATING,
    "hanging-up": Manner.HANGING_UP,
}
"""How the source may treat its client from now on, by the word of the action."""

ACTIONS = (
    "press estop", "release estop", "open door", "close door",
    "source normal", "source late", "source pulled", *(f"source {word}" for word in MANNERS),
    "pull head N", "plug head N",
)  # fmt: skip
"""What can be done to the world from outside."""


@dataclass(frozen=True)
class SafetyPins:
    """Where the safety circuit hangs on the header; names as in the station file."""

    estop_pin: str = "GPIO2"
    door_pin: str = "GPIO3"
    contactor_pin: str = "GPIO14"
    red_pin: str = "GPIO15"
    yellow_pin: str = "GPIO26"
    green_pin: str = "GPIO27"
    blue_pin: str = "GPIO0"


@dataclass(frozen=True)
class Mounted:
    """A meter in its position."""

    position: int
    serial: str
    """On its name plate."""
    type_number: str
    faults: tuple[str, ...]


class UnknownAction(Exception):
    """Nothing in the world can be done so; the message says what can."""


class _Source(Protocol):
    end: str

    @property
    def load(self) -> Load: ...

    def execute(self, line: str) -> Reply: ...

    def interrupted(self) -> bool: ...


class _Overheard:
    """An instrument whose commands are overheard: what it was told, at the instant at which the line was there."""

    def __init__(self, instrument: _Source, now: Callable[[], float], told: Callable[[float, Load], None]) -> None:
        self._instrument = instrument
        self._now = now
        self._told = told
        self.end = instrument.end

    def execute(self, line: str) -> Reply:
        arrived, before = self._now(), self._instrument.load
        reply = self._instrument.execute(line)
        if self._instrument.load != before:
            self._told(arrived, self._instrument.load)
        return reply

    def interrupted(self) -> bool:
        return self._instrument.interrupted()


class _LinkedPty(PtyLine):
    """A pty under a name that stays the same when it is plugged in again, as udev's links by USB port do."""

    def __init__(self, link: Path) -> None:
        super().__init__()
        self._link = link
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(self._slave))

    @property
    def url(self) -> str:
        """What the bench opens: a path."""
        return str(self._link)

    def _close(self) -> None:
        self._link.unlink(missing_ok=True)
        super()._close()


class WorldApart(SimulatedLine):
    """A simulated line that serves other processes from the files and sockets in `folder`."""

    def __init__(
        self, folder: Path, positions: int, seed: int, faults: Sequence[PlacedFault], source_dialect: str
    ) -> None:
        """Raises `WorldInUse` or `OSError` where the folder cannot be served from."""
        self._at = folder
        self._log = WorldLog(folder / "world.log")
        self._pins = PinServer()
        super().__init__(positions, seed, faults, source_dialect, pins=self._pins, far_end=self._far_end)
        self.safety = SafetyPins()
        """The pins of the safety circuit."""
        self.pin_socket = folder / "pins.sock"
        """What the pin factory `simulated` connects to."""
        self._contacts = {self.safety.estop_pin: True, self.safety.door_pin: True}
        self._coil_driven = False
        self._contactor = False
        self._source_pulled = False
        self._terminals = self._meters_see = OFF
        self._now = self._world._loop.time
        self._source = self._instruments.source
        instrument = self._source.instrument
        self._source.instrument = _Overheard(
            instrument,  # type: ignore[arg-type]  # every simulated source says its load; a standard has none
            self._now,
            lambda time, load: self._log.load(time, "source told", load),
        )
        self._world.changed = self._note_terminals

    async def start(self) -> None:
        """Everything listens from now on; the main contactor is open. Raises `OSError`."""
        self._world.contact(False)
        for pin in self._contacts:
            self._pins.pin(pin).edge(self._now(), False)  # closed: the contact pulls its pin low
        self._pins.pin(self.safety.contactor_pin).on_output = self._coil
        for name in ("red", "yellow", "green", "blue"):
            self._pins.pin(getattr(self.safety, f"{name}_pin")).on_output = partial(self._lamp, name)
        await super().start()
        await self._pins.start(self.pin_socket)

    async def stop(self) -> None:
        """Pull every plug and take the sockets away."""
        await self._pins.stop()
        self.pin_socket.unlink(missing_ok=True)
        await super().stop()
        self._log.close()

    async def mount_once(self, meter: TypeNumber) -> tuple[Mounted, ...]:
        """Put the meters into the positions that the first run in one loop would find there. Raises `FaultError`."""
        await self.mount(meter, 1)
        return tuple(
            Mounted(
                place.number,
                str(place.meter.physics.customer_number),
                str(place.meter.physics.meter),
                tuple(
                    f"{each.fault.name}{'=' if each.value else ''}{each.value}"
                    for each in self._faults
                    if each.position == place.number
                ),
            )
            for place in self._world.places
        )

    # ------------------------------------------------------------------ the safety circuit

    def _coil(self, driven: bool) -> None:
        self._log.tell(self._now(), "contactor driven", closed=driven)
        self._coil_driven = driven
        self._switch_contactor()

    def _contact(self, pin: str, *, closed: bool) -> None:
        """A contact of the emergency stop or the door: it is in the coil's own circuit, and its pin sees it."""
        self._contacts[pin] = closed
        self._switch_contactor()
        self._pins.pin(pin).edge(self._now(), not closed)

    def _switch_contactor(self) -> None:
        closed = self._coil_driven and all(self._contacts.values())
        if closed != self._contactor:
            self._contactor = closed
            self._log.tell(self._now(), "contactor", closed=closed)
            self._world.contact(closed)

    def _lamp(self, colour: str, lit: bool) -> None:
        self._log.tell(self._now(), "lamp", colour=colour, lit=lit)

    def _note_terminals(self) -> None:
        if self._world.truth != self._terminals:
            self._terminals = self._world.truth
            self._log.load(self._now(), "source terminals", self._terminals)
        if self._world.beyond_contactor != self._meters_see:
            self._meters_see = self._world.beyond_contactor
            self._log.load(self._now(), "meter terminals", self._meters_see)

    # ------------------------------------------------------------------ acting on the world from outside

    async def act(self, action: str) -> float:
        """Do one of `ACTIONS`; the time at which it was begun. Raises `UnknownAction`."""
        work = self._action(" ".join(action.split()))
        time = self._now()
        self._log.tell(time, "act", action=action)
        await work()
        return time

    def _action(self, action: str) -> Callable[[], Awaitable[None]]:
        head = re.fullmatch(r"(pull|plug) head (\d{1,2})", action)
        if head and int(head[2]) in self._optical:
            return partial(self._plug if head[1] == "plug" else self._pull, int(head[2]))
        verb, _, what = action.partition(" ")
        pin = {"estop": self.safety.estop_pin, "door": self.safety.door_pin}.get(what, "")
        if action in ("press estop", "open door", "release estop", "close door"):
            return partial(self._move, pin, closed=verb in ("release", "close"))
        if verb == "source" and f"source {what}" in ACTIONS:
            return partial(self._treat_clients, what)
        raise UnknownAction(f"{action!r} cannot be done to this world; it knows: {', '.join(ACTIONS)}")

    async def _move(self, pin: str, *, closed: bool) -> None:
        self._contact(pin, closed=closed)

    async def _treat_clients(self, how: str) -> None:
        self._source.manner = MANNERS.get(how, Manner.PROPER)
        self._source.late_by = LATE_S if how == "late" else 0.0
        if how == "pulled" and not self._source_pulled:
            await self._source.stop()
        elif how != "pulled" and self._source_pulled:
            await self._source.start()
        self._source_pulled = how == "pulled"

    async def _pull(self, position: int) -> None:
        self._optical[position].close()

    async def _plug(self, position: int) -> None:
        behaviour = self._optical[position].behaviour
        self._optical[position].close()
        self._optical[position] = SimulatedOpticalPort(
            self._far_end(f"optical-{position}"),
            self._telegram_of(position),
            behaviour,
            native=self._native_of(position),
        )

    def _far_end(self, name: str) -> FarEnd:
        return TcpLine() if name.startswith("uart-") else _LinkedPty(self._at / name)
