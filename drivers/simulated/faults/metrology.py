"""Faults of the measuring circuits: percentage error by phase, load, power factor and warmth; no-load and starting."""

from __future__ import annotations

from drivers.simulated.circumstances import Where
from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.values import after, between, phase, phase_of, where
from drivers.simulated.physics import MeterPhysics


def _gain(meter: MeterPhysics, value: str) -> None:
    change = between(value, -99.0, 1000.0)
    meter.gain_percent = [gain + change for gain in meter.gain_percent]


def _phase_gain(meter: MeterPhysics, value: str) -> None:
    k, size = phase_of(meter, value, "L2+4%")
    meter.gain_percent[k] += between(size, -99.0, 1000.0)


def _dead_circuit(meter: MeterPhysics, value: str) -> None:
    meter.gain_percent[phase(meter, value)] = -100.0


def _reversed_circuit(meter: MeterPhysics, value: str) -> None:
    meter.reversed_phase = phase(meter, value)


def _open_link(meter: MeterPhysics, value: str) -> None:
    meter.open_voltage_link = phase(meter, value)


def _phase_error(meter: MeterPhysics, value: str) -> None:
    change = between(value, -500.0, 500.0)
    meter.phase_error_mrad = [error + change for error in meter.phase_error_mrad]


def _phase_error_of_one(meter: MeterPhysics, value: str) -> None:
    k, size = phase_of(meter, value, "L2+40mrad")
    meter.phase_error_mrad[k] += between(size, -500.0, 500.0)


def _gain_at(meter: MeterPhysics, size: str, condition: Where) -> None:
    change = between(size, -99.0, 1000.0)
    meter.gains_where.append((condition, (change, change, change)))


def _gain_above(meter: MeterPhysics, value: str) -> None:
    _gain_at(meter, *where(value))


def _gain_below(meter: MeterPhysics, value: str) -> None:
    _gain_at(meter, *where(value, above=False))


def _gain_warm(meter: MeterPhysics, value: str) -> None:
    _gain_at(meter, *after(value, "warm_s"))


def _gain_inductive(meter: MeterPhysics, value: str) -> None:
    _gain_at(meter, value, Where("power_factor", 0.8, above=False))


def _gain_single(meter: MeterPhysics, value: str) -> None:
    _gain_at(meter, value, Where("single", 0.5))


def _phase_gain_below(meter: MeterPhysics, value: str) -> None:
    k, rest = phase_of(meter, value, "L2+9%@0.1Ib")
    size, condition = where(rest, above=False)
    percent = [0.0, 0.0, 0.0]
    percent[k] = between(size, -99.0, 1000.0)
    meter.gains_where.append((condition, (percent[0], percent[1], percent[2])))


def _saturation(meter: MeterPhysics, value: str) -> None:
    change = between(value, -99.0, 100.0)
    meter.saturation_percent = [change] * 3


def _phase_saturation(meter: MeterPhysics, value: str) -> None:
    k, size = phase_of(meter, value, "L1-8%")
    meter.saturation_percent[k] = between(size, -99.0, 100.0)


def _creep(meter: MeterPhysics, value: str) -> None:
    meter.creep_w = between(value, 0.001, 10_000.0)


def _creep_where(meter: MeterPhysics, size: str, condition: Where) -> None:
    meter.creeps_where.append((condition, between(size, 0.001, 10_000.0)))


def _creep_above(meter: MeterPhysics, value: str) -> None:
    _creep_where(meter, *where(value))


def _creep_late(meter: MeterPhysics, value: str) -> None:
    _creep_where(meter, *after(value, "idle_s"))


def _creep_warm(meter: MeterPhysics, value: str) -> None:
    _creep_where(meter, *after(value, "warm_s"))


def _no_start(meter: MeterPhysics, value: str) -> None:
    meter.starting_w = meter.meter.starting_power_uw * 1e-6 * between(value, 1.05, 100.0)


def _weak_start(meter: MeterPhysics, value: str) -> None:
    _gain_at(meter, value, Where("over_ib", 0.01, above=False))


def _stops(meter: MeterPhysics, value: str) -> None:
    meter.tires_after_s = between(value, 0.0, 10_000.0)


_UNITY = "class 1: ±1.6 %, class 2: ±2.6 %"
_ALONE = "class 1: ±2.6 %, class 2: ±3.9 %"

