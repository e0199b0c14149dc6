"""Faults of what a person sees of a meter: its display and key, its label, its seals."""

from __future__ import annotations

import re

from drivers.simulated.faults.fault import Fault, FaultError
from drivers.simulated.faults.values import between, flag, phase
from drivers.simulated.physics import MeterPhysics
from reference_meter import TypeNumber


def _segment(value: str) -> tuple[int, str]:
    match = re.fullmatch(r"([1-8])([a-g])", value)
    if match is None:
        raise FaultError(
            f"{value!r} is no segment; write the digit from 1 at the left and the segment a to g, for instance 8g"
        )
    return int(match[1]), match[2]


def _dead_segment(meter: MeterPhysics, value: str) -> None:
    meter.dead_segments = (*meter.dead_segments, _segment(value))


def _stuck_segment(meter: MeterPhysics, value: str) -> None:
    meter.stuck_segments = (*meter.stuck_segments, _segment(value))


def _dead_digit(meter: MeterPhysics, value: str) -> None:
    digit = int(between(value, 1, 8))
    meter.dead_segments = tuple((digit, letter) for letter in "abcdefg")


def _shown_total(meter: MeterPhysics, value: str) -> None:
    meter.shown_off_kwh = int(between(value, 1, 1000))


def _decimals(meter: MeterPhysics, value: str) -> None:
    meter.shown_decimals = int(between(value, 1, 7))


def _dark_phase(meter: MeterPhysics, value: str) -> None:
    meter.dark_phase = phase(meter, value)


def _printed_number(meter: MeterPhysics, _: str) -> None:
    number = meter.printed_number or f"{meter.customer_number:08}"
    last = str((int(number[-1]) + 1) % 10) if number[-1].isdigit() else "0"
    meter.printed_number = number[:-1] + last


def _printed_constant(meter: MeterPhysics, value: str) -> None:
    meter.printed_constant = int(between(value, 1, 100_000))


def _label(meter: MeterPhysics, value: str) -> None:
    meter.printed_type = str(TypeNumber.parse(value))


FACE = (
    Fault("display-segment", "a segment of the display does not light: digit from the left, letter a to g", "8g", "", "meter",
          "display", "always", "FAIL", _dead_segment),
    Fault("stuck-segment", "a segment of the display always lights: digit from the left, letter a to g", "1a", "", "meter",
          "display", "where the reading leaves it dark", "FAIL", _stuck_segment),
    Fault("dead-digit", "a digit of the display stays dark, counted from the left", "8", "", "meter", "display", "always", "FAIL",
          _dead_digit),
    Fault("dark-display", "the display shows nothing", "", "", "meter", "display", "always", "FAIL", flag("display_dark")),
    Fault("shown-total", "the display shows a total that is too high by this much", "+1kWh", "kWh", "meter", "display", "1 kWh",
          "FAIL", _shown_total),
    Fault("shown-decimals", "the display sets a decimal point before so many digits of the total", "1", "", "meter", "display",
          "always", "FAIL", _decimals),
    Fault("shown-unit", "the display shows the total in Wh", "", "", "meter", "display", "always", "FAIL", flag("shown_unit", "Wh")),
    Fault("dark-phase", "the display does not show that a phase has voltage", "L2", "", "meter", "display", "always", "FAIL",
          _dark_phase),
    Fault("dead-key", "the arrow key does nothing", "", "", "meter", "display", "always", "FAIL", flag("key_dead")),
    Fault("wrong-label", "the label says another type than the meter", "685-361-OK-50", "", "meter", "label-and-seals", "always",
          "FAIL", _label),
    Fault("label-number", "the label bears a number that differs in its last digit", "", "", "meter", "label-and-seals",
          "always", "FAIL", _printed_number),
    Fault("label-constant", "the label tells another constant", "500imp/kWh", "imp/kWh", "meter", "label-and-seals", "always",
          "FAIL", _printed_constant),
    Fault("broken-seal", "a seal is broken", "", "", "meter", "label-and-seals", "always", "FAIL", flag("seals_whole", False)),
)  # fmt: skip
