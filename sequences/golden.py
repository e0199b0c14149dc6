"""What proves the bench and not the meter: the golden run, and the run of a gauge study.

Of the end-of-line test its accuracy points, in its order, and the gates before them: nobody may change the one and forget the other.
"""

from __future__ import annotations

from bench.profile import Profile
from bench.steps import Step
from bench.whole_test import part_of_a_test
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.eol import end_of_line
from sequences.known_meter import KnownMeter


@part_of_a_test("it studies the bench by the accuracy points")
def gauge(meter: TypeNumber, profile: Profile) -> list[Step]:
    """For a study of parts, positions or operators, and trials."""
    return [step for step in end_of_line(meter, profile) if step.gate or isinstance(step, Accuracy)]


@part_of_a_test("it proves the bench by a meter that is known")
def golden(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The same, and then each known meter against what is known of it."""
    return [*gauge(meter, profile), KnownMeter(meter, profile)]
