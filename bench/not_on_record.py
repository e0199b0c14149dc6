"""What another profile asks for and the record of a run does not hold: without it nobody knows what would have come out.

A replay that kept silent about it would read as "nothing would have changed".
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.plan import Plan
from bench.plan_diff import Reckoned
from bench.record import Outcome
from bench.steps import Step
from bench.uncertainty_rule import planned_budget
from bench.verdict import Verdict

_NOTHING = Reckoned(0.0, 0.0, 0.0, 0.0)
EVERY_STEP = "every step"
"""In place of a step's name."""

_ORDERED = {
    "output_2": "output-2",
    "input_mode": "pulse-input",
    "input_constant": "pulse-input",
    "display_options": "display",
    "configuration_dialect": "configuration",
}
"""What a step was told of the meters as they were ordered, and which no measurement of it names."""


def measured_otherwise(was: Step, now: Step) -> str:
    """Why what was measured says nothing of what this profile would have measured; empty where it does."""
    if was.load != now.load:
        return f"it was tested at {was.load}, this profile tests at {now.load}"
    if not _has_edges(now) and round(was.duration(), 3) != round(now.duration(), 3):
        return f"it took {was.duration():.0f} s, with this profile it takes {now.duration():.0f} s"
    if _wanted(was) != _wanted(now):
        return "it looked for something else than this profile wants"
    if not _has_edges(now) and planned_budget(was, _NOTHING, None) != planned_budget(now, _NOTHING, None):
        return "its uncertainty on record was reckoned with another quantum, jitter or number of periods"
    return ""


def given_up_earlier(was: Step, now: Step, outcome: Outcome) -> str:
    """Why a meter that failed in time might pass with this profile; empty where it could not."""
    if outcome.verdict is not Verdict.FAIL or _has_edges(now) or round(now.longest(), 3) <= round(was.longest(), 3):
        return ""
    return f"given up after {was.longest():.0f} s, with this profile after {now.longest():.0f} s"


def made_otherwise(old: Plan, new: Plan) -> list[tuple[str, str]]:
    """Steps and why, for what this profile changes about the run and not about one step's measurements."""
    found = []
    if new.profile.settle > old.profile.settle:
        found.append(
            (
                EVERY_STEP,
                f"this profile lets a load settle for {new.profile.settle:g} s, the run did for {old.profile.settle:g} s, "
                "or as long as its source declared",
            )
        )
    before, after = [step.name for step in old.steps], [step.name for step in new.steps]
    in_both = zip([each for each in before if each in after], [each for each in after if each in before], strict=True)
    moved = next(((was, now) for was, now in in_both if was != now), None)
    if moved is not None:
        found.append(
            (
                moved[0],
                f"it was made where this profile makes {moved[1]}; what came before it warmed the meter otherwise",
            )
        )
    for figure, step in _ORDERED.items():
        was, now = getattr(old.profile, figure), getattr(new.profile, figure)
        if was != now and step in before and step in after:
            found.append((step, f"it was made with {figure} {was!r}, this profile says {now!r}"))
    return found


def at_positions(reasons: Mapping[int, str]) -> list[str]:
    """What is missing of one step, position by position, each reason once."""
    return [
        f"position{'s' * (len(where) > 1)} {', '.join(map(str, where))}: {reason}"
        for reason in dict.fromkeys(reasons.values())
        if (where := [position for position, each in reasons.items() if each == reason])
    ]


def _has_edges(step: Step) -> bool:
    """Whether it is judged again from edges, whose number is looked at when they are."""
    return type(step).judge_again is not Step.judge_again


def _wanted(step: Step) -> list[tuple[str, object]]:
    return [(each.name, each.expected) for each in step.measurements()]
