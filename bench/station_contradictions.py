"""What contradicts itself in a station file, where every value by itself may stand: things used twice, gaps, pins that cannot serve.

All of it is told at once, for whoever wired the station to go through.
"""

from __future__ import annotations

import itertools

from bench.pin_names import Use, same_pin, why_not
from bench.station import MEASURED_PINS, POSITION_PINS
from bench.station_tables import PositionTable, SafetyTable, StationTable

_SHARED = {"MK": "modules.MK", "FK": "modules.FK", "HK": "the modem", "YN": "the modem"}
"""Modules of which several hang on one bus or loop, or are called by one modem: what they share."""


def contradictions(checked: StationTable) -> list[str]:
    """Position numbers, pins and ports that stand twice, numbers that leave a gap, and a band upside down; a sentence each."""
    found = []
    can = checked.source.capabilities()
    low, high = can.frequency_min, can.frequency_max
    if low > high:
        found.append(f"source: frequency_min {low:g} is above frequency_max {high:g}")
    numbers = sorted(each.number for each in checked.position)
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"positions are numbered {numbers}; they must run from 1 without a gap")
    badges = [each.badge for each in checked.people]
    found += [f"people: badge {badge} stands twice" for badge in sorted(set(badges)) if badges.count(badge) > 1]
    known = [*(each.serial for each in checked.golden), *(each.serial for each in checked.red_rabbit)]
    for serial in sorted({each for each in known if known.count(each) > 1}):
        found.append(f"serial {serial} is listed twice among golden meters and red rabbits")
    uses: dict[str, list[str]] = {}
    if checked.safety != SafetyTable() and checked.owner_socket is None:
        found.append(
            "[safety]: these pins belong to the process that owns the source: give owner_socket and run bench source"
        )

    def check(user: str, pin: str, use: Use) -> None:
        reason = why_not(pin, use=use, pin_factory=checked.pin_factory)
        if reason:
            found.append(f"{user}: {reason}")

    for name, pin in checked.safety.model_dump().items():
        if pin is not None:
            check(f"safety {name}", pin, Use.SAFETY)
            uses.setdefault(same_pin(pin), []).append(f"safety {name}")
    for each in checked.position:
        for name in POSITION_PINS:
            pin = getattr(each, name)
            if pin is not None:
                check(f"position {each.number} {name}", pin, Use.MEASURED if name in MEASURED_PINS else Use.OUTPUT)
                uses.setdefault(same_pin(pin), []).append(f"position {each.number} {name}")
        uses.setdefault(each.optical, []).append(f"position {each.number} optical")
        found += _wrong_transformers(each)
        for code, url in each.modules.items():
            user = _SHARED.get(code, f"position {each.number} modules.{code}")
            if user not in uses.setdefault(url, []):
                uses[url].append(user)
    found += [f"{value} is used twice: {' and '.join(users)}" for value, users in uses.items() if len(users) > 1]
    return found


def _wrong_transformers(position: PositionTable) -> list[str]:
    """A phase with two transformers, and a table whose currents do not rise."""
    found = []
    phases = [phase for each in position.transformer for phase in each.phases]
    for phase in sorted({each for each in phases if phases.count(each) > 1}):
        found.append(f"position {position.number}: {phase} has more than one transformer")
    for each in position.transformer:
        currents = [point.current for point in each.points]
        falls = next((b for a, b in itertools.pairwise(currents) if b <= a), None)
        if falls is not None:
            where = "–".join(dict.fromkeys((each.phases[0], each.phases[-1])))
            found.append(
                f"position {position.number}: transformer {where}: the currents must rise, {falls:g} A does not"
            )
    return found
