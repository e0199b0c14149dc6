"""One optical readout, decoded, for a person: what `bench read PORT` prints."""

from __future__ import annotations

import asyncio

from drivers.mode_a_registers import registers
from drivers.mode_a_telegram import Telegram
from drivers.optical_head import OpticalHead, Readout

_BLOCK_CHECKS = {
    "sum7": "7-bit sum",
    "xor": "exclusive or (IEC 61107)",
    "none": "none sent",
}


async def read_port(url: str) -> Readout:
    """Open the port, read the meter once, close. Raises `OpticalError`."""
    head = OpticalHead(url)
    await head.open()
    try:
        return await head.read()
    finally:
        await head.close()


def as_text(telegram: Telegram) -> str:
    """The telegram's registers, one a line, then what the telegram holds besides, as it was sent."""
    found = registers(telegram)
    tariffs = found.tariff_kwh or (None, None)
    rows = (
        ("type", telegram.type_text, ""),
        ("manufacturer", telegram.identification.manufacturer, ""),
        ("customer number", found.customer_number, ""),
        ("total", found.total_kwh, "kWh"),
        ("tariff 1", tariffs[0], "kWh"),
        ("tariff 2", tariffs[1], "kWh"),
        ("hours", found.hours, "h"),
        ("pulse input", found.pulse_input, ""),
        ("peak, this month", found.peak_kw, "kW"),
        ("peak, last month", found.last_peak_kw, "kW"),
        ("block check", _BLOCK_CHECKS[telegram.check], ""),
    )
    lines = [f"{name:<18}{value} {unit}".rstrip() for name, value, unit in rows if value is not None]
    return "\n".join([*lines, "", "as sent:", *(f"  {each}" for each in telegram.data_sets)])


def read_once(url: str) -> str:
    """Read the meter under the optical head on `url` once and return the text. Raises `OpticalError` with a sentence to act on."""
    return as_text(asyncio.run(read_port(url)).telegram)
