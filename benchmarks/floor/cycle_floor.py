"""The shortest end-of-line test that physics and norm allow for one 382, in seconds: what the bench's own seconds are held against.

Formulae with their sources stand here a second time, and share no code with `bench`: a floor that moved with it would show nothing.

Load points: IEC 62053-21:2003, 8.1, tables 6 and 7, of the list of IEC 60514 and IEC 61358. No-load: IEC 62053-21:2003, 8.3.2,
600e6 / (k m Un Imax) minutes for class 1 and 480e6 for class 2. Starting: 8.3.3, 0.004 Ib and 0.005 Ib. One S0 pulse is 1 Wh (data
sheet, S0 pulse output). Uncertainty of n whole periods T, from edge to edge: jitter √12 σ / (T √(n(n+1)(n+2))) by least squares,
energy steps of the meter q √(m/6) / n, double-frequency swing of the power a / (n T) with a = |Σ e^(2jφ)| / m / (2 ω cos φ), 0 for
three phases; together at most 1/30 of the limit, so that two of them are a third of the fifth that IEC 62058-31 grants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_U_N = 230.0
_PULSE_J = 3600.0
_OMEGA = 2 * math.pi * 50.0


@dataclass(frozen=True)
class Inputs:
    """What floor and bench are both given. Seconds, unless said otherwise."""

    settle: float = 2.0
    """From each change of load."""
    quantum_wh: float = 0.002
    jitter_s: float = 50e-6
    share_of_limit: float = 30.0
    """The random uncertainty is the limit over this."""
    periods: int = 5
    slow_periods: int = 2
    slow_period_s: float = 15.0
    """Fewest periods of a point, and of one whose period is longer than this."""
    parked_share: float = 0.95
    """Of a watt-hour at Ib, run on before a slow point; the meter then waits for `left_share` of a period and no longer."""
    left_share: float = 0.02
    left_share_starting: float = 0.01
    worth_parking: float = 3.0
    """Half a period from which parking is made as a step of its own; below, the change of load is timed, which is taken to cost nothing."""
    power_up: float = 5.0
    """A meter is functional in this time, by the norm. At sign-on it counts from where the voltage has settled; after a power cut, which
    tests it, from the voltage itself."""
    without_voltage: float = 5.0
    gate_periods: float = 4.5
    """Pulses at Imax that show that a meter is connected rightly, before anything rests on it."""
    reaction: float = 0.2
    """Of the optical port, which is the meter's own: 0.2 to 1.5 s (IEC 62056-21)."""
    mode_a_characters: int = 173
    """Request and telegram at 300 baud, ten bits each."""
    native_characters: int = 88
    """Request and registers at 1200 baud, twelve bits each."""
    identity_characters: int = 58
    """Request and the memory that names the type, at 1200 baud."""

    @property
    def mode_a(self) -> float:
        """One readout in mode A."""
        return self.reaction + self.mode_a_characters * 10 / 300

    @property
    def native(self) -> float:
        """One native readout of the registers."""
        return self.reaction + self.native_characters * 12 / 1200

    @property
    def identity(self) -> float:
        """One native readout of the identity."""
        return self.reaction + self.identity_characters * 12 / 1200


@dataclass(frozen=True)
class Meter:
    """An electrical type: phases, basic and maximum current in A, class."""

    phases: int
    i_b: float
    i_max: float
    accuracy_class: int

    def period(self, current: float, power_factor: float = 1.0, loaded: int | None = None) -> float:
        """Seconds from pulse to pulse."""
        return _PULSE_J / ((loaded or self.phases) * _U_N * current * power_factor)


@dataclass(frozen=True)
class Point:
    """One accuracy point of a meter: its period in s, its limit in %, phases loaded."""

    period: float
    limit_percent: float
    loaded: int
    power_factor: float = 1.0


@dataclass(frozen=True)
class Floor:
    """The parts, s."""

    points: float
    """The accuracy points, each with its settling."""
    dial: float
    """What the dial test adds at Imax to the pulses that the points give anyway, and to those of the gate."""
    gate: float
    starting: float
    """Parking at Ib, which after 0.05 Ib is a change of load of its own, and one whole period."""
    no_load: float
    readouts: float
    """Power-up and sign-on, final readout, power cut and what is read after it."""

    @property
    def accuracy_part(self) -> float:
        """Gate, dial and accuracy points."""
        return self.gate + self.dial + self.points

    @property
    def total(self) -> float:
        """The compliant test."""
        return self.accuracy_part + self.starting + self.no_load + self.readouts


