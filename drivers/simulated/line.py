"""The simulated line: the world and the far end of every cable, and the names under which the real drivers reach them.

This is the only door through which the bench enters the simulation; what stands behind it, it cannot see.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drivers.iec61107 import encode
from drivers.power_source import Capabilities
from drivers.simulated.faults import FaultError, PlacedFault, other_position
from drivers.simulated.instrument_servers import make_server
from drivers.simulated.look import Look
from drivers.simulated.optical_port import SimulatedOpticalPort
from drivers.simulated.physics import draw
from drivers.simulated.pins import SimulatedPin, SimulatedPinFactory
from drivers.simulated.scpi_server import ScpiServer
from drivers.simulated.scpi_standard_server import ScpiStandardServer
from drivers.simulated.serial_line import SerialLine
from drivers.simulated.simulated_time import SimulatedTimeLoop
from drivers.simulated.world import Accuracies, Place, World
from drivers.source_dialects import default_capabilities
from reference_meter import TypeNumber

MOST_POSITIONS = 12
"""A Raspberry Pi's header carries the S0 inputs and the bypass contactors of so many positions."""

STANDARD_LATENCY_S = 0.02
CAPABILITIES = Capabilities(
    settle=2.0, readback_period=1.0, readback_latency=0.02, watchdog=False, power_accuracy_percent=0.2
)
"""What the simulated source declares."""

ACCURACIES = Accuracies()
"""What the simulated station declares of its instruments and wires."""

_FIRST_S0_PIN = 4
_FIRST_BYPASS_PIN = 16


@dataclass(frozen=True)
class Ports:
    """The names of one position's ports."""

    number: int
    s0_pin: str
    bypass_pin: str
    optical: str


class SimulatedLine:
    """A line of `positions` places on the running loop; the same seed makes the same line, meters and noise."""

    def __init__(
        self, positions: int, seed: int, faults: Sequence[PlacedFault] = (), source_dialect: str = "generic-scpi"
    ) -> None:
        self._seed = seed
        self._faults = tuple(faults)
        loop = asyncio.get_running_loop()
        self.pin_factory = SimulatedPinFactory(loop.time)
        """The gpiozero pin factory whose lines the world drives."""
        self.source_dialect = source_dialect
        """The language the simulated source speaks."""
        self.capabilities = CAPABILITIES if source_dialect == "generic-scpi" else default_capabilities(source_dialect)
        """What it can make."""
        self._world = World(random.Random(f"{seed}:world"), ACCURACIES, self.capabilities.settle)
        if isinstance(loop, SimulatedTimeLoop):
            loop.add_source(self._world)
        self._source = make_server(
            source_dialect, self._world.source_is_set, self._world.source_reads, self.capabilities
        )
        self._standard = ScpiServer(ScpiStandardServer(self._world.standard_reads, STANDARD_LATENCY_S))
        self._meters: dict[int, Place] = {}
        self.ports = tuple(self._make_ports(number) for number in range(1, positions + 1))
        self._optical = {
            ports.number: SimulatedOpticalPort(
                SerialLine(ports.optical.removeprefix("simulated://")), self._telegram_of(ports.number)
            )
            for ports in self.ports
        }

    @property
    def source_resource(self) -> str:
        """VISA resource name of the source."""
        return self._source.resource

    @property
    def standard_resource(self) -> str:
        """VISA resource name of the reference standard."""
        return self._standard.resource

    async def start(self) -> None:
        """Instruments listen from now on."""
        await self._source.start()
        await self._standard.start()

    async def stop(self) -> None:
        """Pull every plug."""
        for port in self._optical.values():
            port.close()
        await self._source.stop()
        await self._standard.stop()

    def look(self, position: int) -> Look:
        """What a person in front of this position sees now."""
        return self._meters[position].meter.look(asyncio.get_running_loop().time())

    def press(self, position: int) -> None:
        """A person presses the arrow key of this meter and lets it go."""
        self._meters[position].meter.press(asyncio.get_running_loop().time())

    async def mount(self, meter: TypeNumber, run: int, serials: Mapping[int, str] | None = None) -> None:
        """Put a fresh meter of this type into each position, with the faults of the line. Raises `FaultError`.

        `serials` are the numbers that were scanned from the labels; where none was, it is the meter's own.
        """
        self._world.clear_places()
        crossed = {ports.number: ports.number for ports in self.ports}
        for placed in self._faults:
            if placed.fault.name == "crossed-s0":
                other = other_position(placed, len(self.ports))
                crossed[placed.position], crossed[other] = crossed[other], crossed[placed.position]
        for ports in self.ports:
            physics = draw(meter, random.Random(f"{self._seed}:{run}:{ports.number}"))
            physics.printed_number = (serials or {}).get(ports.number, "")
            for placed in self._faults:
                if placed.position == ports.number:
                    placed.fault.put_into(physics, placed.value)
                    if placed.fault.name == "wrong-type" and physics.meter == meter:
                        raise FaultError(f"fault wrong-type: the line is planned for {meter}; name another type")
                    if placed.fault.name == "wrong-label" and physics.printed_type == str(physics.meter):
                        raise FaultError(f"fault wrong-label: the meter is a {meter}; name another type")
            place = self._world.add_place(ports.number, physics, self._edge_to(crossed[ports.number]))
            bypass = self._pin(ports.bypass_pin)
            place.bypassed = bool(bypass.state)
            bypass.on_output = self._bypass_of(place)
            self._meters[ports.number] = place
            self._optical[ports.number].behaviour.reaction = physics.reaction_s

    def _make_ports(self, number: int) -> Ports:
        return Ports(
            number=number,
            s0_pin=f"GPIO{_FIRST_S0_PIN + number - 1}",
            bypass_pin=f"GPIO{_FIRST_BYPASS_PIN + number - 1}",
            optical=f"simulated://optical-{number}",
        )

    def _pin(self, name: str) -> SimulatedPin:
        pin = self.pin_factory.pin(name)
        assert isinstance(pin, SimulatedPin)
        return pin

    def _edge_to(self, position: int) -> Callable[[float, bool], None]:
        """Where an S0 output is wired to: it pulls the line low while it conducts."""
        pin = self._pin(self.ports[position - 1].s0_pin)
        return lambda time, conducting: pin.edge(time, not conducting)

    def _bypass_of(self, place: Place) -> Callable[[bool], None]:
        return lambda closed: self._world.bypass(place, closed)

    def _telegram_of(self, number: int) -> Callable[[], bytes | None]:
        def telegram() -> bytes | None:
            place = self._meters.get(number)
            readout = None if place is None else place.meter.readout(asyncio.get_running_loop().time())
            return None if readout is None else encode(*readout)

        return telegram
