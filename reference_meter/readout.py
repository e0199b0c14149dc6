"""The mode A register set: what the meter tells over its optical head at 300 baud, as the real 685-382-OK-10 words it.

Captured telegram: github.com/casperbang/KMP382-driver, MeterProtocolIEC61107.cs. All values are taken at one instant (R86).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference_meter.meter import ReferenceMeter

MODE_A_BAUD = 300
"""7 data bits, even parity, 1 stop bit (R61, R63)."""

MANUFACTURER = "KAM"
"""Kamstrup's three letters of IEC 62056-21."""


@dataclass(frozen=True)
class DataSet:
    """One register of the telegram."""

    code: str
    """EDIS code, `1.20` for instance."""
    value: str
    """Digits exactly as sent."""
    unit: str = ""
    """Empty where the meter sends none."""

    def __str__(self) -> str:
        return f"{self.code}({self.value}{'*' if self.unit else ''}{self.unit})"


@dataclass(frozen=True)
class ModeAReadout:
    """One readout: the identification and the data sets in the order they are sent."""

    identification: str
    """What follows the slash: manufacturer, a blank in place of the baud rate character, and the type number."""
    data_sets: tuple[DataSet, ...]

    @classmethod
    def of(cls, meter: ReferenceMeter) -> ModeAReadout:
        """The registers of `meter` now."""
        r = meter.registers
        return cls(
            f"{MANUFACTURER} {meter.type_number}",
            (
                DataSet("0.0", f"{meter.configuration.meter_number:08}"),
                DataSet("1.20", f"{r.total_kwh:07}", "kWh"),
                DataSet("1.20.1", f"{r.tariff_1_kwh:07}", "kWh"),
                DataSet("1.20.2", f"{r.tariff_2_kwh:07}", "kWh"),
                DataSet("1.31", f"{r.hours:07}", "h"),
                DataSet("1.26", f"{r.pulse_input:07}"),
                DataSet("1.6", _peak(r.peak_w), "kW"),
                DataSet("1.6*1", _peak(r.last_peak_w)),
            ),
        )

    def body(self) -> str:
        """The data block from its first character to the `!`, which the meter glues to the last data set."""
        return "\r\n".join(str(data_set) for data_set in self.data_sets) + "!"

    def __str__(self) -> str:
        return "\n".join((f"/{self.identification}", *map(str, self.data_sets)))


def _peak(watts: int) -> str:
    """Six digits, a comma, one digit of kW; cut off, not rounded (R24)."""
    return f"{watts // 1000:06},{watts // 100 % 10}"