METROLOGY = (
    Fault("gain", "all measuring circuits are off by this much", "+2.5%", "%", "meter", "accuracy-ib",
          f"{_UNITY}, whatever the good meter's own error was", "FAIL", _gain,
          smallest=("+1.6%", "-1.6%")),
    Fault("phase-gain", "one measuring circuit is off by this much", "L2+4%", "%", "meter", "accuracy-ib-l2",
          f"{_ALONE} on one phase", "FAIL", _phase_gain,
          smallest=("L2+2.6%", "L2-2.6%")),
    Fault("dead-circuit", "one measuring circuit counts nothing", "L3", "", "meter", "accuracy-ib-l3",
          "always, on a polyphase meter", "FAIL", _dead_circuit),
    Fault("reversed-circuit", "the current of one measuring circuit is connected the wrong way round inside the meter", "L1", "",
          "meter", "connections", "always, on a polyphase meter; from outside it looks as a lead does that is turned", "BLOCKED",
          _reversed_circuit),
    Fault("open-link", "the voltage of one phase does not reach its measuring circuit", "L3", "", "meter", "display",
          "always, on a polyphase meter; one of one phase is dead and looks as an empty position does", "FAIL", _open_link),
    Fault("phase-error", "all measuring circuits turn the current by this much", "+15mrad", "mrad", "meter", "accuracy-ib-pf0.5",
          "class 1: ±10 mrad, class 2: ±16 mrad", "FAIL", _phase_error,
          smallest=("+10mrad", "-10mrad")),
    Fault("phase-error-of-one", "one measuring circuit turns its current by this much", "L2+40mrad", "mrad", "meter",
          "accuracy-imax-pf0.5-l2", "class 1: ±15 mrad, class 2: ±23 mrad on a polyphase meter; on one phase as phase-error", "FAIL",
          _phase_error_of_one,
          smallest=("L2+15mrad", "L2-15mrad")),
    Fault("gain-inductive", "all circuits are off by this much below power factor 0.8 alone", "+3%", "%", "meter",
          "accuracy-ib-pf0.5", _UNITY, "FAIL", _gain_inductive,
          smallest=("+1.6%", "-1.6%")),
    Fault("gain-single", "the circuit that is loaded is off by this much where the others carry no current", "+4%", "%", "meter",
          "accuracy-ib-l1", f"{_ALONE}, on a polyphase meter", "FAIL", _gain_single,
          smallest=("+2.6%", "-2.6%")),
    Fault("gain-above", "all circuits are off by this much above a pulse rate (Hz), current (Ib) or voltage (Un)", "+3%@15Hz", "%",
          "meter", "accuracy-imax", f"{_UNITY}, where the meter's Imax lies above and its Ib below", "FAIL", _gain_above,
          smallest=("+1.6%@15Hz", "-1.6%@15Hz")),
    Fault("gain-below", "all circuits are off by this much below a pulse rate (Hz), current (Ib) or voltage (Un)", "+4%@0.1Ib", "%",
          "meter", "accuracy-0.05ib", "class 1: ±2.2 %, class 2: ±3.2 %, where only 0.05 Ib lies below", "FAIL", _gain_below,
          smallest=("+2.2%@0.1Ib", "-2.2%@0.1Ib")),
    Fault("phase-gain-below", "one circuit is off by this much below a pulse rate (Hz), current (Ib) or voltage (Un)",
          "L2+9%@0.1Ib", "%", "meter", "accuracy-0.05ib",
          "class 1: ±6.6 %, class 2: ±9.6 % on one of three phases, where only 0.05 Ib lies below", "FAIL", _phase_gain_below,
          smallest=("L2+6.6%@0.1Ib", "L2-6.6%@0.1Ib")),
    Fault("gain-warm", "all circuits are off by this much once more than Imax/2 has flowed for so long", "+3%@60s", "%", "meter",
          "accuracy-ib", f"{_UNITY}, within 90 s", "FAIL", _gain_warm,
          smallest=("+1.6%@90s", "-1.6%@90s")),
    Fault("saturation", "the cores saturate: off by this much at Imax, falling with the fourth power of the current", "-3%", "%",
          "meter", "accuracy-imax", _UNITY, "FAIL", _saturation,
          smallest=("+1.6%", "-1.6%")),
    Fault("phase-saturation", "the core of one circuit saturates: off by this much at Imax", "L1-8%", "%", "meter",
          "accuracy-imax-pf0.5-l1", f"{_ALONE}, on a polyphase meter; on one phase as saturation", "FAIL", _phase_saturation,
          smallest=("L1+2.6%", "L1-2.6%")),
    Fault("creep", "registers with voltage on and no current", "40W", "W", "meter", "no-load",
          "two pulses within the test time", "FAIL", _creep,
          smallest=("11.1W",)),
    Fault("creep-above", "registers without current above this voltage alone", "40W@1.1Un", "W", "meter", "no-load",
          "two pulses within the test time, up to 1.14 Un", "FAIL", _creep_above,
          smallest=("11.1W@1.14Un",)),
    Fault("creep-late", "registers without current, but only after so long", "60W@3min", "W", "meter", "no-load",
          "two pulses within what is left of the test time", "FAIL", _creep_late,
          smallest=("15.5W@3min",)),
    Fault("creep-warm", "registers without current once more than Imax/2 has flowed for so long", "40W@60s", "W", "meter", "no-load",
          "two pulses within the test time, within 90 s", "FAIL", _creep_warm,
          smallest=("11.1W@90s",)),
    Fault("no-start", "registers only above this multiple of the starting power", "2x", "×", "meter", "starting",
          "1.1 times the starting power", "FAIL", _no_start,
          smallest=("1.1x",)),
    Fault("weak-start", "registers this much less at the starting current alone", "-50%", "%", "meter", "starting",
          "−35 %: more than one and a half periods for a pulse", "FAIL", _weak_start,
          smallest=("-35%",)),
    Fault("start-stops", "starts at the starting current and stops again after so long", "60s", "s", "meter", "starting",
          "before its second pulse", "FAIL", _stops,
          smallest=("250s",)),
)  # fmt: skip
