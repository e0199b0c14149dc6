"""The values of faults as they are typed: a number with its unit, or a refusal that says what is possible."""

from __future__ import annotations

import re
from collections.abc import Callable

from drivers.simulated.faults.fault import FaultError
from drivers.simulated.physics import MeterPhysics

NEXT = "next"
"""The position after this one, or the first after the last."""


def number(text: str) -> float:
    """The number, whatever its unit. Raises `FaultError`."""
    match = re.fullmatch(r"([+−-]?[0-9]+(?:\.[0-9]+)?)\s*(?:%|ms|s|kWh|W|x)?", text.strip())
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


def flag(name: str, setting: object = True) -> Callable[[MeterPhysics, str], None]:
    """What a fault without a value does: it sets one attribute of the meter."""

    def put_into(meter: MeterPhysics, _: str) -> None:
        setattr(meter, name, setting)

    return put_into
