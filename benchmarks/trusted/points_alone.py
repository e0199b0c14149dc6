"""The accuracy points of `eol` and nothing else, so that thousands of lines can be judged at them.

Found through the entry point group `bench.sequences` while this folder is in `sys.path`; one point is taken with `only`.
"""

from __future__ import annotations

from bench.profile import Profile
from bench.steps import Step
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.eol import end_of_line


def accuracy_points(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The steps of the end-of-line test that measure a percentage error, in its order."""
    return [step for step in end_of_line(meter, profile) if isinstance(step, Accuracy)]
