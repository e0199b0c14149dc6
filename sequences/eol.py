"""The end-of-line test of the 382: one function of the type number that returns the steps in their order."""

from __future__ import annotations

from functools import partial

from bench.load_points import inductive
from bench.profile import Profile
from bench.steps import Step
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.configuration import configuration
from sequences.connections import Connections
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


def end_of_line(meter: TypeNumber, profile: Profile) -> list[Step]:
    """What asks a person comes first, while he who put the meters in stands there and no current flows.

    Then high current: it warms the meter and spares the source a cold change of range; the slow tests come last.
    """

    accuracy = partial(Accuracy, meter, profile)
    each_phase = [accuracy(meter.i_b, "Ib", only=phase) for phase in meter.phases] if meter.polyphase else []
    return [
        SignOn(meter, profile),
        DisplayTest(meter, profile),
        LabelAndSeals(meter, profile),
        S0Wiring(meter, profile),
        Connections(meter, profile),
        RegisterAgainstPulses(meter, profile),
        S0Pulses(meter, profile),
        S0Diode(meter, profile),
        *output_2(meter, profile),
        *module_test(meter, profile),
        accuracy(meter.i_max, "Imax"),
        accuracy(meter.i_b, "Ib"),
        accuracy(meter.i_b, "Ib", power_factor=inductive(0.5)),
        *each_phase,
        accuracy(0.05 * meter.i_b, "0.05 Ib"),
        Starting(meter, profile),
        NoLoad(meter, profile),
        *pulse_input(meter, profile),
        *configuration(meter, profile),
        FinalReadOut(meter, profile),
    ]
