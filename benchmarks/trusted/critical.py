"""The size at which each fault of the catalogue is tried: the critical one, or the smallest that the catalogue claims is found.

An error is critical at 1.25 times the norm's limit and U more; the others are words of the catalogue, which a test compares. The
station that such a fault needs stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.trusted.limits import phases
from benchmarks.trusted.sizes import (
    Sizes,
    always,
    before_the_second_pulse,
    both_ways,
    by_class,
    jitter,
    just_below_imax,
    last_phase,
    off_alone_at,
    off_at,
    off_with_others_at,
    on,
    saturated_alone,
    turned_alone,
    turned_at,
    two_pulses,
    while_it_warms,
)

LONG_LINE, SCANNED_LINE, TERMINAL_LINE, MODULE_LINE = 12, 4, 3, 2
"""Positions of a line; scanning heads, terminals, key actuators and module pins are on short ones only."""


@dataclass(frozen=True)
class Critical:
    """How a fault is tried."""

    values: Sizes
    positions: int = LONG_LINE
    without_error: bool = False
    """The meter has no error of its own, so that the value is its true error."""
    profile: str = ""
    """What the profile must say."""
    without: str = ""
    """Why a type gets no value."""
    step: Callable[[str], str] | None = None
    """The step that must find it, where it depends on the type; None for the catalogue's."""


def _always(*values: str) -> Critical:
    return Critical(always(*values))


def _short(positions: int, *values: str) -> Critical:
    return Critical(always(*values), positions)


def _exact(values: Sizes, without: str = "") -> Critical:
    return Critical(values, without_error=True, without=without)


def _each_at_high_rate(*sizes: str) -> Critical:
    return Critical(lambda kind, _: tuple(size + just_below_imax(kind) for size in sizes))


def _alone_or(alone: str, phase: str, all_loaded: str) -> Callable[[str], str]:
    """The step that loads one phase of several; the one that loads all where there is one."""
    return lambda kind: f"{alone}-{phase}" if phases(kind) > 1 else all_loaded


CONFIGURED = 'configuration = ["customer-data=4711"]\nconfiguration_dialect = "model"\n'
POLYPHASE, THREE_PHASES = "has one phase", "has no three phases"

