"""The mounting of meters on a simulated line: which meter comes into a position, and what somebody does wrong in putting it there.

Meter, wires, serial number and optical head are each what the faults of the position make of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from drivers.simulated.faults import FaultError, PlacedFault, other_position, reversed_phases, slow_edge_s
from drivers.simulated.optical_port import OpticalBehaviour
from drivers.simulated.physics import MeterPhysics, draw
from drivers.simulated.world import Wiring
from reference_meter import Configuration, TypeNumber

_LAST_CHARACTER = (-1, 0x03)
"""The block check, and two bits of it, which leave its parity as it is."""
_CUT_OFF_AFTER = 60
"""Characters of a telegram of some 150 after which a port falls silent that does not finish."""


class Mounting:
    """Fresh meters of one type for all `positions`, drawn from `seed`. Raises `FaultError`, as its methods do.

    `serials` are the numbers that were scanned from the labels; where none was, it is the meter's own. `configuration` is
    what was ordered.
    """

    def __init__(
        self,
        meter: TypeNumber,
        positions: Sequence[int],
        faults: Sequence[PlacedFault],
        serials: Mapping[int, str],
        configuration: Configuration | None,
        seed: str,
    ) -> None:
        self._meter = meter
        self._positions = positions
        self._faults = faults
        self._serials = serials
        self._configuration = configuration
        self._seed = seed
        self.s0_of = self._exchanged("crossed-s0")
        """By position, the one whose S0 input the meter's output is wired to."""
        self.head_on = self._exchanged("crossed-heads")
        """By position, the one whose meter its optical head looks at."""
        self._scanned_as = self._exchanged("crossed-serials")

    def meter_at(self, position: int) -> MeterPhysics:
        """The meter of a position with its faults."""
        meter, serial = self._meter, self._serials.get(position, "")
        # A meter that is scanned again is the same meter, at another position, in another run and on another line.
        physics = draw(meter, random.Random(f"serial {serial}" if serial else f"{self._seed}:{position}"))
        physics.printed_number = serial
        physics.configuration = self._configuration or physics.configuration
        if self._scanned_as[position] != position:
            physics.customer_number = _told_number(self._serials, self._scanned_as[position])
        for placed in self._at(position):
            _put(placed, physics)
            if placed.fault.module and meter.module not in placed.fault.module.split():
                raise FaultError(
                    f"fault {placed.fault.name} needs a meter with module {placed.fault.module}; the line is planned for {meter}"
                )
            if placed.fault.name == "wrong-type" and physics.meter == meter:
                raise FaultError(f"fault wrong-type: the line is planned for {meter}; name another type")
            if placed.fault.name == "wrong-label" and physics.printed_type == str(physics.meter):
                raise FaultError(f"fault wrong-label: the meter is a {meter}; name another type")
        return physics

    def wires_at(self, position: int, wiring: Wiring) -> Wiring:
        """The wires of a position with what somebody did wrong when the meter was put in."""
        for placed in self._at(position):
            match placed.fault.name:
                case "empty":
                    wiring = replace(wiring, connected=False)
                case "phases-mixed":
                    if not self._meter.polyphase:
                        raise FaultError(f"fault phases-mixed: a {self._meter} has one phase")
                    wiring = replace(wiring, voltages=(1, 0, 2))
                case "reversed-current":
                    wiring = replace(wiring, backwards=reversed_phases(placed.value))
        return wiring

    def slow_edge_s(self, position: int) -> float:
        """By how much the S0 input of a position hears late, s."""
        return sum(slow_edge_s(placed) for placed in self._at(position))

    def _at(self, position: int) -> list[PlacedFault]:
        return [placed for placed in self._faults if placed.position == position]

    def _exchanged(self, fault: str) -> dict[int, int]:
        """By position, the one it has changed places with by this fault; itself where there is none."""
        exchanged = {number: number for number in self._positions}
        for placed in self._faults:
            if placed.fault.name == fault:
                other = other_position(placed, len(self._positions))
                exchanged[placed.position], exchanged[other] = exchanged[other], exchanged[placed.position]
        return exchanged


def spoil_light(behaviour: OpticalBehaviour, physics: MeterPhysics) -> None:
    """The optical port works as that of the meter which was put there."""
    flaw = physics.optical_flaw
    behaviour.reaction = physics.reaction_s
    behaviour.garbled = flaw == "garbled"
    behaviour.odd_parity = flaw == "parity"
    behaviour.corrupt = _LAST_CHARACTER if flaw == "block-check" else None
    behaviour.stops_after = _CUT_OFF_AFTER if flaw == "cut-off" else None
    behaviour.wrong_native_check = flaw == "native-check"


def _told_number(serials: Mapping[int, str], position: int) -> int:
    """The meter number of the meter whose plate was scanned for this position."""
    serial = serials.get(position, "")
    if not re.fullmatch(r"[0-9]{1,8}", serial):
        raise FaultError(
            f"fault crossed-serials needs the meter number that was scanned at position {position}, up to eight digits: "
            f"--serial {position}=21480001"
        )
    return int(serial)


def _put(placed: PlacedFault, physics: MeterPhysics) -> None:
    try:
        placed.fault.put_into(physics, placed.value)
    except FaultError as error:
        raise FaultError(f"fault {placed.fault.name}: {error}") from None
