"""What proves the bench and not the meter: the golden run, and the run of a gauge study.

Accuracy points alone, on wires that were traced.
"""

from __future__ import annotations

from functools import partial

from bench.load_points import inductive
from bench.profile import Profile
from bench.steps import Step
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.known_meter import KnownMeter
from sequences.s0_wiring import S0Wiring
from sequences.sign_on import SignOn


def gauge(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The accuracy points of the end-of-line test, for a study of parts, positions or operators, and trials."""
    accuracy = partial(Accuracy, meter, profile)
    return [
        SignOn(meter, profile),
        S0Wiring(meter, profile),
        accuracy(meter.i_max, "Imax"),
        accuracy(meter.i_b, "Ib"),
        accuracy(meter.i_b, "Ib", power_factor=inductive(0.5)),
        *([accuracy(meter.i_b, "Ib", only=phase) for phase in meter.phases] if meter.polyphase else []),
        accuracy(0.05 * meter.i_b, "0.05 Ib"),
    ]


def golden(meter: TypeNumber, profile: Profile) -> list[Step]:
    """The same, and then each known meter against what is known of it."""
    return [*gauge(meter, profile), KnownMeter(meter, profile)]
