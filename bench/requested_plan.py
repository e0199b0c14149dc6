"""The plan that a request asks for: what somebody scanned, typed or named is read here, and refused in words for that person.

Nothing of a line or an engine is needed for it: `bench plan` shows what `bench run` would do.
"""

from __future__ import annotations

from pathlib import Path

from bench.plan import Plan, make_plan
from bench.profile import STANDARD, Profile
from bench.sequences import sequence_named
from bench.session import LONGEST_SCAN, Refused, RunRequest
from bench.station import Station
from reference_meter import MalformedTypeNumber, TypeNumber


def plan_for(request: RunRequest, station: Station | None = None) -> Plan:
    """The plan for a request, on a station where one is given. Raises `Refused` with what is wrong with it."""
    for text in (request.order, request.operator, *request.serials.values()):
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise Refused(f"{text!r} holds bytes that are no text (UTF-8); scan or type it again")
        if len(text) > LONGEST_SCAN:
            raise Refused(
                f"{text[:20]!r}… has {len(text)} characters, at most {LONGEST_SCAN} are possible; scan it again"
            )
    profile = _profile_in(request.profile) if request.profile else STANDARD
    try:
        meter = TypeNumber.parse(request.type_number)
        sequence = sequence_named(request.sequence)
        without = station.without_bypass(request.serials) if station is not None else ()
        return make_plan(request.sequence, sequence, meter, profile, request.only, without)
    except (MalformedTypeNumber, ValueError) as error:
        raise Refused(str(error)) from None


def _profile_in(path: str) -> Profile:
    from bench.profile_file import load_profile  # with pydantic: a run without a profile starts faster

    return load_profile(Path(path))
