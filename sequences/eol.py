"""The end-of-line test of the 382: one function of the type number that returns the steps in their order."""

from __future__ import annotations

from bench.accuracy_points import points_for
from bench.let_through import lets_through
from bench.profile import Profile
from bench.steps import Step
from bench.whole_test import whole_test
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.configuration import configuration
from sequences.connections import Connections
from sequences.display import DisplayTest
from sequences.label_and_seals import LabelAndSeals
from sequences.module import module_test
from sequences.no_load import NoLoad
from sequences.output_2 import output_2
from sequences.parking import Parking
from sequences.power_cut import power_cut
from sequences.pulse_input import pulse_input
from sequences.read_out import FinalReadOut
from sequences.register import RegisterAgainstPulses
from sequences.run_on import with_runs_on
from sequences.s0_diode import S0Diode
from sequences.s0_pulses import S0Pulses
from sequences.s0_wiring import S0Wiring
from sequences.screening import NoLoadScreen, StartingScreen
from sequences.sign_on import SignOn
from sequences.single_phase_balance import single_phase_balance
from sequences.starting import Starting

NOT_TESTED = (
    "influence quantities (voltage, frequency, temperature, harmonics, unbalance), capacitive power factor, the cold meter, "
    "a slip of the kWh register alone below what the record states, hours and months, long-term drift, tamper, insulation; "
    "see docs/what-eol-lets-through.md"
)
"""In one line what that page tells."""


@whole_test
@lets_through(NOT_TESTED)
def end_of_line(meter: TypeNumber, profile: Profile) -> list[Step]:
    """By the norm: starting and no-load last their whole time."""
    return [
        *identity(meter, profile),
        *warm_up(meter, profile),
        *accuracy_points(meter, profile),
        Parking(meter, profile),
        Starting(meter, profile, parked=True),
        NoLoad(meter, profile),
        *leaving(meter, profile),
    ]


@whole_test
@lets_through(NOT_TESTED)
def end_of_line_short(meter: TypeNumber, profile: Profile) -> list[Step]:
    """A screening: starting and no-load are shortened to what a parked meter shows at once; all else is as in `end_of_line`."""
    return [
        *identity(meter, profile),
        *warm_up(meter, profile),
        *accuracy_points(meter, profile),
        Parking(meter, profile, for_screening=True),
        NoLoadScreen(meter, profile),
        StartingScreen(meter, profile),
        *leaving(meter, profile),
    ]


def identity(meter: TypeNumber, profile: Profile) -> list[Step]:
    """What asks a person comes first, while he who put the meters in stands there and no current flows. The gates are here."""
    return [
        SignOn(meter, profile),
        DisplayTest(meter, profile),
        LabelAndSeals(meter, profile),
        S0Wiring(meter, profile),
        Connections(meter, profile),
    ]


def warm_up(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The dial test at Imax, which lasts longest of all that needs a current, warms shunts and meters for the accuracy points."""
    return [
        RegisterAgainstPulses(meter, profile),
        S0Pulses(meter, profile),
        S0Diode(meter, profile),
        *output_2(meter, profile),
        *module_test(meter, profile),
    ]


def accuracy_points(meter: TypeNumber, profile: Profile) -> list[Step]:
    """Those of the profile, from high current to low unless it says otherwise: the meter stays warm and the source makes no cold
    change of range (IEC 61358: tests 4 to 9). Before a slow point a lone meter runs on to its next pulse.
    """
    points = [
        Accuracy(meter, profile, at.amperes(meter), at.current, at.power_factor, at.only)
        for at in points_for(meter, profile.points, profile.order)
    ]
    measured = {point.name for point in points}
    return [*with_runs_on(points)] + [
        each for each in single_phase_balance(meter, profile) if measured.issuperset(each.follows())
    ]


def leaving(meter: TypeNumber, profile: Profile) -> list[Step]:
    """How the meter leaves: configured, its registers read, and the same after a power cut."""
    return [
        *pulse_input(meter, profile),
        *configuration(meter, profile),
        FinalReadOut(meter, profile),
        *power_cut(meter, profile),
    ]
