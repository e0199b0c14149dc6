"""What stands at the module of one position: its ports as the station names them, each opened for the dialogue that needs it.

Several positions may share a port (M-Bus, current loop): one of them talks at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.station import PositionDescription

if TYPE_CHECKING:
    from drivers.mbus_frames import MBusReading
    from drivers.mode_a_registers import Registers
    from drivers.mode_a_telegram import Telegram
    from drivers.module_contacts import SupplyContact, TariffRelay
    from drivers.native_registers import TariffBlock
    from drivers.optical_head import NativeAnswer, Readout


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

    async def native(self) -> tuple[NativeAnswer[Registers], NativeAnswer[TariffBlock]]:
        """Registers and tariffs on the native protocol over the data/pulse module (RK).

        Raises `NotWired`, `ModuleError` or `ModulePortError`.
        """
        from drivers import native_registers
        from drivers.mode_a_port import SERIAL, ModeAPort

        url = self._url("RK")
        async with self.users[url]:
            port = ModeAPort(url, self._name, SERIAL)
            registers = await port.ask(native_registers.REGISTERS, native_registers.registers)
            return registers, await port.ask(native_registers.TARIFFS, native_registers.tariffs)

    async def data_call(self) -> tuple[float, Telegram]:
        """Call the meter's modem (HK), read mode A and hang up: when it was asked, loop time, and the telegram.

        Raises `NotWired`, `ModuleError` or `ModulePortError`.
        """
        from drivers.modem import Modem, modem_line

        url, number = self._url("HK"), self._telephone()
        async with self.users[url], modem_line(url, self._name) as line:
            modem = Modem(line)
            await modem.set_up()
            await modem.call(number)
            try:
                return await modem.read()
            finally:
                await modem.hang_up()

    async def called_by_meter(self, act: Callable[[], Awaitable[object]], within_s: float) -> str:
        """The number that is shown once `act` has made the meter's modem (HK) call: that of the position.

        Raises `NotWired`, `ModuleError` where no call comes from it, or `ModulePortError`.
        """
        from drivers.modem import Modem, modem_line

        url, number = self._url("HK"), self._telephone()
        async with self.users[url], modem_line(url, self._name) as line:
            modem = Modem(line)
            await modem.set_up()
            await act()
            await modem.called_by(number, within_s)
            return number

    async def message(self) -> Telegram:
        """Ask the meter's GSM module (YN) for its registers by short message. Raises `NotWired`, `ModuleError` or `ModulePortError`."""
        from drivers.mode_a_telegram import TelegramError
        from drivers.modem import Modem, modem_line
        from drivers.module_line import ModuleGarbled
        from drivers.sms_readout import QUESTION, telegram_in

        url, number = self._url("YN"), self._telephone()
        async with self.users[url], modem_line(url, self._name) as line:
            modem = Modem(line)
            await modem.set_up()
            text = await modem.exchange_messages(number, QUESTION)
            try:
                return telegram_in(text)
            except TelegramError as fault:
                raise ModuleGarbled(f"{self._name}: the short message {text!r} holds no registers: {fault}") from fault

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

    def _telephone(self) -> str:
        if not self.description.telephone:
            raise NotWired(f"{self._name} has no telephone number (telephone in the station file)")
        return self.description.telephone

    def _url(self, code: str) -> str:
        url = self.description.modules.get(code)
        if url is None:
            raise NotWired(f"{self._name} has no port for a module {code} (modules.{code} in the station file)")
        return url
