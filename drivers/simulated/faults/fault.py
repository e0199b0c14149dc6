"""What a fault is: a name, what it does to a meter, and which step must find it from which size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drivers.simulated.physics import MeterPhysics

LINE = 0
"""The "position" of a fault of the bench itself, typed as `line`."""


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
    """Name of the step that must find it."""
    from_size: str
    """The smallest size that is claimed to be found."""
    ends: Literal["FAIL", "BLOCKED", "COMPLETE"]
    """What it must lead to: the meter's FAIL, the run's BLOCKED for a fault of the bench or the fixture, or what the bench heals."""
    put_into: Callable[[MeterPhysics, str], None]
    module: str = ""
    """Codes of the modules it needs one of; empty where any meter can have it."""
    smallest: tuple[str, ...] = ()
    """Values of the smallest size that is claimed, for a three-phase meter of class 1 up to 80 A; none where every size is found."""
    sequence: str = "eol"
    """Name of the sequence whose step must find it."""


@dataclass(frozen=True)
class PlacedFault:
    """A fault at a position."""

    position: int
    fault: Fault
    value: str
