"""The simulated line: the world and the far end of every cable, and the names under which the real drivers reach them.

This is the only door through which the bench enters the simulation; what stands behind it, it cannot see.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drivers.iec61107 import encode
from drivers.native_frames import Frame
from drivers.simulated.declared import ACCURACIES, CAPABILITIES, LEAD_MILLIOHM, LEAD_UNCERTAINTY_MILLIOHM
from drivers.simulated.faults import (
    PlacedFault,
)
from drivers.simulated.instruments import SimulatedInstruments
from drivers.simulated.isolating_transformer import draw_transformer
from drivers.simulated.look import Look
from drivers.simulated.module_space import ModulePortNames, SimulatedModules
from drivers.simulated.mounting import Mounting, spoil_light
from drivers.simulated.optical_port import SimulatedOpticalPort
from drivers.simulated.pins import Pins, SimulatedPinFactory
from drivers.simulated.real_time import InRealTime
from drivers.simulated.serial_line import FarEnd, SerialLine
from drivers.simulated.simulated_time import SimulatedTimeLoop
from drivers.simulated.tcp_line import TcpLine
from drivers.simulated.terminals import SimulatedTerminals
from drivers.simulated.world import Place, Wiring, World
from drivers.source_dialects import default_capabilities
from reference_meter import Configuration, TypeNumber

MOST_POSITIONS = 12
"""A Raspberry Pi's header carries the S0 inputs and the bypass contactors of so many positions."""

ROOM_C = 23.0
"""Temperature of the simulated room."""

_FIRST_S0_PIN = 4
_FIRST_BYPASS_PIN = 16


@dataclass(frozen=True)
class Ports:
    """The names of one position's ports."""

    number: int
    s0_pin: str
    bypass_pin: str
    optical: str
    module: ModulePortNames
    terminals: Mapping[str, str]
    """GPIO pins of the optional inputs and outputs, by their key of the station file."""


Certificate = tuple[tuple[float, float, float], ...]
"""Of one transformer: current in A, ratio error in %, phase displacement in minutes."""


