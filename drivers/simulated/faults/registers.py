"""Faults of the registers and the memory: what is counted, told and kept."""

from __future__ import annotations

import re

from drivers.simulated.faults.fault import Fault, FaultError
from drivers.simulated.faults.values import between, flag
from drivers.simulated.physics import MeterPhysics
from reference_meter import TypeNumber

_TYPE_ADDRESS, _CONSTANT_ADDRESS = 0x01, 0x13
"""Where the memory says what the meter is (github.com/casperbang/KMP382-driver)."""


def _slip(meter: MeterPhysics, value: str) -> None:
    _total_slip(meter, value)
    _trip_slip(meter, value)


def _total_slip(meter: MeterPhysics, value: str) -> None:
    meter.register_slip = between(value, -90.0, 10_000.0) / 100.0


def _trip_slip(meter: MeterPhysics, value: str) -> None:
    meter.trip_slip = between(value, -90.0, 10_000.0) / 100.0


def _memory(meter: MeterPhysics, value: str) -> None:
    constant = re.fullmatch(r"([0-9]{1,5})\s*imp/kWh", value)
    if constant is None:
        meter.memory[_TYPE_ADDRESS] = TypeNumber.parse(value).stored.encode("ascii")
    elif int(constant[1]) > 0xFFFF:
        raise FaultError(f"{value} is outside 0 to {0xFFFF}")
    else:
        meter.memory[_CONSTANT_ADDRESS] = int(constant[1]).to_bytes(2, "little")


REGISTERS = (
    Fault("register-slip", "the energy registers take so much more than 1000 pulses a kWh", "+25%", "%", "meter", "register",
          "±0.5 % where the port speaks native, else the error that the record states", "FAIL", _slip),
    Fault("total-slip", "the kWh registers alone take so much more than 1000 pulses a kWh, the trip counter does not", "+25%", "%",
          "meter", "register", "±10 %", "FAIL", _total_slip),
    Fault("trip-slip", "the trip counter alone takes so many more pulses, the kWh registers do not", "+2%", "%", "meter",
          "register", "±0.5 %, where the port speaks native", "FAIL", _trip_slip),
    Fault("wrong-memory", "the memory holds another type, or another constant, than the meter's", "685-361-OK-50", "", "meter",
          "sign-on", "always, where the port speaks native", "FAIL", _memory),
    Fault("config-stuck", "takes a configuration and keeps the one it has", "", "", "meter", "configuration",
          "always, where the profile names a configuration", "FAIL", flag("configuration_stuck")),
)  # fmt: skip
