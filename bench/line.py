"""The opened line: source owner, reference standard and one fixture a position, as the station describes them.

The same code opens a real station and a simulated one: only the names of the ports differ.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from bench.clock_slew import ClockReading, read_clocks
from bench.fixture import Fixture
from bench.module_ports import ModulePorts
from bench.owner import Owner
from bench.owner_client import RemoteOwner, at_socket
from bench.s0_channel import S0Channel
from bench.safety import SourceOwner
from bench.station import PositionDescription, SourceDescription, StandardDescription, Station
from bench.terminals import ACTING, LISTENING, Terminals
from drivers.pin_health import deaf
from drivers.power_source import InstrumentError

if TYPE_CHECKING:
    from drivers.power_source import PowerSource, Reading
    from drivers.reference_standard import ReferenceStandard


class Line:
    """Everything a run needs, open. `pin_factory` is a gpiozero factory, or None for the one the station names."""

    def __init__(self, station: Station, pin_factory: Any = None) -> None:
        self.station = station
        self._pin_factory = pin_factory
        self._open = AsyncExitStack()
        self.owner: Owner
        self.standard: ReferenceStandard | None = None
        self.fixtures: tuple[Fixture, ...] = ()
        self.read_clocks: Callable[[], ClockReading] | None = read_clocks if pin_factory is None else None
        """How to find a slew of the clock that stamps the edges; None where they come from a simulated world, with its own time."""
        self._port_users: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open(self, on_trip: Callable[[str], None]) -> None:
        """Open every instrument and port. Raises `InstrumentError` and leaves nothing open when one cannot be."""
        station = self.station
        try:
            if station.owner_socket is not None:
                self.owner = RemoteOwner(at_socket(station.owner_socket), on_trip)
            else:
                self.owner = SourceOwner(source_of(station.source), on_trip)
            # An instrument that is refused after it was connected to is to be let go as well.
            self._open.push_async_callback(self.owner.close)
            await self.owner.open()
            if station.standard is not None:
                standard = standard_of(station.standard)
                self._open.push_async_callback(standard.close)
                await standard.open()
                self.standard = standard
            factory = self._pin_factory
            if factory is None:
                factory = self._pin_factory = named_factory(station.pin_factory)
                self._open.callback(self._close_factory)
            fixtures = []
            for description in station.positions:
                fixture = await self._open_position(description, factory)
                fixtures.append(fixture)
            self.fixtures = tuple(fixtures)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Switch off and close everything."""
        await self._open.aclose()

    async def read(self) -> Reading:
        """Read the load: by the standard where there is one, else the source's own readback."""
        if self.standard is not None:
            return await self.standard.read()
        return await self.owner.read()

    @property
    def readback_period(self) -> float:
        """Seconds between readings while the load is steady."""
        if self.standard is not None:
            return self.standard.readback_period
        return self.station.source.capabilities.readback_period

    def deaf(self) -> str:
        """Why the GPIO inputs may be silent, in one sentence; empty while they hear."""
        return deaf(self._pin_factory)

    def _close_factory(self) -> None:
        factory, self._pin_factory = self._pin_factory, None
        factory.close()

    async def _open_position(self, description: PositionDescription, factory: Any) -> Fixture:
        from drivers.bypass import Bypass
        from drivers.module_contacts import SupplyContact, TariffRelay
        from drivers.optical_head import OpticalHead
        from drivers.s0 import S0Input

        number = description.number
        try:
            s0_input = S0Input(description.s0_pin, pin_factory=factory)
            self._open.callback(s0_input.close)
            bypass = None
            if description.bypass_pin is not None:
                bypass = Bypass(description.bypass_pin, pin_factory=factory)
                self._open.callback(bypass.close)
            relay = supply = None
            if description.tariff_pin is not None:
                relay = TariffRelay(description.tariff_pin, pin_factory=factory)
                self._open.callback(relay.close)
            if description.supply_pin is not None:
                supply = SupplyContact(description.supply_pin, pin_factory=factory)
                self._open.callback(supply.close)
            terminals = self._open_terminals(description, factory)
        except Exception as error:  # gpiozero raises a family of its own for a pin that is taken, missing or misnamed
            raise InstrumentError(
                f"position {number}: GPIO pin {' or '.join(description.pins)} cannot be used: {error}"
            ) from error
        head = OpticalHead(description.optical, f"position {number}")
        await head.open()
        self._open.push_async_callback(head.close)
        module = ModulePorts(description, self._port_users, relay, supply)
        return Fixture(description, s0_input, S0Channel(s0_input), head, bypass, module, terminals)

    def _open_terminals(self, description: PositionDescription, factory: Any) -> Terminals:
        from drivers.contact import Contact
        from drivers.s0 import S0Input

        channels, contacts = {}, {}
        for key, pin in description.pins_by_key.items():
            if key in LISTENING:
                pulses = S0Input(pin, pin_factory=factory)
                self._open.callback(pulses.close)
                channels[key] = S0Channel(pulses)
            elif key in ACTING:
                contacts[key] = contact = Contact(pin, pin_factory=factory)
                self._open.callback(contact.close)
        return Terminals(description.number, channels, contacts)


def source_of(description: SourceDescription) -> PowerSource:
    """The driver of this source; nothing is opened yet."""
    from drivers.source_dialects import make_source

    return make_source(description.dialect, description.resource, description.capabilities, description.deadline)


def standard_of(description: StandardDescription) -> ReferenceStandard:
    """The driver of this reference standard; nothing is opened yet."""
    from drivers.source_dialects import make_standard

    return make_standard(
        description.dialect,
        description.resource,
        description.accuracy_percent,
        description.readback_period,
        description.readback_latency,
        description.deadline,
    )


def named_factory(name: str) -> Any:
    """The gpiozero pin factory of this name, given what stands behind a colon. Raises `InstrumentError` with what to install."""
    from importlib.metadata import entry_points

    name, _, given = name.partition(":")
    for entry in entry_points(group="gpiozero_pin_factories", name=name):
        try:
            return entry.load()(given) if given else entry.load()()
        except Exception as error:  # a factory fails in many ways where there is no GPIO at all
            if given:
                raise InstrumentError(f"pin factory {name}: {error}") from error
            raise InstrumentError(
                f"the GPIO pin factory {name!r} cannot be used here: {error}. Is this a Raspberry Pi with the extra [pi] installed?"
            ) from error
    raise InstrumentError(f"gpiozero knows no pin factory {name!r}; station.toml, pin_factory")
