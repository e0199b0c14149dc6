"""The simulated line: the world and the far end of every cable, and the names under which the real drivers reach them.

This is the only door through which the bench enters the simulation; what stands behind it, it cannot see.
"""

from __future__ import annotations

import asyncio
import random
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drivers.iec61107 import encode
from drivers.load import OFF, Load
from drivers.native_frames import Frame
from drivers.power_source import Capabilities, Reading
from drivers.simulated.faults import (
    LINE,
    FaultError,
    PlacedFault,
    begins_later,
    other_position,
    reversed_phases,
    seconds,
    size,
    slow_edge_s,
)
from drivers.simulated.instrument_servers import make_server
from drivers.simulated.isolating_transformer import draw_transformer
from drivers.simulated.look import Look
from drivers.simulated.module_space import ModulePortNames, SimulatedModules
from drivers.simulated.optical_port import OpticalBehaviour, SimulatedOpticalPort
from drivers.simulated.physics import MeterPhysics, draw
from drivers.simulated.pins import Pins, SimulatedPinFactory
from drivers.simulated.real_time import InRealTime
from drivers.simulated.scpi_server import Manner, ScpiInstrument, ScpiServer
from drivers.simulated.scpi_standard_server import ScpiStandardServer
from drivers.simulated.serial_line import FarEnd, SerialLine
from drivers.simulated.simulated_time import SimulatedTimeLoop
from drivers.simulated.tcp_line import TcpLine
from drivers.simulated.terminals import SimulatedTerminals
from drivers.simulated.world import Accuracies, Place, Wiring, World
from drivers.source_dialects import default_capabilities
from reference_meter import Configuration, TypeNumber

MOST_POSITIONS = 12
"""A Raspberry Pi's header carries the S0 inputs and the bypass contactors of so many positions."""

LATE_S = 5.0
"""By how much an instrument with this fault answers late."""

RANGE_CHANGE_S = 1.5
"""How long nothing comes out while a range relay switches."""

DRIFTED = 1.01
"""What a source or a standard with this fault reads of the true power."""

STANDARD_LATENCY_S = 0.02
CAPABILITIES = Capabilities(
    settle=2.0, readback_period=1.0, readback_latency=0.02, watchdog=False, power_accuracy_percent=0.2
)
"""What the simulated source declares."""

ACCURACIES = Accuracies()
"""What the simulated station declares of its instruments and wires."""

LEAD_MILLIOHM, LEAD_UNCERTAINTY_MILLIOHM = 0.4, 0.1
"""What the simulated station declares of its leads; the expanded uncertainty at k = 2."""

ROOM_C = 23.0
"""Temperature of the simulated room."""

