"""The contacts of modules on GPIO: the relay that asks for tariff 2, and the contact that shows the 24 V of an S0 supply module."""

from __future__ import annotations

from typing import Any

from gpiozero import DigitalInputDevice, DigitalOutputDevice


class TariffRelay:
    """Puts 230 V on the tariff terminal (WK, FK), or makes the ripple control transmitter send (EK): tariff 2 while it is on.

    That 230 V mean tariff 2 is an assumption: the data sheet does not say which tariff they select.
    """

    def __init__(self, pin: int | str, *, pin_factory: Any = None) -> None:
        self._output = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)

    def select(self, tariff: int) -> None:
        """Ask for tariff 1 or 2."""
        self._output.value = tariff == 2

    def close(self) -> None:
        """Let the relay drop and the pin go."""
        self._output.off()
        self._output.close()


class SupplyContact:
    """A relay or opto-coupler across the two wires of an S0 supply module (SK): it pulls the pin low while 24 V are there."""

    def __init__(self, pin: int | str, *, pin_factory: Any = None) -> None:
        self._input = DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory)

    @property
    def closed(self) -> bool:
        """Whether the supply is there."""
        return bool(self._input.value)

    def close(self) -> None:
        """Let the pin go."""
        self._input.close()
