"""The fault catalogue: what can be wrong with a meter or the fixture, how large, and which step must find it.

A fault is added to a position as `POSITION:NAME` or `POSITION:NAME=VALUE`, one of the bench itself as `line:NAME=SECONDS`, or as
`line:NAME` or `line:NAME=SIZE` where it is there from the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drivers.load import PHASE_NAMES
from drivers.simulated.physics import MeterPhysics
from reference_meter import MalformedTypeNumber, TypeNumber

LINE = 0
"""The "position" of a fault of the bench itself, typed as `line`."""

_TYPE_ADDRESS, _CONSTANT_ADDRESS = 0x01, 0x13
"""Where the memory says what the meter is (github.com/casperbang/KMP382-driver)."""

_NEXT = "next"
"""The position after this one, or the first after the last."""


class FaultError(ValueError):
    """A fault that does not exist, or a value it cannot have; the message says what is possible."""


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong."""

    name: str
    what: str
    """In one line, as a test engineer would say it."""
    default: str
    """The value it has when none is given; empty where it takes none."""
    unit: str
    family: Literal["meter", "fixture", "bench"]
    found_by: str
    """Name of the step of `eol` that must find it."""
    from_size: str
    """The smallest size that is claimed to be found."""
    ends: Literal["FAIL", "BLOCKED", "COMPLETE"]
    """What it must lead to: the meter's FAIL, the run's BLOCKED for a fault of the bench or the fixture, or what the bench heals."""
    put_into: Callable[[MeterPhysics, str], None]
    module: str = ""
    """Codes of the modules it needs one of; empty where any meter can have it."""


@dataclass(frozen=True)
class PlacedFault:
    """A fault at a position."""

    position: int
    fault: Fault
    value: str


def parse_fault(text: str, positions: int) -> PlacedFault:
    """Read `2:gain=+2.5%`. Raises `FaultError` with what is possible."""
    match = re.fullmatch(r"\s*([0-9]{1,3}|line)\s*:\s*([a-z0-9-]+)\s*(?:=\s*(.+?)\s*)?", text)
    if match is None:
        raise FaultError(f"{text!r} is no fault; write POSITION:NAME or POSITION:NAME=VALUE, for instance 2:gain=+2.5%")
    position = LINE if match[1] == "line" else int(match[1])
    if match[1] != "line" and not 1 <= position <= positions:
        raise FaultError(f"fault {text!r}: position {position} does not exist; the line has positions 1 to {positions}")
    fault = CATALOGUE.get(match[2])
    if fault is None:
        raise FaultError(f"fault {match[2]!r} does not exist; `bench faults` lists them: {', '.join(CATALOGUE)}")
    if (fault.family == "bench") != (position == LINE):
        where = "the line" if fault.family == "bench" else "a position"
        example = f"line:{fault.name}" if fault.family == "bench" else f"2:{fault.name}"
        raise FaultError(f"fault {fault.name} is one of {where}; write {example}")
    if match[3] is not None and not fault.default:
        raise FaultError(f"fault {fault.name} takes no value")
    value = match[3] or fault.default
    _try(fault, value, text)
    return PlacedFault(position, fault, value)


def other_position(placed: PlacedFault, positions: int) -> int:
    """The position named by a fault that involves two. Raises `FaultError`."""
    other = placed.position % positions + 1 if placed.value == _NEXT else int(_number(placed.value))
    if not 1 <= other <= positions or other == placed.position:
        raise FaultError(
            f"fault {placed.fault.name}: {placed.value!r} is not another position of this line (1 to {positions})"
        )
    return other


def _try(fault: Fault, value: str, text: str) -> None:
    """Put the fault into a throw-away meter, so that a bad value is found before anything is built."""
    trial = MeterPhysics(TypeNumber.parse("685-381-OK-50"), [0.0] * 3, [0.0] * 3, 0, 0, 0)
    try:
        fault.put_into(trial, value)
    except MalformedTypeNumber as error:
        raise FaultError(f"fault {text!r}: {error}") from None
    except FaultError as error:
        raise FaultError(f"fault {text!r}: {error}") from None


def _number(text: str) -> float:
    match = re.fullmatch(r"([+−-]?[0-9]+(?:\.[0-9]+)?)\s*(?:%|ms|s|kWh|W|x|mΩ|ppm)?", text.strip())
    if match is None:
        raise FaultError(f"{text!r} is not a number with its unit")
    return float(match[1].replace("−", "-"))