_LAST_CHARACTER = (-1, 0x03)
"""The block check, and two bits of it, which leave its parity as it is."""
_CUT_OFF_AFTER = 60
"""Characters of a telegram of some 150 after which a port falls silent that does not finish."""

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
        self._own_time = pins is None
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
        self._source_reads = self._world.source_reads
        self._source = make_server(source_dialect, self._source_is_set, lambda: self._source_reads(), self.capabilities)
        self._to_come: list[PlacedFault] = []
        self._check_faults()
        self._standard_reads = self._world.standard_reads
        self.clocks: Callable[[], tuple[int, int]] | None = None
        """The clock that a time server keeps right and the one that runs by the crystal, ns; None where both are one."""
        self._standard = ScpiServer(ScpiStandardServer(lambda: self._standard_reads(), STANDARD_LATENCY_S))
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
        return self._source.resource

    @property
    def standard_resource(self) -> str:
        """VISA resource name of the reference standard."""
        return self._standard.resource

    def certificates(self, number: int) -> tuple[Certificate, ...]:
        """What a laboratory wrote about the transformers of a position, L1 to L3."""
        rng = random.Random(f"{self._seed}:certificate:{number}")
        return tuple(each.certificate(rng) for each in self._wiring[number].transformers)

    async def start(self) -> None:
        """Instruments listen from now on."""
        for placed in self._faults:
            if placed.position == LINE and not begins_later(placed):
                self._prepare(placed)
        # From here on the source is energised by the bench.
        self._to_come = [placed for placed in self._faults if placed.position == LINE and begins_later(placed)]
        await self._source.start()
        await self._standard.start()

    async def stop(self) -> None:
        """Pull every plug."""
        self._folder.cleanup()
        for port in self._optical.values():
            port.close()
        self._modules.close()
        await self._source.stop()
        await self._standard.stop()

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
        crossed = self._exchanged("crossed-s0")
        self._head_on = self._exchanged("crossed-heads")
        scanned_as = self._exchanged("crossed-serials")
        for ports in self.ports:
            serial = (serials or {}).get(ports.number, "")
            # A meter that is scanned again is the same meter, at another position, in another run and on another line.
            physics = draw(meter, random.Random(f"serial {serial}" if serial else f"{self._seed}:{run}:{ports.number}"))
            physics.printed_number = serial
            physics.configuration = configuration or physics.configuration
            if scanned_as[ports.number] != ports.number:
                physics.customer_number = _told_number(serials or {}, scanned_as[ports.number])
            for placed in self._faults:
                if placed.position == ports.number:
                    _put(placed, physics)
                    if placed.fault.module and meter.module not in placed.fault.module.split():
                        raise FaultError(
                            f"fault {placed.fault.name} needs a meter with module {placed.fault.module}; the line is planned for {meter}"
                        )
                    if placed.fault.name == "wrong-type" and physics.meter == meter:
                        raise FaultError(f"fault wrong-type: the line is planned for {meter}; name another type")
                    if placed.fault.name == "wrong-label" and physics.printed_type == str(physics.meter):
                        raise FaultError(f"fault wrong-label: the meter is a {meter}; name another type")
            place = self._world.add_place(
                ports.number,
                physics,
                self._edge_to(crossed[ports.number]),
                self._miswired(ports.number, meter),
                sum(slow_edge_s(placed) for placed in self._faults if placed.position == ports.number),
            )
            bypass = self.pin_factory.pin(ports.bypass_pin)
            place.bypassed = bool(bypass.state)
            bypass.on_output = self._bypass_of(place)
            self._meters[ports.number] = place
            _spoil_light(self._optical[ports.number].behaviour, physics)
            self._modules.fit(ports.number, place.meter)
            self._more_pins.fit(ports.number, place.meter, self._world.wire)

    def _exchanged(self, fault: str) -> dict[int, int]:
        """By position, the one it has changed places with by this fault; itself where there is none. Raises `FaultError`."""
        exchanged = {ports.number: ports.number for ports in self.ports}
        for placed in self._faults:
            if placed.fault.name == fault:
                other = other_position(placed, len(self.ports))
                exchanged[placed.position], exchanged[other] = exchanged[other], exchanged[placed.position]
        return exchanged

    def _miswired(self, number: int, meter: TypeNumber) -> Wiring:
        """The wires of a position with what somebody did wrong when the meter was put in. Raises `FaultError`."""
        wiring = self._wiring[number]
        for placed in self._faults:
            if placed.position != number:
                continue
            match placed.fault.name:
                case "empty":
                    wiring = replace(wiring, connected=False)
                case "phases-mixed":
                    if not meter.polyphase:
                        raise FaultError(f"fault phases-mixed: a {meter} has one phase")
                    wiring = replace(wiring, voltages=(1, 0, 2))
                case "reversed-current":
                    wiring = replace(wiring, backwards=reversed_phases(placed.value))
        return wiring

    def _source_is_set(self, load: Load) -> None:
        self._world.source_is_set(load)
        if load != OFF:
            coming, self._to_come = self._to_come, []
            for placed in coming:
                asyncio.get_running_loop().call_later(seconds(placed), self._spoil, placed)

    def _check_faults(self) -> None:
        for placed in self._faults:
            if placed.fault.name == "crystal" and not self._own_time:
                raise FaultError("fault crystal: the clock of a world apart is this computer's own; try --simulated")
            if placed.fault.name == "source-error-queue" and not isinstance(self._source.instrument, ScpiInstrument):
                raise FaultError(
                    f"fault {placed.fault.name}: a source of dialect {self.source_dialect} has no error queue; "
                    "try source-error"
                )

    def _prepare(self, placed: PlacedFault) -> None:
        """A fault of the source that is there when it is switched on."""
        instrument: Any = self._source.instrument
        match placed.fault.name:
            case "source-power-up":
                instrument.wake_up_wrong()
            case "source-locked":
                instrument.locked = True
            case "source-error-queue":
                instrument.fill_queue()
            case "transformer-ratio":
                self._world.transformers_off = 1.0 + size(placed) / 100.0
            case "lead-drop":
                self._world.more_lead_ohm = size(placed) * 1e-3
            case "crystal":
                self._world.run_crystal(size(placed))
                self.clocks = _clocks_apart(size(placed))

    def _spoil(self, placed: PlacedFault) -> None:
        """A fault of the bench begins. A cable that is pulled goes unnoticed by the instrument: it stays as it is."""
        instrument, _, kind = placed.fault.name.partition("-")
        server = self._source if instrument == "source" else self._standard
        match kind:
            case "silent":
                server.manner = Manner.SILENT
            case "garbage":
                server.manner = Manner.GARBLED
            case "late":
                server.late_by = LATE_S
            case "unplugged":
                server.unplug()
            case "error":
                instrument_itself: Any = server.instrument
                instrument_itself.reports_an_error()
            case "range-change":
                ranging: Any = server.instrument
                ranging.changes_range()
                self._world.drop_out(RANGE_CHANGE_S)
            case "frozen":
                frozen = self._world.standard_reads()
                self._standard_reads = lambda: frozen
            case "drift" if instrument == "source":
                self._source_reads = lambda: _more(self._world.source_reads(), DRIFTED)
            case "drift":
                self._standard_reads = lambda: _more(self._world.standard_reads(), DRIFTED)

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


