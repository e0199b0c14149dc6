"""The trace: each event with its time and the rule that caused it, so that a comparison that failed can be explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reference_meter.events import Event
from reference_meter.power import SECOND


def trace(events: Iterable[Event]) -> Iterator[str]:
    """One line an event: `3.600000000 s  R3: 1 Wh measured → S0 pulse 1`."""
    for event in events:
        seconds, ns = divmod(event.time_ns, SECOND)
        yield f"{seconds}.{ns:09} s  {event}"
