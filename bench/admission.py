"""Whether what is asked can be a run on this station: what it is for, which positions it takes, and who will answer what its steps ask.

Nothing is switched on and nothing recorded for a request that cannot be; it is refused with what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.answers import Answers
from bench.calibration import outside_the_certificate
from bench.plan import Plan
from bench.production import PRODUCTION
from bench.prompt_desk import Respondent
from bench.session import Refused, RunRequest, Unreachable
from bench.station import Station

PURPOSES = (PRODUCTION, "engineering", "golden")


def purpose_of(request: RunRequest, station: Station, *, simulated: bool) -> str:
    """What the run is for: production unless it says otherwise. Raises `Refused`."""
    if simulated:
        if request.purpose:
            raise Refused(
                f"purpose {request.purpose!r} is for a real station; a simulated line has a purpose of its own"
            )
        return "simulated"
    purpose = request.purpose or PRODUCTION
    if purpose not in PURPOSES:
        raise Refused(f"purpose {purpose!r} is unknown; it is one of {', '.join(PURPOSES)}")
    if purpose == PRODUCTION and station.is_world_apart:
        raise Refused("a simulated world is no production line; --purpose engineering")
    return purpose


def positions_of(request: RunRequest, known: Sequence[int], *, simulated: bool) -> tuple[int, ...]:
    """Of the `known` positions those where a meter was scanned; where none was, all of a simulated line. Raises `Refused`."""
    unknown = [number for number in request.serials if number not in known]
    if unknown:
        raise Refused(f"position {unknown[0]} does not exist; this line has positions {known[0]} to {known[-1]}")
    doubled = [serial for serial in request.serials.values() if list(request.serials.values()).count(serial) > 1]
    if doubled:
        raise Refused(f"serial {doubled[0]} was given for two positions; scan the meters again")
    if request.serials:
        return tuple(sorted(request.serials))
    if not simulated:
        raise Refused("no serial was scanned; scan the meter at each position first")
    return tuple(known)


def check_lacks(plan: Plan) -> None:
    """Raises `Unreachable` for what a step must have before the run begins, and has not."""
    lacking = [f"{step.title}: {reason}" for step in plan.steps if (reason := step.lacks())]
    if lacking:
        raise Unreachable("; ".join(lacking))


def check_certificates(plan: Plan, station: Station, positions: tuple[int, ...]) -> None:
    """Raises `Refused` for currents at which nobody has looked at the transformers of these positions."""
    used = [each for each in station.positions if each.number in positions]
    beyond = outside_the_certificate(plan.steps, used)
    if beyond:
        raise Refused("; ".join(beyond))


def respondent_for(
    request: RunRequest,
    badge: str,
    plan: Plan,
    positions: tuple[int, ...],
    person: Respondent,
    simulated_operator: Respondent | None,
) -> Respondent | None:
    """Who answers what the steps ask: answers given beforehand, `person` at a screen, or else the simulated operator.

    Raises `Refused` for answers that do not fit, `Unreachable` where nobody would answer: nothing is switched on for that.
    """
    if request.answers or request.answers_file:
        answers = Answers(Path(request.answers_file), request.answers, badge or "answers file")
        answers.check(plan, positions)
        return answers
    if request.attended:
        return person
    asking = [step.title for step in plan.person_needed()]
    if asking and simulated_operator is None:
        raise Unreachable(
            f"{'this step needs' if len(asking) == 1 else 'these steps need'} a person: {', '.join(asking)}. "
            "Test at the screen (bench tui), give their answers with --answers FILE, or leave them out by the profile."
        )
    return simulated_operator
