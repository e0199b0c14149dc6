"""What every reference standard on a VISA port has in common: the port, its declared accuracy, and how often it is read."""

from __future__ import annotations

from drivers.visa import VisaPort


class VisaStandard:
    """A reference standard on a VISA port, in whatever dialect."""

    def __init__(self, port: VisaPort, accuracy_percent: float, readback_period: float) -> None:
        """`accuracy_percent` is the declared half-width of its error, % of reading; `readback_period` in s."""
        self._port = port
        self._accuracy_percent = accuracy_percent
        self._readback_period = readback_period

    @property
    def identity(self) -> str:
        """Maker, model, serial number and firmware as the instrument gave them."""
        return self._port.identity

    @property
    def accuracy_percent(self) -> float:
        """Half-width of the declared error of its power reading, % of reading."""
        return self._accuracy_percent

    @property
    def readback_period(self) -> float:
        """Seconds between readings while the load is steady."""
        return self._readback_period

    async def close(self) -> None:
        """Let the connection go."""
        await self._port.close()