def _positive(text: str, least: float, most: float) -> float:
    value = _number(text)
    if not least <= value <= most:
        raise FaultError(f"{text} is outside {least:g} to {most:g}")
    return value


def _gain(meter: MeterPhysics, value: str) -> None:
    change = _positive(value, -99.0, 1000.0)
    meter.gain_percent = [gain + change for gain in meter.gain_percent]


def _phase_gain(meter: MeterPhysics, value: str) -> None:
    match = re.fullmatch(r"L([123])\s*(.+)", value)
    if match is None:
        raise FaultError(f"{value!r} names no phase; write for instance L2+4%")
    meter.gain_percent[int(match[1]) - 1] += _positive(match[2], -99.0, 1000.0)


def _creep(meter: MeterPhysics, value: str) -> None:
    meter.creep_w = _positive(value, 0.001, 10_000.0)


def _no_start(meter: MeterPhysics, value: str) -> None:
    meter.starting_w = meter.meter.starting_power_uw * 1e-6 * _positive(value, 1.05, 100.0)


def _lost(meter: MeterPhysics, value: str) -> None:
    meter.lost_every = int(_positive(value, 2, 1_000_000))


def _double(meter: MeterPhysics, value: str) -> None:
    meter.doubled_every = int(_positive(value, 2, 1_000_000))


def _width(meter: MeterPhysics, value: str) -> None:
    meter.width_ms = _positive(value, 1.0, 200.0)


def _dead_diode(meter: MeterPhysics, _: str) -> None:
    meter.diode_dead = True


def _dark(meter: MeterPhysics, value: str) -> None:
    meter.dark_every = int(_positive(value, 2, 1_000_000))


def _dead_output_2(meter: MeterPhysics, _: str) -> None:
    meter.output_2_dead = True


def _output_2_width(meter: MeterPhysics, value: str) -> None:
    meter.output_2_stretch = 1.0 + _positive(value, -90.0, 100.0) / 100.0


def _dead_key(meter: MeterPhysics, _: str) -> None:
    meter.key_dead = True


def _deaf(meter: MeterPhysics, _: str) -> None:
    meter.input_deaf = True


def _counts_bounce(meter: MeterPhysics, _: str) -> None:
    meter.input_counts_bounce = True


def _silent(meter: MeterPhysics, _: str) -> None:
    meter.optical_silent = True


def _type(meter: MeterPhysics, value: str) -> None:
    meter.meter = TypeNumber.parse(value)


def _module(name: str) -> Callable[[MeterPhysics, str], None]:
    def put_into(meter: MeterPhysics, _: str) -> None:
        meter.module_fault = name

    return put_into


def _module_value(meter: MeterPhysics, value: str) -> None:
    meter.module_off_kwh = int(_positive(value, 1, 1000))


def _of_the_bench(_: MeterPhysics, __: str) -> None:
    """The fault lies in the bench's own wiring, whatever the position."""


def _dead_segment(meter: MeterPhysics, value: str) -> None:
    match = re.fullmatch(r"([1-8])([a-g])", value)
    if match is None:
        raise FaultError(
            f"{value!r} is no segment; write the digit from 1 at the left and the segment a to g, for instance 8g"
        )
    meter.dead_segments = (*meter.dead_segments, (int(match[1]), match[2]))


def _label(meter: MeterPhysics, value: str) -> None:
    meter.printed_type = str(TypeNumber.parse(value))


def _seal(meter: MeterPhysics, _: str) -> None:
    meter.seals_whole = False


def _slip(meter: MeterPhysics, value: str) -> None:
    _total_slip(meter, value)
    _trip_slip(meter, value)


def _total_slip(meter: MeterPhysics, value: str) -> None:
    meter.register_slip = _positive(value, -90.0, 10_000.0) / 100.0


def _trip_slip(meter: MeterPhysics, value: str) -> None:
    meter.trip_slip = _positive(value, -90.0, 10_000.0) / 100.0


def _memory(meter: MeterPhysics, value: str) -> None:
    constant = re.fullmatch(r"([0-9]{1,5})\s*imp/kWh", value)
    if constant is None:
        meter.memory[_TYPE_ADDRESS] = TypeNumber.parse(value).stored.encode("ascii")
    elif int(constant[1]) > 0xFFFF:
        raise FaultError(f"{value} is outside 0 to {0xFFFF}")
    else:
        meter.memory[_CONSTANT_ADDRESS] = int(constant[1]).to_bytes(2, "little")


def _stuck(meter: MeterPhysics, _: str) -> None:
    meter.configuration_stuck = True


