"""The sizes at which a fault is critical, for each type, from class, phases and limits: none of the bench's arithmetic is used here.

A size is written as `--fault` takes it. A type that cannot have the fault gets none.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from benchmarks.trusted.limits import accuracy_class, limit_percent, phases

Uncertainty = Callable[[str], float]
"""U in % by the name of the step."""
Sizes = Callable[[str, Uncertainty], tuple[str, ...]]
"""Values by type, taken in turn; none where the type cannot have the fault, ("",) for a fault that takes none."""

U_N = 230.0
_I_MAX = {"8": 80.0, "1": 100.0, "2": 120.0, "6": 60.0}


def always(*values: str) -> Sizes:
    """The same on every type."""
    return lambda _, __: values


def by_class(one: str, two: str) -> Sizes:
    """What the catalogue claims of either class, both ways."""
    return lambda kind, _: both_ways(one if accuracy_class(kind) == 1 else two)


def both_ways(size: str, phase: str = "", where: str = "") -> tuple[str, ...]:
    """Too much and too little."""
    return f"{phase}+{size}{where}", f"{phase}-{size}{where}"


def on(least: int, sizes: Sizes) -> Sizes:
    """For types of so many phases or more."""
    return lambda kind, uncertainty: sizes(kind, uncertainty) if phases(kind) >= least else ()


def critical_percent(kind: str, step: str, uncertainty: Uncertainty) -> float:
    """1.25 times the norm's limit and U more, %."""
    return 1.25 * limit_percent(kind, step) + uncertainty(step)


def off_at(step: str, where: Callable[[str], str] = lambda _: "") -> Sizes:
    """All circuits alike, where a condition holds."""
    return lambda kind, u: both_ways(f"{critical_percent(kind, step, u):.4f}%", "", where(kind))


def off_alone_at(step: str, phase: int) -> Sizes:
    """The one circuit that is loaded at this step."""
    return lambda kind, u: both_ways(f"{critical_percent(kind, step, u):.4f}%", f"L{phase}")


def off_with_others_at(step: str, phase: int, where: str = "") -> Sizes:
    """One circuit, at a step that loads all: the meter's error is the mean of theirs."""

    def sizes(kind: str, uncertainty: Uncertainty) -> tuple[str, ...]:
        size = phases(kind) * critical_percent(kind, step, uncertainty)
        return both_ways(f"{size:.4f}%", f"L{min(phase, phases(kind))}", where)

    return sizes


def turned_at(step: str, name: str = "") -> Sizes:
    """Turns that make the critical error at power factor 0.5 inductive: of all circuits, or of the one that is loaded."""

    def sizes(kind: str, uncertainty: Uncertainty) -> tuple[str, ...]:
        size = critical_percent(kind, step, uncertainty)
        return tuple(f"{name}{turn_mrad(error):+.4f}mrad" for error in (size, -size))

    return sizes


def turned_alone(kind: str, uncertainty: Uncertainty) -> tuple[str, ...]:
    """The circuit of L2 where it is loaded alone at Imax; that of L1 on a type of one phase, at Ib."""
    if phases(kind) > 1:
        return turned_at("accuracy-imax-pf0.5-l2", "L2")(kind, uncertainty)
    return turned_at("accuracy-ib-pf0.5", "L1")(kind, uncertainty)


def saturated_alone(kind: str, uncertainty: Uncertainty) -> tuple[str, ...]:
    """The circuit of L1 at Imax, loaded alone at power factor 0.5; a type of one phase has no other load there than its own."""
    step = "accuracy-imax-pf0.5-l1" if phases(kind) > 1 else "accuracy-imax"
    return off_alone_at(step, 1)(kind, uncertainty)


def turn_mrad(percent: float) -> float:
    """cos θ − √3 sin θ is 2 cos(θ + π/3): the turn θ with this error, %, at power factor 0.5 inductive, in mrad."""
    return (math.acos((1.0 + percent / 100.0) / 2.0) - math.pi / 3.0) * 1e3


def last_phase(kind: str, _: Uncertainty) -> tuple[str, ...]:
    """L1 of a type of one phase, L2 of two, L3 of three."""
    return (f"L{phases(kind)}",)


def pulse_rate(kind: str) -> float:
    """S0 pulses a second at Imax: 1000 a kWh."""
    return phases(kind) * U_N * _I_MAX[kind[5]] / 3600.0


def just_below_imax(kind: str) -> str:
    """A pulse rate that only Imax exceeds, all phases loaded: 15 Hz on three phases up to 80 A."""
    return f"@{15.0 * pulse_rate(kind) / pulse_rate('685-381'):.2f}Hz"


def while_it_warms(kind: str) -> str:
    """90 s on three phases up to 80 A, and less where as many pulses come faster: so long a type is at Imax before Ib."""
    return f"@{min(90.0, 90.0 * pulse_rate('685-381') / pulse_rate(kind)):.0f}s"


def no_load_seconds(kind: str) -> float:
    """Shortest no-load test (IEC 62053-21:2003, 8.3.2): 600 or 480 · 10⁶ / (k m Un Imax) min."""
    return (600e6 if accuracy_class(kind) == 1 else 480e6) / (1000 * phases(kind) * U_N * _I_MAX[kind[5]]) * 60.0


def two_pulses(where: Callable[[str], str] = lambda _: "", lost_s: float = 0.0) -> Sizes:
    """Just above 2 Wh in what is left of the test time: two pulses wherever the meter stood when it began."""
    return lambda kind, _: (f"{2.01 * 3600.0 / (no_load_seconds(kind) - lost_s):.4f}W{where(kind)}",)


def before_the_second_pulse(kind: str, _: Uncertainty) -> tuple[str, ...]:
    """A little less than one period at the starting current: the second pulse is at least a whole one away."""
    i_b, starting = (10.0 if kind[5] == "6" else 5.0), (0.004 if accuracy_class(kind) == 1 else 0.005)
    return (f"{0.95 * 3600.0 / (phases(kind) * U_N * i_b * starting):.0f}s",)


def jitter(kind: str, _: Uncertainty) -> tuple[str, ...]:
    """What the catalogue claims: 2 ms, and 4 ms of class 2, on three phases, 5 ms on two, 10 ms on one."""
    return {1: ("10ms",), 2: ("5ms",), 3: (f"{2 * accuracy_class(kind)}ms",)}[phases(kind)]
