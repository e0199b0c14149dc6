"""The values of faults as they are typed: a number with its unit, or a refusal that says what is possible."""

from __future__ import annotations

import re
from collections.abc import Callable

from drivers.simulated.circumstances import Quantity, Where
from drivers.simulated.faults.fault import FaultError
from drivers.simulated.physics import MeterPhysics

_QUANTITIES: dict[str, Quantity] = {"Hz": "pulses_hz", "Ib": "over_ib", "Un": "over_un"}
_TIMES = {"s": 1.0, "min": 60.0}

NEXT = "next"
"""The position after this one, or the first after the last."""


def number(text: str) -> float:
    """The number, whatever its unit. Raises `FaultError`."""
    match = re.fullmatch(
        r"([+−-]?[0-9]+(?:\.[0-9]+)?)\s*(?:%|mrad|ms|s|min|Hz|Ib|Un|imp/kWh|kWh|kW|W|x|mΩ|ppm)?", text.strip()
    )
    if match is None:
        raise FaultError(f"{text!r} is not a number with its unit")
    return float(match[1].replace("−", "-"))


def between(text: str, least: float, most: float) -> float:
    """The number, from `least` to `most`. Raises `FaultError`."""
    value = number(text)
    if not least <= value <= most:
        raise FaultError(f"{text} is outside {least:g} to {most:g}")
    return value


def one_in(text: str) -> int:
    """So many pulses to one that is wrong. Raises `FaultError`."""
    return int(between(text, 2, 1_000_000))


def where(text: str, *, above: bool = True) -> tuple[str, Where]:
    """A size, and where it holds: `+3%@15Hz` (S0 pulses a second), `@0.1Ib` (current), `@1.1Un` (voltage). Raises `FaultError`."""
    size, at, bound = text.partition("@")
    unit = re.sub(r"[0-9. ]", "", bound)
    if not at or unit not in _QUANTITIES:
        raise FaultError(f"{text!r} does not say where; write it with Hz, Ib or Un, for instance +3%@15Hz or +3%@0.1Ib")
    return size, Where(_QUANTITIES[unit], between(bound, 0.0, 1000.0), above)


def after(text: str, quantity: Quantity) -> tuple[str, Where]:
    """A size, and after which time it holds: `+3%@60s`, `+3%@2min`. Raises `FaultError`."""
    size, at, bound = text.partition("@")
    unit = re.sub(r"[0-9. ]", "", bound)
    if not at or unit not in _TIMES:
        raise FaultError(f"{text!r} does not say after which time; write it with s or min, for instance +3%@60s")
    return size, Where(quantity, between(bound, 0.0, 1000.0) * _TIMES[unit])


def phase_of(meter: MeterPhysics, text: str, example: str = "L2") -> tuple[int, str]:
    """The index of the phase in front, and the rest: `L2+4%`. Raises `FaultError`, also for a phase that the meter has not."""
    match = re.fullmatch(r"L([123])\s*(.*)", text)
    if match is None:
        raise FaultError(f"{text!r} names no phase; write for instance {example}")
    if int(match[1]) > meter.meter.phase_count:
        raise FaultError(f"a {meter.meter} measures {' and '.join(meter.meter.phases)}, not L{match[1]}")
    return int(match[1]) - 1, match[2]


def phase(meter: MeterPhysics, text: str) -> int:
    """The index of a phase. Raises `FaultError`."""
    index, rest = phase_of(meter, text)
    if rest:
        raise FaultError(f"{text!r} is more than a phase; write for instance L2")
    return index


def flag(name: str, setting: object = True) -> Callable[[MeterPhysics, str], None]:
    """What a fault without a value does: it sets one attribute of the meter."""

    def put_into(meter: MeterPhysics, _: str) -> None:
        setattr(meter, name, setting)

    return put_into