CRITICAL: dict[str, Critical] = {
    # measuring circuits
    "gain": _exact(off_at("accuracy-ib")),
    "phase-gain": _exact(on(2, off_alone_at("accuracy-ib-l2", 2)), POLYPHASE),
    "dead-circuit": Critical(
        on(2, last_phase),
        without=POLYPHASE,
        step=lambda kind: f"accuracy-ib-l{phases(kind)}",
    ),
    "open-link": Critical(on(2, last_phase), without=POLYPHASE),
    "phase-error": _exact(turned_at("accuracy-ib-pf0.5")),
    "phase-error-of-one": Critical(
        turned_alone, without_error=True, step=_alone_or("accuracy-imax-pf0.5", "l2", "accuracy-ib-pf0.5")
    ),
    "gain-inductive": _exact(off_at("accuracy-ib-pf0.5")),
    "gain-single": _exact(on(2, off_at("accuracy-ib-l1")), POLYPHASE),
    "gain-above": _exact(off_at("accuracy-imax", just_below_imax)),
    "gain-below": _exact(off_at("accuracy-0.05ib", lambda _: "@0.1Ib")),
    "phase-gain-below": _exact(off_with_others_at("accuracy-0.05ib", 2, "@0.1Ib")),
    "gain-warm": _exact(off_at("accuracy-ib", while_it_warms)),
    "saturation": _exact(off_at("accuracy-imax")),
    "phase-saturation": Critical(
        saturated_alone, without_error=True, step=_alone_or("accuracy-imax-pf0.5", "l1", "accuracy-imax")
    ),
    "creep": Critical(two_pulses()),
    "creep-above": Critical(two_pulses(lambda _: "@1.14Un")),
    "creep-late": Critical(two_pulses(lambda _: "@3min", lost_s=185.0)),
    "creep-warm": Critical(two_pulses(while_it_warms)),
    "no-start": _always("1.1x"),
    "weak-start": _always("-35%"),
    "start-stops": Critical(before_the_second_pulse),
    # S0 output and diode
    "lost-pulses": _always("250"),
    "double-pulses": _always("250"),
    "lost-above": _each_at_high_rate("250"),
    "lost-below": _always("2@0.1Ib"),
    "double-above": _each_at_high_rate("250"),
    "s0-dead": _always(""),
    "s0-dies": _always("1000"),
    "s0-constant": _always("990imp/kWh", "1010imp/kWh"),
    "short-pulse": _always("26.9ms"),
    "long-pulse": _always("33.1ms"),
    "width-above": _each_at_high_rate("26.9ms", "33.1ms"),
    "width-below": _always("26.9ms@0.1Ib", "33.1ms@0.1Ib"),
    "odd-width": _always("26.5ms@99", "33.5ms@99"),
    "width-jitter": _always("1.5ms"),
    "s0-jitter": Critical(jitter),
    "s0-bounce": _always("0.5ms"),
    "dead-diode": _short(SCANNED_LINE, ""),
    "missing-flashes": _short(SCANNED_LINE, "500"),
    # registers and memory
    "register-slip": _always("+0.5%", "-0.5%"),
    "total-slip": _always("+5%", "-5%"),
    "trip-slip": _always("+0.5%", "-0.5%"),
    "total-stuck": _always(""),
    "tariff-stands": _always(""),
    "both-tariffs": _always(""),
    "other-tariff": _always(""),
    "power-told": _always("+4%", "-4%"),
    "power-residue": _always("1W"),
    "native-total": _always("+1kWh"),
    "hours-fast": _always("10x"),
    "peak-leap": _always("+10kW"),
    "wrong-memory": _always("685-361-OK-50", "100imp/kWh"),
    "memory-lost": _always("1kWh"),
    "slow-start": _always("5.5s"),
    "config-stuck": Critical(always(""), profile=CONFIGURED),
    # display, key, label, seals
    "display-segment": _always("8g", "1a"),
    "stuck-segment": _always("1a"),
    "dead-digit": _always("8"),
    "dark-display": _always(""),
    "shown-total": _always("+1kWh"),
    "shown-decimals": _always("1"),
    "shown-unit": _always(""),
    "dark-phase": Critical(last_phase),
    "dead-key": _always(""),
    "wrong-label": _always("685-361-OK-50"),
    "label-number": _always(""),
    "label-constant": _always("500imp/kWh"),
    "broken-seal": _always(""),
    # optical port and identity
    "silent-head": _always(""),
    "garbled-head": _always(""),
    "wrong-parity": _always(""),
    "block-check": _always(""),
    "cut-off": _always(""),
    "native-check": _always(""),
    "slow-answer": _always("1.6s"),
    "untold": _always("1.20"),
    "told-type": _always("685-361-OK-50"),
    "wrong-type": _always("685-361-OK-50"),
    # modules
    "output-2-dead": _short(TERMINAL_LINE, ""),
    "output-2-width": _short(TERMINAL_LINE, "+11%", "-11%"),
    "output-2-rate": _short(TERMINAL_LINE, "2"),
    "output-2-double": _short(TERMINAL_LINE, ""),
    "input-deaf": _short(TERMINAL_LINE, ""),
    "input-double": _short(TERMINAL_LINE, ""),
    "input-constant": _short(TERMINAL_LINE, "2x"),
    "mbus-silent": _short(MODULE_LINE, ""),
    "mbus-value": _short(MODULE_LINE, "+1kWh"),
    "serial-silent": _short(MODULE_LINE, ""),
    "serial-value": _short(MODULE_LINE, "+1kWh"),
    "serial-native-silent": _short(MODULE_LINE, ""),
    "serial-native-value": _short(MODULE_LINE, ""),
    "tcp-silent": _short(MODULE_LINE, ""),
    "tcp-value": _short(MODULE_LINE, "+1kWh"),
    "loop-address": _short(MODULE_LINE, ""),
    "modem-no-carrier": _short(MODULE_LINE, ""),
    "call-dead": _short(MODULE_LINE, ""),
    "modem-value": _short(MODULE_LINE, "+1kWh"),
    "sms-silent": _short(MODULE_LINE, ""),
    "tariff-stuck": _short(MODULE_LINE, ""),
    "tariff-inverted": _short(MODULE_LINE, ""),
    "no-supply": _short(MODULE_LINE, ""),
    # influence quantities
    "voltage-influence": Critical(by_class("0.9%", "1.2%")),
    "frequency-influence": Critical(by_class("0.6%", "0.9%")),
    "sequence-influence": Critical(on(3, always(*both_ways("1.6%"))), without=THREE_PHASES),
    "unbalance-influence": Critical(on(2, by_class("2.1%", "4.1%")), without=POLYPHASE),
    # hours and peak
    "hours-stopped": _always(""),
    "hours-slow": _always("+4%", "-4%"),
    "peak-wrong": _always("+0.5%", "-0.5%"),
    "peak-forgets": _always(""),
    "window-long": _always("2000s"),
    "window-short": _always("400s"),
}
"""Every fault of a meter that must end with its FAIL, by its name."""
