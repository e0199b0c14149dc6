"""Acceptance inspection: the tests of IEC 61358:1996 (now IEC 62058-31:2008) by the norm's numbers, in the bench's order.

How many meters of a lot are inspected, and what becomes of the lot, is the business of `bench lot`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.let_through import lets_through
from bench.load_points import inductive
from bench.measurements import Declared
from bench.position import Position
from bench.profile import Profile
from bench.steps import Step
from bench.whole_test import whole_test
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.no_load import NoLoad
from sequences.read_out import FinalReadOut
from sequences.register import RegisterAgainstPulses
from sequences.s0_wiring import S0Wiring
from sequences.sign_on import SignOn
from sequences.starting import Starting

NOT_TESTED = (
    "what the norm does not list: a third phase alone, one phase alone at power factor 0.5 or against the balanced load, pauses of the "
    "S0 pulses, display, module, power cut; influence quantities (audit); see docs/sequences-beyond-eol.md"
)
"""In one line what that page tells."""


@whole_test
@lets_through(NOT_TESTED)
def acceptance(meter: TypeNumber, profile: Profile) -> list[Step]:
    """High current first, which warms the meter and spares the source a cold change of range; the slow tests last.

    Tests 7 and 8 load one phase and another of a polyphase meter; a meter of one phase has none.
    """
    single_phase = [
        AccuracyTest(meter, profile, meter.i_b, "Ib", only=phase, number=number)
        for number, phase in zip((7, 8), meter.phases, strict=False)
        if meter.polyphase
    ]
    return [
        NotMade(meter, profile, "dielectric", "No 1 Dielectric", "it needs a high-voltage test set"),
        NotMade(meter, profile, "mechanical", "No 11 Mechanical", "it needs a person with the meter in his hands"),
        SignOn(meter, profile),
        S0Wiring(meter, profile),
        ConstantTest(meter, profile),
        AccuracyTest(meter, profile, meter.i_max, "Imax", number=9),
        AccuracyTest(meter, profile, meter.i_b, "Ib", number=5),
        AccuracyTest(meter, profile, meter.i_b, "Ib", power_factor=inductive(0.5), number=6),
        *single_phase,
        AccuracyTest(meter, profile, 0.05 * meter.i_b, "0.05 Ib", number=4),
        StartingTest(meter, profile),
        NoLoadTest(meter, profile),
        FinalReadOut(meter, profile),
    ]


@dataclass(frozen=True)
class AccuracyTest(Accuracy):
    """One of the accuracy tests 4 to 9."""

    number: int = 0

    @property
    def title(self) -> str:
        """For instance "No 5 Accuracy Ib"."""
        return f"No {self.number} {super().title}"


@dataclass(frozen=True)
class NoLoadTest(NoLoad):
    """Test 2."""

    @property
    def title(self) -> str:
        """Name on the screen."""
        return f"No 2 {super().title}"


@dataclass(frozen=True)
class StartingTest(Starting):
    """Test 3."""

    @property
    def title(self) -> str:
        """Name on the screen."""
        return f"No 3 {super().title}"


@dataclass(frozen=True)
class ConstantTest(RegisterAgainstPulses):
    """Test 10: the relation between test output and register is what the meter is marked with."""

    @property
    def title(self) -> str:
        """Name on the screen."""
        return "No 10 Meter constant"


@dataclass(frozen=True)
class NotMade(Step):
    """A test of the norm that is made elsewhere: named in plan and record, so that nobody takes it for passed."""

    called: str
    heading: str
    why: str

    @property
    def name(self) -> str:
        """Name in the record."""
        return self.called

    @property
    def title(self) -> str:
        """Name on the screen."""
        return self.heading

    def not_made(self) -> str:
        """What it needs that the bench has not."""
        return f"not made here: {self.why}"

    def measurements(self) -> tuple[Declared, ...]:
        """None."""
        return ()

    def duration(self) -> float:
        """No time."""
        return 0.0

    async def run(self, at: Position) -> None:
        """Not used: no plan holds it."""
        raise TypeError(f"{self.called} is not made at position {at.number}")
