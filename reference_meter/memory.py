"""The permanent memory: what is safe when the supply fails, the hourly values and the months. R25 to R31.

Data sheet, Permanent memory: "The meter's data memory is updated every time the meter's kWh register is changed. …
stored hourly: kWh (total), peak power, pulse input and hour counter. Following each 730 hour period, the same values are
stored as monthly values. Values for the last 36 months are stored."
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from reference_meter.events import Stored
from reference_meter.power import HOUR
from reference_meter.registers import SEVEN_DIGITS, Registers

MONTH = 730 * HOUR
"""The meter's month in ns of operating time (R28)."""

MONTHS_KEPT = 36
"""Monthly values that are kept; older ones are overwritten (R28)."""


class SavePoint(NamedTuple):
    """The state a power failure falls back to (R31)."""

    total_kwh: int
    tariff_1_kwh: int
    tariff_2_kwh: int
    trip_wh: int
    peak_w: int
    last_peak_w: int
    pulse_input: int
    operating_ns: int
    window_energy: int
    window_discarded: bool

    def registers(self) -> Registers:
        """What the meter goes on from: all that is short of a kWh or an input unit is gone."""
        hours, hour_ns = divmod(self.operating_ns, HOUR)
        return Registers(
            total_kwh=self.total_kwh,
            tariff_1_kwh=self.tariff_1_kwh,
            tariff_2_kwh=self.tariff_2_kwh,
            hours=hours % SEVEN_DIGITS,
            pulse_input=self.pulse_input,
            peak_w=self.peak_w,
            last_peak_w=self.last_peak_w,
            trip_wh=self.trip_wh,
            hour_ns=hour_ns,
            window_energy=self.window_energy,
            window_discarded=self.window_discarded,
        )


class Memory:
    """The EEPROM's contents."""

    def __init__(self, save_point: SavePoint) -> None:
        self.save_point = save_point
        self.hourly: Stored | None = None
        """The last hourly values; None before the first whole hour."""
        self.months: deque[Stored] = deque(maxlen=MONTHS_KEPT)
        """Monthly values, the oldest first."""
