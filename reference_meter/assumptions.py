"""Where the data sheet is silent or contradicts itself: one named field an ambiguity, with its words, the choice, the alternatives.

Whoever has a real meter on the bench can settle them one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reference_meter.power import WATT_HOUR

Reverse = Literal["ignore", "absolute", "net"]
"""What becomes of reverse power."""

_MS = 1_000_000


@dataclass(frozen=True)
class Assumptions:
    """Every choice the data sheet leaves open. The defaults are its most literal reading."""

    phase_quantum: int = 0
    """R1. "A measuring circuit from each phase sends pulses to the microprocessor": no energy a pulse is given.

    Choice: 0, pulses so fine that they cannot be seen. Alternative: the energy of one phase pulse in µW·ns.
    """

    reverse: Reverse = "ignore"
    """R8. "Accumulated energy, total": nothing is said of power that flows back.

    Choice: `ignore`, a phase that feeds back adds nothing. Alternatives: `absolute`, it adds its magnitude; `net`, the
    phases are summed with their signs and a negative sum adds nothing.
    """

    starting_power_uw: int = 0
    """R9. "The meter … has a low starting current": no figure is given.

    Choice: 0, every power counts; the class demands that the meter registers at 0.004 Ib or 0.005 Ib, so its own limit
    lies somewhere below. Alternative: a power in µW, all phases together, below which nothing is counted;
    `TypeNumber.starting_power_uw` is the class's own figure.
    """

    s0_width_ns: int = 30 * _MS
    """R6. "Pulse duration 30 ms ± 10 %". Choice: nominal. Alternatives: 27 ms to 33 ms."""

    s0_min_pause_ns: int = 0
    """R7. "1000 imp/kWh, pulse duration 30 ms" and DIN 43864 with 30 ms of pause contradict each other above 60 kW.

    Choice: 0, a pulse begins with its watt-hour whatever the pause. Alternative: a least pause in ns; pulses then wait
    their turn and none is lost while the meter has voltage.
    """

    tariff_remainder: Literal["shared", "per_tariff"] = "shared"
    """R16. "Register 2 is increased by one": one register is named, though there are two tariffs.

    Choice: `shared`, each whole kWh goes to the tariff active at its last watt-hour, so T1 + T2 is the total for ever.
    Alternative: `per_tariff`, each tariff counts its own watt-hours, and T1 + T2 may be one behind the total.
    """

    window_on_power_fail: Literal["continue", "discard"] = "continue"
    """R21. "Calculated every 15 minutes", and no clock is mentioned: what a power failure does to the window is not said.

    Choice: `continue`, the window goes on in operating time from where the last save left it. Alternative: `discard`, it
    ends when it is due and does not count for the peak.
    """

    power_fail_save: bool = False
    """R31. "The meter's data memory is updated every time the meter's kWh register is changed."

    Choice: False, what has happened since the last save (kWh or hour) is lost, at most 999 Wh of register 2 among it.
    Alternative: True, the meter saves everything in the moment the supply fails.
    """

    without_neutral: Literal["three_circuits", "two_circuits"] = "three_circuits"
    """R81. "3 x 230 VAC" beside "3 x 230/400 VAC": how a meter without neutral measures is not said.

    Choice: `three_circuits`, each phase against the star point of the three, as with a neutral. Alternative:
    `two_circuits`, L1 and L3 against L2 (Aron): the circuit of L2 sees nothing, and the two are summed with their signs,
    because one of them turns negative below a power factor of 0.5.
    """

    actual_power_window_ns: int = 1_000 * _MS
    """R23. "Actual power: average instantaneous power": over what time is not said.

    Choice: the mean of the last second. Alternatives: any time; 0 is the power of the instant.
    """

    square_energy: int = WATT_HOUR // 10
    """R48. "Three small squares … show the consumption of the individual phases with a higher resolution": none is given.

    Choice: a square changes between light and dark at every 0.1 Wh of its phase, or at every phase pulse where
    `phase_quantum` is set. Alternatives: any energy in µW·ns.
    """

    unit_shift_ns: int = 2_000 * _MS
    """R40. "The measuring unit is shifting between T and kWh": how fast is not said. Choice: 2 s each. Alternatives: any."""

    display_test: Literal["always", "never"] = "always"
    """R38. "Display test: lights all segments" is in the list of indications, but no configuration number selects it.

    Choice: `always`, it can always be stepped to. Alternative: `never`.
    """

    fall_back_from: Literal["release", "press"] = "release"
    """R42. "Two minutes after the last activation of the pushbutton": where an activation ends is not said.

    Choice: `release`; a held button holds its page. Alternative: `press`.
    """

    hold_acts: Literal["at_6_s", "on_release"] = "at_6_s"
    """R43, R44. "Can be reset by 6 seconds' activation": while the button is held, or when it is let go.

    Choice: `at_6_s`, at 6.0 s while still held, and that release does not step. Alternative: `on_release`, at the release
    after 6.0 s or more, which does not step either.
    """

    trip_reset_saved: bool = True
    """R31, R43. "All changes are safely stored in the … EEPROM", and "updated every time the meter's kWh register is changed".

    Choice: True, a reset of the trip recorder is stored at once. Alternative: False, with the next kWh.
    """

    input_bounce_ns: int = 1 * _MS
    """R54, R55. "Pulse duration > 1 s" and "≥ 30 ms": a least time for which the contact must open is not given.

    Choice: an opening shorter than 1 ms is bounce and does not end a closure. Alternatives: any time; 0 is no bounce.
    """
