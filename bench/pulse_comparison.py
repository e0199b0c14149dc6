"""Two outputs that must give the same pulses, compared pulse by pulse: what one has and the other lacks, and how far they lie apart.

The diode flashes with the S0 output (data sheet, S0 pulse output; R6); pulse output 2 can repeat it at 1000 imp/kWh (R59).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """How a second output follows a first one."""

    missing: int
    """Pulses of the first without a partner."""
    extra: int
    """Pulses of the second without a partner."""
    earliest_s: float | None
    """The least time from a pulse to its partner, negative when the partner came first; None without pairs."""
    latest_s: float | None
    """The most time from a pulse to its partner."""


def compare(first: Sequence[float], second: Sequence[float], within_s: float) -> Comparison:
    """Pair the beginnings of two trains of pulses, each in order of time, s. Partners lie at most `within_s` apart.

    Each pulse has at most one partner. Raises `ValueError` when `within_s` is not above 0.
    """
    if not within_s > 0:
        raise ValueError(f"partners must be allowed to lie some time apart, not {within_s} s")
    apart = []
    i = j = 0
    while i < len(first) and j < len(second):
        lag = second[j] - first[i]
        if abs(lag) <= within_s:
            apart.append(lag)
            i += 1
            j += 1
        elif lag > 0:
            i += 1
        else:
            j += 1
    return Comparison(
        missing=len(first) - len(apart),
        extra=len(second) - len(apart),
        earliest_s=min(apart, default=None),
        latest_s=max(apart, default=None),
    )
