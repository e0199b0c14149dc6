"""The module space of every position of a simulated line: the far end of each module port, and what is fitted there for a run.

Mode A and native leave a module by the same simulated port as the optical head: the same protocols, another wire.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from drivers import native_registers
from drivers.iec61107 import encode
from drivers.native_frames import Frame
from drivers.simulated import native_answers
from drivers.simulated.current_loop import SimulatedLoop
from drivers.simulated.mbus_module import SimulatedMBus, SimulatedMBusSlave
from drivers.simulated.meter import SimulatedMeter
from drivers.simulated.modem import SimulatedModem, Subscriber
from drivers.simulated.optical_port import SimulatedOpticalPort
from drivers.simulated.pins import Pin
from drivers.simulated.serial_line import FarEnd
from reference_meter import ReferenceMeter
from reference_meter.mbus import user_data

ON_ONE_LOOP = 4
"""Meters on one current loop: each gives up about 4 V of the loop's 30 V (EMH ITZ manual, p. 17)."""
_MOST_WITH_PINS = 6
"""So many positions leave header pins for the tariff relays and the supply contacts."""
_FIRST_TELEPHONE = 100
_FIRST_TARIFF_PIN = 10
_FIRST_SUPPLY_PIN = 22


@dataclass(frozen=True)
class ModulePortNames:
    """The names of one position's module ports."""

    urls: Mapping[str, str]
    """By module code."""
    telephone: str
    tariff_pin: str | None
    supply_pin: str | None


