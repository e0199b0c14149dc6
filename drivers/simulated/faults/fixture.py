"""Faults of the fixture: wires between a position and its meter. The run must end BLOCKED, for no meter is to blame."""

from __future__ import annotations

from drivers.simulated.faults.fault import Fault, FaultError
from drivers.simulated.faults.values import NEXT, between
from drivers.simulated.physics import MeterPhysics


def _other_position(_: MeterPhysics, value: str) -> None:
    """The fault lies in the fixture; the line wires it."""
    if value != NEXT and between(value, 1, 12) % 1:
        raise FaultError(f"{value} is no position")


def _of_the_bench(_: MeterPhysics, __: str) -> None:
    """The fault lies in the bench's own wiring, whatever the position."""


FIXTURE = (
    Fault("crossed-s0", "the S0 wires of this position and another are crossed", NEXT, "position", "fixture", "s0-wiring",
          "always, where every position has a bypass contactor", "BLOCKED", _other_position),
    Fault("no-dial-tone", "the telephone line of the bench's modem is unplugged", "", "", "fixture", "module", "always",
          "BLOCKED", _of_the_bench, "HK"),
)  # fmt: skip
