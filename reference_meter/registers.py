"""The registers of the meter: as a value that can be saved and loaded, and as the counters that watt-hours step.

Data sheet, Calculation: "When 1 Wh has been counted, an S0 pulse is sent and register 2 is increased by one. Having
accumulated 1,000 pulses in register 2, the EEPROM and the display are increased by one." R3, R4, R12, R15, R16, R51.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reference_meter.power import HOUR, WATT_HOUR

SEVEN_DIGITS = 10_000_000
"""All registers that are read out have 7 digits and go from 9999999 to 0 (R12)."""

TRIP_WRAPS_AT_WH = SEVEN_DIGITS * 10
"""The trip recorder shows 0.01 kWh in 7 digits: after 99999.99 kWh it begins anew (R51)."""

Tariff = Literal[1, 2]
"""The two tariffs of the meter (R14, R18)."""


@dataclass(frozen=True)
class Registers:
    """The whole state of the meter's counting, to the last µW·ns. Plain integers: `dataclasses.asdict` is its JSON."""

    total_kwh: int = 0
    """Accumulated energy, kWh."""
    tariff_1_kwh: int = 0
    tariff_2_kwh: int = 0
    hours: int = 0
    """Operating hours."""
    pulse_input: int = 0
    """Accumulated input pulses in the configured unit."""
    peak_w: int = 0
    """The month's highest 15-minute power, W."""
    last_peak_w: int = 0
    """Last month's, W."""
    trip_wh: int = 0
    """Trip recorder, Wh; the display shows it in 10 Wh."""
    watt_hours: int = 0
    """Register 2: watt-hours since the last whole kWh, 0 to 999."""
    tariff_watt_hours: tuple[int, int] = (0, 0)
    """Watt-hours of each tariff since its last whole kWh; used with `tariff_remainder="per_tariff"` only."""
    remainder: int = 0
    """Register 1: energy since the last watt-hour, µW·ns."""
    phase_remainders: tuple[int, int, int] = (0, 0, 0)
    """Energy of each phase since its last phase pulse, µW·ns; used with a phase quantum only."""
    hour_ns: int = 0
    """Operating time since the last whole hour, ns."""
    window_energy: int = 0
    """Energy of the 15-minute window under way, µW·ns."""
    window_discarded: bool = False
    """The window under way was cut by a power failure and will not count (`window_on_power_fail="discard"`)."""
    pulse_input_carry: int = 0
    """Input pulses short of a whole unit, in thousandths of a pulse."""

    def __post_init__(self) -> None:
        limits = {
            "total_kwh": SEVEN_DIGITS,
            "tariff_1_kwh": SEVEN_DIGITS,
            "tariff_2_kwh": SEVEN_DIGITS,
            "hours": SEVEN_DIGITS,
            "pulse_input": SEVEN_DIGITS,
            "trip_wh": TRIP_WRAPS_AT_WH,
            "watt_hours": 1000,
            "remainder": WATT_HOUR,
            "hour_ns": HOUR,
        }
        for name, limit in limits.items():
            value = getattr(self, name)
            if not 0 <= value < limit:
                raise ValueError(f"{name} is {value}; it must lie from 0 to {limit - 1}")
        for name in ("peak_w", "last_peak_w", "window_energy", "pulse_input_carry"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it cannot be negative")


class EnergyRegisters:
    """Register 2, the kWh registers and the trip recorder, stepped by watt-hours."""

    def __init__(self, saved: Registers, per_tariff: bool) -> None:
        self._per_tariff = per_tariff
        self.load(saved)

    def load(self, saved: Registers) -> None:
        """Go on from these registers."""
        self.watt_hours = saved.watt_hours
        self.total_kwh = saved.total_kwh
        self.tariff_kwh = [saved.tariff_1_kwh, saved.tariff_2_kwh]
        self.tariff_watt_hours = list(saved.tariff_watt_hours)
        self.trip_wh = saved.trip_wh

    def to_next_kwh(self) -> int:
        """Watt-hours until the kWh register steps, 1 to 1000."""
        return 1000 - self.watt_hours

    def count(self, watt_hours: int, tariff: Tariff) -> None:
        """`watt_hours` have been measured while `tariff` was active (R4, R15, R16)."""
        kwh, self.watt_hours = divmod(self.watt_hours + watt_hours, 1000)
        self.trip_wh = (self.trip_wh + watt_hours) % TRIP_WRAPS_AT_WH
        self.total_kwh = (self.total_kwh + kwh) % SEVEN_DIGITS
        index = tariff - 1
        if self._per_tariff:
            kwh, self.tariff_watt_hours[index] = divmod(self.tariff_watt_hours[index] + watt_hours, 1000)
        self.tariff_kwh[index] = (self.tariff_kwh[index] + kwh) % SEVEN_DIGITS