class SimulatedModules:
    """All module spaces of a line.

    `pin` gives a GPIO pin by its name and `far_end` the line of that name; `wired` says whether the header has pins left for them.
    """

    def __init__(
        self, positions: int, pin: Callable[[str], Pin], far_end: Callable[[str], FarEnd], *, wired: bool
    ) -> None:
        self._pin = pin
        self._meters: dict[int, SimulatedMeter] = {}
        numbers = range(1, positions + 1)
        self._urls: dict[int, dict[str, str]] = {number: {} for number in numbers}
        self._buses = {number: SimulatedMBus(self._line(far_end(f"mbus-{number}"), "MK", number)) for number in numbers}
        self._loops = [SimulatedLoop(far_end(f"loop-{1 + k}")) for k in range(1 + (positions - 1) // ON_ONE_LOOP)]
        self._mode_a: dict[tuple[str, int], SimulatedOpticalPort] = {}
        for number in numbers:
            for code, line in (
                ("RK", far_end(f"serial-{number}")),
                ("IK", far_end(f"uart-{number}")),
                ("FK", self._loops[(number - 1) // ON_ONE_LOOP].tap()),
            ):
                native = partial(self._natively, number) if code == "RK" else None
                self._mode_a[code, number] = SimulatedOpticalPort(
                    self._line(line, code, number), self._telegram_of(code, number), native=native
                )
        modem = far_end("modem")
        for number, code in itertools.product(numbers, ("HK", "YN")):
            self._line(modem, code, number)
        self.modem = SimulatedModem(modem, self._subscriber)
        """The bench's modem, on a telephone exchange and a mobile network with the meters."""
        self.names = {number: self._names(number, wired and positions <= _MOST_WITH_PINS) for number in numbers}
        """By position."""

    def fit(self, number: int, meter: SimulatedMeter) -> None:
        """A meter was put into the position, its module with it."""
        self._meters[number] = meter
        customer = meter.physics.customer_number
        fault = meter.physics.module_fault
        for (_, position), port in self._mode_a.items():
            if position == number:
                port.behaviour.reaction = meter.physics.reaction_s
                port.behaviour.address = str(customer + 1 if fault == "loop-address" else customer)
        self._buses[number].slaves = [SimulatedMBusSlave(lambda: customer, lambda n: self._user_data(number, n))]
        names = self.names[number]
        if names.tariff_pin is not None:
            self._pin(names.tariff_pin).on_output = lambda on: meter.select_tariff(_now(), 2 if on else 1)
        if names.supply_pin is not None:
            pin, gives = self._pin(names.supply_pin), meter.physics.meter.module == "SK" and fault != "no-supply"
            pin.edge(_now(), level=True)
            meter.on_supply = lambda powered: pin.edge(_now(), not (powered and gives))
        if meter.physics.meter.module == "HK" and fault != "call-dead":
            meter.on_call = lambda: self.modem.ring(names.telephone)

    def close(self) -> None:
        """Pull every plug."""
        for bus in self._buses.values():
            bus.close()
        for port in self._mode_a.values():
            port.close()
        for loop in self._loops:
            loop.close()
        self.modem.close()

    def _line(self, end: FarEnd, code: str, number: int) -> FarEnd:
        """Note what the bench opens for a module at a position."""
        self._urls[number][code] = end.url
        return end

    def _names(self, number: int, with_pins: bool) -> ModulePortNames:
        return ModulePortNames(
            urls=self._urls[number],
            telephone=str(_FIRST_TELEPHONE + number),
            tariff_pin=f"GPIO{_FIRST_TARIFF_PIN + number - 1}" if with_pins else None,
            supply_pin=f"GPIO{_FIRST_SUPPLY_PIN + number - 1}" if with_pins else None,
        )

    def _telegram_of(self, code: str, number: int) -> Callable[[], bytes | None]:
        def telegram() -> bytes | None:
            meter = self._meters.get(number)
            logic = None if meter is None else self._found_by(code, meter)
            if meter is None or logic is None:
                return None
            readout = logic.readout()
            off = meter.physics.module_off_kwh
            data_sets = tuple(
                replace(each, value=f"{int(each.value) + off:07}") if each.code == "1.20" else each
                for each in readout.data_sets
            )
            readout = replace(readout, data_sets=data_sets)
            return encode(readout.identification, readout.body())

        return telegram

    def _natively(self, number: int, request: Frame) -> Frame | None:
        meter = self._meters.get(number)
        logic = None if meter is None else self._found_by("RK", meter)
        if meter is None or logic is None or not meter.physics.speaks_native:
            return None
        fault, answer = meter.physics.module_fault, native_answers.answer(logic, request)
        if answer is None or fault == "native-silent":
            return None
        if fault == "native-value" and request.command == native_registers.TARIFFS.command:
            total = int.from_bytes(answer.data[_NATIVE_TOTAL], "big") + 1
            return replace(answer, data=answer.data[:1] + total.to_bytes(4, "big") + answer.data[5:])
        return answer

    def _subscriber(self, telephone: str) -> Subscriber | None:
        number = int(telephone) - _FIRST_TELEPHONE if telephone.isdigit() else 0
        meter = self._meters.get(number)
        if meter is None or meter.physics.module_fault == "no-carrier":
            return None
        return Subscriber(self._telegram_of("HK", number), self._message_of(number))

    def _message_of(self, number: int) -> Callable[[], str | None]:
        def message() -> str | None:
            logic = self._found_by("YN", self._meters[number])
            return None if logic is None else " ".join(map(str, logic.readout().data_sets))

        return message

    def _user_data(self, number: int, access_number: int) -> bytes | None:
        meter = self._meters[number]
        logic = self._found_by("MK", meter)
        if logic is None:
            return None
        data = bytearray(user_data(logic, access_number))
        total = _MBUS_TOTAL
        data[total] = (int.from_bytes(data[total], "little") + meter.physics.module_off_kwh).to_bytes(4, "little")
        return bytes(data)

    @staticmethod
    def _found_by(code: str, meter: SimulatedMeter) -> ReferenceMeter | None:
        """The meter as a module of this kind finds it; None where none is fitted, or it is dead."""
        if meter.physics.meter.module != code or meter.physics.module_fault == "module-silent":
            return None
        return meter.over_bus(_now())


_NATIVE_TOTAL = slice(1, 5)
"""Where the total lies in the answer to command 95."""
_MBUS_TOTAL = slice(15, 19)
"""Where the value of the first record, the total, lies after the CI field, the header and its DIF and VIF."""


def _now() -> float:
    return asyncio.get_running_loop().time()
