"""The arrow key pressed by an actuator: from accumulated energy to a page of the display, and held there for the six seconds that act."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from reference_meter import Configuration, Page, ReferenceMeter, TypeNumber
from reference_meter.display import FALL_BACK, HOLD
from reference_meter.power import SECOND

if TYPE_CHECKING:
    from drivers.contact import Contact

PRESSED_S, RELEASED_S = 0.3, 0.5
"""One activation: far from the six seconds that act (R43), and time for the actuator to travel."""
FALL_BACK_S = FALL_BACK / SECOND + 1.0
"""So long after the last activation the display is back at accumulated energy (R42)."""
HELD_S = HOLD / SECOND + 0.5
"""An activation that acts (R43, R44)."""


def activations(meter: TypeNumber, ordered: Configuration, page: Page) -> int:
    """How often the key is pressed from accumulated energy to this page, on a meter as ordered (R36 to R39)."""
    return ReferenceMeter(meter, configuration=ordered).pages.index(page)


async def press(button: Contact, times: int) -> None:
    """Activate the key so often."""
    await button.play([(PRESSED_S, RELEASED_S)] * times)


async def hold_at(button: Contact, times: int) -> None:
    """From accumulated energy: activate the key so often, then hold it until the page acts."""
    last = max((closure.ended for closure in button.closures), default=None)
    if last is not None:
        await asyncio.sleep(last + FALL_BACK_S - asyncio.get_running_loop().time())
    await press(button, times)
    await button.play([(HELD_S, RELEASED_S)])


def seconds_to_hold(times: int) -> float:
    """The longest that `hold_at` takes, s."""
    return FALL_BACK_S + times * (PRESSED_S + RELEASED_S) + HELD_S + RELEASED_S
