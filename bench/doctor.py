"""What makes a station unfit: pure checks from what was found to findings, each with what to do about it.

Who asks the instruments, the ports and the disk is `bench.examination`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from bench.calibration import calibrated
from bench.golden import state_of, why_locked
from bench.known_check import Check
from bench.known_meters import KnownMeters
from bench.permits import Permit, refusal
from bench.pin_names import chip_line, header_pin, same_pin
from bench.plan import SMALLEST_I_MAX, no_bypass
from bench.station import Calibration, Station

SOON_DAYS = 14
"""A calibration that falls due within so many days is told beforehand."""
LEAST_FREE_BYTES = 10**9
"""Below this the journal may fill the disk within a shift."""


class State(StrEnum):
    """What a finding means for the next test."""

    FIT = "fit"
    NOTE = "note"
    """It may be tested, and somebody should know."""
    FAULT = "fault"
    """Not fit to test."""


MARKS = {State.FIT: "✔", State.NOTE: "≈", State.FAULT: "✖"}
"""A glyph beside each word."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    """What was looked at: "pins", "power source", "position 3 optical head"."""
    state: State
    found: str
    """What was found, in one sentence."""
    to_do: str = ""
    """What a person does about it; never empty where the state is FAULT."""


def fit(check: str, found: str) -> Finding:
    """All is well here."""
    return Finding(check, State.FIT, found)


def fault(check: str, found: str, to_do: str) -> Finding:
    """Not fit to test, and what to do."""
    return Finding(check, State.FAULT, found, to_do)


def is_fit(findings: Iterable[Finding]) -> bool:
    """Whether a test may begin."""
    return all(each.state is not State.FAULT for each in findings)


# ---------------------------------------------------------------- checks


def check_pins(station: Station) -> tuple[Finding, ...]:
    """Every pin is an input or output of the header, and none is used twice under whichever name."""
    uses: dict[str, list[str]] = {}
    found = []
    for user, pin in pins_of(station):
        by_chip = chip_line(pin)
        if header_pin(pin) is None and (by_chip is None or not by_chip.on_expander):
            advice = f"give {user} one of GPIO0 to GPIO27 in the station file"
            found.append(fault("pins", f"{user}: the header has no input or output {pin!r}", advice))
        uses.setdefault(same_pin(pin), []).append(user)
    for pin, users in uses.items():
        if len(users) > 1:
            found.append(fault("pins", f"{pin} is used twice: {' and '.join(users)}", "give each a pin of its own"))
    return tuple(found) or (fit("pins", f"{len(uses)} pins, none used twice"),)


def check_people(station: Station) -> tuple[Finding, ...]:
    """Whether two persons are there who can release a plan together: without one there is no production."""
    if station.simulated:
        return ()
    may = {
        permit: {each.badge for each in station.people if not refusal(station.people, each.badge, permit)}
        for permit in (Permit.PREPARE, Permit.RELEASE)
    }
    if any(one != other for one in may[Permit.PREPARE] for other in may[Permit.RELEASE]):
        return (fit("people", f"{len(station.people)} listed"),)
    found = "nobody could release a plan: no production can be run"
    to_do = "list an engineer and another person for quality as [[people]] in the station file"
    return (Finding("people", State.NOTE, found, to_do),)


def check_actuators(station: Station) -> tuple[Finding, ...]:
    """What positions lack, and which steps are then left out."""
    without = station.without_bypass()
    if not without:
        return (fit("bypass contactors", "every position has one"),)
    found = (
        f"{no_bypass(without)}: steps that need it (S0 wiring) are left out, "
        f"and a meter there that fails sign-on blocks a run above {SMALLEST_I_MAX:g} A"
    )
    return (
        Finding("bypass contactors", State.NOTE, found, "fit contactors and give their bypass_pin in the station file"),
    )


def check_calibration(station: Station, today: date) -> tuple[Finding, ...]:
    """Every certificate holds today, and the one of the reference energy has a due date."""
    found = []
    for each in calibrated(station):
        due = each.calibration.due
        check = f"{each.role} calibration"
        have_it = f"have the {each.role} calibrated and write certificate and due date into {each.table}"
        refused = ": production is refused" if each.gives_energy or each.position is not None else ""
        if due is None:
            if each.gives_energy:
                found.append(fault(check, f"the reference energy rests on it and it has no due date{refused}", have_it))
        elif each.overdue(today):
            found.append(fault(check, f"it is overdue since {due.isoformat()}{refused}", have_it))
        elif (due - today).days <= SOON_DAYS:
            days = f"{(due - today).days} days" if due != today else "today"
            found.append(Finding(check, State.NOTE, f"it falls due on {due.isoformat()} ({days})", have_it))
        else:
            found.append(fit(check, f"due {due.isoformat()}"))
    return tuple(found)


def check_known_meters(known: KnownMeters, history: Sequence[Check], now: datetime) -> tuple[Finding, ...]:
    """Golden meters are in control, red rabbits failed, and neither too long ago."""
    if not known.serials:
        return ()
    reason = why_locked(known, history, now)
    if reason:
        what = "bench golden shows the charts; docs/golden.md says how to unlock"
        return (fault("known meters", reason, what),)
    return (fit("known meters", "; ".join(state_of(known, history))),)


def check_identity(check: str, identity: str, known: Calibration) -> Finding:
    """The instrument that answers is the one whose certificate the station file names."""
    if not identity.strip():
        return fault(
            check, "it answers and does not say who it is", "look which instrument is connected, and its dialect"
        )
    parts = [part.strip() for part in identity.split(",")]
    # IEEE 488.2, 10.14: maker, model, serial number ("0" where it does not know), firmware.
    told = parts[2] if len(parts) == 4 else ""
    if known.serial and told not in ("", "0", known.serial):
        return fault(
            check,
            f"serial number {told} answers ({identity}), and the station file's certificate is for {known.serial}",
            "look which instrument is connected; correct serial, certificate and due date in the station file",
        )
    return fit(check, identity)


def check_space(folder: Path, free_bytes: int) -> Finding:
    """There is room for the journal."""
    free = f"{free_bytes / 1e9:.1f} GB free on the disk of {folder}"
    if free_bytes < LEAST_FREE_BYTES:
        return fault(
            "disk", f"only {free}", f"free space until there is {LEAST_FREE_BYTES / 1e9:g} GB, or move BENCH_HOME"
        )
    return fit("disk", free)


def check_chain(path: Path, faults: Sequence[tuple[str, str]]) -> Finding:
    """The journal's hash chain holds."""
    if not faults:
        return fit("journal", f"{path} opens and its chain of hashes holds")
    run, reason = faults[0]
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    return fault(
        "journal",
        f"the chain of hashes in {path} is broken: run {run}: {reason}{more}",
        "keep a copy of this file, ask who changed it, and go on with a backup or a new journal",
    )


