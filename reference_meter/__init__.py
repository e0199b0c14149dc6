"""The Kamstrup 382 as pure logic: no I/O, no clock, no float in a register."""

from reference_meter.assumptions import Assumptions
from reference_meter.configuration import Configuration, InputMode, Option, Output2, Unit
from reference_meter.display import Page
from reference_meter.events import Event, KilowattHour, S0Pulse
from reference_meter.image import MemoryImage
from reference_meter.meter import NotFitted, ReferenceMeter
from reference_meter.picture import DisplayPicture
from reference_meter.power import HOUR, NO_VOLTAGE, SECOND, WATT_HOUR, Power
from reference_meter.protection import Sealed, WrongPassword
from reference_meter.readout import DataSet, ModeAReadout
from reference_meter.registers import Registers
from reference_meter.trace import trace
from reference_meter.type_number import MalformedTypeNumber, TypeNumber

__all__ = [
    "HOUR",
    "NO_VOLTAGE",
    "SECOND",
    "WATT_HOUR",
    "Assumptions",
    "Configuration",
    "DataSet",
    "DisplayPicture",
    "Event",
    "InputMode",
    "KilowattHour",
    "MalformedTypeNumber",
    "MemoryImage",
    "ModeAReadout",
    "NotFitted",
    "Option",
    "Output2",
    "Page",
    "Power",
    "ReferenceMeter",
    "Registers",
    "S0Pulse",
    "Sealed",
    "TypeNumber",
    "Unit",
    "WrongPassword",
    "trace",
]
