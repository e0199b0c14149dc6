"""The bypass contactor of a position: it bridges the meter's current circuit, so that this one meter carries no current.

With it a failed meter leaves the series circuit without disturbing the others, and each S0 wire can be traced to its meter.
"""

from __future__ import annotations

from typing import Any

from gpiozero import DigitalOutputDevice

from drivers.power_source import InstrumentError


class Bypass:
    """One contactor on one GPIO output. Switch it only while the current is zero: a contactor is no load switch."""

    def __init__(self, pin: int | str, *, pin_factory: Any = None) -> None:
        self._output = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)

    @property
    def out(self) -> bool:
        """Whether the meter is out of the current circuit."""
        return bool(self._output.value)

    def take_out(self) -> None:
        """Bridge the meter's current circuit. Raises `InstrumentError`."""
        self._switch(True)

    def put_in(self) -> None:
        """Let the current through the meter again. Raises `InstrumentError`."""
        self._switch(False)

    def close(self) -> None:
        """Drop the contactor and let the pin go. Raises `InstrumentError`."""
        try:
            self._switch(False)
        finally:
            self._output.close()

    def _switch(self, out: bool) -> None:
        try:
            self._output.value = out
        except OSError as error:  # an expander that does not answer on its bus
            raise InstrumentError(
                f"the bypass contactor on pin {self._output.pin!r} cannot be switched: {error.strerror or error}. "
                "Is its expander connected and supplied?"
            ) from error
