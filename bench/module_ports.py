"""What stands at the module of one position: its ports as the station names them, each opened for the dialogue that needs it.

Several positions may share a port (M-Bus, current loop): one of them talks at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.station import PositionDescription

if TYPE_CHECKING:
    from drivers.mbus_frames import MBusReading
    from drivers.module_contacts import SupplyContact, TariffRelay
    from drivers.optical_head import Readout


class NotWired(Exception):
    """The station has no port for this. The message names it, and the key of the station file."""


@dataclass(frozen=True)
class ModulePorts:
    """The module ports of one position."""

    description: PositionDescription
    users: Mapping[str, asyncio.Lock] = field(default_factory=dict)
    """One lock a port, shared by all positions that name it."""
    relay: TariffRelay | None = None
    supply: SupplyContact | None = None

    async def mbus(self, meter_number: str) -> tuple[MBusReading, MBusReading]:
        """The registers over M-Bus, read by primary and by secondary address. Raises `NotWired`, `ModuleError` or `ModulePortError`."""
        from drivers.mbus import MBusMaster, mbus_line

        url = self._url("MK")
        async with self.users[url], mbus_line(url, self._name) as line:
            master = MBusMaster(line)
            return await master.read_primary(meter_number), await master.read_secondary(meter_number)

    async def mode_a(self, code: str, address: str = "") -> Readout:
        """The telegram over the module `code`: RK, FK or IK. Raises `NotWired`, `ModuleError` or `ModulePortError`."""
        from drivers.mode_a_port import CURRENT_LOOP, SERIAL, TCP_IP, ModeAPort

        url = self._url(code)
        wiring = {"RK": SERIAL, "FK": CURRENT_LOOP, "IK": TCP_IP}[code]
        async with self.users[url]:
            return await ModeAPort(url, self._name, wiring).read(address)

    def select_tariff(self, tariff: int) -> None:
        """Ask the meter's tariff input for tariff 1 or 2. Raises `NotWired`."""
        if self.relay is None:
            raise NotWired(f"{self._name} has no tariff relay (tariff_pin in the station file)")
        self.relay.select(tariff)

    @property
    def supply_present(self) -> bool:
        """Whether the S0 supply module gives its 24 V. Raises `NotWired`."""
        if self.supply is None:
            raise NotWired(f"{self._name} has no contact for the supply voltage (supply_pin in the station file)")
        return self.supply.closed

    @property
    def _name(self) -> str:
        return f"position {self.description.number}"

    def _url(self, code: str) -> str:
        url = self.description.modules.get(code)
        if url is None:
            raise NotWired(f"{self._name} has no port for a module {code} (modules.{code} in the station file)")
        return url