def _nothing(_: MeterPhysics, value: str) -> None:
    """The fault lies in the fixture; the line wires it."""
    if value != _NEXT and _positive(value, 1, 12) % 1:
        raise FaultError(f"{value} is no position")


def begins_later(placed: PlacedFault) -> bool:
    """Whether a fault of the bench begins in mid-run; one that does not is there when the instrument is switched on."""
    return placed.fault.unit == "s"


def size(placed: PlacedFault) -> float:
    """How large a fault is that has a size, in its unit."""
    return _number(placed.value)


def seconds(placed: PlacedFault) -> float:
    """When a fault of the bench begins, in s after the source was first energised."""
    return _number(placed.value)


def _later(_: MeterPhysics, value: str) -> None:
    """The fault lies in an instrument of the bench; the line puts it there when its time has come."""
    _positive(value, 0.0, 100_000.0)


def _sized(least: float, most: float) -> Callable[[MeterPhysics, str], None]:
    """The fault lies in what all positions share; the line puts it there."""

    def put_into(_: MeterPhysics, value: str) -> None:
        _positive(value, least, most)

    return put_into


def slow_edge_s(placed: PlacedFault) -> float:
    """How late a fault lets an S0 line come back, s."""
    return _number(placed.value) * 1e-3 if placed.fault.name == "slow-edge" else 0.0


def reversed_phases(placed: PlacedFault) -> tuple[bool, bool, bool]:
    """The phases whose current flows backwards."""
    turned = placed.value.split("+")
    if not set(turned) <= {*PHASE_NAMES} or len(set(turned)) != len(turned):
        raise FaultError(f"{placed.value!r} names no phases; write for instance L2 or L1+L2+L3")
    first, second, third = (name in turned for name in PHASE_NAMES)
    return first, second, third


def _backwards(_: MeterPhysics, value: str) -> None:
    """The fault lies in the fixture; the line wires it."""
    reversed_phases(PlacedFault(0, CATALOGUE["reversed-current"], value))


def _at_once(_: MeterPhysics, __: str) -> None:
    """The fault lies in an instrument of the bench before anybody has asked it."""


