"""What a record does not hold of what another profile asks for, told from two plans and an outcome without any run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bench.measurements import Declared, at_most, noted
from bench.not_on_record import at_positions, given_up_earlier, made_otherwise, measured_otherwise
from bench.plan import Plan, make_plan
from bench.position import Position
from bench.profile import STANDARD, Profile
from bench.sequences import sequence_named
from bench.steps import Step
from bench.verdict import Verdict
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.starting import Starting
from tests.bench.test_verdict import outcome

METER = TypeNumber.parse("685-381-OK-50")


def planned(type_number: str = "685-381-OK-50", sequence: str = "eol", **figures: Any) -> Plan:
    return make_plan(sequence, sequence_named(sequence), TypeNumber.parse(type_number), Profile(**figures))


def told(plan: Plan, **figures: Any) -> list[tuple[str, str]]:
    other = replace(plan.profile, **figures)
    return made_otherwise(plan, make_plan(plan.sequence, sequence_named(plan.sequence), plan.meter, other))


# ---------------------------------------------------------------- the run


def test_a_longer_settling_is_told_and_a_shorter_one_is_not() -> None:
    ((step, why),) = told(planned(settle=2.0), settle=2.5)
    assert (step, why.partition(", or as")[0]) == (
        "every step",
        "this profile lets a load settle for 2.5 s, the run did for 2 s",
    )
    assert told(planned(settle=2.0), settle=1.0) == []


def test_the_first_step_that_stands_elsewhere_is_told() -> None:
    points = ("Ib", *(each for each in STANDARD.points if each != "Ib"))
    ((step, why),) = told(planned(), order="listed", points=points)
    assert (step, why.partition(";")[0]) == ("accuracy-imax", "it was made where this profile makes accuracy-ib")
    assert told(planned(), points=(*STANDARD.points, "0.5 Imax")) == [], "a point more moves no other"


@pytest.mark.parametrize(
    ("figures", "step"),
    [
        ({"output_2": 1000}, "output-2"),
        ({"input_mode": "quick"}, "pulse-input"),
        ({"input_constant": 10.0}, "pulse-input"),
        ({"display_options": "12"}, "display"),
    ],
)
def test_meters_that_were_ordered_otherwise_are_told_at_the_step_that_needs_to_know(
    figures: dict[str, Any], step: str
) -> None:
    ((where, why),) = told(planned("685-381-RK-50"), **figures)
    ((name, value),) = figures.items()
    assert (where, why == f"it was made with {name} {getattr(STANDARD, name)!r}, this profile says {value!r}") == (
        step,
        True,
    )
    with_input = step == "display"
    assert bool(told(planned("685-381-OK-50"), **figures)) is with_input, "without module RK nobody asked"


def test_a_configuration_that_nobody_could_write_is_told_where_a_profile_knows_how() -> None:
    ((step, why),) = told(planned(configuration=("output-2=1000",)), configuration_dialect="model")
    assert (step, why) == ("configuration", "it was made with configuration_dialect '', this profile says 'model'")


# ---------------------------------------------------------------- one step


@dataclass(frozen=True)
class Looks(Step):
    """A step whose measurements are as its profile wants them."""

    wanted: tuple[Declared, ...] = (noted("width", "ms"),)
    name, title, load = "looks", "Looks", None

    def measurements(self) -> tuple[Declared, ...]:
        return self.wanted

    def duration(self) -> float:
        return 1.0

    async def run(self, at: Position) -> None:
        raise NotImplementedError


def test_a_step_that_wants_other_measurements_or_values_looked_for_something_else() -> None:
    one = Looks(METER, STANDARD)
    more = Looks(METER, STANDARD, (*one.wanted, noted("pause", "ms")))
    other = "it looked for something else than this profile wants"
    assert (measured_otherwise(one, more), measured_otherwise(more, one)) == (other, other)
    said, says = (Looks(METER, STANDARD, (Declared("reads", expected=word),)) for word in ("1", "1000"))
    assert measured_otherwise(said, says) == other
    tight = Looks(METER, STANDARD, (at_most("width", 3.0, "", "ms"),))
    assert measured_otherwise(one, tight) == "", "another limit is judged by the value on record"


def test_a_variation_whose_uncertainty_was_reckoned_with_another_quantum_is_not_judged() -> None:
    # So little more asks for no period more: it takes as long, and is a little less certain.
    (was,) = (each for each in planned(sequence="audit").steps if each.name == "influence-reversed-0.1ib")
    now = replace(was, profile=replace(STANDARD, quantum_wh=0.002001))
    assert (
        measured_otherwise(was, now)
        == "its uncertainty on record was reckoned with another quantum, jitter or number of periods"
    )
    assert measured_otherwise(was, was) == ""


def test_an_error_is_judged_from_its_edges_whatever_the_quantum_and_the_periods() -> None:
    was = Accuracy(METER, STANDARD, 5.0, "Ib")
    assert measured_otherwise(was, replace(was, profile=Profile(periods=50, quantum_wh=0.01))) == ""


def test_a_load_that_was_never_applied_says_nothing() -> None:
    was = Accuracy(METER, STANDARD, 5.0, "Ib")
    assert measured_otherwise(was, replace(was, current=10.0)).startswith("it was tested at L1–L3 230.0 V 5 A")


# ---------------------------------------------------------------- one meter


def test_only_a_meter_that_failed_and_would_be_waited_for_longer_was_given_up_earlier() -> None:
    # Class 1, 0.004 · 5 A on three phases of 230 V: 13.8 W, a pulse in 260.87 s; two of them, 1.2 and 1.5 periods each.
    short, long = (Starting(METER, Profile(starting_periods=each)) for each in (1.2, 1.5))
    failed, passed = outcome(Verdict.FAIL, 2), outcome(Verdict.PASS, 2)
    assert given_up_earlier(short, long, failed) == "given up after 626 s, with this profile after 783 s"
    assert given_up_earlier(short, long, passed) == ""
    assert given_up_earlier(long, short, failed) == ""
    assert given_up_earlier(long, long, failed) == ""


def test_positions_of_one_reason_stand_together() -> None:
    reasons = {1: "5 of 10", 2: "6 of 10", 4: "5 of 10"}
    assert at_positions(reasons) == ["positions 1, 4: 5 of 10", "position 2: 6 of 10"]
    assert at_positions({}) == []
