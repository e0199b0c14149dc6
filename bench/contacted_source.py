"""A power source behind a main contactor: closed before the first load, dropped with every switching off, however that goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.load import Load
from drivers.power_source import Capabilities, PowerSource, Reading

DROPS_AFTER_S = 0.2
"""The contactor drops so long after switching off began (and the declared ramp), although the source has not answered yet.

Until then the source may bring its currents to zero, which spares the contacts.
"""

CLOSES_IN_S = 0.1
"""A contactor has closed after this time."""


class ContactedSource:
    """A `PowerSource` whose output passes a contactor."""

    def __init__(
        self, source: PowerSource, close_contactor: Callable[[], None], drop_contactor: Callable[[], None]
    ) -> None:
        self._source = source
        self._close_contactor = close_contactor
        self._drop_contactor = drop_contactor
        self._closed = False
        self._offs = 0

    @property
    def identity(self) -> str:
        """Of the source."""
        return self._source.identity

    @property
    def found(self) -> str:
        """Of the source."""
        return self._source.found

    @property
    def capabilities(self) -> Capabilities:
        """Of the source."""
        return self._source.capabilities

    async def open(self) -> None:
        """Open the source; the contactor stays open."""
        self._drop()
        await self._source.open()

    async def apply(self, load: Load) -> None:
        """Close the contactor without a load, then set the load."""
        if not self._closed:
            offs = self._offs
            self._close_contactor()
            self._closed = True
            await asyncio.sleep(CLOSES_IN_S)
            if offs != self._offs:
                return  # switched off meanwhile: the owner revokes the handle that asked
        await self._source.apply(load)

    async def read(self) -> Reading:
        """Read the output back, in front of the contactor."""
        return await self._source.read()

    async def off(self) -> Reading:
        """Switch the source off, then drop the contactor; at once when the source takes too long."""
        self._offs += 1
        late = asyncio.get_running_loop().call_later(DROPS_AFTER_S + self.capabilities.ramp, self._drop)
        try:
            return await self._source.off()
        finally:
            late.cancel()
            self._drop()

    async def close(self) -> None:
        """Let the connection to the source go."""
        self._drop()
        await self._source.close()

    def _drop(self) -> None:
        self._closed = False
        self._drop_contactor()
