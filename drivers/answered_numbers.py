"""Numbers in the text of instruments: taken out of an answer or refused with a sentence, written as a plain decimal, angles as phasors.

Shared by the dialects; each knows what its numbers mean.
"""

from __future__ import annotations

import math
from cmath import phase, rect

from drivers.load import Phasors
from drivers.power_source import InstrumentError, Unanswered
from drivers.visa import Answer, VisaPort

_NOT_A_MEASUREMENT = 9.9e37
"""SCPI-99 volume 1, 7.2.1.4 and 7.2.1.5: 9.9E37 is infinity, 9.91E37 not a number."""


def senseless(port: VisaPort, question: str, answer: str, why: str) -> InstrumentError:
    """The error for an answer that makes no sense. The port is mistrusted: question and answer may be out of step."""
    port.mistrust()
    return Unanswered(
        f"the {port.instrument} at {port.resource} answered {question[:80]!r} with {answer[:80]!r}: {why}; "
        "is this the instrument the station file names?"
    )


def numbers(port: VisaPort, question: str, answer: str, separator: str, count: int) -> list[float]:
    """Exactly `count` finite numbers. Raises `InstrumentError`, and mistrusts the port, when the answer is none."""
    try:
        found = [float(field) for field in answer.split(separator)]
    except ValueError as error:
        raise senseless(port, question, answer, str(error)) from None
    if len(found) != count or not all(abs(number) < _NOT_A_MEASUREMENT for number in found):
        raise senseless(port, question, answer, f"{count} finite numbers expected")
    return found


def time_of(answer: Answer, latency: float) -> float:
    """When the values of an answer hold, as loop time in s.

    That is when the instrument began: in the middle between question and answer less the `latency` in s that it declares
    to take, and never before the question.
    """
    return max(answer.asked, (answer.asked + answer.answered - latency) / 2)


def decimal(value: float) -> str:
    """Nine decimals, finer than any source sets; never an exponent, which some instruments do not read."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def degrees(value: complex) -> float:
    """Angle of a phasor in degrees, −180 to 180."""
    return math.degrees(phase(value))


def half_turn(angle: float) -> float:
    """The same angle in degrees, −180 up to 180."""
    return (angle + 180.0) % 360.0 - 180.0


def phasors(values: list[float], angles: list[float]) -> Phasors:
    """Three rms values and their angles in degrees as phasors."""
    a, b, c = (rect(value, math.radians(angle)) for value, angle in zip(values, angles, strict=True))
    return (a, b, c)
