"""The lines of the safety circuit that software may see and drive: emergency stop, door, main contactor, stack light.

Software is never the only path: the emergency stop and the door interrupt the contactor's coil in hardware, and are read here so that
the bench knows, latches and tells. A contact is closed while all is well and pulls its pin low; a broken wire reads as pressed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from gpiozero import DigitalOutputDevice, InputDevice
from gpiozero.exc import GPIOZeroError

from bench.station import SafetyDescription
from drivers.pin_health import deaf
from drivers.power_source import InstrumentError

DEBOUNCE_S = 0.05
"""A contact counts as closed again once it was closed for so long; that it opened counts at once."""


class Light(StrEnum):
    """The colours of the stack light, as EN 50191 (test stations) and IEC 60204-1, 10.3.2 use them."""

    RED = "red"
    """The source is lent or not proven off: dangerous."""
    GREEN = "green"
    """Switched off and read back as zero."""
    YELLOW = "yellow"
    """Tripped."""
    BLUE = "blue"
    """A person must act: release the emergency stop, close the door, or re-arm."""


@dataclass(frozen=True)
class Lights:
    """What the stack light shows, from what is known of the source."""

    lent: bool
    proven_off: bool
    tripped: bool

    @property
    def lit(self) -> frozenset[Light]:
        """The colours that are on. Never green unless off was read back."""
        hot = self.lent or not self.proven_off
        lights = {Light.RED if hot else Light.GREEN}
        if self.tripped:
            lights |= {Light.YELLOW, Light.BLUE}
        return frozenset(lights)


class _Contact:
    """A contact of the safety circuit on one input."""

    def __init__(self, pin: str, opened: Callable[[], None], pin_factory: Any) -> None:
        self._opened = opened
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._closed_since: float | None = None
        self._device = InputDevice(pin, pull_up=True, pin_factory=pin_factory)
        self._device.pin.bounce = None
        self._device.pin.edges = "both"
        if self._device.is_active:
            self._closed_since = self._loop.time() - DEBOUNCE_S  # it may have been closed for hours
        self._device.pin.when_changed = self._edge  # gpiozero keeps a weak reference only: self must live on

    @property
    def closed(self) -> bool:
        """Whether it is closed, and has been for the time of debouncing."""
        if not self._device.is_active or self._closed_since is None:
            return False
        return self._loop.time() - self._closed_since >= DEBOUNCE_S

    def _edge(self, ticks: float, state: int) -> None:  # noqa: ARG002  # gpiozero's signature
        if threading.get_ident() == self._thread:
            self._changed(closed=not state)
        else:
            self._loop.call_soon_threadsafe(lambda: self._changed(closed=not state))

    def _changed(self, *, closed: bool) -> None:
        if closed:
            self._closed_since = self._loop.time()
        else:
            self._closed_since = None
            self._opened()

    def close(self) -> None:
        self._device.pin.when_changed = None
        self._device.close()


class SafetyPanel:
    """Contacts, contactor and stack light of one station; any of them may be absent."""

    def __init__(self, pins: SafetyDescription, pin_factory: Any) -> None:
        """Raises `InstrumentError` for a pin that cannot be used."""
        self._listeners: list[Callable[[str], None]] = []
        self._contacts: list[tuple[str, _Contact]] = []
        self._lamps: dict[Light, Any] = {}
        self._contactor: Any = None
        self._pin_factory = pin_factory
        try:
            for pin, sentence, act in (
                (pins.estop_pin, "the emergency stop was pressed", "release the emergency stop"),
                (pins.door_pin, "the door was opened", "close the door"),
            ):
                if pin is not None:
                    self._contacts.append((act, _Contact(pin, partial(self._opened, sentence), pin_factory)))
            if pins.contactor_pin is not None:
                self._contactor = DigitalOutputDevice(pins.contactor_pin, initial_value=False, pin_factory=pin_factory)
            for light in Light:
                pin = getattr(pins, f"{light}_pin")
                if pin is not None:
                    self._lamps[light] = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)
        except (GPIOZeroError, OSError) as error:
            self.close()
            raise InstrumentError(f"a pin of the station's [safety] table cannot be used: {error}") from error

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call `listener` in the event loop with a sentence whenever a contact opens; the contactor has dropped by then."""
        self._listeners.append(listener)

    def open_contacts(self) -> str:
        """What a person must do before the source may be re-armed; empty when nothing."""
        acts = [act for act, contact in self._contacts if not contact.closed]
        return " and ".join([*acts, f"restart bench source ({self.deaf()})"] if self.deaf() else acts)

    def deaf(self) -> str:
        """Why an opening contact may go unheard, in one sentence; empty while all are heard."""
        return deaf(self._pin_factory) if self._contacts else ""

    def close_contactor(self) -> None:
        """Let the source reach the meters."""
        if self._contactor is not None:
            self._contactor.on()

    def drop_contactor(self) -> None:
        """Cut the source off from the meters."""
        if self._contactor is not None:
            self._contactor.off()

    def show(self, lights: Lights) -> None:
        """Light the lamps."""
        for light, lamp in self._lamps.items():
            lamp.value = light in lights.lit

    def close(self) -> None:
        """Drop the contactor, darken the lamps and let the pins go."""
        self.drop_contactor()
        for _, contact in self._contacts:
            contact.close()
        for output in (*self._lamps.values(), self._contactor):
            if output is not None:
                output.off()
                output.close()

    def _opened(self, sentence: str) -> None:
        self.drop_contactor()
        for listener in self._listeners:
            listener(sentence)
