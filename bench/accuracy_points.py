"""Accuracy points in the words of a profile: "0.05 Ib", "Ib PF 0.5 ind", "Ib L2". Words make a point; a type and an order make its list.

The points of the test itself stand here too, so that a profile that leaves one out can be told from one that adds some.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bench.load_points import UNITY, PowerFactor
from reference_meter import TypeNumber

_ALONE_INDUCTIVE = ("Imax PF 0.5 ind L1", "Imax PF 0.5 ind L2", "Imax PF 0.5 ind L3")
TEST_POINTS = ("Imax", *_ALONE_INDUCTIVE, "Ib", "Ib PF 0.5 ind", "Ib L1", "Ib L2", "Ib L3", "0.05 Ib")
"""The end-of-line test's own points, as the norm's tables 6 and 7 ask for them (IEC 62053-21:2003, 8.1).

Circuits that turn the current against each other cancel where all are loaded: each is looked at alone at power factor 0.5, at Imax, where
its pulses come fastest.
"""

ORDERS = ("falling", "listed")
"""By falling power (high current warms the meter and spares the source a cold change of range), or as they are listed."""

_WORDS = re.compile(
    r"(?:(?P<factor>\d+(?:\.\d+)?) )?(?P<current>Ib|Imax)(?: PF (?P<pf>[01](?:\.\d+)?) (?P<side>ind|cap))?(?: (?P<phase>L[123]))?"
)


@dataclass(frozen=True)
class AccuracyPoint:
    """One point of the accuracy test, for any type."""

    factor: float
    """Multiple of the current."""
    of: str
    """"Ib" or "Imax"."""
    power_factor: PowerFactor = UNITY
    only: str | None = None
    """The one phase that is loaded, all voltages applied; None for all."""

    @property
    def current(self) -> str:
        """The current in the field's words."""
        return self.of if self.factor == 1.0 else f"{self.factor:g} {self.of}"

    def amperes(self, meter: TypeNumber) -> float:
        """The current of this type."""
        return self.factor * float(meter.i_b if self.of == "Ib" else meter.i_max)

    def __str__(self) -> str:
        return " ".join(part for part in (self.current, str(self.power_factor), self.only or "") if part)


def parse_point(words: str) -> AccuracyPoint:
    """The point that these words mean. Raises `ValueError` with how one is written."""
    found = _WORDS.fullmatch(words)
    if found is None:
        raise ValueError(
            f"{words!r} is no accuracy point; write a current, a power factor and a phase as in "
            '"Ib", "0.05 Ib", "Imax", "Ib PF 0.5 ind", "Ib L1"'
        )
    factor, value = float(found["factor"] or 1.0), float(found["pf"] or 1.0)
    if not factor > 0.0 or not 0.0 < value <= 1.0:
        raise ValueError(
            f"{words!r} is no accuracy point: current and power factor are above 0, a power factor up to 1"
        )
    power_factor = PowerFactor(value, inductive=found["side"] == "ind") if value < 1.0 else UNITY
    return AccuracyPoint(factor, found["current"], power_factor, found["phase"])


def points_for(meter: TypeNumber, points: Iterable[str], order: str) -> tuple[AccuracyPoint, ...]:
    """Those of the points that a meter of this type has, in their order.

    A phase alone is a point of its own only where there are several. Raises `ValueError` for a current above Imax.
    """
    parsed = [parse_point(each) for each in points]
    there = [each for each in parsed if each.only is None or (meter.polyphase and each.only in meter.phases)]
    for each in there:
        if each.amperes(meter) > float(meter.i_max):
            raise ValueError(f"the point {each} is above the {meter.i_max:g} A that a {meter} bears")
    if order == "listed":
        return tuple(there)

    def power(point: AccuracyPoint) -> float:
        return point.amperes(meter) * point.power_factor.value * (1 if point.only else meter.phase_count)

    return tuple(sorted(there, key=power, reverse=True))