class SimulatedLine:
    """A line of `positions` places on the running loop; the same seed makes the same line, meters and noise.

    Its pins and the far ends of its serial lines are in this process, unless others are given.
    Raises `FaultError` for a fault that its source cannot have.
    """

    def __init__(
        self,
        positions: int,
        seed: int,
        faults: Sequence[PlacedFault] = (),
        source_dialect: str = "generic-scpi",
        *,
        pins: Pins | None = None,
        far_end: Callable[[str], FarEnd] | None = None,
    ) -> None:
        self._seed = seed
        self._faults = tuple(faults)
        loop = asyncio.get_running_loop()
        self.pin_factory = pins or SimulatedPinFactory(loop.time)
        """The pins whose lines the world drives: a gpiozero pin factory, unless others were given."""
        self.source_dialect = source_dialect
        """The language the simulated source speaks."""
        self.capabilities = CAPABILITIES if source_dialect == "generic-scpi" else default_capabilities(source_dialect)
        """What it can make."""
        accuracies = replace(ACCURACIES, source_readback_percent=self.capabilities.power_accuracy_percent)
        self._world = World(random.Random(f"{seed}:world"), accuracies, self.capabilities.settle)
        if isinstance(loop, SimulatedTimeLoop):
            loop.add_source(self._world)
        else:
            self._world.scheduled = InRealTime(self._world).look
        self._instruments = SimulatedInstruments(
            self._world, source_dialect, self.capabilities, self._faults, own_time=pins is None
        )
        self._meters: dict[int, Place] = {}
        self._head_on: dict[int, int] = {}
        far_end = far_end or in_this_process
        far_ends = {number: far_end(f"optical-{number}") for number in range(1, positions + 1)}
        self._modules = SimulatedModules(positions, self.pin_factory.pin, far_end, wired=pins is None)
        self._more_pins = SimulatedTerminals(positions, self.pin_factory.pin, wired=pins is None)
        self.ports = tuple(self._make_ports(number, end.url) for number, end in far_ends.items())
        self._wiring = {ports.number: self._make_wiring(ports.number) for ports in self.ports}
        self._folder = tempfile.TemporaryDirectory()
        self.temperature_sensor = str(Path(self._folder.name) / "temp1_input")
        """Where the kernel would serve the temperature of the room."""
        Path(self.temperature_sensor).write_text(f"{ROOM_C * 1000:.0f}\n", encoding="ascii")
        self._optical = {
            number: SimulatedOpticalPort(end, self._telegram_of(number), native=self._native_of(number))
            for number, end in far_ends.items()
        }

    @property
    def source_resource(self) -> str:
        """VISA resource name of the source."""
        return self._instruments.source.resource

    @property
    def standard_resource(self) -> str:
        """VISA resource name of the reference standard."""
        return self._instruments.standard.resource

    @property
    def clocks(self) -> Callable[[], tuple[int, int]] | None:
        """The clock that a time server keeps right and the one that runs by the crystal, ns; None where both are one."""
        return self._instruments.clocks

    def certificates(self, number: int) -> tuple[Certificate, ...]:
        """What a laboratory wrote about the transformers of a position, L1 to L3."""
        rng = random.Random(f"{self._seed}:certificate:{number}")
        return tuple(each.certificate(rng) for each in self._wiring[number].transformers)

    async def start(self) -> None:
        """Instruments listen from now on."""
        await self._instruments.start()

    async def stop(self) -> None:
        """Pull every plug."""
        self._folder.cleanup()
        for port in self._optical.values():
            port.close()
        self._modules.close()
        await self._instruments.stop()

    def look(self, position: int) -> Look:
        """What a person in front of this position sees now."""
        return self._meters[position].meter.look(asyncio.get_running_loop().time())

    def press(self, position: int) -> None:
        """A person presses the arrow key of this meter and lets it go."""
        self._meters[position].meter.press(asyncio.get_running_loop().time())

    async def mount(
        self,
        meter: TypeNumber,
        run: int,
        serials: Mapping[int, str] | None = None,
        configuration: Configuration | None = None,
    ) -> None:
        """Put a fresh meter of this type into each position, with the faults of the line. Raises `FaultError`.

        `serials` are the numbers that were scanned from the labels; where none was, it is the meter's own. `configuration` is
        what was ordered.
        """
        self._world.clear_places()
        self._modules.modem.dial_tone = all(placed.fault.name != "no-dial-tone" for placed in self._faults)
        positions = [ports.number for ports in self.ports]
        mounting = Mounting(meter, positions, self._faults, serials or {}, configuration, f"{self._seed}:{run}")
        self._head_on = mounting.head_on
        for ports in self.ports:
            physics = mounting.meter_at(ports.number)
            place = self._world.add_place(
                ports.number,
                physics,
                self._edge_to(mounting.s0_of[ports.number]),
                mounting.wires_at(ports.number, self._wiring[ports.number]),
                mounting.slow_edge_s(ports.number),
            )
            bypass = self.pin_factory.pin(ports.bypass_pin)
            place.bypassed = bool(bypass.state)
            bypass.on_output = self._bypass_of(place)
            self._meters[ports.number] = place
            spoil_light(self._optical[ports.number].behaviour, physics)
            self._modules.fit(ports.number, place.meter)
            self._more_pins.fit(ports.number, place.meter, self._world.wire)

    def _make_ports(self, number: int, optical: str) -> Ports:
        return Ports(
            number=number,
            s0_pin=f"GPIO{_FIRST_S0_PIN + number - 1}",
            bypass_pin=f"GPIO{_FIRST_BYPASS_PIN + number - 1}",
            optical=optical,
            module=self._modules.names[number],
            terminals=self._more_pins.pins_of(number),
        )

    def _make_wiring(self, number: int) -> Wiring:
        rng = random.Random(f"{self._seed}:wiring:{number}")
        lead = LEAD_MILLIOHM + rng.uniform(-1.0, 1.0) * LEAD_UNCERTAINTY_MILLIOHM
        return Wiring(tuple(draw_transformer(rng) for _ in range(3)), lead * 1e-3)

    def _edge_to(self, position: int) -> Callable[[float, bool], None]:
        """Where an S0 output is wired to: it pulls the line low while it conducts."""
        pin = self.pin_factory.pin(self.ports[position - 1].s0_pin)
        return lambda time, conducting: pin.edge(time, not conducting)

    def _bypass_of(self, place: Place) -> Callable[[bool], None]:
        return lambda closed: self._world.bypass(place, closed)

    def _telegram_of(self, number: int) -> Callable[[], bytes | None]:
        def telegram() -> bytes | None:
            place = self._meters.get(self._head_on.get(number, number))
            readout = None if place is None else place.meter.readout(asyncio.get_running_loop().time())
            return None if readout is None else encode(*readout)

        return telegram

    def _native_of(self, number: int) -> Callable[[Frame], Frame | None]:
        def native(request: Frame) -> Frame | None:
            place = self._meters.get(self._head_on.get(number, number))
            return None if place is None else place.meter.native(asyncio.get_running_loop().time(), request)

        return native


def in_this_process(name: str) -> FarEnd:
    """The far end of a line that only this process opens; a TCP/IP module is reached over the network even so."""
    return TcpLine() if name.startswith("uart-") else SerialLine(name)
