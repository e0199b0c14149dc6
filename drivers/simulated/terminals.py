"""The optional inputs and outputs at each position of a simulated line: scanning head, pulse output 2, pulse input, arrow key.

The header has no room for all of them at every position: a line has them where it is short.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.simulated.meter import SimulatedMeter
from drivers.simulated.pins import Pin

Edges = Callable[[float, bool], None]

_PINS = {
    "diode_pin": ("GPIO8", "GPIO9", "GPIO14", "GPIO15"),
    "output_2_pin": ("GPIO19", "GPIO20", "GPIO21"),
    "contact_pin": ("GPIO25", "GPIO26", "GPIO27"),
    "button_pin": ("GPIO7", "GPIO13", "GPIO2"),
}
"""By position; what S0, bypass, tariff and supply leave free on a line of no more positions than there are pins here."""


class SimulatedTerminals:
    """Those of a whole line. `pin` gives a GPIO pin by its name; `wired` says whether the header has pins left for them."""

    def __init__(self, positions: int, pin: Callable[[str], Pin], *, wired: bool) -> None:
        self._pin = pin
        self._pins = {key: pins for key, pins in _PINS.items() if wired and positions <= len(pins)}

    def pins_of(self, number: int) -> dict[str, str]:
        """The pins of a position, by their key of the station file."""
        return {key: pins[number - 1] for key, pins in self._pins.items()}

    def fit(self, number: int, meter: SimulatedMeter, wire: Callable[[Edges], Edges]) -> None:
        """A meter was put into the position; `wire` lays a wire from one of its outputs."""
        pins = {key: self._pin(name) for key, name in self.pins_of(number).items()}
        if "diode_pin" in pins:
            meter.on_flash = wire(_pulls_low(pins["diode_pin"]))
        if "output_2_pin" in pins:
            meter.on_output_2 = wire(_pulls_low(pins["output_2_pin"]))
        if "contact_pin" in pins:
            pins["contact_pin"].on_output = lambda closed: meter.contact(_now(), closed)
        if "button_pin" in pins:
            pins["button_pin"].on_output = lambda pressed: meter.button(_now(), pressed=pressed)


def _pulls_low(pin: Pin) -> Edges:
    return lambda time, conducting: pin.edge(time, not conducting)


def _now() -> float:
    return asyncio.get_running_loop().time()
