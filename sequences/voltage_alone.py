"""Sequences for a source without a current circuit of its own: what can be tested on voltage alone."""

from __future__ import annotations

from bench.profile import Profile
from bench.steps import Step
from bench.whole_test import part_of_a_test
from reference_meter import TypeNumber
from sequences.no_load import NoLoad
from sequences.read_out import FinalReadOut
from sequences.sign_on import SignOn


@part_of_a_test("it shows that a meter does not creep, and measures no error")
def no_load(meter: TypeNumber, profile: Profile) -> list[Step]:
    """Who it is, whether it creeps, and what its registers say afterwards."""
    return [SignOn(meter, profile), NoLoad(meter, profile), FinalReadOut(meter, profile)]
