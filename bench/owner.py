"""What a run asks of whoever owns the source, in this process (`bench.safety`) or in its own (`bench.owner_client`)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from drivers.load import Load
from drivers.power_source import Capabilities, Reading


class Handle(Protocol):
    """A run's way to the source while it is energised. Revoked at the end: a late `finally` cannot touch the source."""

    async def apply(self, load: Load) -> None:
        """Set the load. Raises `LoadRefused`, `Revoked` or another `InstrumentError`."""

    async def read(self) -> Reading:
        """Read the output back."""

    def renew(self) -> None:
        """Keep the source on for another lease. Raises `Revoked`; never waits."""


class Owner(Protocol):
    """The only session to the source, with a lease that must be renewed and a trip that only a person re-arms."""

    @property
    def trip(self) -> str | None:
        """Why the source was switched off; None while armed."""

    @property
    def identity(self) -> str:
        """The source's identity."""

    @property
    def found(self) -> str:
        """What the source held in its error queue when it was opened, in one sentence; empty when nothing."""

    @property
    def capabilities(self) -> Capabilities:
        """What the source can make."""

    async def open(self) -> None:
        """Connect; the output is off afterwards, unless it is lent to somebody else."""

    async def close(self) -> None:
        """Switch off what is lent and let the connection go."""

    async def read(self) -> Reading:
        """Read the output back."""

    def energised(self, off_was_read: Callable[[Reading], None]) -> AbstractAsyncContextManager[Handle]:
        """Lend the source to one run. However the block is left, the source is off and read back before it returns."""

    async def off(self) -> Reading:
        """Revoke the handle, switch off, read back. Raises `StillEnergised` when that cannot be confirmed."""

    def rearm(self, badge: str) -> None:
        """The person with this badge allows the source to be energised again."""