def floor(meter: Meter, given: Inputs, dial_pulses: float, starting_period: float | None = None) -> Floor:
    """The floor of one meter at one position whose dial test takes `dial_pulses` pulses from the first that flows.

    1000 of them where its register 2 is known; where it is not, those up to its first roll-over, and 1000 more to the next.
    `starting_period` is what lies between its pulses at the starting current, where no limit of error holds; None for the nominal one.
    """
    fastest = meter.period(meter.i_max)
    seconds, pulses = 0.0, given.gate_periods + given.settle / fastest
    for point in points(meter):
        periods = fewest_periods(point, given)
        pulses += periods
        seconds += given.settle + _wait(point.period, meter, given) + periods * point.period
    i_st = (0.004 if meter.accuracy_class == 1 else 0.005) * meter.i_b
    slowest = starting_period or meter.period(i_st)
    parking = given.settle + given.parked_share * meter.period(meter.i_b)
    constant = 600e6 if meter.accuracy_class == 1 else 480e6
    no_load = constant / (1000.0 * meter.phases * _U_N * meter.i_max) * 60.0
    sign_on = given.settle + given.power_up + given.mode_a + given.native + given.identity
    leaving = given.settle + given.mode_a + given.native
    after_cut = given.without_voltage + given.power_up + given.mode_a + given.native + given.identity
    return Floor(
        points=seconds,
        dial=max(0.0, dial_pulses - pulses) * fastest,
        gate=given.gate_periods * fastest,
        starting=parking + given.settle + (given.left_share_starting + 1.0) * slowest,
        no_load=given.settle + no_load,
        readouts=sign_on + leaving + after_cut,
    )


def points(meter: Meter) -> list[Point]:
    """Imax, each phase alone there with power factor 0.5, Ib, Ib with power factor 0.5, each phase alone, 0.05 Ib."""
    second = meter.accuracy_class == 2
    balanced, single, low = (2.0, 3.0, 2.5) if second else (1.0, 2.0, 1.5)
    found = [
        Point(meter.period(meter.i_max), balanced, meter.phases),
        Point(meter.period(meter.i_b), balanced, meter.phases),
        Point(meter.period(meter.i_b, 0.5), balanced, meter.phases, 0.5),
    ]
    if meter.phases > 1:
        found += [Point(meter.period(meter.i_max, 0.5, 1), single, 1, 0.5)] * meter.phases
        found += [Point(meter.period(meter.i_b, loaded=1), single, 1)] * meter.phases
    return [*found, Point(meter.period(0.05 * meter.i_b), low, meter.phases)]


def random_percent(point: Point, given: Inputs, periods: int) -> float:
    """Standard uncertainty in % that so many whole periods leave to chance."""
    n, seconds = periods, periods * point.period
    vectors = {1: 1.0, 2: 0.5, 3: 0.0}[point.loaded]  # |Σ e^(2jφ)| / m: one phase, two of them 120° apart, three
    ripple = vectors / (2 * _OMEGA * point.power_factor) / seconds
    jitter = given.jitter_s / point.period * math.sqrt(12 / (n * (n + 1) * (n + 2)))
    quantum = given.quantum_wh * math.sqrt(point.loaded / 6) / n
    return math.hypot(ripple, jitter, quantum) * 100.0


def fewest_periods(point: Point, given: Inputs) -> int:
    """The smallest number that is enough for the uncertainty, and no less than what was given."""
    least = given.slow_periods if point.period > given.slow_period_s else given.periods
    while random_percent(point, given, least) > point.limit_percent / given.share_of_limit:
        least += 1
    return least


def _wait(period: float, meter: Meter, given: Inputs) -> float:
    """For the first pulse of a point: what is left to it where the change of load was timed for that.

    A fast point costs no time to come so far; before a slow one the meter is parked at Ib, or half a period is waited in the mean.
    """
    left = given.left_share * period
    if period / 2 < given.worth_parking:
        return left
    return min(period / 2, given.parked_share * meter.period(meter.i_b) + left)