_HEAD = "where the station has a scanning head for it"
_CONTACT = "where the station has a contact for it"
_INPUT_2 = "where the station has an input for it"
_THREE = "where three or more positions are tested"
_ALL = (
    Fault("gain", "all measuring circuits are off by this much", "+2.5%", "%", "meter", "accuracy-ib",
          "class 1: ±1.6 %, class 2: ±2.6 %, whatever the good meter's own error was", "FAIL", _gain),
    Fault("phase-gain", "one measuring circuit is off by this much", "L2+4%", "%", "meter", "accuracy-ib-l2",
          "class 1: ±2.6 %, class 2: ±3.9 % on one phase", "FAIL", _phase_gain),
    Fault("creep", "registers with voltage on and no current", "40W", "W", "meter", "no-load",
          "two pulses within the test time", "FAIL", _creep),
    Fault("no-start", "registers only above this multiple of the starting power", "2x", "×", "meter", "starting",
          "1.1 times the starting power", "FAIL", _no_start),
    Fault("lost-pulses", "one S0 pulse in so many does not come out", "50", "", "meter", "s0-pulses",
          "one in 250", "FAIL", _lost),
    Fault("double-pulses", "one S0 pulse in so many comes out twice", "50", "", "meter", "s0-pulses",
          "one in 250", "FAIL", _double),
    Fault("short-pulse", "S0 pulses last this long", "26ms", "ms", "meter", "s0-pulses", "26.9 ms", "FAIL", _width),
    Fault("long-pulse", "S0 pulses last this long", "34ms", "ms", "meter", "s0-pulses", "33.1 ms", "FAIL", _width),
    Fault("dead-diode", "the S0 diode never lights", "", "", "meter", "s0-diode", _HEAD, "FAIL", _dead_diode),
    Fault("missing-flashes", "the S0 diode stays dark at one pulse in so many", "50", "", "meter", "s0-diode",
          f"one in 500, {_HEAD}", "FAIL", _dark),
    Fault("output-2-dead", "pulse output 2 gives no pulses", "", "", "meter", "output-2", _INPUT_2, "FAIL", _dead_output_2, "RK"),
    Fault("output-2-width", "pulses on output 2 are longer by this much", "+15%", "%", "meter", "output-2",
          f"±11 %, {_INPUT_2}", "FAIL", _output_2_width, "RK"),
    Fault("input-deaf", "the pulse input counts nothing", "", "", "meter", "pulse-input", _CONTACT, "FAIL", _deaf, "RK"),
    Fault("input-double", "the pulse input counts bounce too", "", "", "meter", "pulse-input", _CONTACT, "FAIL", _counts_bounce, "RK"),
    Fault("silent-head", "the optical port does not answer", "", "", "meter", "sign-on", "always", "FAIL", _silent),
    Fault("wrong-type", "the meter is of another type", "685-361-OK-50", "", "meter", "sign-on", "always", "FAIL", _type),
    Fault("display-segment", "a segment of the display does not light: digit from the left, letter a to g", "8g", "", "meter",
          "display", "always", "FAIL", _dead_segment),
    Fault("dead-key", "the arrow key does nothing", "", "", "meter", "display", "always", "FAIL", _dead_key),
    Fault("wrong-label", "the label says another type than the meter", "685-361-OK-50", "", "meter", "label-and-seals", "always",
          "FAIL", _label),
    Fault("broken-seal", "a seal is broken", "", "", "meter", "label-and-seals", "always", "FAIL", _seal),
    Fault("register-slip", "the energy registers take so much more than 1000 pulses a kWh", "+25%", "%", "meter", "register",
          "±0.5 % where the port speaks native, else the error that the record states", "FAIL", _slip),
    Fault("total-slip", "the kWh registers alone take so much more than 1000 pulses a kWh, the trip counter does not", "+25%", "%",
          "meter", "register", "±10 %", "FAIL", _total_slip),
    Fault("trip-slip", "the trip counter alone takes so many more pulses, the kWh registers do not", "+2%", "%", "meter",
          "register", "±0.5 %, where the port speaks native", "FAIL", _trip_slip),
    Fault("wrong-memory", "the memory holds another type, or another constant, than the meter's", "685-361-OK-50", "", "meter",
          "sign-on", "always, where the port speaks native", "FAIL", _memory),
    Fault("config-stuck", "takes a configuration and keeps the one it has", "", "", "meter", "configuration",
          "always, where the profile names a configuration", "FAIL", _stuck),
    Fault("crossed-s0", "the S0 wires of this position and another are crossed", _NEXT, "position", "fixture", "s0-wiring",
          "always, where every position has a bypass contactor", "BLOCKED", _nothing),
    Fault("crossed-heads", "the optical heads of this position and another sit on each other's meters", _NEXT, "position", "fixture",
          "s0-wiring", "always, where every position has a bypass contactor and the ports speak native, or the meters' own numbers "
          "were scanned", "BLOCKED", _nothing),
    Fault("crossed-serials", "the meters of this position and another were scanned for each other's", _NEXT, "position", "fixture",
          "sign-on", "always, where the meters' own numbers were scanned", "BLOCKED", _nothing),
    Fault("empty", "there is no meter at this position", "", "", "fixture", "sign-on", "always", "BLOCKED", _of_the_bench),
    Fault("phases-mixed", "the voltage leads of L1 and L2 are exchanged", "", "", "fixture", "connections", "on a polyphase meter",
          "BLOCKED", _of_the_bench),
    Fault("reversed-current", "the current of these phases flows out where it should flow in", "L1+L2+L3", "", "fixture",
          "connections", "one phase", "BLOCKED", _backwards),
    Fault("slow-edge", "the S0 line comes back so much later than the meter's output opens", "5ms", "ms", "fixture", "s0-pulses",
          f"3.5 ms, {_HEAD}", "BLOCKED", _sized(0.0, 100.0)),
    Fault("transformer-ratio", "all isolating transformers give so much more than their certificates say", "+3%", "%", "bench",
          "connections", f"±2.5 %, and at the accuracy points the error limit, {_THREE}", "BLOCKED", _sized(-50.0, 50.0)),
    Fault("lead-drop", "the leads of all positions have so much more resistance than was declared", "100mΩ", "mΩ", "bench",
          "connections", f"2.5 % of the voltage at Imax, and at the accuracy points the error limit, {_THREE}", "BLOCKED",
          _sized(0.0, 1000.0)),
    Fault("crystal", "the crystal of the bench's computer runs so much too fast, and a time server pulls its clock back", "+200ppm",
          "ppm", "bench", "sign-on", "±101 ppm", "BLOCKED", _sized(-500.0, 500.0)),
    Fault("source-drift", "the power source's readback reads 1 % too much", "3s", "s", "bench", "s0-pulses",
          f"the accuracies that source and standard declare, together; without a standard the error limit, {_THREE}", "BLOCKED", _later),
    Fault("source-silent", "the power source answers no more, so long after it is first energised", "3s", "s", "bench",
          "sign-on", "always", "BLOCKED", _later),
    Fault("source-late", "the power source answers 5 s late", "3s", "s", "bench", "sign-on", "always", "BLOCKED", _later),
    Fault("source-garbage", "the power source answers rubbish", "3s", "s", "bench", "sign-on", "always", "BLOCKED", _later),
    Fault("source-unplugged", "the power source's cable is pulled", "3s", "s", "bench", "sign-on", "always", "BLOCKED", _later),
    Fault("standard-silent", "the reference standard answers no more", "3s", "s", "bench", "sign-on", "always", "BLOCKED", _later),
    Fault("standard-late", "the reference standard answers 5 s late", "3s", "s", "bench", "sign-on", "always", "BLOCKED", _later),
    Fault("standard-garbage", "the reference standard answers rubbish", "3s", "s", "bench", "sign-on", "always", "BLOCKED", _later),
    Fault("standard-unplugged", "the reference standard's cable is pulled", "3s", "s", "bench", "sign-on", "always", "BLOCKED", _later),
    Fault("source-error", "the power source has an error to tell and goes on", "3s", "s", "bench", "sign-on", "always",
          "BLOCKED", _later),
    Fault("source-range-change", "the power source switches a range relay unasked: nothing comes out for 1.5 s", "80s", "s",
          "bench", "s0-pulses", "always where the source tells; else longer than the reference's reading period", "BLOCKED", _later),
    Fault("source-error-queue", "the power source's error queue is full when it is opened; not for zera: it has none", "", "",
          "bench", "opening", "always", "COMPLETE", _at_once),
    Fault("source-power-up", "the power source wakes up with its output on and all settings as somebody left them", "", "",
          "bench", "opening", "always", "COMPLETE", _at_once),
    Fault("source-locked", "the power source's front panel keeps it under local control: it refuses every setting", "", "",
          "bench", "opening", "always", "BLOCKED", _at_once),
    Fault("standard-frozen", "the reference standard repeats its last value for ever", "3s", "s", "bench", "sign-on",
          "always", "BLOCKED", _later),
    Fault("standard-drift", "the reference standard reads 1 % too much", "3s", "s", "bench", "s0-pulses",
          "the accuracies that source and standard declare, together", "BLOCKED", _later),
    Fault("mbus-silent", "the M-Bus module does not answer", "", "", "meter", "module", "always", "FAIL",
          _module("module-silent"), "MK"),
    Fault("mbus-value", "the M-Bus module tells a total that is too high by this much", "+1kWh", "kWh", "meter", "module",
          "1 kWh", "FAIL", _module_value, "MK"),
    Fault("serial-silent", "the serial output of the data/pulse module is dead", "", "", "meter", "module", "always", "FAIL",
          _module("module-silent"), "RK"),
    Fault("serial-native-silent", "the data/pulse module answers at 300 baud, and at 1200 nothing", "", "", "meter", "module",
          "always, where the port speaks native", "FAIL", _module("native-silent"), "RK"),
    Fault("serial-native-value", "the data/pulse module tells natively a total that is 1 kWh too high", "", "", "meter", "module",
          "always, where the port speaks native", "FAIL", _module("native-value"), "RK"),
    Fault("tcp-silent", "the TCP/IP module answers no request", "", "", "meter", "module", "always", "FAIL",
          _module("module-silent"), "IK"),
    Fault("loop-address", "the meter on the current loop has the address of another", "", "", "meter", "module", "always",
          "FAIL", _module("loop-address"), "FK"),
    Fault("modem-no-carrier", "the V.22 modem does not take a call", "", "", "meter", "module", "always", "FAIL",
          _module("no-carrier"), "HK"),
    Fault("sms-silent", "the GSM module answers no short message", "", "", "meter", "module", "always", "FAIL",
          _module("module-silent"), "YN"),
    Fault("no-dial-tone", "the telephone line of the bench's modem is unplugged", "", "", "fixture", "module", "always",
          "BLOCKED", _of_the_bench, "HK"),
    Fault("tariff-stuck", "the tariff input changes nothing", "", "", "meter", "module", "always", "FAIL",
          _module("tariff-stuck"), "WK FK EK"),
    Fault("no-supply", "the S0 supply module gives no 24 V", "", "", "meter", "module",
          "always, where the station has a contact for it", "FAIL", _module("no-supply"), "SK"),
)  # fmt: skip

CATALOGUE: dict[str, Fault] = {fault.name: fault for fault in _ALL}
"""Every fault by its name."""
