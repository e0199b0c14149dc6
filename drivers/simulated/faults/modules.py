"""Faults of the modules: pulse input and output, the ports, the tariff input, the supply."""

from __future__ import annotations

from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.values import between, flag, one_in
from drivers.simulated.physics import MeterPhysics


def _output_2_width(meter: MeterPhysics, value: str) -> None:
    meter.output_2_stretch = 1.0 + between(value, -90.0, 100.0) / 100.0


def _module_value(meter: MeterPhysics, value: str) -> None:
    meter.module_off_kwh = int(between(value, 1, 1000))


def _output_2_rate(meter: MeterPhysics, value: str) -> None:
    meter.output_2_every = one_in(value)


def _input_factor(meter: MeterPhysics, value: str) -> None:
    meter.input_factor = int(between(value, 2, 1000))


_CONTACT = "where the station has a contact for it"
_INPUT_2 = "where the station has an input for it"
_SILENT = flag("module_fault", "module-silent")

MODULES = (
    Fault("output-2-dead", "pulse output 2 gives no pulses", "", "", "meter", "output-2", _INPUT_2, "FAIL",
          flag("output_2_dead"), "RK"),
    Fault("output-2-width", "pulses on output 2 are longer by this much", "+15%", "%", "meter", "output-2",
          f"±11 %, {_INPUT_2}", "FAIL", _output_2_width, "RK",
          smallest=("+11%", "-11%")),
    Fault("output-2-rate", "pulse output 2 gives one pulse where so many are due", "2", "", "meter", "output-2",
          f"every other missing, {_INPUT_2}", "FAIL", _output_2_rate, "RK"),
    Fault("output-2-double", "each pulse on output 2 comes twice", "", "", "meter", "output-2", _INPUT_2, "FAIL",
          flag("output_2_doubled"), "RK"),
    Fault("input-deaf", "the pulse input counts nothing", "", "", "meter", "pulse-input", _CONTACT, "FAIL",
          flag("input_deaf"), "RK"),
    Fault("input-double", "the pulse input counts bounce too", "", "", "meter", "pulse-input", _CONTACT, "FAIL",
          flag("input_counts_bounce"), "RK"),
    Fault("input-constant", "the register of the pulse input gains so many for one closure", "2x", "×", "meter", "pulse-input",
          f"2 times, {_CONTACT}", "FAIL", _input_factor, "RK"),
    Fault("mbus-silent", "the M-Bus module does not answer", "", "", "meter", "module", "always", "FAIL", _SILENT, "MK"),
    Fault("mbus-value", "the M-Bus module tells a total that is too high by this much", "+1kWh", "kWh", "meter", "module",
          "1 kWh", "FAIL", _module_value, "MK"),
    Fault("serial-silent", "the serial output of the data/pulse module is dead", "", "", "meter", "module", "always", "FAIL",
          _SILENT, "RK"),
    Fault("serial-value", "the data/pulse module tells a total that is too high by this much at 300 baud", "+1kWh", "kWh", "meter",
          "module", "1 kWh", "FAIL", _module_value, "RK"),
    Fault("serial-native-silent", "the data/pulse module answers at 300 baud, and at 1200 nothing", "", "", "meter", "module",
          "always, where the port speaks native", "FAIL", flag("module_fault", "native-silent"), "RK"),
    Fault("serial-native-value", "the data/pulse module tells natively a total that is 1 kWh too high", "", "", "meter", "module",
          "always, where the port speaks native", "FAIL", flag("module_fault", "native-value"), "RK"),
    Fault("tcp-silent", "the TCP/IP module answers no request", "", "", "meter", "module", "always", "FAIL", _SILENT, "IK"),
    Fault("tcp-value", "the TCP/IP module tells a total that is too high by this much", "+1kWh", "kWh", "meter", "module",
          "1 kWh", "FAIL", _module_value, "IK"),
    Fault("loop-address", "the meter on the current loop has the address of another", "", "", "meter", "module", "always",
          "FAIL", flag("module_fault", "loop-address"), "FK"),
    Fault("modem-no-carrier", "the V.22 modem does not take a call", "", "", "meter", "module", "always", "FAIL",
          flag("module_fault", "no-carrier"), "HK"),
    Fault("call-dead", "six seconds on the page Call make the V.22 modem call nobody", "", "", "meter", "module",
          "always, where the station has an actuator for the arrow key", "FAIL", flag("module_fault", "call-dead"), "HK"),
    Fault("modem-value", "the V.22 modem tells a total that is too high by this much", "+1kWh", "kWh", "meter", "module",
          "1 kWh", "FAIL", _module_value, "HK"),
    Fault("sms-silent", "the GSM module answers no short message", "", "", "meter", "module", "always", "FAIL", _SILENT, "YN"),
    Fault("tariff-stuck", "the tariff input changes nothing", "", "", "meter", "module", "always", "FAIL",
          flag("module_fault", "tariff-stuck"), "WK FK EK"),
    Fault("tariff-inverted", "the tariff input works the wrong way round", "", "", "meter", "module", "always", "FAIL",
          flag("module_fault", "tariff-inverted"), "WK FK EK"),
    Fault("no-supply", "the S0 supply module gives no 24 V", "", "", "meter", "module",
          "always, where the station has a contact for it", "FAIL", flag("module_fault", "no-supply"), "SK"),
)  # fmt: skip
