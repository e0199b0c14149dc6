"""The figures of the norms, by edition, each with its clause. A profile may tighten them, never loosen them.

IEC 62053-21:2003 is the edition the 382 is approved to (data sheet, Approved measuring data).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

EDITION = "IEC 62053-21:2003"

PULSE_WIDTH_MS = (27.0, 33.0)
"""S0 pulse duration 30 ms ± 10 % (data sheet, Technical data; R6)."""

PULSE_WIDTH_SOURCE = "data sheet, S0 pulse output: 30 ms ± 10 %"

FUNCTIONAL_WITHIN_S = 5.0
"""The meter is functional within 5 s of reference voltage on its terminals (IEC 62053-21:2003, 8.3.1)."""

WATT_HOUR_J = 3600.0

PULSE_ENERGY_J = 3600.0
"""One S0 pulse is 1 Wh at 1000 imp/kWh (data sheet, S0 pulse output; R5)."""

STANDARD_PAUSE_UP_TO_W = 57_100.0
"""Up to this power a 33 ms pulse leaves the 30 ms pause of IEC 62053-31; above it no 382 can keep it (R7)."""


@dataclass(frozen=True)
class ErrorLimit:
    """A limit of the percentage error, ± `percent`, and where it stands."""

    percent: float
    source: str


def error_limit(
    accuracy_class: int,
    current_over_ib: float,
    power_factor: float,
    *,
    inductive: bool = False,
    single_phase_load: bool = False,
) -> ErrorLimit:
    """Limit of the percentage error at reference conditions, direct connection.

    `current_over_ib` is I / Ib, `power_factor` is cos φ. `single_phase_load` is a polyphase meter with one phase loaded and all
    voltages applied. Raises `ValueError` for a point the norm sets no limit for.
    """
    column = 0 if accuracy_class == 1 else 1
    unity = abs(power_factor - 1.0) < 1e-9
    half_inductive = abs(power_factor - 0.5) < 1e-9 and inductive
    # Load points are given as multiples of Ib with a few decimals: a point on the edge of a range belongs to it.
    i = round(current_over_ib, 6)
    if single_phase_load:
        if (unity and i >= 0.1) or (half_inductive and i >= 0.2):
            return ErrorLimit((2.0, 3.0)[column], f"{EDITION}, 8.1, table 7")
    elif unity:
        if i >= 0.1:
            return ErrorLimit((1.0, 2.0)[column], f"{EDITION}, 8.1, table 6")
        if i >= 0.05:
            return ErrorLimit((1.5, 2.5)[column], f"{EDITION}, 8.1, table 6")
    elif half_inductive:
        if i >= 0.2:
            return ErrorLimit((1.0, 2.0)[column], f"{EDITION}, 8.1, table 6")
        if i >= 0.1:
            return ErrorLimit((1.5, 2.5)[column], f"{EDITION}, 8.1, table 6")
    load = "one phase" if single_phase_load else "balanced"
    raise ValueError(
        f"{EDITION} sets no limit for class {accuracy_class} at {current_over_ib:g} Ib, power factor {power_factor:g}, {load} load"
    )


def single_phase_difference(accuracy_class: int) -> ErrorLimit:
    """Largest difference of the errors with one phase loaded and with a balanced load, both at Ib, power factor 1."""
    return ErrorLimit(1.5 if accuracy_class == 1 else 2.5, f"{EDITION}, 8.1, table 7: single-phase and balanced load")


def starting_current_over_ib(accuracy_class: int) -> float:
    """Starting current of a direct connected meter as a multiple of Ib (IEC 62053-21:2003, 8.3.3, table 10)."""
    return 0.004 if accuracy_class == 1 else 0.005


UNCERTAINTY_SHARE = 1 / 5
"""U may be so much of the error limit (IEC 62058-31: it should not exceed 1/5 of the limit at the test point)."""
SCATTER_SHARE = 1 / 10
"""Uneven pulses may leave so much of the error limit uncertain (IS 13779:1999, amendment 1, on the length of a run of pulses)."""
SCATTER_SOURCE = "IS 13779:1999, amendment 1: uneven pulses contribute at most 1/10 of the limit"

NO_LOAD_PULSES = 1
"""The test output may give at most this many pulses, in every edition (IEC 62053-21:2003, 8.3.2)."""


@dataclass(frozen=True)
class Edition:
    """What one edition of the norm asks for where no current flows, and where little does."""

    name: str
    no_load_source: str
    no_load_voltage_over_un: float
    """Voltage of the no-load test as a multiple of Un."""
    starting_source: str

    def no_load_seconds(
        self, accuracy_class: int, phases: int, u_n: float, i_b: float, i_max: float, constant: float = 1000.0
    ) -> float:
        """Shortest no-load test in seconds.

        `constant` in imp/kWh, `phases` is the number of measuring elements, currents in A, `u_n` in V.
        """
        if self.name == EDITION:
            minutes = (600e6 if accuracy_class == 1 else 480e6) / (constant * phases * u_n * i_max)
        else:  # four pulse periods at the starting current and the voltage of the test
            i_st = starting_current_over_ib(accuracy_class) * i_b
            minutes = 240e3 / (constant * phases * self.no_load_voltage_over_un * u_n * i_st)
        return minutes * 60.0


_NO_TIME = "the norm sets no time, each pulse as OIML R 46 waits for it"
EDITIONS = {
    each.name: each
    for each in (
        Edition(EDITION, f"{EDITION}, 8.3.2", 1.15, f"{EDITION}, 8.3.3; {_NO_TIME}"),
        Edition(
            "EN 50470-3:2006",
            "EN 50470-3:2006, test of no-load condition",
            1.15,
            f"EN 50470-3:2006, starting current of class A (2) and B (1); {_NO_TIME}",
        ),
        Edition(
            "IEC 62052-11:2020",
            "IEC 62052-11:2020, test of no-load condition",
            1.10,
            f"IEC 62052-11:2020, starting current test; {_NO_TIME}",
        ),
    )
}
"""By name. Starting currents of direct connected meters are the same in all: 0.004 Ib (class 1, B) and 0.005 Ib (class 2, A)."""

REFERENCE_TEMPERATURE_C = 23.0
REFERENCE_TEMPERATURE_BAND_K = 2.0
"""The error limits hold at 23 ± 2 °C (IEC 62053-21:2003, 8.5)."""


def temperature_coefficient(accuracy_class: int, power_factor: float) -> float:
    """Largest mean temperature coefficient of a meter, % a K (IEC 62053-21:2003, 8.2, table 8; at power factor 1 and 0.5 inductive).

    Between the two the larger is taken, and below 0.1 Ib, where the norm sets none, the one from 0.1 Ib on.
    """
    unity = power_factor > 0.999
    if accuracy_class == 1:
        return 0.05 if unity else 0.07
    return 0.10 if unity else 0.15


class Quantity(StrEnum):
    """What moves away from reference conditions while the error must vary little."""

    VOLTAGE = "voltage ±10 %"
    FREQUENCY = "frequency ±2 %"
    REVERSED_SEQUENCE = "reversed phase sequence"
    UNBALANCE = "voltage unbalance"


_VARIATIONS = {
    # quantity, at power factor 1: from which multiple of Ib, up to which, limits of class 1 and 2 in %
    (Quantity.VOLTAGE, True): (0.05, math.inf, (0.7, 1.0)),
    (Quantity.VOLTAGE, False): (0.1, math.inf, (1.0, 1.5)),
    (Quantity.FREQUENCY, True): (0.05, math.inf, (0.5, 0.8)),
    (Quantity.FREQUENCY, False): (0.1, math.inf, (0.7, 1.0)),
    (Quantity.REVERSED_SEQUENCE, True): (0.1, 0.1, (1.5, 1.5)),
    (Quantity.UNBALANCE, True): (1.0, 1.0, (2.0, 4.0)),
}
"""IEC 62053-21:2003, 8.2, table 8; power factor 1 and 0.5 inductive."""


def variation_limit(
    quantity: Quantity, accuracy_class: int, current_over_ib: float, power_factor: float, *, inductive: bool = False
) -> ErrorLimit:
    """How far the percentage error may move when one quantity leaves reference conditions, same load, direct connection.

    Raises `ValueError` for a point the norm sets no limit for.
    """
    unity = abs(power_factor - 1.0) < 1e-9
    half_inductive = abs(power_factor - 0.5) < 1e-9 and inductive
    i = round(current_over_ib, 6)
    least, most, limits = _VARIATIONS.get((quantity, unity), (math.inf, 0.0, (0.0, 0.0)))
    if not (unity or half_inductive) or not least <= i <= most:
        raise ValueError(
            f"{EDITION} sets no limit of variation for {quantity} at {current_over_ib:g} Ib, power factor {power_factor:g}"
        )
    return ErrorLimit(limits[0 if accuracy_class == 1 else 1], f"{EDITION}, 8.2, table 8: {quantity}")
