"""The simulated operator: goes along the line, looks at each simulated meter, presses its key, and answers truthfully.

It knows of a meter only what a person sees of it, and takes a person's time, in simulated seconds.
"""

from __future__ import annotations

import asyncio

from bench.prompt import Display, OpenPrompt, Sight
from bench.prompt_desk import Answer
from drivers.simulated.line import SimulatedLine

REACTION_S = 3.0
"""From the question to the first look."""
LOOK_S = 1.0
"""One look at one meter."""
PRESS_S = 0.5
"""One activation of the arrow key, and a glance at what it brought."""
MOST_PRESSES = 12
"""Once through all pages of the display."""


class SimulatedOperator:
    """Answers every question of a simulated run."""

    def __init__(self, line: SimulatedLine) -> None:
        self._line = line

    async def answer(self, asked: OpenPrompt) -> Answer:
        """Look at each meter that is asked about."""
        await asyncio.sleep(REACTION_S)
        exceptions = {}
        for sight in asked.sights:
            found = await self._display(sight, asked.by_key) if sight.display is not None else await self._marks(sight)
            if found != asked.choices[0].answer:
                exceptions[sight.position] = found
        return Answer(asked.worded(exceptions), "simulated operator")

    async def _display(self, sight: Sight, by_key: bool) -> str:
        await asyncio.sleep(LOOK_S)
        for _ in range(MOST_PRESSES if by_key else 1):
            if by_key:
                self._line.press(sight.position)
                await asyncio.sleep(PRESS_S)
            seen = self._line.look(sight.position)
            if sight.display is not None and _same(sight.display, Display.of(seen.picture, seen.digits)):
                return "same"
        return "differs"

    async def _marks(self, sight: Sight) -> str:
        await asyncio.sleep(LOOK_S)
        seen = self._line.look(sight.position)
        really = {
            "type": seen.printed_type,
            "number": seen.printed_number,
            "constant": seen.printed_constant,
            "seals": "whole" if seen.seals_whole else "broken",
        }
        wrong = {mark.what for mark in sight.marks if really.get(mark.what) != mark.reads}
        if not wrong:
            return "right"
        return "label" if "seals" not in wrong else "seal" if wrong == {"seals"} else "both"


def _same(wanted: Display, seen: Display) -> bool:
    """As a person compares: what comes and goes is not compared."""
    return (wanted.digits, wanted.decimals, wanted.unit, wanted.tariffs, wanted.phases) == (
        seen.digits,
        seen.decimals,
        seen.unit,
        seen.tariffs,
        seen.phases,
    ) and wanted.squares in ((), seen.squares)
