"""What a run must have behind it before anything is switched on for production: certificates, wires, known meters, a release.

A run of another purpose is asked for none of it, but learns what earlier runs found at golden meters and red rabbits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bench import in_words
from bench.calibration import why_not_production
from bench.golden import why_locked
from bench.journal_writer import JournalWriter
from bench.known_check import PURPOSES as PURPOSES_OF_CHECKS
from bench.known_check import Check, checks
from bench.plan import Plan
from bench.plan_text import reckoned_with
from bench.record import Act
from bench.release import latest, why_not_released
from bench.session import Refused, RunRequest
from bench.station import PositionDescription, Station
from bench.uncertainty_rule import WHAT_TO_DO, too_uncertain

PRODUCTION = "production"


@dataclass(frozen=True)
class Cleared:
    """A run that may begin as far as its purpose is concerned."""

    checks: tuple[Check, ...]
    """What earlier runs found at golden meters and red rabbits."""
    acts: tuple[Act, ...]
    """Who released the plan of a production run."""


async def clear(
    purpose: str,
    plan: Plan,
    request: RunRequest,
    positions: tuple[int, ...],
    station: Station,
    journal: JournalWriter,
    now: datetime,
) -> Cleared:
    """Look at everything in the order in which it is put right. Raises `Refused` with what to do; `JournalError`."""
    if purpose == PRODUCTION:
        used = replace(station, positions=tuple(each for each in station.positions if each.number in positions))
        beyond = too_uncertain(plan, reckoned_with(used), used)
        _refuse(why_not_production(station, positions, now.date()))
        _refuse(f"{'; '.join(beyond)}. {WHAT_TO_DO}, or make an engineering run" if beyond else "")
        _refuse(untestable(plan, used.positions))
    found = await _known_meters(purpose, request, station, journal, now)
    acts = (await _release(plan, request, journal),) if purpose == PRODUCTION else ()
    return Cleared(found, acts)


def untestable(plan: Plan, positions: Sequence[PositionDescription]) -> str:
    """What was ordered with the meters and cannot be tested at these positions, with what to do; empty where all can."""
    found, names = [], []
    for step in plan.steps:
        for key in step.wired_to():
            without = [each.number for each in positions if not each.has(key)]
            if without:
                found.append(
                    f"{step.title} cannot be tested at {in_words.positions(without)} ({key} in the station file)"
                )
                names.append(step.name)
    if not found:
        return ""
    named = ", ".join(dict.fromkeys(names))
    return f"{', '.join(found)}: wire it, or let the profile say that it is not tested (leave_out: {named})"


async def _known_meters(
    purpose: str, request: RunRequest, station: Station, journal: JournalWriter, now: datetime
) -> tuple[Check, ...]:
    known = station.known
    if not known.serials:
        return ()
    if purpose == PRODUCTION and (listed := known.listed(request.serials.values())):
        raise Refused(f"{listed}, which is no production: --purpose golden")
    results = await journal.results(purposes=PURPOSES_OF_CHECKS, serial=known.serials)

    def judged() -> tuple[tuple[Check, ...], str]:
        found = checks(results)
        return found, why_locked(known, found, now) if purpose == PRODUCTION else ""

    # A year of runs takes longer to judge than the loop may stand still.
    found, reason = await asyncio.get_running_loop().run_in_executor(None, judged)
    _refuse(reason)
    return found


async def _release(plan: Plan, request: RunRequest, journal: JournalWriter) -> Act:
    """Who released the plan, for the record of its run."""
    if request.only:
        raise Refused("one step alone is no production test; leave --only out, or test with --purpose engineering")
    last = latest(await journal.releases(plan.hash), plan.hash)
    _refuse(why_not_released(plan, last, request.profile))
    assert last is not None  # or there was a reason
    return Act(0.0, last.who, str(last))


def _refuse(reason: str) -> None:
    if reason:
        raise Refused(reason)
