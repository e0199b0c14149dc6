"""Faults of the optical port, and of what the meter says it is."""

from __future__ import annotations

import re

from drivers.simulated.faults.fault import Fault, FaultError
from drivers.simulated.faults.values import between, flag
from drivers.simulated.physics import MeterPhysics
from reference_meter import TypeNumber


def _type(meter: MeterPhysics, value: str) -> None:
    meter.meter = TypeNumber.parse(value)


def _told_type(meter: MeterPhysics, value: str) -> None:
    meter.told_type = str(TypeNumber.parse(value))


def _untold(meter: MeterPhysics, value: str) -> None:
    if not re.fullmatch(r"[0-9]\.[0-9]{1,2}(\.[0-9])?(\*1)?", value):
        raise FaultError(f"{value!r} is no register of the telegram; write its code, for instance 1.20")
    meter.untold = (*meter.untold, value)


def _slow(meter: MeterPhysics, value: str) -> None:
    meter.reaction_s = between(value, 0.0, 60.0)


OPTICAL = (
    Fault("silent-head", "the optical port does not answer", "", "", "meter", "sign-on", "always", "FAIL", flag("optical_silent")),
    Fault("garbled-head", "what the optical port sends is unreadable", "", "", "meter", "sign-on", "always", "FAIL",
          flag("optical_flaw", "garbled")),
    Fault("wrong-parity", "the optical port sends each character with the wrong parity", "", "", "meter", "sign-on", "always", "FAIL",
          flag("optical_flaw", "parity")),
    Fault("block-check", "the telegram carries a wrong block check", "", "", "meter", "sign-on", "always", "FAIL",
          flag("optical_flaw", "block-check")),
    Fault("cut-off", "the optical port falls silent in mid-telegram", "", "", "meter", "sign-on", "always", "FAIL",
          flag("optical_flaw", "cut-off")),
    Fault("native-check", "native answers carry a wrong check sum", "", "", "meter", "sign-on", "always, where the port speaks native",
          "FAIL", flag("optical_flaw", "native-check")),
    Fault("slow-answer", "the optical port answers only after so long", "5s", "s", "meter", "sign-on", "1.6 s", "FAIL", _slow,
          smallest=("1.6s",)),
    Fault("untold", "the telegram lacks a register", "1.20", "", "meter", "sign-on", "1.20", "FAIL", _untold),
    Fault("told-type", "the telegram tells another type than the meter is", "685-361-OK-50", "", "meter", "sign-on", "always", "FAIL",
          _told_type),
    Fault("wrong-type", "the meter is of another type", "685-361-OK-50", "", "meter", "sign-on", "always", "FAIL", _type),
)  # fmt: skip