def check_clock(synchronised: bool | None) -> Finding:
    """The wall clock, which dates records and certificates, follows a time server."""
    if synchronised is None:
        return Finding(
            "clock",
            State.NOTE,
            "whether the wall clock follows a time server is unknown",
            "compare date with a good clock",
        )
    if not synchronised:
        return fault(
            "clock",
            "the wall clock follows no time server, so the dates of records and certificates may be wrong",
            "connect the station to a time server: timedatectl set-ntp true, then timedatectl timesync-status",
        )
    return fit("clock", "the wall clock follows a time server")


# ---------------------------------------------------------------- what is printed


def as_text(findings: Sequence[Finding]) -> str:
    """A line for each finding, what to do below it, and the sum at the end."""
    width = max(len(each.check) for each in findings)
    lines = []
    for each in findings:
        lines.append(f"{MARKS[each.state]} {each.check:{width}}  {each.found}")
        if each.to_do:
            lines.append(f"  {'':{width}}  → {each.to_do}")
    faults = sum(each.state is State.FAULT for each in findings)
    notes = sum(each.state is State.NOTE for each in findings)
    also = f", {notes} to note" if notes else ""
    lines.append(f"not fit: {faults} to put right{also}" if faults else f"fit to test{also}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    """The same as one JSON document."""
    document = {"fit": is_fit(findings), "findings": [asdict(each) for each in findings]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def pins_of(station: Station) -> Iterator[tuple[str, str]]:
    """Every pin that the station file names, with what it is for."""
    for each in station.positions:
        for key, pin in each.pins_by_key.items():
            yield f"position {each.number} {key}", pin
    for name, pin in asdict(station.safety).items():
        if pin is not None:
            yield f"safety {name}", pin
