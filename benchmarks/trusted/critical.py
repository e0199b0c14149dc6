"""The size at which each fault of the catalogue is tried: the critical one, or the smallest that the catalogue claims is found.

An error is critical at 1.25 times the norm's limit and U more; the others are words of the catalogue, which a test compares. The
station that such a fault needs stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.trusted.limits import accuracy_class, limit_percent, phases

Uncertainty = Callable[[str], float]
"""U in % by the name of the step."""

LONG_LINE, SCANNED_LINE, TERMINAL_LINE, KEY_LINE, MODULE_LINE = 12, 4, 3, 2, 2
"""Positions of a line; scanning heads, terminals, key actuators and module pins are on short ones only."""


@dataclass(frozen=True)
class Critical:
    """How a fault is tried."""

    values: Callable[[str, Uncertainty], tuple[str, ...]]
    """Values for a type, taken in turn; none where the type cannot have the fault, ("",) for a fault that takes none."""
    positions: int = LONG_LINE
    without_error: bool = False
    """The meter has no error of its own, so that the value is its true error."""
    profile: str = ""
    """What the profile must say."""


def _always(*values: str) -> Critical:
    return Critical(lambda _, __: values)


def _short(positions: int, *values: str) -> Critical:
    return Critical(lambda _, __: values, positions)


def _both_ways(step: str, phase: str = "") -> Callable[[str, Uncertainty], tuple[str, ...]]:
    def values(kind: str, uncertainty: Uncertainty) -> tuple[str, ...]:
        if phase and int(phase[1]) > (phases(kind) if phases(kind) > 1 else 0):
            return ()
        size = 1.25 * limit_percent(kind, step) + uncertainty(step)
        return f"{phase}+{size:.4f}%", f"{phase}-{size:.4f}%"

    return values


def no_load_seconds(kind: str) -> float:
    """Shortest no-load test (IEC 62053-21:2003, 8.3.2): 600 or 480 · 10⁶ / (k m Un Imax) min."""
    i_max = {"8": 80.0, "1": 100.0, "2": 120.0, "6": 60.0}[kind[5]]
    return (600e6 if accuracy_class(kind) == 1 else 480e6) / (1000 * phases(kind) * 230 * i_max) * 60.0


def _two_pulses(kind: str, _: Uncertainty) -> tuple[str, ...]:
    """Just above 2 Wh in the test time: two pulses wherever the meter stood when it began."""
    return (f"{2.01 * 3600.0 / no_load_seconds(kind):.4f}W",)


def _before_the_second_pulse(kind: str, _: Uncertainty) -> tuple[str, ...]:
    """A little less than one period at the starting current: the second pulse is at least a whole one away."""
    i_b, starting = (10.0 if kind[5] == "6" else 5.0), (0.004 if accuracy_class(kind) == 1 else 0.005)
    return (f"{0.95 * 3600.0 / (phases(kind) * 230.0 * i_b * starting):.0f}s",)


CONFIGURED = 'configuration = ["customer-data=4711"]\nconfiguration_dialect = "model"\n'

CRITICAL: dict[str, Critical] = {
    "gain": Critical(_both_ways("accuracy-ib"), without_error=True),
    "phase-gain": Critical(_both_ways("accuracy-ib-l2", "L2"), without_error=True),
    "creep": Critical(_two_pulses),
    "no-start": _always("1.1x"),
    "start-stops": Critical(_before_the_second_pulse),
    "lost-pulses": _always("250"),
    "double-pulses": _always("250"),
    "short-pulse": _always("26.9ms"),
    "long-pulse": _always("33.1ms"),
    "dead-diode": _short(SCANNED_LINE, ""),
    "missing-flashes": _short(SCANNED_LINE, "500"),
    "output-2-dead": _short(TERMINAL_LINE, ""),
    "output-2-width": _short(TERMINAL_LINE, "+11%", "-11%"),
    "input-deaf": _short(TERMINAL_LINE, ""),
    "input-double": _short(TERMINAL_LINE, ""),
    "silent-head": _always(""),
    "wrong-type": _always("685-361-OK-50"),
    "display-segment": _always("8g", "1a"),
    "dead-key": _always(""),
    "wrong-label": _always("685-361-OK-50"),
    "broken-seal": _always(""),
    "register-slip": _always("+0.5%", "-0.5%"),
    "total-slip": _always("+10%", "-10%"),
    "trip-slip": _always("+0.5%", "-0.5%"),
    "wrong-memory": _always("685-361-OK-50", "100imp/kWh"),
    "config-stuck": Critical(lambda _, __: ("",), profile=CONFIGURED),
    "mbus-silent": _short(MODULE_LINE, ""),
    "mbus-value": _short(MODULE_LINE, "+1kWh"),
    "serial-silent": _short(MODULE_LINE, ""),
    "serial-native-silent": _short(MODULE_LINE, ""),
    "serial-native-value": _short(MODULE_LINE, ""),
    "tcp-silent": _short(MODULE_LINE, ""),
    "loop-address": _short(MODULE_LINE, ""),
    "modem-no-carrier": _short(MODULE_LINE, ""),
    "sms-silent": _short(MODULE_LINE, ""),
    "tariff-stuck": _short(MODULE_LINE, ""),
    "no-supply": _short(MODULE_LINE, ""),
}
"""Faults of a meter by their names. One that is not here is tried as the catalogue claims, on the one type it claims it for."""
