"""What a person sees of a simulated meter: its display as it is really lit, its label, its seals."""

from __future__ import annotations

from dataclasses import dataclass

from reference_meter import DisplayPicture


@dataclass(frozen=True)
class Look:
    """One look at one meter."""

    picture: DisplayPicture
    """What its processor shows."""
    digits: tuple[str, ...]
    """The segments of each digit that light, letters a to g: a dead one does not."""
    printed_type: str
    printed_number: str
    printed_constant: str
    seals_whole: bool
