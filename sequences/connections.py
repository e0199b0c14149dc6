"""Connections: does each meter get its own voltages, and its currents the right way round? A few pulses tell.

Where a position counts too slowly, its phases are loaded one by one, forwards and backwards: one that counts only backwards, or by the
voltage of another, is connected so; no error of a meter looks like it. Positions that count wrongly all alike share the cause.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from bench.accuracy import percentage_error
from bench.common_cause import Shift, shifted_together, together_in_words
from bench.load_points import at as load_at
from bench.load_points import pulse_period
from bench.measurements import Declared, reads
from bench.position import Position
from bench.s0_channel import S0Channel
from bench.steps import Blocked, LineStep, OutOfCircuit
from drivers.load import Load

RIGHT = "right"
_SUSPECT_BELOW = 0.85
"""One of three phases that does not count leaves 0.67 of the rate; no meter inside its limits comes near."""
_WHOLE_ABOVE = 0.75
"""A phase that counts by its own voltage does so at the full rate, by that of another at half of it: cos 60°."""
_PERIODS = 4.5
_ROUGH_PERCENT = 2.0
"""So few pulses tell an error to half a per cent, for the power of a lone phase swings. Finer is for the accuracy points."""
_FEWEST_ALIKE = 3
"""So many silent inputs, and no other, have one cause."""


class Phase(Enum):
    """What one phase of a position has been found to be."""

    OWN = "its own voltage, forwards"
    BACKWARDS = "backwards"
    ANOTHER = "with the voltage of another phase"
    NOTHING = "not counted at all"


def phase_found(forwards: float, backwards: float) -> Phase:
    """What a phase is, by the rates of its pulses over the expected one with its current forwards and backwards (R8)."""
    if forwards > 0.0:
        # The voltage of another phase, backwards as well, gives half the rate forwards.
        return Phase.OWN
    if backwards > _WHOLE_ABOVE:
        return Phase.BACKWARDS
    return Phase.ANOTHER if backwards > 0.0 else Phase.NOTHING


def rate(rises: list[float], period: float) -> float:
    """Pulses over expected pulses, by their own intervals; 0 where there are fewer than two."""
    if len(rises) < 2:
        return 0.0
    return (len(rises) - 1) * period / (rises[-1] - rises[0])


def sentence(number: int, found: dict[str, Phase]) -> str:
    """What is wrong with the connections of a position and what to look at; empty where it is nothing of the fixture's."""
    mixed = [name for name, phase in found.items() if phase is Phase.ANOTHER]
    turned = [name for name, phase in found.items() if phase is Phase.BACKWARDS]
    wrong = []
    if mixed:
        wrong.append(f"{_and(mixed)} counted with the voltage of another phase: its voltage leads are mixed")
    if turned:
        wrong.append(f"the current of {_and(turned)} flows backwards: its current leads are exchanged")
    if not wrong:
        return ""
    return f"position {number}: {'; '.join(wrong)}. Check the leads and transformers of this position"


@dataclass(frozen=True)
class Connections(LineStep):
    """Compare the pace of the pulses with the load, and look into each phase where it is too slow."""

    gate: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """Name in the record."""
        return "connections"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Connections"

    @property
    def load(self) -> Load:
        """Imax: pulses come fast."""
        return load_at(self.meter, float(self.meter.i_max))

    def measurements(self) -> tuple[Declared, ...]:
        """How the meter is connected."""
        return (
            reads("connections", RIGHT, "fixture check: phases mixed or currents reversed between source and meter"),
        )

    def duration(self) -> float:
        """A few pulses, where all is well."""
        return _PERIODS * pulse_period(self.load) + 0.1

    def longest(self) -> float:
        """Two changes of load a phase and its direction, where it is not; each has its own time."""
        return self.duration() + 2.0

    async def run_line(self, positions: tuple[Position, ...], out_of_circuit: OutOfCircuit) -> None:
        """Listen; look closer where a meter counts too little. Raises `Blocked` for connections that are wrong."""
        since = asyncio.get_running_loop().time()
        rates = await self._rates(positions, self.load)
        suspects = tuple(position for position in positions if rates[position.number] < _SUSPECT_BELOW)
        if len(positions) >= _FEWEST_ALIKE and not any(rates.values()):
            raise Blocked(
                "no S0 input hears a pulse under load: check the supply of the S0 inputs and their common wire"
            )
        shifts = [shift for position in positions if (shift := await _shift(position, since)) is not None]
        together = shifted_together(shifts)
        if together:
            raise Blocked(together_in_words(together, shifts))
        mute = await self._look_closer(positions, suspects, out_of_circuit) if suspects else frozenset()
        for position in positions:
            if position.number in mute:
                position.leave_out("the connections: no pulse tells of them", "connections")
            else:
                position.record("connections", RIGHT)

    async def _look_closer(
        self, positions: tuple[Position, ...], suspects: tuple[Position, ...], out_of_circuit: OutOfCircuit
    ) -> frozenset[int]:
        """Load each phase; the positions of which nothing was heard. Raises `Blocked`."""
        others = frozenset(each.number for each in positions) - {each.number for each in suspects}
        found: dict[int, dict[str, Phase]] = {position.number: {} for position in suspects}
        for name in self.meter.phases:
            load = load_at(self.meter, float(self.meter.i_max), only=name)
            await out_of_circuit(others, load)
            forwards = await self._rates(suspects, load)
            await out_of_circuit(others, backwards(load))
            reverse = await self._rates(suspects, load)
            for number, phases in found.items():
                phases[name] = phase_found(forwards[number], reverse[number])
        await out_of_circuit(frozenset(), self.load)
        wrong = [text for number, phases in found.items() if (text := sentence(number, phases))]
        if wrong:
            raise Blocked("; ".join(wrong))
        return frozenset(number for number, phases in found.items() if set(phases.values()) == {Phase.NOTHING})

    async def _rates(self, positions: tuple[Position, ...], load: Load) -> dict[int, float]:
        since = asyncio.get_running_loop().time()
        await asyncio.sleep(_PERIODS * pulse_period(load))
        return {each.number: rate(_rises(each.s0, since), pulse_period(load)) for each in positions}


async def _shift(position: Position, since: float) -> Shift | None:
    """How far the pulses are off the reference energy between the first and the last; None where there are none."""
    rises = _rises(position.s0, since)
    if len(rises) < 2:
        return None
    await position.energy.covers(rises[-1])
    percent = percentage_error(len(rises) - 1, position.energy.between(rises[0], rises[-1]))
    return Shift(position.number, percent, _ROUGH_PERCENT / 4, _ROUGH_PERCENT, abs(percent) > _ROUGH_PERCENT)


def backwards(load: Load) -> Load:
    """The same with all currents turned round."""
    return Load(load.u, (-load.i[0], -load.i[1], -load.i[2]), load.frequency)


def _rises(s0: S0Channel, since: float) -> list[float]:
    return [pulse.rise for pulse in s0.pulses[s0.count_until(since) :]]


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
