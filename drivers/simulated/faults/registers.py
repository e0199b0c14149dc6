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


def _power_told(meter: MeterPhysics, value: str) -> None:
    meter.power_told = 1.0 + between(value, -99.0, 1000.0) / 100.0


def _power_residue(meter: MeterPhysics, value: str) -> None:
    meter.power_residue_w = int(between(value, 1.0, 100_000.0))


def _native_total(meter: MeterPhysics, value: str) -> None:
    meter.native_off_kwh = int(between(value, 1.0, 1000.0))


def _hours(meter: MeterPhysics, value: str) -> None:
    meter.hours_rate = int(between(value, 2.0, 10_000.0))


def _peak(meter: MeterPhysics, value: str) -> None:
    meter.peak_leap_w = int(between(value, 1.0, 1000.0) * 1000)


_NATIVE = "where the port speaks native"


def _forgets(meter: MeterPhysics, value: str) -> None:
    meter.memory_lost_kwh = int(between(value, 1, 1000))


def _slow_start(meter: MeterPhysics, value: str) -> None:
    meter.start_up_s = between(value, 0.1, 60.0)


REGISTERS = (
    Fault("register-slip", "the energy registers take so much more than 1000 pulses a kWh", "+25%", "%", "meter", "register",
          "±0.5 % where the port speaks native, else the error that the record states", "FAIL", _slip,
          smallest=("+0.5%", "-0.5%")),
    Fault("total-slip", "the kWh registers alone take so much more than 1000 pulses a kWh, the trip counter does not", "+25%", "%",
          "meter", "register", "±5 % where the port speaks native, else the error that the record states", "FAIL", _total_slip,
          smallest=("+5%", "-5%")),
    Fault("trip-slip", "the trip counter alone takes so many more pulses, the kWh registers do not", "+2%", "%", "meter",
          "register", f"±0.5 %, {_NATIVE}", "FAIL", _trip_slip,
          smallest=("+0.5%", "-0.5%")),
    Fault("total-stuck", "the kWh registers never step, the trip counter does", "", "", "meter", "register", "always", "FAIL",
          flag("total_stuck")),
    Fault("tariff-stands", "tariff 1 does not count with the total", "", "", "meter", "register", "always", "FAIL",
          flag("tariff_fault", "stands")),
    Fault("both-tariffs", "both tariff registers count with the total", "", "", "meter", "register", "always", "FAIL",
          flag("tariff_fault", "both")),
    Fault("other-tariff", "tariff 2 counts where nobody asked for it", "", "", "meter", "read-out", "always", "FAIL",
          flag("tariff_fault", "other")),
    Fault("power-told", "the actual power is told wrong by this much, the energy is right", "+10%", "%", "meter", "register",
          f"±4 %, {_NATIVE}", "FAIL", _power_told,
          smallest=("+4%", "-4%")),
    Fault("power-residue", "some actual power is told where no current flows", "50W", "W", "meter", "read-out",
          f"1 W, {_NATIVE}", "FAIL", _power_residue,
          smallest=("1W",)),
    Fault("native-total", "the native protocol tells a total that is too high by this much", "+1kWh", "kWh", "meter", "read-out",
          f"1 kWh, {_NATIVE}", "FAIL", _native_total),
    Fault("hours-fast", "the hour counter gains so many hours in one", "20x", "×", "meter", "read-out",
          f"10 times, {_NATIVE}", "FAIL", _hours,
          smallest=("10x",)),
    Fault("peak-leap", "the peak register leaps by this much", "+200kW", "kW", "meter", "read-out",
          f"four times the energy of the run an hour, {_NATIVE}", "FAIL", _peak,
          smallest=("+10kW",)),
    Fault("wrong-memory", "the memory holds another type, or another constant, than the meter's", "685-361-OK-50", "", "meter",
          "sign-on", f"always, {_NATIVE}", "FAIL", _memory),
    Fault("memory-lost", "when the voltage goes the registers fall back by so much", "5kWh", "kWh", "meter", "memory", "1 kWh",
          "FAIL", _forgets, smallest=("1kWh",)),
    Fault("slow-start", "the meter takes so long from voltage to function", "8s", "s", "meter", "memory", "5.5 s", "FAIL",
          _slow_start, smallest=("5.5s",)),
    Fault("config-stuck", "takes a configuration and keeps the one it has", "", "", "meter", "configuration",
          "always, where the profile names a configuration", "FAIL", flag("configuration_stuck")),
)  # fmt: skip
