"""The release of a plan for production: a second person's act in the journal, and its withdrawal. Values and pure functions.

Production runs only what is released. The plan stands in the release whole, so that it shows by itself what was agreed to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.plan import Plan


class ReleaseAct(StrEnum):
    """What was done with a plan."""

    RELEASED = "released"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Release:
    """One act on one plan. The last one of a plan holds."""

    at: str
    """Wall clock, ISO 8601 UTC."""
    act: ReleaseAct
    plan_hash: str
    who: str
    """Badge of the person with role quality."""
    prepared_by: str
    """Badge of the person who asked for the release; never the same. Kept of the release when it is withdrawn."""
    station: str
    """Name of the station at which it was done."""
    sequence: str
    type_number: str
    profile: str
    """The profile's name."""
    plan: str
    """The plan as JSON."""

    @property
    def what(self) -> str:
        """Which plan, in the words of the person who asked for it."""
        return f"{self.sequence} {self.type_number}, profile {self.profile}"

    def __str__(self) -> str:
        prepared = f", prepared by {self.prepared_by}" if self.act is ReleaseAct.RELEASED else ""
        return f"plan {self.plan_hash[:8]} {self.act} by {self.who} at {self.at}{prepared}"


def latest(acts: Iterable[Release], plan_hash: str) -> Release | None:
    """The act that holds for this plan; None where there never was one."""
    found = [each for each in acts if each.plan_hash == plan_hash]
    return found[-1] if found else None


def in_force(acts: Iterable[Release]) -> tuple[Release, ...]:
    """The releases that stand, oldest first."""
    last: dict[str, Release] = {}
    for each in acts:
        last.pop(each.plan_hash, None)
        last[each.plan_hash] = each
    return tuple(each for each in last.values() if each.act is ReleaseAct.RELEASED)


def why_not_released(plan: Plan, last: Release | None, profile_file: str) -> str:
    """Why a plan may not be run as production, by the last act on it, with what to do; empty where it may."""
    if plan.no_production():
        return plan.no_production()
    if last is not None and last.act is ReleaseAct.RELEASED:
        return ""
    told = f"was withdrawn by {last.who} at {last.at}" if last is not None else "is not released for production"
    profile = f" --profile {profile_file}" if profile_file else ""
    return (
        f"plan {plan.hash[:8]} of {plan.sequence} {plan.meter}, profile {plan.profile.name}, {told}; a second person releases it: "
        f"bench release {plan.sequence} --type {plan.meter}{profile} --badge … --prepared-by …; or test with --purpose engineering"
    )


def release_hash(act: Release, previous: str) -> str:
    """SHA-256 over the act and the hash of the one before it."""
    line = json.dumps(asdict(act), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{line}\n{previous}\n".encode()).hexdigest()
