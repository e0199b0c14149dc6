"""What the M-Bus module tells: the variable data structure of module 68 50 005 (EN 1434-3), as a real one words it.

Captured: libmbus, test/test-frames/kamstrup_382_005.hex. Link frame, address and check sum are the line's business.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference_meter.meter import ReferenceMeter

_KAM = bytes.fromhex("2D2C")
_VERSION = 1
_ELECTRICITY = 2
_RECORDS = (
    "04 06",  # energy, kWh
    "04 22",  # operating time, h
    "04 2B",  # actual power, W
    "14 2B",  # highest power, W
    "84 50 06",  # tariff 1, device 1: energy, kWh
    "84 60 06",  # tariff 2, device 1: energy, kWh
)
_MANUFACTURER_DATA = bytes.fromhex("0F") + bytes(15) + bytes.fromhex("10")  # meaning unknown, kept as captured


def user_data(meter: ReferenceMeter, access_number: int) -> bytes:
    """The answer to REQ_UD2 from its CI field (72) on; the secondary address is the meter number. Raises `NotFitted`."""
    meter.require("M-Bus", meter.module.mbus)
    r = meter.registers
    values = (r.total_kwh, r.hours, meter.actual_power_w, r.peak_w, r.tariff_1_kwh, r.tariff_2_kwh)
    identification = bytes.fromhex(f"{meter.configuration.meter_number:08}")[::-1]
    header = identification + _KAM + bytes((_VERSION, _ELECTRICITY, access_number % 256, 0, 0, 0))
    records = b"".join(
        bytes.fromhex(code) + struct.pack("<I", value) for code, value in zip(_RECORDS, values, strict=True)
    )
    return b"\x72" + header + records + _MANUFACTURER_DATA
