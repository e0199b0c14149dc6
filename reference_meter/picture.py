"""What a person sees on the display: eight digits, the unit, the tariff, the phases, the three squares. R34, R40, R46 to R52.

Data sheet: "liquid crystal display with 8 numerical digits as well as 3 alphanumerical characters".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_meter.configuration import Unit
from reference_meter.display import Page

if TYPE_CHECKING:
    from reference_meter.meter import ReferenceMeter

Three = tuple[bool, bool, bool]
"""One for each of L1, L2, L3."""


@dataclass(frozen=True)
class DisplayPicture:
    """The display at one instant. The default is a dark one."""

    digits: str = " " * 8
    """The eight numerical digits, the number to the right."""
    decimals: int = 0
    """How many digits stand behind the decimal point; 0 for none."""
    unit: str = "   "
    """The three alphanumerical characters."""
    tariffs: tuple[bool, bool] = (False, False)
    """Whether T1 and T2 are lit."""
    phases: Three = (False, False, False)
    """Whether L1, L2 and L3 are lit: the phase has voltage (R47)."""
    squares: Three = (False, False, False)
    """The three small squares at the top left (R48)."""
    page: Page | None = None
    """The indication; None when the display is dark."""

    @property
    def text(self) -> str:
        """Digits and unit as a person reads them: `0009032.33 kWh` without the blanks around."""
        digits = self.digits
        if self.decimals:
            digits = f"{digits[: -self.decimals]}.{digits[-self.decimals :]}"
        return f"{digits.strip()} {self.unit.strip()}".strip()

    @classmethod
    def of(cls, meter: ReferenceMeter) -> DisplayPicture:
        """What `meter` shows now; without voltage its display is dark."""
        if not meter.running:
            return cls()
        page = meter.page
        if page is Page.TEST:
            return cls("8" * 8, 0, "888", (True, True), (True, True, True), (True, True, True), page)
        digits, decimals, unit = _indication(meter, page)
        tariffs = (meter.active_tariff == 1, meter.active_tariff == 2) if meter.module.tariff_input else (False, False)
        return cls(f"{digits:>8}", decimals, f"{unit:<3}", tariffs, meter.phases_connected, meter.squares, page)


def _indication(meter: ReferenceMeter, page: Page) -> tuple[str, int, str]:
    """Digits, decimals and unit of a page."""
    registers, configuration = meter.registers, meter.configuration
    shift = meter.page_age_ns // meter.assumptions.unit_shift_ns % 2
    match page:
        case Page.TARIFF_1:
            return _energy(meter, registers.tariff_1_kwh), 0, "kWh" if shift else "T1"
        case Page.TARIFF_2:
            return _energy(meter, registers.tariff_2_kwh), 0, "kWh" if shift else "T2"
        case Page.POWER:
            return str(meter.actual_power_w), 0, "W"
        case Page.HOURS:
            return str(registers.hours), 0, "HRS"
        case Page.TRIP:
            return _energy(meter, registers.trip_wh // 10, least=3), 2, "kWh"
        case Page.PEAK:
            return str(registers.peak_w), 0, "WP"
        case Page.METER_NUMBER:
            return str(configuration.meter_number), 0, "NUM"
        case Page.PULSE_INPUT:
            return (
                str(registers.pulse_input),
                0,
                "-" if configuration.input_unit is Unit.NONE else configuration.input_unit,
            )
        case Page.CUSTOMER_DATA:
            return str(configuration.customer_data), 0, ""
        case Page.CALL:
            return "CALL", 0, ""  # four letters need the digits: the alphanumerical field has three (R46)
        case _:
            return _energy(meter, registers.total_kwh), 0, "kWh"


def _energy(meter: ReferenceMeter, value: int, least: int = 1) -> str:
    """An energy reading in 7 digits, with or without its preceding zeroes (R34, R49)."""
    width = 7 if meter.configuration.preceding_zeroes else least
    return f"{value:0{width}}"
