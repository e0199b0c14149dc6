"""What the meter answers on its native protocol at 1200 baud, as data: the register block, the tariff block, the memory.

Captured from a 685-382-OK-10: github.com/casperbang/KMP382-driver, MeterProtocolKMP382.cs. Numbers have their high byte
first. Start character, hex digits and check sum are the line's business.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference_meter.meter import ReferenceMeter

NATIVE_BAUD = 1200
"""8 data bits, even parity, 2 stop bits (R61)."""

HELLO = bytes.fromhex("02010701")
"""Answer to command 00; meaning unknown, kept as captured."""


def register_block(meter: ReferenceMeter) -> bytes:
    """Answer to command 90: kWh, W, h, trip in 0.01 kWh, peak in W, customer number, two unknown zeroes, production number."""
    r = meter.registers
    return struct.pack(
        ">9I",
        r.total_kwh,
        meter.actual_power_w,
        r.hours,
        r.trip_wh // 10,
        r.peak_w,
        meter.configuration.meter_number,
        0,
        0,
        meter.production_number,
    )


def tariff_block(meter: ReferenceMeter) -> bytes:
    """Answer to command 95: a byte taken for the active tariff, then kWh in all, of tariff 1 and of tariff 2."""
    r = meter.registers
    return struct.pack(">B3I", meter.active_tariff, r.total_kwh, r.tariff_1_kwh, r.tariff_2_kwh)
