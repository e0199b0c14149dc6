"""Who may do what at a station that lists its people. Pure: the engine asks and enforces, a screen only shows the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is there for."""

    OPERATOR = "operator"
    ENGINEER = "engineer"
    QUALITY = "quality"


@dataclass(frozen=True)
class StaffMember:
    """Somebody with a badge."""

    badge: str
    name: str
    roles: tuple[Role, ...]


class Permit(StrEnum):
    """What a person does; the value is how a sentence calls it."""

    START = "start a run"
    START_ENGINEERING = "start an engineering run"
    ABORT = "abort a run"
    ANSWER = "answer what a step asks"
    REARM = "re-arm the source"
    PREPARE = "prepare a plan for release"
    RELEASE = "release or withdraw a plan"
    OVERRIDE = "override a lock"


_AT_WORK = (Role.OPERATOR, Role.ENGINEER)
ROLES: Mapping[Permit, tuple[Role, ...]] = {
    Permit.START: _AT_WORK,
    Permit.START_ENGINEERING: (Role.ENGINEER,),
    Permit.ABORT: (),
    Permit.ANSWER: _AT_WORK,
    Permit.REARM: _AT_WORK,
    Permit.PREPARE: (Role.ENGINEER,),
    Permit.RELEASE: (Role.QUALITY,),
    Permit.OVERRIDE: (Role.QUALITY,),
}
"""Which roles may; none where everybody may: nobody is kept from switching off."""

NEEDS_A_LIST = frozenset({Permit.PREPARE, Permit.RELEASE, Permit.OVERRIDE})
"""What nobody does at a station that lists nobody; all else everybody does there."""


def refusal(people: Iterable[StaffMember], badge: str, permit: Permit) -> str:
    """Why the person with this badge may not, in one sentence with what to do; empty where they may."""
    listed = {each.badge: each for each in people}
    roles = ROLES[permit]
    if not roles or (not listed and permit not in NEEDS_A_LIST):
        return ""
    wanted = " or ".join(roles)
    if not listed:
        return f"to {permit} takes the role {wanted}, and the station file lists nobody: add [[people]] to it (docs/station.md)"
    if not badge:
        return f"to {permit} takes a badge with the role {wanted}, and none was given: scan it, or give it on the command line"
    member = listed.get(badge)
    if member is None:
        return f"badge {badge} stands nowhere in [[people]] of the station file: to {permit} takes the role {wanted}"
    if not set(member.roles) & set(roles):
        return (
            f"{member.name} (badge {badge}, {', '.join(member.roles)}) may not {permit}: that takes the role {wanted}"
        )
    return ""
