"""The catalogue: every fault of every family by its name, in the order in which it is listed."""

from __future__ import annotations

from drivers.simulated.faults.face import FACE
from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.fixture import FIXTURE
from drivers.simulated.faults.influences import INFLUENCES
from drivers.simulated.faults.instruments import INSTRUMENTS
from drivers.simulated.faults.logic import LOGIC
from drivers.simulated.faults.metrology import METROLOGY
from drivers.simulated.faults.modules import MODULES
from drivers.simulated.faults.optical import OPTICAL
from drivers.simulated.faults.pulses import PULSES
from drivers.simulated.faults.registers import REGISTERS

CATALOGUE: dict[str, Fault] = {
    fault.name: fault
    for family in (METROLOGY, PULSES, REGISTERS, FACE, OPTICAL, MODULES, FIXTURE, INSTRUMENTS, INFLUENCES, LOGIC)
    for fault in family
}
"""Every fault by its name."""
