"""What happens in a meter, each with its exact time. `str(event)` is the trace: the rule that caused it, and what it did.

Times are nanoseconds since the meter object was made, including the time it had no voltage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Stored(NamedTuple):
    """The four values stored hourly, and kept as monthly values (data sheet, Permanent memory; R27, R30)."""

    total_kwh: int
    peak_w: int
    pulse_input: int
    hours: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened at `time_ns`."""

    time_ns: int


@dataclass(frozen=True, slots=True)
class S0Pulse(Event):
    """An S0 pulse and a flash of the diode begin (R3, R6)."""

    number: int
    """Counts from 1 in the life of the meter object."""

    def __str__(self) -> str:
        return f"R3: 1 Wh measured → S0 pulse {self.number}"


@dataclass(frozen=True, slots=True)
class KilowattHour(Event):
    """Register 2 was full: the kWh register stepped and the memory was updated (R4, R15, R26)."""

    total_kwh: int
    """The register after the step."""
    tariff: int
    """The tariff that was active, 1 or 2."""

    def __str__(self) -> str:
        return f"R4: 1000 Wh in register 2 → {self.total_kwh} kWh, tariff {self.tariff}"


@dataclass(frozen=True, slots=True)
class TariffChanged(Event):
    """A tariff selected earlier became active with this watt-hour (R17)."""

    tariff: int

    def __str__(self) -> str:
        return f"R17: first Wh after the switch → tariff {self.tariff}"


@dataclass(frozen=True, slots=True)
class WindowClosed(Event):
    """15 minutes of operating time are over (R19 to R22)."""

    average_w: int
    """Average power of the window, W, cut off."""
    is_peak: bool
    """Whether it is the month's highest so far."""

    def __str__(self) -> str:
        verdict = "R20: a new peak" if self.is_peak else "R22: no new peak"
        return f"R19: 15 min are over → {self.average_w} W on average; {verdict}"


@dataclass(frozen=True, slots=True)
class HourStored(Event):
    """An operating hour is full: four values are stored (R27)."""

    values: Stored

    def __str__(self) -> str:
        v = self.values
        return f"R27: an hour is over → stored {v.total_kwh} kWh, peak {v.peak_w} W, input {v.pulse_input}, {v.hours} h"


@dataclass(frozen=True, slots=True)
class MonthStored(Event):
    """730 operating hours are over: the values are kept as monthly values and the peak is reset (R28, R29)."""

    values: Stored

    def __str__(self) -> str:
        v = self.values
        return f"R28: 730 h are over → month of {v.total_kwh} kWh at {v.hours} h kept; R20: peak {v.peak_w} W reset"


@dataclass(frozen=True, slots=True)
class PowerFailed(Event):
    """The last phase lost its voltage (R31)."""

    lost_wh: int
    """Watt-hours that had been counted since the last whole kWh and are gone."""

    def __str__(self) -> str:
        return f"R31: no phase has voltage → the meter stands still, {self.lost_wh} Wh of register 2 are lost"


@dataclass(frozen=True, slots=True)
class PowerReturned(Event):
    """A phase has voltage and the meter runs (R32)."""

    def __str__(self) -> str:
        return "R32: a phase has voltage → the meter runs and shows accumulated energy"


@dataclass(frozen=True, slots=True)
class Output2Pulse(Event):
    """A pulse on pulse output 2 begins (R59)."""

    width_ns: int
    """30 ms at 1000 imp/kWh, 60 ms at 1 imp/kWh."""

    def __str__(self) -> str:
        return f"R59: pulse output 2, {self.width_ns // 1_000_000} ms"


@dataclass(frozen=True, slots=True)
class InputCounted(Event):
    """The contact has been closed long enough: one input pulse (R54, R57)."""

    units: int
    """The register afterwards."""

    def __str__(self) -> str:
        return f"R54: contact closed long enough → pulse input {self.units}"


@dataclass(frozen=True, slots=True)
class TripReset(Event):
    """Six seconds' activation reset the trip recorder (R43)."""

    was_wh: int
    """What it had recorded, Wh."""

    def __str__(self) -> str:
        return f"R43: 6 s on the trip page → {self.was_wh} Wh set to 0"


@dataclass(frozen=True, slots=True)
class CallProvoked(Event):
    """Six seconds' activation make the modem call (R44)."""

    def __str__(self) -> str:
        return "R44: 6 s on the call page → the modem calls"
