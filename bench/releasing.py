"""Releasing and withdrawing: what a request means in plans, who may, and what is written. It opens no instrument and no journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bench.permits import Permit, refusal
from bench.plan import Plan
from bench.release import Release, ReleaseAct, in_force
from bench.requested_plan import plan_for
from bench.session import Refused, RunRequest
from bench.station import Station

SHORTEST_HASH = 4
"""Characters of a hash that name a plan at least."""


def plans_to_release(request: RunRequest, station: Station) -> tuple[Plan, ...]:
    """Every plan that this station makes of a request: what needs contactors is left out where not all positions have them.

    Raises `Refused`.
    """
    alone = [plan_for(replace(request, serials={each.number: ""}), station) for each in station.positions]
    plans = {plan.hash: plan for plan in (plan_for(request, station), *alone)}
    return tuple(plans.values())


def released(request: RunRequest, station: Station, badge: str, prepared_by: str, now: str) -> tuple[Release, ...]:
    """What `badge` releases of what `prepared_by` prepared. Raises `Refused`: two persons, each with their role."""
    wrong = [
        reason
        for who, permit in ((badge, Permit.RELEASE), (prepared_by, Permit.PREPARE))
        if (reason := refusal(station.people, who, permit))
    ]
    if not wrong and badge == prepared_by:
        wrong.append(f"badge {badge} prepared this plan: a second person releases it")
    if wrong:
        raise Refused("; ".join(dict.fromkeys(wrong)))
    plans = plans_to_release(request, station)
    for plan in plans:
        if plan.no_production():
            raise Refused(plan.no_production())
    return tuple(
        Release(
            at=now,
            act=ReleaseAct.RELEASED,
            plan_hash=plan.hash,
            who=badge,
            prepared_by=prepared_by,
            station=station.name,
            sequence=plan.sequence,
            type_number=str(plan.meter),
            profile=plan.profile.name,
            plan=plan.as_text(),
        )
        for plan in plans
    )


def withdrawn(acts: Iterable[Release], prefix: str, station: Station, badge: str, now: str) -> Release:
    """The withdrawal of the released plan whose hash begins so. Raises `Refused`."""
    if reason := refusal(station.people, badge, Permit.RELEASE):
        raise Refused(reason)
    found = [each for each in in_force(acts) if each.plan_hash.startswith(prefix)]
    if len(prefix) < SHORTEST_HASH or len(found) > 1:
        raise Refused(f"{prefix!r} is too little of a hash: give more of it, as bench release --list prints it")
    if not found:
        raise Refused(f"no plan whose hash begins with {prefix} is released; bench release --list names those that are")
    return replace(found[0], at=now, act=ReleaseAct.WITHDRAWN, who=badge, station=station.name)
