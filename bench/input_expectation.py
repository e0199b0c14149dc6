"""What the pulse input's register must have gained after closures of its contact, by the reference meter (R53 to R57).

A closure that began or ended as close to a threshold as the bench's own timing cannot decide leaves two answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reference_meter import Configuration, Power, ReferenceMeter, Registers, TypeNumber

if TYPE_CHECKING:
    from drivers.contact import Closure

_NS = 1_000_000_000
_VOLTAGE = Power((0, 0, 0), (True, False, False))
_SETTLED_NS = 5 * _NS
"""The contact has been open so long before the first closure."""


@dataclass(frozen=True)
class Gain:
    """What the register may have gained, both ends inclusive, in its unit."""

    fewest: int
    most: int


def expected_gain(
    meter: TypeNumber, configuration: Configuration, closures: Sequence[Closure], timing_s: float
) -> Gain:
    """The gain over these closures, each of whose ends is known to within `timing_s`.

    The register's fraction of a unit cannot be read: a constant above 1 imp/unit leaves two answers for it (R57).
    Raises `reference_meter.NotFitted` for a meter without the input.
    """
    shortest = [replace(each, began=each.began + timing_s, ended=each.ended - timing_s) for each in closures]
    longest = [replace(each, began=each.began - timing_s, ended=each.ended + timing_s) for each in closures]
    thousandths = int(configuration.pulse_constant * 1000)
    largest_carry = thousandths - math.gcd(thousandths, 1000)  # carries are sums of whole pulses
    return Gain(
        _count(meter, configuration, [each for each in shortest if each.ended > each.began], 0),
        _count(meter, configuration, longest, largest_carry),
    )


def _count(meter: TypeNumber, configuration: Configuration, closures: Sequence[Closure], carry: int) -> int:
    reference = ReferenceMeter(meter, registers=Registers(pulse_input_carry=carry), configuration=configuration)
    reference.advance(_VOLTAGE, _SETTLED_NS)
    start = closures[0].began if closures else 0.0
    for closure in closures:
        _to(reference, closure.began - start)
        reference.close_contact()
        _to(reference, closure.ended - start)
        reference.open_contact()
    return reference.registers.pulse_input


def _to(reference: ReferenceMeter, seconds: float) -> None:
    target = _SETTLED_NS + round(seconds * _NS)
    reference.advance(_VOLTAGE, max(0, target - reference.time_ns))
