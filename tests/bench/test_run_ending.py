"""What a run's ending is made of: the first thing that went wrong, in a sentence, and whether the source is known to be off."""

from __future__ import annotations

import asyncio

from bench.journal_errors import JournalError
from bench.run_ending import RunEnding, ending_of
from bench.safety import StillEnergised
from bench.steps import Blocked
from bench.verdict import Ending
from drivers.power_source import InstrumentError, Unanswered

ABORT = RunEnding(Ending.ABORTED, "aborted by 4711")


def test_what_the_world_refuses_blocks_and_says_why() -> None:
    assert ending_of(InstrumentError("no answer"), None) == RunEnding(Ending.BLOCKED, "no answer")
    assert ending_of(JournalError("disk full"), None) == RunEnding(Ending.BLOCKED, "disk full")


def test_reasons_of_several_tasks_are_told_once_each_and_cancellations_not_at_all() -> None:
    group = BaseExceptionGroup(
        "tasks", [ExceptionGroup("steps", [Blocked("wires"), Blocked("wires")]), asyncio.CancelledError()]
    )
    assert ending_of(group, None) == RunEnding(Ending.BLOCKED, "wires")


def test_a_person_goes_before_what_came_of_it() -> None:
    assert ending_of(asyncio.CancelledError(), ABORT) == RunEnding(Ending.ABORTED, "aborted by 4711")
    assert ending_of(Blocked("late"), ABORT) == RunEnding(Ending.ABORTED, "aborted by 4711; late")


def test_a_source_that_may_still_be_on_is_never_passed_over_and_what_came_before_it_comes_first() -> None:
    try:
        try:
            raise Blocked("the load is wrong")
        finally:
            raise StillEnergised("the source may still be on")  # as leaving the energised block does
    except StillEnergised as error:
        end = ending_of(error, None)
    assert end == RunEnding(Ending.BLOCKED, "the load is wrong; the source may still be on", off_is_certain=False)
    assert not ending_of(StillEnergised("still on"), ABORT).off_is_certain


def test_a_bug_is_the_benchs_fault_and_names_itself() -> None:
    assert ending_of(ZeroDivisionError("by zero"), None).reason == "internal error: ZeroDivisionError: by zero"


def test_cancelled_by_nobody_known_is_the_engine_being_stopped() -> None:
    assert ending_of(asyncio.CancelledError(), None) == RunEnding(Ending.ABORTED, "the engine was stopped")


def test_a_source_that_falls_silent_is_told_once_with_what_to_do() -> None:
    try:
        try:
            raise Unanswered("no answer from the power source at X to ':VOLT 230'")
        finally:
            raise StillEnergised("the source may still be on, touch nothing: no answer from the power source at X")
    except StillEnergised as error:
        end = ending_of(error, None)
    assert end.reason == "the source may still be on, touch nothing: no answer from the power source at X"
    assert not end.off_is_certain


def test_another_instrument_that_falls_silent_first_is_told_beside_it() -> None:
    group = ExceptionGroup(
        "both", [Unanswered("no answer from the reference standard at Y"), StillEnergised("still on")]
    )
    assert ending_of(group, None).reason == "no answer from the reference standard at Y; still on"
