"""The temperature at the meters, from a sensor that the Linux kernel serves as a file: hwmon, or IIO with raw value, offset and scale.

It reads once and believes nothing that no test room can have.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from drivers.power_source import InstrumentError

COLDEST_C, HOTTEST_C = -10.0, 50.0
"""Whatever reads outside is no room in which people test meters."""

DEADLINE_S = 3.0
"""A DS18B20 converts for 0.75 s, and its driver waits for it."""

_POWER_ON_C = 85.0


async def read_temperature(pattern: str) -> float:
    """Temperature in °C. `pattern` is a file, `*` standing for what changes from boot to boot. Raises `InstrumentError`.

    `temp*_input` of hwmon (kernel documentation, hwmon/sysfs-interface) and `in_temp*_input` of IIO are in thousandths of a degree, and
    so is (`in_temp*_raw` + `in_temp*_offset`) × `in_temp*_scale` (kernel documentation, ABI/testing/sysfs-bus-iio).
    """
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await asyncio.get_running_loop().run_in_executor(None, _read, pattern)
    except TimeoutError:
        raise InstrumentError(
            f"the temperature sensor {pattern} gave nothing within {DEADLINE_S:g} s; check its wiring"
        ) from None


def _read(pattern: str) -> float:
    found = sorted(Path("/").glob(pattern.lstrip("/")))
    if len(found) != 1:
        what = "is not there" if not found else f"stands for {len(found)} files"
        raise InstrumentError(
            f"the temperature sensor {pattern} {what}; is its driver loaded, and is temperature_sensor in the station file right?"
        )
    path = Path(found[0])
    celsius = (_raw(path) if path.name.endswith("_raw") else _number(path)) / 1000.0
    if celsius == _POWER_ON_C:
        raise InstrumentError(
            f"the temperature sensor {path} reads 85.0 °C, what a DS18B20 says before its first conversion; check its supply"
        )
    if not COLDEST_C <= celsius <= HOTTEST_C:
        raise InstrumentError(
            f"the temperature sensor {path} reads {celsius:.1f} °C, which is no room; check the sensor and its wiring"
        )
    return celsius


def _raw(path: Path) -> float:
    stem = path.name.removesuffix("_raw")
    scale = path.with_name(f"{stem}_scale")
    offset = path.with_name(f"{stem}_offset")
    return (_number(path) + (_number(offset) if offset.exists() else 0.0)) * _number(scale)


def _number(path: Path) -> float:
    try:
        return float(path.read_text(encoding="ascii"))
    except OSError as error:
        raise InstrumentError(
            f"the temperature sensor {path} cannot be read: {error.strerror}; check the sensor and its wiring"
        ) from None
    except ValueError:
        raise InstrumentError(f"the temperature sensor {path} gives no number; is this the file of a sensor?") from None
