"""Faults of what all positions share, typed as `line:NAME`: power source and reference standard, transformers, leads, the crystal."""

from __future__ import annotations

from collections.abc import Callable

from drivers.simulated.faults.fault import Fault
from drivers.simulated.faults.values import between
from drivers.simulated.physics import MeterPhysics


def _later(_: MeterPhysics, value: str) -> None:
    """The fault lies in an instrument of the bench; the line puts it there when its time has come."""
    between(value, 0.0, 100_000.0)


def _at_once(_: MeterPhysics, __: str) -> None:
    """The fault lies in an instrument of the bench before anybody has asked it."""


def _sized(least: float, most: float) -> Callable[[MeterPhysics, str], None]:
    """The fault lies in what all positions share; the line puts it there."""

    def put_into(_: MeterPhysics, value: str) -> None:
        between(value, least, most)

    return put_into


_THREE = "where three or more positions are tested"

INSTRUMENTS = (
    Fault("transformer-ratio", "all isolating transformers give so much more than their certificates say", "+3%", "%", "bench",
          "connections", f"±2.5 %, and at the accuracy points the error limit, {_THREE}", "BLOCKED", _sized(-50.0, 50.0),
          smallest=("+2.5%", "-2.5%")),
    Fault("lead-drop", "the leads of all positions have so much more resistance than was declared", "100mΩ", "mΩ", "bench",
          "connections", f"2.5 % of the voltage at Imax, and at the accuracy points the error limit, {_THREE}", "BLOCKED",
          _sized(0.0, 1000.0)),
    Fault("crystal", "the crystal of the bench's computer runs so much too fast, and a time server pulls its clock back", "+200ppm",
          "ppm", "bench", "sign-on", "±101 ppm", "BLOCKED", _sized(-500.0, 500.0), smallest=("+101ppm", "-101ppm")),
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
    Fault("source-range-change", "the power source switches a range relay unasked: no current comes out for 1.5 s", "80s", "s",
          "bench", "s0-pulses", "always where the source tells, but BLOCKED while a person is asked; else longer than the reference's "
          "reading period", "COMPLETE", _later),
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
)  # fmt: skip
