"""What every reference standard can do for the bench: measure the load that the meters see, with a declared accuracy."""

from __future__ import annotations

from typing import Protocol

from drivers.power_source import Reading


class ReferenceStandard(Protocol):
    """A wattmeter in the meters' circuit. All methods raise `InstrumentError` with a sentence to act on."""

    @property
    def identity(self) -> str:
        """Maker, model, serial number and firmware as the instrument gave them."""

    @property
    def accuracy_percent(self) -> float:
        """Half-width of the declared error of its power reading, % of reading."""

    @property
    def readback_period(self) -> float:
        """Seconds between readings while the load is steady."""

    async def open(self) -> None:
        """Connect, identify, empty the error queue."""

    async def read(self) -> Reading:
        """Measure once."""

    async def close(self) -> None:
        """Let the connection go."""
