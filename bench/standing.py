"""Whether the instruments that say what the load is can be believed: one that repeats itself, two that disagree. Pure.

Neither may stop a good run: a limit is what the instruments declare, and a coarse display is allowed to stand still.
"""

from __future__ import annotations

from drivers.load import Load
from drivers.power_source import Reading

_WANDER_PERCENT = 0.02
"""Source and standard are not read at the same instant: a settled output wanders by less than this between them."""

_SAME_AT_MOST = 5
"""So many identical readings in a row are no accident of an instrument whose readings have always differed."""
_KNOWN_AFTER = 10
"""After so many readings that all differed, an instrument is known to be that fine."""

_Values = tuple[object, ...]


class Repetition:
    """Looks for an instrument that tells its last value for ever.

    Two signs: a reading that is the same to the last digit for two loads; and, of an instrument whose readings have always
    differed, several in a row that do not. Readings of nothing at all count for neither.
    """

    def __init__(self) -> None:
        self._last: _Values = ()
        self._differed = 0
        self._same = 1
        self._coarse = False
        self._standing: tuple[Load, _Values] | None = None
        """The load that stood last, and the last reading of it."""

    def saw(self, reading: Reading, standing: Load | None) -> str:
        """Take the next reading; `standing` is the load that is known to stand. Say what is wrong, or nothing."""
        values = (reading.u, reading.i, reading.power, reading.frequency)
        if not any(reading.u) and not any(reading.i):
            return ""
        if values != self._last:
            self._same = 1
            self._differed += 1
        else:
            self._same += 1
            if self._differed <= _KNOWN_AFTER:
                self._coarse = True
        self._last = values
        if standing is not None:
            before, self._standing = self._standing, (standing, values)
            if before is not None and before[0] != standing and before[1] == values:
                return "reads the same to the last digit under two loads"
        if self._same >= _SAME_AT_MOST and not self._coarse:
            return f"repeats its last value: {self._same} readings are the same to the last digit, where all before differed"
        return ""


def disagreement(source: Reading, standard: Reading, declared_percent: float, resolution_w: float) -> str:
    """What source and standard differ by, in words, where that is more than both declare; else nothing.

    `declared_percent` is the sum of the half-widths of both errors, % of reading: each may lie at its edge. `resolution_w`
    is what the source rounds each phase's power to, in W.
    """
    read, true = source.total_power, standard.total_power
    if not true:
        return ""
    apart = 100.0 * (read - true) / true
    allowed = declared_percent + _WANDER_PERCENT + 100.0 * 1.5 * resolution_w / abs(true)
    if abs(apart) <= allowed:
        return ""
    return (
        f"source and standard disagree by {apart:+.2f} %, more than {allowed:.2f} %: the source reads {read:.5g} W and the "
        f"reference standard {true:.5g} W; have both checked"
    )
