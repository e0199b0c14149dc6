"""S0 wiring: does each S0 input carry the pulses of the meter at its own position? Crossed wires would swap two verdicts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from bench.load_points import at as load_at
from bench.measurements import Declared, reads
from bench.norms import PULSE_ENERGY_J
from bench.position import Position
from bench.steps import Blocked, LineStep, OutOfCircuit
from drivers.load import Load

OWN = "its own meter"


@dataclass(frozen=True)
class S0Wiring(LineStep):
    """Bridge the meters' current circuits in a binary pattern: each S0 input must fall silent exactly when its own meter is bridged.

    Every position has a code of bits, none all zeros or all ones; one pattern a bit. Twelve positions take four patterns.
    """

    gate: ClassVar[bool] = True
    needs_bypass: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """Name in the record."""
        return "s0-wiring"

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "S0 wiring"

    @property
    def load(self) -> Load:
        """Imax: pulses come fast."""
        return load_at(self.meter, float(self.meter.i_max))

    def measurements(self) -> tuple[Declared, ...]:
        """Whose pulses the input carries."""
        return (reads("S0 input carries", OWN, "fixture check: the wires of two positions can be crossed"),)

    def duration(self) -> float:
        """Four patterns of two changes of load each."""
        return 4 * (self._window + 10.0)

    @property
    def _window(self) -> float:
        """Long enough for three pulses, s."""
        return 3.5 * PULSE_ENERGY_J / self.load.total_power + 0.1

    async def run_line(self, positions: tuple[Position, ...], out_of_circuit: OutOfCircuit) -> None:
        """Run the patterns, then read each input's code. Raises `Blocked` for crossed wires."""
        codes = position_codes([position.number for position in positions])
        seen = {position.number: 0 for position in positions}
        if len(positions) > 1:
            for bit in range(code_length(len(positions))):
                await out_of_circuit(frozenset(number for number, code in codes.items() if code >> bit & 1))
                before = {position.number: position.s0.count for position in positions}
                await asyncio.sleep(self._window)
                for position in positions:
                    if position.s0.count == before[position.number]:
                        seen[position.number] |= 1 << bit
            await out_of_circuit(frozenset())
            raise_if_crossed(codes, seen, code_length(len(positions)))
        for position in positions:
            if len(positions) > 1:
                position.record("S0 input carries", OWN)
            else:
                position.leave_out("the S0 wiring: a lone meter has no other to be crossed with", "S0 input carries")


def code_length(positions: int) -> int:
    """Bits that give so many positions a code each, none all zeros or all ones."""
    return (positions + 1).bit_length()


def position_codes(numbers: list[int]) -> dict[int, int]:
    """Code by position: 1, 2, 3, …; all ones is never reached, it is how a dead S0 output looks."""
    return {number: k for k, number in enumerate(sorted(numbers), start=1)}


def raise_if_crossed(codes: dict[int, int], seen: dict[int, int], bits: int) -> None:
    """Raise `Blocked` when an input shows another position's code. A dead output (silent always) is the meter's own matter."""
    owner = {code: number for number, code in codes.items()}
    dead = (1 << bits) - 1
    wrong = {number: code for number, code in seen.items() if code not in (codes[number], dead)}
    if not wrong:
        return
    sentences = []
    for number, code in sorted(wrong.items()):
        if code in owner:
            sentences.append(
                f"the S0 input of position {number} carries the pulses of the meter at position {owner[code]}"
            )
        else:
            sentences.append(f"the S0 input of position {number} does not follow the current of its meter")
    raise Blocked("; ".join(sentences) + ". Check the S0 wires and the bypass contactors of these positions.")
