"""The end-of-line test of the 382: one function of the type number that returns the steps in their order."""

from __future__ import annotations

from bench.accuracy_points import points_for
from bench.let_through import lets_through
from bench.profile import Profile
from bench.steps import Step
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.configuration import configuration
from sequences.display import DisplayTest
from sequences.label_and_seals import LabelAndSeals
from sequences.module import module_test
from sequences.no_load import NoLoad
from sequences.output_2 import output_2
from sequences.pulse_input import pulse_input
from sequences.read_out import FinalReadOut
from sequences.register import RegisterAgainstPulses
from sequences.s0_diode import S0Diode
from sequences.s0_pulses import S0Pulses
from sequences.s0_wiring import S0Wiring
from sequences.sign_on import SignOn
from sequences.starting import Starting

NOT_TESTED = (
    "influence quantities (voltage, frequency, temperature, harmonics, unbalance), capacitive power factor, the cold meter, "
    "hours and months, long-term drift, tamper, insulation; see docs/what-eol-lets-through.md"
)
"""In one line what that page tells."""


@lets_through(NOT_TESTED)
def end_of_line(meter: TypeNumber, profile: Profile) -> list[Step]:
    """What asks a person comes first, while he who put the meters in stands there and no current flows.

    Then the accuracy points of the profile, high current first unless it says otherwise; the slow tests come last.
    """

    points = points_for(meter, profile.points, profile.order)
    return [
        SignOn(meter, profile),
        DisplayTest(meter, profile),
        LabelAndSeals(meter, profile),
        S0Wiring(meter, profile),
        RegisterAgainstPulses(meter, profile),
        S0Pulses(meter, profile),
        S0Diode(meter, profile),
        *output_2(meter, profile),
        *module_test(meter, profile),
        *(Accuracy(meter, profile, at.amperes(meter), at.current, at.power_factor, at.only) for at in points),
        Starting(meter, profile),
        NoLoad(meter, profile),
        *pulse_input(meter, profile),
        *configuration(meter, profile),
        FinalReadOut(meter, profile),
    ]
