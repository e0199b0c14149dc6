"""Faults as they are typed: `POSITION:NAME` or `POSITION:NAME=VALUE`, and for the bench itself `line:NAME=SECONDS`, `line:NAME`
or `line:NAME=SIZE` where the fault is there from the start.
"""

from __future__ import annotations

import difflib
import re

from drivers.simulated.faults.catalogue import CATALOGUE
from drivers.simulated.faults.fault import LINE, Fault, FaultError, PlacedFault
from drivers.simulated.faults.values import NEXT, number
from drivers.simulated.physics import MeterPhysics
from reference_meter import MalformedTypeNumber, TypeNumber


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
        near = difflib.get_close_matches(match[2], CATALOGUE, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ";"
        raise FaultError(f"fault {match[2]!r} does not exist{hint} `bench faults` lists them all")
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
    other = placed.position % positions + 1 if placed.value == NEXT else int(number(placed.value))
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


def begins_later(placed: PlacedFault) -> bool:
    """Whether a fault of the bench begins in mid-run; one that does not is there when the instrument is switched on."""
    return placed.fault.unit == "s"


def size(placed: PlacedFault) -> float:
    """How large a fault is that has a size, in its unit."""
    return number(placed.value)


def seconds(placed: PlacedFault) -> float:
    """When a fault of the bench begins, in s after the source was first energised."""
    return number(placed.value)
