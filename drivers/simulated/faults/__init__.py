"""The fault catalogue: what can be wrong with a meter, the fixture or the bench, how large, and which step must find it."""

from __future__ import annotations

from drivers.simulated.faults.catalogue import CATALOGUE
from drivers.simulated.faults.fault import LINE, Fault, FaultError, PlacedFault
from drivers.simulated.faults.fixture import reversed_phases, slow_edge_s
from drivers.simulated.faults.parse import begins_later, other_position, parse_fault, seconds, size

__all__ = [
    "CATALOGUE",
    "LINE",
    "Fault",
    "FaultError",
    "PlacedFault",
    "begins_later",
    "other_position",
    "parse_fault",
    "reversed_phases",
    "seconds",
    "size",
    "slow_edge_s",
]
