"""What the norm says of a load point, typed from it once more: nothing of the bench's own table or arithmetic is used here.

IEC 62053-21:2003, 8.1: table 6 (single-phase meters, and polyphase meters with balanced loads) and table 7 (polyphase meters with one
phase loaded and all voltages applied), direct connection. A point is known by the name of the step that tests it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_TABLE_6 = {
    # (power factor, lowest current over Ib): limits of class 1 and class 2, ± %
    (1.0, 0.05): (1.5, 2.5),
    (1.0, 0.1): (1.0, 2.0),
    (0.5, 0.1): (1.5, 2.5),
    (0.5, 0.2): (1.0, 2.0),
}
_TABLE_7 = {
    (1.0, 0.1): (2.0, 3.0),
    (0.5, 0.2): (2.0, 3.0),
}


@dataclass(frozen=True)
class Point:
    """A load point in the norm's words."""

    current_over_ib: float
    """Infinite for Imax, which every row of the tables reaches."""
    power_factor: float
    """1, or 0.5 inductive."""
    phase: int | None
    """The only phase with current, 0 for L1; None where all carry it."""

    @property
    def tangent(self) -> float:
        """tan φ."""
        return math.sqrt(1.0 - self.power_factor**2) / self.power_factor


def point(step: str) -> Point:
    """The point that a step is named for: accuracy-imax, accuracy-ib-pf0.5, accuracy-0.05ib, accuracy-ib-l2."""
    match = re.fullmatch(r"accuracy-(imax|([0-9.]*)ib)(?:-pf(1|0\.5))?(?:-l([123]))?", step)
    if match is None:
        raise ValueError(f"{step!r} names no load point of the norm")
    current = math.inf if match[1] == "imax" else float(match[2] or 1.0)
    return Point(current, float(match[3] or 1.0), int(match[4]) - 1 if match[4] else None)


def phases(type_number: str) -> int:
    """Measuring circuits of a type, the first digit after 685- (data sheet, Ordering details): 685-381-OK-50 has 3."""
    return int(type_number[4])


def accuracy_class(type_number: str) -> int:
    """Class of a type, 1 or 2, the third digit after 685-: 685-381-OK-50 is of class 1."""
    return int(type_number[6])


def limit_percent(type_number: str, step: str) -> float:
    """Limit of the percentage error, ± %. Raises `ValueError` where the norm sets none."""
    where = point(step)
    single = where.phase is not None and phases(type_number) > 1
    table = _TABLE_7 if single else _TABLE_6
    column = accuracy_class(type_number) - 1
    rows = [(low, limits) for (factor, low), limits in table.items() if factor == where.power_factor]
    reached = [(low, limits) for low, limits in rows if low <= where.current_over_ib + 1e-9]
    if not reached:
        raise ValueError(f"the norm sets no limit for {step} of {type_number}")
    return max(reached)[1][column]


def temperature_coefficient(type_number: str, power_factor: float) -> float:
    """Largest mean temperature coefficient that the norm allows a meter, % a K (IEC 62053-21:2003, 8.2, table 8)."""
    return {(1, 1.0): 0.05, (1, 0.5): 0.07, (2, 1.0): 0.10, (2, 0.5): 0.15}[accuracy_class(type_number), power_factor]


def points(type_number: str) -> tuple[str, ...]:
    """The points at which every meter of a type is judged, by the names of their steps."""
    alone = [f"l{k + 1}" for k in range(phases(type_number))] if phases(type_number) > 1 else []
    return (
        *("accuracy-imax", *(f"accuracy-imax-pf0.5-{each}" for each in alone)),
        *("accuracy-ib", "accuracy-ib-pf0.5", *(f"accuracy-ib-{each}" for each in alone), "accuracy-0.05ib"),
    )
