"""Registers against pulses, pulses against the reference: what fails says which part of the meter it is."""

from __future__ import annotations

import pytest

from bench.measurements import Declared, reads, within
from bench.record import MeterUnderTest, Outcome, Run, Step, Value
from bench.verdict import Ending, Verdict
from bench.whose_fault import whose_fault

ERROR = within("error", -1.0, 1.0, "%", "", guarded=True)
FINEST = reads("finest register", "follows the pulses", "")
POWER = reads("actual power", "agrees", "")


def step(number: int, name: str, *found: tuple[Declared, Value], void: bool = False) -> Step:
    measured = tuple(declared.judge(value, 0.1) for declared, value in found)
    verdict = Verdict.NONE if void else Verdict.worst(each.verdict for each in measured)
    return Step(number, name, name, 0.0, 1.0, "", (Outcome(1, verdict, void, measured),))


def run(*steps: Step) -> Run:
    return Run(
        "id", "eol", "685-381-OK-50", "simulated", "", "", "", "", "", "", None, "2026-01-01T00:00:00Z",
        meters=(MeterUnderTest(1, ""),), steps=steps, ending=Ending.COMPLETE,
    )  # fmt: skip


def register(value: Value, power: Value = "agrees") -> Step:
    return step(1, "register", (FINEST, value), (POWER, power))


def accuracy(value: Value) -> Step:
    return step(2, "accuracy-ib", (ERROR, value))


FOLLOWS, NOT = "follows the pulses", "does not follow the pulses"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((register(FOLLOWS), accuracy(0.2)), ""),
        ((register(FOLLOWS), accuracy(2.5)), "registers and pulses agree and the error lies outside: the measuring part is off"),
        ((register(FOLLOWS, "900 W"), accuracy(2.5)), "registers and pulses agree and the error lies outside: the measuring part is off"),
        ((register(NOT), accuracy(0.2)), "the registers disagree with the pulses, and the pulses are right: the registers are off"),
        ((register(NOT),), "the registers disagree with the pulses"),
        ((register(NOT), accuracy(2.5)),
         "the error lies outside and the registers disagree with the pulses: measuring part and registers are off"),
        ((accuracy(2.5),), "the error lies outside; the registers were not compared with the pulses"),
        ((register(None, None), accuracy(None)), ""),
        ((step(1, "register", (FINEST, NOT), void=True), accuracy(0.2)), ""),
    ],
    ids=["good", "error", "error and power", "registers", "registers alone", "both", "error alone", "nothing measured", "void"],
)  # fmt: skip
def test_one_sentence_says_which_part_is_off(steps: tuple[Step, ...], said: str) -> None:
    assert whose_fault(run(*steps), 1) == said


def test_another_position_says_nothing() -> None:
    assert whose_fault(run(register(NOT)), 2) == ""
