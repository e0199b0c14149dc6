"""The S0 output: one pulse a watt-hour, and the queue a least pause makes necessary above 60 kW. R3, R6, R7."""

from __future__ import annotations


class S0Output:
    """Counts the pulses and, where a least pause is kept, when each may begin."""

    def __init__(self, width_ns: int, min_pause_ns: int) -> None:
        self.keeps_pause = min_pause_ns > 0
        """Whether pulses may have to wait."""
        self.count = 0
        """Pulses begun so far."""
        self.waiting = 0
        """Pulses whose watt-hour has been counted but which have not begun."""
        self._cycle = width_ns + min_pause_ns
        self._free = 0  # earliest begin of a pulse that is not yet waiting

    def begin_within(self, watt_hours: list[int], until_ns: int) -> list[int]:
        """Begins, up to and with `until_ns`, of the pulses that wait and of those for `watt_hours`; times in ns.

        Pulses that wait follow each other without a gap, because all their watt-hours are already counted.
        """
        begins = [self._free - n * self._cycle for n in range(self.waiting, 0, -1)]
        for at in watt_hours:
            begin = max(at, self._free)
            self._free = begin + self._cycle
            begins.append(begin)
        due = [begin for begin in begins if begin <= until_ns]
        self.waiting = len(begins) - len(due)
        return due

    def next_begin(self, now_ns: int, watt_hour_ns: int | None) -> int | None:
        """Nanoseconds until the next pulse begins, when the next watt-hour is `watt_hour_ns` away."""
        if self.waiting:
            return self._free - self.waiting * self._cycle - now_ns
        if watt_hour_ns is None or not self.keeps_pause:
            return watt_hour_ns
        return max(watt_hour_ns, self._free - now_ns)

    def lose(self) -> None:
        """The supply failed: pulses that wait are gone."""
        self.waiting = 0
        self._free = 0
