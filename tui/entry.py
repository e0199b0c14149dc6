"""What has been scanned or typed for the next run: type number, serial numbers by position, sequence.

A frozen value; each scan makes the next one out of it or is not taken, with the reason in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bench.session import PositionGlance, PositionState, RunRequest, StationCard

_TYPE_NUMBER = re.compile(r"685-?\d{3}-?[A-Z]{2}-?\d{2}")
"""Enough to tell a type number from a serial number (data sheet, Type number); the engine checks which types there are."""
_LONGEST_SERIAL = 20


class NotTaken(Exception):
    """A scan that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """The next run as far as it has been entered."""

    positions: int
    simulated: bool
    sequences: tuple[str, ...]
    sequence: str
    type_number: str = ""
    serials: Mapping[int, str] = field(default_factory=dict)
    purpose: str = "production"

    @classmethod
    def at(cls, station: StationCard, type_number: str = "") -> Entry:
        """Nothing scanned yet: the end-of-line sequence where the station has it, and the type a simulated station offers."""
        sequence = "eol" if "eol" in station.sequences else next(iter(station.sequences), "")
        return cls(
            station.positions,
            station.simulated,
            station.sequences,
            sequence,
            type_number or station.default_type,
            purpose=station.purpose,
        )

    def scanned(self, code: str) -> Entry:
        """The entry with one more scan: a type number, the name of a sequence, or the serial of the next free position."""
        code = code.strip()
        if not code:
            return self
        if _TYPE_NUMBER.fullmatch(code.upper()):
            return replace(self, type_number=code.upper())
        if code.lower() in self.sequences:
            return replace(self, sequence=code.lower())
        if _TYPE_NUMBER.fullmatch(code.upper().replace("+", "-")):
            raise NotTaken(f"{code}: the scanner types + for −. Set scanner and computer to the same keyboard layout.")
        return self._with_serial(code)

    def cleared(self) -> Entry:
        """Without serial numbers; type and sequence stay for the next meters."""
        return replace(self, serials={})

    @property
    def next_free(self) -> int | None:
        """The position the next serial number goes to; None when all have one."""
        return next((number for number in range(1, self.positions + 1) if number not in self.serials), None)

    @property
    def tested(self) -> list[int]:
        """The positions a run would take."""
        return sorted(self.serials) or (list(range(1, self.positions + 1)) if self.simulated else [])

    def glances(self) -> tuple[PositionGlance, ...]:
        """The board before a run."""
        tested = self.tested if self.type_number else sorted(self.serials)
        return tuple(
            PositionGlance(
                number,
                self.serials.get(number, ""),
                PositionState.READY if number in tested else PositionState.EMPTY,
            )
            for number in range(1, self.positions + 1)
        )

    def request(self, operator: str) -> RunRequest:
        """What F1 asks the engine for. A simulated station has a purpose of its own."""
        return RunRequest(
            sequence=self.sequence,
            type_number=self.type_number,
            serials=dict(self.serials),
            operator=operator,
            purpose="" if self.simulated else self.purpose,
            attended=True,
        )

    def _with_serial(self, serial: str) -> Entry:
        if len(serial) > _LONGEST_SERIAL:
            raise NotTaken(f"{serial[:12]}… is too long for a serial number: two scans in one line? Scan again.")
        for taken, known in self.serials.items():
            if known == serial:
                raise NotTaken(f"{serial} is already at position {taken}. Scan another meter, or press F2 to clear.")
        number = self.next_free
        if number is None:
            raise NotTaken(f"{serial}: every position has its meter. F1 starts, F2 clears the serial numbers.")
        return replace(self, serials={**self.serials, number: serial})
