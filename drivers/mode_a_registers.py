"""The registers of a mode A telegram under the meter's names for them.

Sources: data sheet, Optical reading; the telegrams of a 685-382-OK-10 in github.com/casperbang/KMP382-driver.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from drivers.mode_a_telegram import DataSet, MalformedTelegram, Telegram


@dataclass(frozen=True)
class Registers:
    """The registers of a telegram, or of a native block, under the meter's names for them; None where it has none."""

    customer_number: str | None = None
    total_kwh: int | None = None
    """Accumulated energy, kWh."""
    tariff_kwh: tuple[int, int] | None = None
    """Energy of T1 and T2, kWh."""
    hours: int | None = None
    """Operating hours."""
    pulse_input: int | None = None
    """Pulse input in its configured unit."""
    peak_kw: Decimal | None = None
    """Highest 15-minute power of this month, kW."""
    last_peak_kw: Decimal | None = None
    """Highest 15-minute power of last month, kW."""
    production_number: str | None = None
    """Its digits; mode A does not tell it."""
    power_w: int | None = None
    """Actual power, W; mode A does not tell it."""
    trip_wh: int | None = None
    """Trip counter in Wh, a multiple of 10; mode A does not tell it."""
    peak_w: int | None = None
    """Highest 15-minute power of this month, W; mode A tells it in `peak_kw`."""


def registers(telegram: Telegram) -> Registers:
    """Name the registers: by the EDIS codes of the 685 (captured), by the OBIS codes of the 382C (github.com/madspeterbach/kamstrup-382C).

    Raises `MalformedTelegram` for a register that is sent twice, has an unexpected unit, or is no number.
    """
    customer_number = _find(telegram, None, "0.0", "0.0.0")
    tariff_1, tariff_2 = _whole(telegram, "kWh", "1.20.1", "1.8.1"), _whole(telegram, "kWh", "1.20.2", "1.8.2")
    return Registers(
        customer_number=None if customer_number is None else customer_number.value,
        total_kwh=_whole(telegram, "kWh", "1.20", "1.8.0"),
        tariff_kwh=None if tariff_1 is None or tariff_2 is None else (tariff_1, tariff_2),
        hours=_whole(telegram, "h", "1.31", "96.8.0"),
        pulse_input=_whole(telegram, None, "1.26", "0.128.1"),
        peak_kw=_decimal(telegram, "kW", "1.6", "1.6.0"),
        last_peak_kw=_decimal(telegram, "kW", "1.6*1", "1.6.0*1"),
    )


def _find(telegram: Telegram, unit: str | None, *codes: str) -> DataSet | None:
    found = [each for each in telegram.data_sets if each.code in codes]
    if len(found) > 1:
        raise MalformedTelegram(f"{found[0]} and {found[1]} are the same register", telegram.raw)
    if found and unit is not None and found[0].unit not in ("", unit):
        raise MalformedTelegram(f"{found[0]} is not in {unit}", telegram.raw)
    return found[0] if found else None


def _whole(telegram: Telegram, unit: str | None, *codes: str) -> int | None:
    found = _find(telegram, unit, *codes)
    if found is not None and not re.fullmatch("[0-9]+", found.value):
        raise MalformedTelegram(f"{found} is no whole number", telegram.raw)
    return None if found is None else int(found.value)


def _decimal(telegram: Telegram, unit: str, *codes: str) -> Decimal | None:
    found = _find(telegram, unit, *codes)
    if found is not None and not re.fullmatch(r"[0-9]+([.,][0-9]+)?", found.value):
        raise MalformedTelegram(f"{found} is no number", telegram.raw)
    return None if found is None else Decimal(found.value.replace(",", "."))
