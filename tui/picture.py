"""Everything the screen shows at one moment, in one frozen value: the widgets are functions of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.session import LineGlance, PositionGlance, StationCard
from tui.entry import Entry
from tui.run_story import RunStory, StepMark


@dataclass(frozen=True)
class Picture:
    """The latest of the line, what the facts told, and what the person has entered."""

    station: StationCard
    glance: LineGlance
    story: RunStory
    entry: Entry
    speed: float = 1.0
    """Simulated seconds a second."""
    starting: bool = False
    """F1 was pressed and the engine has not answered yet."""
    aborting: bool = False
    """F4 was pressed and the run has not ended yet."""
    cleared_run: str = ""
    """The run whose result the last scan has cleared."""
    refusal: str = ""
    """Why the engine did not carry out the last command."""
    lost: str = ""
    """Why there is no engine to ask; then nothing is known of the source."""
    hint: str = ""
    """Why the last scan was not taken."""
    scan: str = ""
    """The scan line as typed so far."""

    @property
    def busy(self) -> bool:
        """A run is on or about to be: scans are kept out."""
        return self.starting or self.glance.running

    @property
    def shows_result(self) -> bool:
        """The last result stays until the next scan."""
        return not self.busy and bool(self.glance.ending) and self.glance.run != self.cleared_run

    @property
    def positions(self) -> tuple[PositionGlance, ...]:
        """What the board shows: the run under way, the last result, or what has been entered."""
        return self.glance.positions if self.glance.running or self.shows_result else self.entry.glances()

    def marks(self, position: int) -> tuple[StepMark, ...]:
        """The steps as they stand at a position of that run; none before it."""
        return (
            self.story.marks(position)
            if self.story.run == self.glance.run and self.positions is self.glance.positions
            else ()
        )

    @property
    def speed_in_words(self) -> str:
        """ "10x" or "max"."""
        return "max" if math.isinf(self.speed) else f"{self.speed:g}x"
