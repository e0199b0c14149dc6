"""The source owner: the only session to the source, a lease that must be renewed, and a trip that only a person re-arms.

Safety does not depend on the sequence: when the lease runs out, whoever holds the handle loses it and the source goes off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from drivers.load import Load
from drivers.power_source import Capabilities, InstrumentError, PowerSource, Reading
from drivers.visa import Revoked

LEASE_S = 0.5
"""The source goes off so long after the last renewal."""
RENEWAL_S = 0.1
"""How often a living run renews."""


class StillEnergised(InstrumentError):
    """Switching off could not be confirmed: nobody may touch anything."""


class Tripped(InstrumentError):
    """The owner switched off by itself; a person must re-arm it."""


class SourceHandle:
    """A run's way to the source while it is energised. Revoked at the end: a late `finally` cannot touch the source."""

    def __init__(self, owner: SourceOwner) -> None:
        self._owner = owner
        self._why = ""

    async def apply(self, load: Load) -> None:
        """Set the load. Raises `LoadRefused`, `Revoked` or another `InstrumentError`."""
        self._check()
        await self._owner._apply(load, self)

    async def read(self) -> Reading:
        """Read the output back."""
        self._check()
        return await self._owner._source.read()

    def renew(self) -> None:
        """Keep the source on for another lease."""
        self._check()
        self._owner._renew()

    def revoke(self, why: str) -> None:
        """Refuse everything from now on."""
        self._why = self._why or why

    def _check(self) -> None:
        if self._why:
            raise Revoked(f"power source: {self._why}")


class SourceOwner:
    """Owns the source for the life of the engine. `on_trip` is told the reason, once, after the source was told to go off."""

    def __init__(self, source: PowerSource, on_trip: Callable[[str], None]) -> None:
        self._source = source
        self._on_trip = on_trip
        self._handle: SourceHandle | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._lease_until = 0.0
        self._tripping: asyncio.Task[None] | None = None
        self._may_be_on = self._told = False
        """Whether off is not confirmed since the source was lent, and whether somebody was told so."""
        self.trip: str | None = None
        """Why the source was switched off; None while armed."""

    @property
    def identity(self) -> str:
        """The source's identity."""
        return self._source.identity

    @property
    def found(self) -> str:
        """What the source held in its error queue when it was opened."""
        return self._source.found

    @property
    def capabilities(self) -> Capabilities:
        """What the source can make."""
        return self._source.capabilities

    async def read(self) -> Reading:
        """Read the output back."""
        return await self._source.read()

    async def open(self) -> None:
        """Connect; the output is off afterwards."""
        await self._source.open()

    async def close(self) -> None:
        """Switch off, where that was not confirmed since the source was lent, and let the connection go."""
        told = self._told
        try:
            if self._may_be_on:
                await self.off()
        except StillEnergised:
            if not told:
                raise  # else whoever switched off has said so already; this was one more attempt
        finally:
            await self._source.close()

    @asynccontextmanager
    async def energised(self, off_was_read: Callable[[Reading], None]) -> AsyncIterator[SourceHandle]:
        """Lend the source to one run. However the block is left, the source is off and read back before it returns.

        Raises `Tripped` before anything is switched when a trip stands, `StillEnergised` when off cannot be confirmed.
        """
        if self.trip is not None:
            raise Tripped(f"the source was switched off ({self.trip}) and stays off until a person re-arms it")
        if self._handle is not None:
            raise InstrumentError("the source is lent to another run")
        self._handle = SourceHandle(self)
        self._may_be_on, self._told = True, False
        self._renew()
        try:
            yield self._handle
        finally:
            # Cancellation must not come between the source and its being off.
            await finish(asyncio.ensure_future(self._off(off_was_read)))

    async def off(self) -> Reading:
        """Revoke the handle, switch off, read back. Raises `StillEnergised` when the readback is not zero."""
        if self._handle is not None:
            self._handle.revoke("the source was switched off")
            self._handle = None
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        try:
            reading = await self._source.off()
        except InstrumentError as error:
            self._told = True
            raise StillEnergised(
                "the source may still be on, touch nothing and switch it off at the instrument or by the emergency stop: "
                f"{error}"
            ) from error
        self._may_be_on = False
        return reading

    async def _off(self, off_was_read: Callable[[Reading], None]) -> None:
        try:
            off_was_read(await self.off())
        finally:
            if self._tripping is not None:
                await asyncio.wait([self._tripping])  # or a run that ends as it trips would take itself for whole

    def rearm(self, badge: str = "") -> None:  # noqa: ARG002  # whoever asks keeps the record of who it was
        """The person with this badge allows the source to be energised again."""
        self.trip = None

    def trip_now(self, reason: str) -> None:
        """Switch off at once and latch."""
        if self.trip is None:
            self.trip = reason
            if self._handle is not None:
                self._handle.revoke(f"tripped: {reason}")
            self._tripping = asyncio.get_running_loop().create_task(self._switch_off_for(reason))

    async def _switch_off_for(self, reason: str) -> None:
        try:
            await self.off()
        except InstrumentError as error:
            reason = f"{reason}; {error}"
            self.trip = reason
        self._on_trip(reason)

    async def _apply(self, load: Load, handle: SourceHandle) -> None:
        await self._source.apply(load)
        handle._check()

    def _renew(self) -> None:
        loop = asyncio.get_running_loop()
        self._lease_until = loop.time() + LEASE_S
        if self._expiry is None:
            self._expiry = loop.call_at(self._lease_until, self._expired)

    def _expired(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._lease_until:  # renewed meanwhile: one timer serves all renewals
            self._expiry = loop.call_at(self._lease_until, self._expired)
            return
        self._expiry = None
        self.trip_now(f"nobody renewed the lease for {LEASE_S:g} s")


async def finish(task: asyncio.Future[None]) -> None:
    """Await a task to its end even while this one is being cancelled; the cancellation is raised afterwards."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except InstrumentError:
            break
    task.result()
    if cancelled is not None:
        raise cancelled
