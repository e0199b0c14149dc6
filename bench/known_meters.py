"""Meters whose result is known beforehand, as the station file lists them: golden meters, and red rabbits that must fail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

SHIFT_H = 8.0
"""Hours for which a check holds where the station file says nothing else: a shift."""


@dataclass(frozen=True)
class CertifiedPoint:
    """What a laboratory wrote about a golden meter at one load point."""

    step: str
    """The step that measures there: "accuracy-ib"."""
    error_percent: float
    uncertainty_percent: float
    """Expanded (k = 2)."""


@dataclass(frozen=True)
class GoldenMeter:
    """A good meter that never changes: when its errors do, the bench has."""

    serial: str
    type_number: str
    certificate: str = ""
    certified: tuple[CertifiedPoint, ...] = ()
    """Rule its points until their charts have a baseline; empty where no laboratory has measured it."""
    baseline_from: date | None = None
    """Runs before this day (UTC) are left out of its charts: the day the reference came back from calibration. None for all."""

    def certified_at(self, step: str) -> CertifiedPoint | None:
        """What is certified for a step; None where nothing is."""
        return next((each for each in self.certified if each.step == step), None)


@dataclass(frozen=True)
class RedRabbit:
    """A bad meter that never changes: a bench that passes it would pass others."""

    serial: str
    type_number: str
    fails_at: str
    """The step in which it must fail: "accuracy-ib"."""


@dataclass(frozen=True)
class KnownMeters:
    """All of them, and how often they are asked."""

    golden: tuple[GoldenMeter, ...] = ()
    red_rabbits: tuple[RedRabbit, ...] = ()
    every_h: float = SHIFT_H
    """Hours after which production waits for the next check."""

    @property
    def serials(self) -> tuple[str, ...]:
        """The serial numbers of all."""
        return (*(each.serial for each in self.golden), *(each.serial for each in self.red_rabbits))

    def listed(self, serials: Collection[str]) -> str:
        """The first of these that is a known meter, in words: "serial 21480001 is a golden meter"; empty where none is."""
        golden, rabbits = {each.serial for each in self.golden}, {each.serial for each in self.red_rabbits}
        for serial in serials:
            if serial in golden | rabbits:
                return f"serial {serial} is a {'golden meter' if serial in golden else 'red rabbit'}"
        return ""
