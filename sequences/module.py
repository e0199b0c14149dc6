"""The step of the meter's module, chosen from the type number alone (R71): each function of the module is one part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.measurements import Declared
from bench.module_ports import NotWired
from bench.position import Position
from bench.profile import Profile
from bench.steps import Step
from drivers.load import Load
from reference_meter import TypeNumber
from sequences.module_modem import CalledRegisters, MessageRegisters
from sequences.module_part import ModulePart
from sequences.module_registers import CurrentLoopRegisters, DataPulseRegisters, MBusRegisters, ModeARegisters
from sequences.module_supply import S0Supply
from sequences.module_tariff import TariffSwitching
from sequences.module_untouched import Untouched

_PARTS: dict[str, Callable[[TypeNumber, Profile], tuple[ModulePart, ...]]] = {
    "OK": lambda _, __: (),
    "SK": lambda meter, _: (S0Supply(meter),),
    "RK": lambda meter, _: (DataPulseRegisters(meter),),
    "QR": lambda meter, _: (Untouched(meter, "the radio link"),),
    "MK": lambda meter, _: (MBusRegisters(meter),),
    "EK": lambda meter, _: (TariffSwitching(meter),),
    "HK": lambda meter, profile: (CalledRegisters(meter, profile.ordered),),
    "WK": lambda meter, _: (TariffSwitching(meter),),
    "FK": lambda meter, _: (CurrentLoopRegisters(meter, "FK"), TariffSwitching(meter)),
    "YN": lambda meter, _: (MessageRegisters(meter),),
    "PO": lambda meter, _: (Untouched(meter, "the power line link"),),
    "IK": lambda meter, _: (ModeARegisters(meter, "IK"),),
}


@dataclass(frozen=True)
class ModuleTest(Step):
    """The plug-in module of the type number does what the data sheet says of it (data sheet, Modules)."""

    parts: tuple[ModulePart, ...]

    @property
    def name(self) -> str:
        """Name in the record."""
        return "module"

    @property
    def title(self) -> str:
        """Name on the screen, with the module's."""
        return f"Module {self.meter.module}: {self.meter.ordered_module.name}"

    @property
    def load(self) -> Load:
        """Imax."""
        return self.parts[0].load

    def wired_to(self) -> tuple[str, ...]:
        """What all parts are wired to."""
        return tuple(key for part in self.parts for key in part.wired_to())

    def measurements(self) -> tuple[Declared, ...]:
        """Those of all parts."""
        return tuple(each for part in self.parts for each in part.measurements())

    def duration(self) -> float:
        """All parts, one after the other."""
        return sum(part.duration() for part in self.parts)

    def longest(self) -> float:
        """All parts, where no meter answers."""
        return sum(part.longest() for part in self.parts)

    async def run(self, at: Position) -> None:
        """Each part; one for which this station has no port is left out, and the record names it."""
        for part in self.parts:
            try:
                await part.run(at)
            except NotWired as reason:
                at.leave_out(str(reason), *(each.name for each in part.measurements()))


def module_test(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The module's step; none for a meter without a module."""
    parts = _PARTS[meter.module](meter, profile)
    return [ModuleTest(meter, profile, parts)] if parts else []
