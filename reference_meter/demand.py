"""Average power of each 15 minutes and the highest of the month. R19 to R24.

Data sheet, Calculation: "The average power during the period is calculated every 15 minutes. The highest W peak value of
the month is stored in the EEPROM. The value is reset at the end of the month."
"""

from __future__ import annotations

from reference_meter.power import HOUR
from reference_meter.registers import Registers

WINDOW = HOUR // 4
"""15 minutes of operating time in ns."""

_UW_PER_W = 1_000_000


class Demand:
    """The 15-minute window under way and the peaks."""

    def __init__(self, saved: Registers) -> None:
        self.load(saved)

    def load(self, saved: Registers) -> None:
        """Go on from these registers."""
        self.energy = saved.window_energy
        """Energy of the window under way, µW·ns: finer than a watt-hour, so the average is not a multiple of 4 W (R19)."""
        self.discarded = saved.window_discarded
        """Whether a power failure has made the window under way worthless."""
        self.peak_w = saved.peak_w
        self.last_peak_w = saved.last_peak_w

    def close_window(self) -> tuple[int, bool]:
        """The window is over: its average in W, cut off, and whether it is a new peak (R19, R20, R22)."""
        average_w = self.energy // (WINDOW * _UW_PER_W)
        is_peak = average_w > self.peak_w and not self.discarded
        if is_peak:
            self.peak_w = average_w
        self.energy = 0
        self.discarded = False
        return average_w, is_peak

    def close_month(self) -> None:
        """The month's peak becomes last month's and a new one begins (R20, R24, R29)."""
        self.last_peak_w = self.peak_w
        self.peak_w = 0
