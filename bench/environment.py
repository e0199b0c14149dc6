"""The environment of a run: the temperature at the meters, from a sensor or as somebody typed it, and how old that is.

Temperature refuses no run: what is not known costs uncertainty, and the record says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.session import Refused
from bench.station import EnvironmentDescription
from drivers.power_source import InstrumentError
from drivers.room_sensor import COLDEST_C, HOTTEST_C, read_temperature

STALE_AFTER = timedelta(hours=8)
"""A typed temperature counts for a shift."""


@dataclass(frozen=True)
class Temperature:
    """The temperature of one run."""

    celsius: float | None
    """None where nobody knows."""
    basis: str
    """Who told it, and when; or why it is not known and what is assumed."""
    remark: str = ""
    """What somebody should do about it, in one sentence; empty while all is well."""


class Room:
    """Knows the temperature at the meters for as long as the engine lives."""

    def __init__(self, description: EnvironmentDescription) -> None:
        self._description = description
        self._typed: tuple[float, datetime] | None = None

    async def temperature(self, typed: float | None, now: datetime) -> Temperature:
        """The temperature for a run that begins `now`: what is typed with it, else the sensor, else what was typed before.

        Raises `Refused` for a typed temperature that no room has.
        """
        if typed is not None:
            if not COLDEST_C <= typed <= HOTTEST_C:
                raise Refused(f"a room of {typed:g} °C is not possible; give its temperature in °C, for instance 22.5")
            self._typed = (typed, now)
        why = "no sensor, and nobody typed it"
        sensor = self._description.temperature_sensor
        if sensor and typed is None:
            try:
                return Temperature(await read_temperature(sensor), "sensor")
            except InstrumentError as error:
                why = str(error)
        if self._typed is not None:
            celsius, at = self._typed
            age = now - at
            if age <= STALE_AFTER:
                failed = why if sensor and typed is None else ""
                basis = f"typed {age / timedelta(hours=1):.1f} h before"
                return Temperature(celsius, f"{basis}; {failed}" if failed else basis, failed)
            why = f"typed {age / timedelta(hours=1):.1f} h before, which is too long ago: type it again"
        assumed = self._description.assumed_deviation_k
        basis = f"{why}; 23 ± {assumed:g} °C is assumed"
        return Temperature(None, basis, f"temperature not known: {basis}")
