"""The pin budget of a station on the GPIO chips that this computer has: what is used, what is free, what is not there.

`check_pins` of bench.doctor judges the names alone; here they meet the chips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.doctor import Finding, fault, fit, pins_of
from bench.pin_names import HEADER_PINS, chip_line, header_pin, same_pin
from bench.station import MEASURED_PINS, Station
from drivers.gpio_chips import GpioChip, header_chip

_HEADER_ADVICE = "give it a pin of the header"
Users = dict[tuple[str, int], list[tuple[str, str]]]
"""Chip and line, and who uses it under which name."""


def check_budget(station: Station, chips: Sequence[GpioChip]) -> tuple[Finding, ...]:
    """A line for each chip in use, and every pin whose line is not there, taken, or used twice under two names."""
    found: list[Finding] = []
    users: Users = {}
    for user, pin in pins_of(station):
        place = _place(pin, chips)
        if place is None:
            here = ", ".join(f"{chip.name} ({chip.label}, {chip.lines} lines)" for chip in chips)
            advice = f"connect the chip and load its driver, or correct {user} in the station file"
            found.append(fault("pins", f"{user}: there is no {pin} here; the GPIO chips are {here}", advice))
            continue
        chip, line = place
        if user.split()[-1] in MEASURED_PINS and chip is not header_chip(chips):
            found.append(
                fault("pins", f"{user}: {pin} is a line of {chip.label}, whose edges are stamped late", _HEADER_ADVICE)
            )
        holder = chip.taken.get(line, "")
        if holder and not holder.startswith("bench["):  # bench source holds the safety circuit's
            advice = f"end the program that uses it, or correct {user} in the station file"
            found.append(fault("pins", f"{user}: {pin} is in use by {holder}", advice))
        users.setdefault((chip.name, line), []).append((user, pin))
    return (*found, *_twice(users), *_count(users, chips))


def _twice(users: Users) -> Iterator[Finding]:
    for (chip, line), who in users.items():
        if len({same_pin(pin) for _, pin in who}) > 1:  # equal names are check_pins' business
            told = " and ".join(f"{user} ({pin})" for user, pin in who)
            yield fault("pins", f"line {line} of {chip} is used twice: {told}", "give each a pin of its own")


def _count(users: Users, chips: Sequence[GpioChip]) -> Iterator[Finding]:
    header = header_chip(chips)
    for chip in chips:
        lines = range(HEADER_PINS) if chip is header else range(chip.lines)
        used = {line for name, line in users if name == chip.name}
        free = sum(line not in used and line not in chip.taken for line in lines)
        what = "the header" if chip is header else chip.label
        if used or chip is header:
            yield fit(f"pins of {chip.name}", f"{what}: {len(used)} of {len(lines)} lines used, {free} free")


def _place(pin: str, chips: Sequence[GpioChip]) -> tuple[GpioChip, int] | None:
    """Chip and line of a pin on this computer; None where it has none, or where its name would mean two chips."""
    by_chip, on_header = chip_line(pin), header_pin(pin)
    if by_chip is None:
        header = header_chip(chips)
        return (header, int(on_header.removeprefix("GPIO"))) if header is not None and on_header is not None else None
    named = [chip for chip in chips if by_chip.chip in (chip.name, chip.label, *chip.aliases)]
    return (named[0], by_chip.line) if len(named) == 1 and by_chip.line < named[0].lines else None
