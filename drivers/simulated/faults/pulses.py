"""Faults of the S0 pulse output and its diode."""

from __future__ import annotations

from drivers.simulated.faults.fault import Fault, FaultError
from drivers.simulated.faults.values import between, flag, one_in, where
from drivers.simulated.physics import MeterPhysics


def _lost(meter: MeterPhysics, value: str) -> None:
    meter.lost_every = one_in(value)


def _double(meter: MeterPhysics, value: str) -> None:
    meter.doubled_every = one_in(value)


def _lost_above(meter: MeterPhysics, value: str) -> None:
    size, meter.lost_where = where(value)
    meter.lost_every = one_in(size)


def _lost_below(meter: MeterPhysics, value: str) -> None:
    size, meter.lost_where = where(value, above=False)
    meter.lost_every = one_in(size)


def _double_above(meter: MeterPhysics, value: str) -> None:
    size, meter.doubled_where = where(value)
    meter.doubled_every = one_in(size)


def _dies(meter: MeterPhysics, value: str) -> None:
    meter.dies_after = int(between(value, 0, 1_000_000))


def _dead(meter: MeterPhysics, _: str) -> None:
    meter.dies_after = 0


def _rate(meter: MeterPhysics, value: str) -> None:
    meter.s0_rate = between(value, 10.0, 10_000.0) / meter.meter.constant


def _width(meter: MeterPhysics, value: str) -> None:
    meter.width_ms = between(value, 1.0, 200.0)


def _width_above(meter: MeterPhysics, value: str) -> None:
    size, condition = where(value)
    meter.widths_where.append((condition, between(size, 1.0, 200.0)))


def _width_below(meter: MeterPhysics, value: str) -> None:
    size, condition = where(value, above=False)
    meter.widths_where.append((condition, between(size, 1.0, 200.0)))


def _odd_width(meter: MeterPhysics, value: str) -> None:
    size, at, every = value.partition("@")
    if not at:
        raise FaultError(f"{value!r} does not say how often; write for instance 36ms@50 for one in 50")
    meter.odd_width = one_in(every), between(size, 1.0, 200.0)


def _width_jitter(meter: MeterPhysics, value: str) -> None:
    meter.width_jitter_ms = between(value, 0.0, 20.0)


def _jitter(meter: MeterPhysics, value: str) -> None:
    meter.edge_jitter_s = between(value, 0.0, 100.0) * 1e-3
    meter.edge_delay_s = 5 * meter.edge_jitter_s  # a pulse cannot come before its watt-hour


def _bounce(meter: MeterPhysics, value: str) -> None:
    meter.bounce_ms = between(value, 0.5, 20.0)


def _dark(meter: MeterPhysics, value: str) -> None:
    meter.dark_every = one_in(value)


_HEAD = "where the station has a scanning head for it"
_IMAX_ABOVE = "where the meter's Imax lies above"

PULSES = (
    Fault("lost-pulses", "one S0 pulse in so many does not come out", "50", "", "meter", "s0-pulses",
          "one in 250", "FAIL", _lost,
          smallest=("250",)),
    Fault("double-pulses", "one S0 pulse in so many comes out twice", "50", "", "meter", "s0-pulses",
          "one in 250", "FAIL", _double,
          smallest=("250",)),
    Fault("lost-above", "one S0 pulse in so many is lost above a pulse rate (Hz), current (Ib) or voltage (Un)", "50@15Hz", "",
          "meter", "s0-pulses", f"one in 250, {_IMAX_ABOVE}", "FAIL", _lost_above,
          smallest=("250@15Hz",)),
    Fault("lost-below", "one S0 pulse in so many is lost below a pulse rate (Hz), current (Ib) or voltage (Un)", "2@0.1Ib", "",
          "meter", "accuracy-0.05ib", "every other", "FAIL", _lost_below),
    Fault("double-above", "one S0 pulse in so many comes twice above a pulse rate (Hz), current (Ib) or voltage (Un)", "50@15Hz", "",
          "meter", "s0-pulses", f"one in 250, {_IMAX_ABOVE}", "FAIL", _double_above,
          smallest=("250@15Hz",)),
    Fault("s0-dead", "the S0 output gives no pulses", "", "", "meter", "s0-pulses", "always", "FAIL", _dead),
    Fault("s0-dies", "the S0 output gives no more after so many pulses", "1000", "", "meter", "register",
          "within 1000 pulses", "FAIL", _dies,
          smallest=("1000",)),
    Fault("s0-constant", "the S0 output gives so many pulses a kWh; the registers count right", "500imp/kWh", "imp/kWh", "meter",
          "register", "±1 % where the port speaks native, else the error that the record states", "FAIL", _rate,
          smallest=("990imp/kWh", "1010imp/kWh")),
    Fault("short-pulse", "S0 pulses last this long", "26ms", "ms", "meter", "s0-pulses", "26.9 ms", "FAIL", _width,
          smallest=("26.9ms",)),
    Fault("long-pulse", "S0 pulses last this long", "34ms", "ms", "meter", "s0-pulses", "33.1 ms", "FAIL", _width,
          smallest=("33.1ms",)),
    Fault("width-above", "S0 pulses last this long above a pulse rate (Hz), current (Ib) or voltage (Un)", "26ms@15Hz", "ms", "meter",
          "s0-pulses", f"26.9 or 33.1 ms, {_IMAX_ABOVE}", "FAIL", _width_above,
          smallest=("26.9ms@15Hz", "33.1ms@15Hz")),
    Fault("width-below", "S0 pulses last this long below a pulse rate (Hz), current (Ib) or voltage (Un)", "36ms@0.1Ib", "ms",
          "meter", "accuracy-0.05ib", "26.9 or 33.1 ms, where 0.05 Ib lies below", "FAIL", _width_below,
          smallest=("26.9ms@0.1Ib", "33.1ms@0.1Ib")),
    Fault("odd-width", "one S0 pulse in so many lasts this long", "36ms@50", "ms", "meter", "s0-pulses", "26.5 or 33.5 ms, one in 99",
          "FAIL", _odd_width,
          smallest=("26.5ms@99", "33.5ms@99")),
    Fault("width-jitter", "the width of S0 pulses scatters with this standard deviation", "2ms", "ms", "meter", "s0-pulses",
          "1.5 ms", "FAIL", _width_jitter,
          smallest=("1.5ms",)),
    Fault("s0-jitter", "S0 pulses come too early or too late with this standard deviation", "10ms", "ms", "meter", "accuracy-imax",
          "2 ms, class 2: 4 ms, on three phases, 5 ms on two of class 1, 10 ms on one", "FAIL", _jitter,
          smallest=("2ms",)),
    Fault("s0-bounce", "each S0 pulse is followed by another of this width", "1ms", "ms", "meter", "s0-pulses", "0.5 ms", "FAIL", _bounce,
          smallest=("0.5ms",)),
    Fault("dead-diode", "the S0 diode never lights", "", "", "meter", "s0-diode", _HEAD, "FAIL", flag("diode_dead")),
    Fault("missing-flashes", "the S0 diode stays dark at one pulse in so many", "50", "", "meter", "s0-diode",
          f"one in 500, {_HEAD}", "FAIL", _dark,
          smallest=("500",)),
)  # fmt: skip