def _told_number(serials: Mapping[int, str], position: int) -> int:
    """The meter number of the meter whose plate was scanned for this position."""
    serial = serials.get(position, "")
    if not re.fullmatch(r"[0-9]{1,8}", serial):
        raise FaultError(
            f"fault crossed-serials needs the meter number that was scanned at position {position}, up to eight digits: "
            f"--serial {position}=21480001"
        )
    return int(serial)


def _clocks_apart(ppm: float) -> Callable[[], tuple[int, int]]:
    """A time server's clock, and one by a crystal that runs so much too fast, ns."""
    loop = asyncio.get_running_loop()

    def read() -> tuple[int, int]:
        ns = round(loop.time() * 1e9)
        return ns, round(ns * (1.0 + ppm * 1e-6))

    return read


def _more(reading: Reading, factor: float) -> Reading:
    """The same with so many times the power, by the current alone."""
    p, i = reading.power, reading.i
    return replace(
        reading, i=(i[0] * factor, i[1] * factor, i[2] * factor), power=(p[0] * factor, p[1] * factor, p[2] * factor)
    )


def _put(placed: PlacedFault, physics: MeterPhysics) -> None:
    try:
        placed.fault.put_into(physics, placed.value)
    except FaultError as error:
        raise FaultError(f"fault {placed.fault.name}: {error}") from None


def _spoil_light(behaviour: OpticalBehaviour, physics: MeterPhysics) -> None:
    """The optical port works as that of the meter which was put there."""
    flaw = physics.optical_flaw
    behaviour.reaction = physics.reaction_s
    behaviour.garbled = flaw == "garbled"
    behaviour.odd_parity = flaw == "parity"
    behaviour.corrupt = _LAST_CHARACTER if flaw == "block-check" else None
    behaviour.stops_after = _CUT_OFF_AFTER if flaw == "cut-off" else None
    behaviour.wrong_native_check = flaw == "native-check"


def in_this_process(name: str) -> FarEnd:
    """The far end of a line that only this process opens; a TCP/IP module is reached over the network even so."""
    return TcpLine() if name.startswith("uart-") else SerialLine(name)
