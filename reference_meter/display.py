"""The pushbutton and the pages of the display. R35 to R46, R50.

Data sheet, Display: "Activating the arrow key you can step through several display indications and functions … The
display changes when the button is released. … Two minutes after the last activation of the pushbutton, the display will
automatically switch to accumulated electric energy in kWh."
"""

from __future__ import annotations

from enum import Enum

from reference_meter.assumptions import Assumptions
from reference_meter.configuration import Configuration, Option
from reference_meter.modules import Module
from reference_meter.power import NEVER, SECOND

HOLD = 6 * SECOND
"""An activation this long acts on the pages trip and call (R43, R44)."""

FALL_BACK = 120 * SECOND
"""Two minutes after the last activation the display shows accumulated energy (R42)."""


class Page(Enum):
    """The indications in their order (R36)."""

    TOTAL = "accumulated energy, total"
    TARIFF_1 = "tariff 1, accumulated energy"
    TARIFF_2 = "tariff 2, accumulated energy"
    POWER = "actual power"
    HOURS = "hour counter"
    TRIP = "trip recorder"
    PEAK = "peak power"
    METER_NUMBER = "meter number"
    PULSE_INPUT = "pulse input"
    CUSTOMER_DATA = "customer data"
    TEST = "display test"
    CALL = "call"


_OPTION_OF = {
    Page.TARIFF_1: Option.TARIFFS,
    Page.TARIFF_2: Option.TARIFFS,
    Page.POWER: Option.ACTUAL_POWER,
    Page.HOURS: Option.HOURS,
    Page.TRIP: Option.TRIP,
    Page.PEAK: Option.PEAK,
    Page.METER_NUMBER: Option.METER_NUMBER,
    Page.PULSE_INPUT: Option.PULSE_INPUT,
    Page.CUSTOMER_DATA: Option.CUSTOMER_DATA,
    Page.CALL: Option.CALL,
}


def pages(configuration: Configuration, module: Module, assumptions: Assumptions) -> tuple[Page, ...]:
    """The pages that can be stepped through, in their order; after the last comes the first (R36 to R39)."""

    def reachable(page: Page) -> bool:
        if page is Page.TOTAL:
            return True
        if page is Page.TEST:
            return assumptions.display_test == "always"
        if page in (Page.TARIFF_1, Page.TARIFF_2) and not module.tariff_input:
            return False
        return _OPTION_OF[page] in configuration.options

    return tuple(filter(reachable, Page))


class Pushbutton:
    """The arrow key and the page it has led to."""

    def __init__(self, reachable: tuple[Page, ...], assumptions: Assumptions) -> None:
        self._pages = reachable
        self._assumptions = assumptions
        self.page = Page.TOTAL
        self.page_since_ns = 0
        """When the page was turned to."""
        self.deadline_ns = NEVER
        """When the button or the page next has something to do by itself."""
        self._pressed_at: int | None = None
        self._acted = False

    def offer(self, reachable: tuple[Page, ...]) -> None:
        """From now on these pages can be stepped through; a page that is gone gives way to the total."""
        self._pages = reachable
        if self.page not in reachable:
            self.reset(self.page_since_ns)

    def press(self, now_ns: int) -> None:
        """The button goes down."""
        if self._pressed_at is None:
            self._pressed_at = now_ns
            self._acted = False
            if self._holds and self._assumptions.hold_acts == "at_6_s":
                self.deadline_ns = now_ns + HOLD
            elif self._assumptions.fall_back_from == "press":
                self._fall_back_at(now_ns + FALL_BACK)
            else:
                self.deadline_ns = NEVER

    def release(self, now_ns: int) -> Page | None:
        """The button comes up: the page steps (R41), unless the activation acted. Returns the page that it acted on."""
        pressed_at, self._pressed_at = self._pressed_at, None
        if pressed_at is None:
            return None
        held = now_ns - pressed_at >= HOLD and self._holds
        acts = held and self._assumptions.hold_acts == "on_release"
        if not acts and not self._acted:
            self._turn_to(self._pages[(self._pages.index(self.page) + 1) % len(self._pages)], now_ns)
        activation_ns = now_ns if self._assumptions.fall_back_from == "release" else pressed_at
        self._fall_back_at(max(now_ns, activation_ns + FALL_BACK))
        return self.page if acts else None

    def reach_deadline(self, now_ns: int) -> Page | None:
        """The deadline has come: 6 s of activation, or the fall-back. Returns the page that is acted on."""
        self.deadline_ns = NEVER
        if self._pressed_at is not None and self._holds and now_ns - self._pressed_at == HOLD:
            self._acted = True
            return self.page
        self._turn_to(Page.TOTAL, now_ns)
        return None

    def reset(self, now_ns: int) -> None:
        """The meter starts, or the page is gone: accumulated energy is shown and nothing is pressed (R32, R35)."""
        self._pressed_at = None
        self.deadline_ns = NEVER
        self._turn_to(Page.TOTAL, now_ns)

    @property
    def _holds(self) -> bool:
        return self.page in (Page.TRIP, Page.CALL)

    def _turn_to(self, page: Page, now_ns: int) -> None:
        self.page = page
        self.page_since_ns = now_ns

    def _fall_back_at(self, time_ns: int) -> None:
        self.deadline_ns = NEVER if self.page is Page.TOTAL else time_ns
