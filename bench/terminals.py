"""What else is wired to the meter of one position: pulse inputs beside S0, and contacts that act on it.

Each is optional. What a station has not is said by `NotWired`, with its key of the station file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from bench.module_ports import NotWired

if TYPE_CHECKING:
    from bench.s0_channel import S0Channel
    from drivers.contact import Contact

LISTENING = {
    "diode_pin": "scanning head at the S0 diode",
    "output_2_pin": "input for pulse output 2",
}
"""Pulse inputs: their edges are measured, so they need pins of the header."""
ACTING = {
    "contact_pin": "contact at the pulse input",
    "button_pin": "actuator of the arrow key",
}
"""Outputs; any pin will do."""
_WHAT = LISTENING | ACTING
_Wired = TypeVar("_Wired")


@dataclass(frozen=True)
class Terminals:
    """The optional inputs and outputs of one position, by their key of the station file."""

    position: int
    channels: Mapping[str, S0Channel] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)

    def begin(self) -> None:
        """A new run begins: forget the pulses of the last one."""
        for channel in self.channels.values():
            channel.restart()

    @property
    def diode(self) -> S0Channel:
        """The flashes of the S0 diode. Raises `NotWired`."""
        return self._wired(self.channels, "diode_pin")

    @property
    def output_2(self) -> S0Channel:
        """The pulses of pulse output 2. Raises `NotWired`."""
        return self._wired(self.channels, "output_2_pin")

    @property
    def pulse_input(self) -> Contact:
        """The contact at the pulse input. Raises `NotWired`."""
        return self._wired(self.contacts, "contact_pin")

    @property
    def button(self) -> Contact | None:
        """What presses the arrow key; None where a person does."""
        return self.contacts.get("button_pin")

    def _wired(self, ports: Mapping[str, _Wired], key: str) -> _Wired:
        if key not in ports:
            raise NotWired(f"position {self.position} has no {_WHAT[key]} ({key} in the station file)")
        return ports[key]
