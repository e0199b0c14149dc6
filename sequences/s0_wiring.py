"""S0 wiring: does each S0 input carry the pulses of the meter at its own position, and does each head sit on it?

Crossed wires or heads would swap two verdicts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from bench.load_points import at as load_at
from bench.load_points import pulse_period
from bench.measurements import Declared, reads
from bench.position import Position
from bench.record import Outcome
from bench.steps import Blocked, LineStep, OutOfCircuit
from bench.verdict import Verdict
from drivers.load import Load
from reference_meter import TypeNumber
from sequences.sign_on import numbers_told

OWN = "its own meter"

_NATIVE_READING_S = 1.3
"""One native readout of the registers: request, reaction and 80 characters at 1200 baud, s."""

_LONGER = 10

_FLOWS_ABOVE = 0.1
"""A meter that shows more than this share of the load carries its current: less than any fault of its connections leaves."""


@dataclass(frozen=True)
class S0Wiring(LineStep):
    """Bridge the meters' current circuits in a binary pattern: each S0 input must fall silent exactly when its own meter is bridged.

    Every position has a code of bits, none all zeros or all ones; one pattern a bit. Twelve positions take four patterns. In each pattern
    the power that a head reads (R23) must vanish with its own meter's current too; where the number scanned from the plate was read
    by the head, that is shown already.
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
        return (
            reads("S0 input carries", OWN, "fixture check: the wires of two positions can be crossed"),
            reads("optical head reads", OWN, "fixture check: the heads of two positions can be crossed"),
        )

    def duration(self) -> float:
        """Four patterns of two changes of load each."""
        return 4 * (_window(self.load) + _NATIVE_READING_S + 10.0)

    async def run_line(self, positions: tuple[Position, ...], out_of_circuit: OutOfCircuit) -> None:
        """Run the patterns, then read each input's code. Raises `Blocked` for crossed wires."""
        if len(positions) == 1:
            lone = "the S0 wiring: a lone meter has no other to be crossed with"
            positions[0].leave_out(lone, "S0 input carries", "optical head reads")
            return
        read = await trace(positions, self.load, out_of_circuit)
        await out_of_circuit(frozenset())
        for position in positions:
            position.record("S0 input carries", OWN)
            if position.number in read:
                position.record("optical head reads", OWN)
            elif _number_was_scanned(position):
                position.record("optical head reads", OWN, note="it read the number that was scanned from the plate")
            else:
                position.leave_out(
                    "the optical head: its port told no power that follows the load", "optical head reads"
                )


async def trace(positions: tuple[Position, ...], load: Load, out_of_circuit: OutOfCircuit) -> frozenset[int]:
    """Run the patterns and read each input's and each head's code; the positions whose head has shown that it reads their meter.

    The last pattern stands when it returns. Raises `Blocked` for S0 wires or heads that are crossed.
    """
    codes, bits = position_codes([position.number for position in positions]), code_length(len(positions))
    seen, read = await _patterns(positions, codes, bits, load, _window(load), out_of_circuit)
    if any(code not in (codes[number], _dead(bits)) for number, code in seen.items()):
        # A meter that counts far too little misses the window now and then: it is looked at for longer.
        seen, read = await _patterns(positions, codes, bits, load, _LONGER * _window(load), out_of_circuit)
    raise_if_crossed(codes, seen, bits)
    raise_if_heads_crossed(codes, read)
    return frozenset(number for number, code in read.items() if code == codes[number])


async def _patterns(
    positions: tuple[Position, ...],
    codes: dict[int, int],
    bits: int,
    load: Load,
    window: float,
    out_of_circuit: OutOfCircuit,
) -> tuple[dict[int, int], dict[int, int]]:
    """The code that each S0 input shows, and each head that tells a power."""
    seen = {position.number: 0 for position in positions}
    read = {each.number: 0 for each in positions if each.speaks_native and not _number_was_scanned(each)}
    for bit in range(bits):
        await out_of_circuit(frozenset(number for number, code in codes.items() if code >> bit & 1), load)
        before = {position.number: position.s0.count for position in positions}
        asked = [each for each in positions if each.number in read]
        powers, _ = await asyncio.gather(asyncio.gather(*(each.power_told() for each in asked)), asyncio.sleep(window))
        for position in positions:
            if position.s0.count == before[position.number]:
                seen[position.number] |= 1 << bit
        for position, watts in zip(asked, powers, strict=True):
            if watts is None:
                del read[position.number]
            elif watts < load.total_power * _FLOWS_ABOVE:
                read[position.number] |= 1 << bit
    return seen, read


async def doubt_the_heads(
    meter: TypeNumber, positions: tuple[Position, ...], in_doubt: Collection[int], out_of_circuit: OutOfCircuit
) -> None:
    """Two meters or more are not what their heads said: see whether these are crossed, before it is held against the meters.

    One alone has nothing to be crossed with, and without contactors nothing can be traced. Raises `Blocked`.
    """
    if len(in_doubt) > 1 and all(position.can_be_bridged for position in positions):
        await trace(positions, load_at(meter, float(meter.i_max)), out_of_circuit)
        await out_of_circuit(frozenset())


def failing(outcomes: Mapping[int, Outcome], measurement: str) -> list[int]:
    """The positions at which this measurement was made and failed."""
    return [
        number
        for number, outcome in outcomes.items()
        for each in outcome.measurements
        if each.name == measurement and each.value is not None and each.verdict is Verdict.FAIL
    ]


def _window(load: Load) -> float:
    """Long enough for three pulses, s."""
    return 3.5 * pulse_period(load) + 0.1


def _number_was_scanned(at: Position) -> bool:
    return at.serial.lstrip("0") in numbers_told(at)


def code_length(positions: int) -> int:
    """Bits that give so many positions a code each, none all zeros or all ones."""
    return (positions + 1).bit_length()


def position_codes(numbers: list[int]) -> dict[int, int]:
    """Code by position: 1, 2, 3, …; all ones is never reached, it is how a dead S0 output looks."""
    return {number: k for k, number in enumerate(sorted(numbers), start=1)}


def _dead(bits: int) -> int:
    """The code of an output that gives no pulse at all."""
    return (1 << bits) - 1


def raise_if_heads_crossed(codes: dict[int, int], read: dict[int, int]) -> None:
    """Raise `Blocked` when a head reads another position's code. A meter that shows no power at all is its own matter."""
    owner = {code: number for number, code in codes.items()}
    wrong = {number: owner[code] for number, code in read.items() if code != codes[number] and code in owner}
    if wrong:
        sentences = [
            f"the optical head of position {number} reads the meter at position {other}"
            for number, other in sorted(wrong.items())
        ]
        raise Blocked("; ".join(sentences) + ". Put the heads on the meters of their own positions.")


def raise_if_crossed(codes: dict[int, int], seen: dict[int, int], bits: int) -> None:
    """Raise `Blocked` when an input shows another position's code. A dead output (silent always) is the meter's own matter."""
    owner = {code: number for number, code in codes.items()}
    wrong = {number: code for number, code in seen.items() if code not in (codes[number], _dead(bits))}
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
