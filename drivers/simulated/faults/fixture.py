"""Faults of the fixture: wires between a position and its meter. The run must end BLOCKED, for no meter is to blame."""

from __future__ import annotations

from drivers.load import PHASE_NAMES
from drivers.simulated.faults.fault import Fault, FaultError, PlacedFault
from drivers.simulated.faults.values import NEXT, between, number
from drivers.simulated.physics import MeterPhysics


def _other_position(_: MeterPhysics, value: str) -> None:
    """The fault lies in the fixture; the line wires it."""
    if value != NEXT and between(value, 1, 12) % 1:
        raise FaultError(f"{value} is no position")


def _of_the_bench(_: MeterPhysics, __: str) -> None:
    """The fault lies in the bench's own wiring, whatever the position."""


def slow_edge_s(placed: PlacedFault) -> float:
    """How late a fault lets an S0 line come back, s."""
    return number(placed.value) * 1e-3 if placed.fault.name == "slow-edge" else 0.0


def reversed_phases(value: str) -> tuple[bool, bool, bool]:
    """The phases whose current flows backwards: `L2`, `L1+L2+L3`. Raises `FaultError`."""
    turned = value.split("+")
    if not set(turned) <= {*PHASE_NAMES} or len(set(turned)) != len(turned):
        raise FaultError(f"{value!r} names no phases; write for instance L2 or L1+L2+L3")
    first, second, third = (name in turned for name in PHASE_NAMES)
    return first, second, third


def _backwards(_: MeterPhysics, value: str) -> None:
    """The fault lies in the fixture; the line wires it."""
    reversed_phases(value)


def _late_edge(_: MeterPhysics, value: str) -> None:
    """The fault lies in the fixture; the line wires it."""
    between(value, 0.0, 100.0)


FIXTURE = (
    Fault("crossed-s0", "the S0 wires of this position and another are crossed", NEXT, "position", "fixture", "s0-wiring",
          "always, where every position has a bypass contactor", "BLOCKED", _other_position),
    Fault("crossed-heads", "the optical heads of this position and another sit on each other's meters", NEXT, "position", "fixture",
          "s0-wiring", "always, where every position has a bypass contactor and the ports speak native, or the meters' own numbers "
          "were scanned", "BLOCKED", _other_position),
    Fault("crossed-serials", "the meters of this position and another were scanned for each other's", NEXT, "position", "fixture",
          "sign-on", "always, where the meters' own numbers were scanned", "BLOCKED", _other_position),
    Fault("empty", "there is no meter at this position", "", "", "fixture", "sign-on", "always", "BLOCKED", _of_the_bench),
    Fault("phases-mixed", "the voltage leads of L1 and L2 are exchanged", "", "", "fixture", "connections", "on a polyphase meter",
          "BLOCKED", _of_the_bench),
    Fault("reversed-current", "the current of these phases flows out where it should flow in", "L1+L2+L3", "", "fixture",
          "connections", "one phase", "BLOCKED", _backwards, smallest=("L1",)),
    Fault("slow-edge", "the S0 line comes back so much later than the meter's output opens", "5ms", "ms", "fixture", "s0-pulses",
          "3.5 ms, where the station has a scanning head for it", "BLOCKED", _late_edge, smallest=("3.5ms",)),
    Fault("no-dial-tone", "the telephone line of the bench's modem is unplugged", "", "", "fixture", "module", "always",
          "BLOCKED", _of_the_bench, "HK"),
)  # fmt: skip
