"""Known meter: the golden meter is held against its control charts, the red rabbit against the step that it must fail."""

from __future__ import annotations

from dataclasses import dataclass

from bench.known_check import STEP
from bench.load_points import voltage_only
from bench.measurements import Declared, reads
from bench.position import Position
from bench.steps import Step
from drivers.load import Load

_AS_KNOWN = "as known"
_FOUND = "found"


@dataclass(frozen=True)
class KnownMeter(Step):
    """What this run and the earlier ones found, against what the station file says of the meter. Its FAIL is the bench's."""

    @property
    def name(self) -> str:
        """Name in the record."""
        return STEP

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "Known meter"

    @property
    def load(self) -> Load:
        """Un, no current: a load of its own, so that every point is closed before."""
        return voltage_only(self.meter)

    def measurements(self) -> tuple[Declared, ...]:
        """One word, or what is wrong with the bench."""
        return (
            reads(_FOUND, _AS_KNOWN, "control chart: ISO 7870-2, Nelson rules 1 to 3; certificate ± U; docs/golden.md"),
        )

    def duration(self) -> float:
        """A look into the journal."""
        return 1.0

    async def run(self, at: Position) -> None:
        """Ask what is known; another meter is told so and not judged."""
        told = await at.known_meter()
        if told is None:
            at.leave_out("neither a golden meter nor a red rabbit of this station", _FOUND)
        else:
            at.record(_FOUND, _AS_KNOWN if told.as_known else told.words, note=told.words if told.as_known else "")
