"""The gate: a meter that is not what was planned never sees more than the 60 A that every 382 bears."""

from __future__ import annotations

import pytest

from bench.pytest_line import TestLine
from bench.session import PositionState
from bench.verdict import Ending, Verdict
from tests.end_to_end.at_work import AtWork, at_work, station_changed, without_bypass

PLANNED = "685-321-OK-50"
"""5 – 120 A."""
INTRUDER = "3:wrong-type=685-361-OK-50"
"""10 – 60 A."""

pytestmark = pytest.mark.meter(PLANNED)


@pytest.mark.line(INTRUDER, positions=4)
def test_a_60_a_meter_among_120_a_meters_never_sees_more_than_60_a_and_the_others_are_tested(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start()
        through_intruder, through_neighbour = work.currents_through(3), work.currents_through(2)
        run = await testing

        assert max(through_neighbour) > 119.0, "its neighbour got its Imax"
        assert max(through_intruder) <= 60.0
        assert run.ending is Ending.COMPLETE
        assert run.verdicts == {1: Verdict.PASS, 2: Verdict.PASS, 3: Verdict.FAIL, 4: Verdict.PASS}
        assert [(step.name, failed.value) for step, failed in run.failures(3)] == [
            ("sign-on", "685-361-OK-50"),
            ("sign-on", "685361OK50, 1000 imp/kWh"),
        ]
        assert [step.name for step in run.steps if any(outcome.position == 3 for outcome in step.outcomes)] == [
            "sign-on"
        ]
        assert work.engine.board.glance.positions[2].state is PositionState.OUT

    at_work(line, scene)


@pytest.mark.line("1:silent-head", positions=2)
def test_a_meter_that_does_not_say_what_it_is_is_taken_out_as_well(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        testing = await work.start(only="accuracy-imax")
        through_silent = work.currents_through(1)
        run = await testing
        assert max(through_silent) <= 60.0
        assert run.ending is Ending.COMPLETE
        assert run.verdicts == {1: Verdict.FAIL, 2: Verdict.PASS}

    at_work(line, scene)


@pytest.mark.line(INTRUDER, positions=4)
def test_without_bypass_contactors_the_run_is_blocked_before_more_than_60_a_flow(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        delivered = work.deliveries()
        testing = await work.start()
        through_intruder = work.currents_through(3)
        run = await testing

        assert max(delivered) <= 60.0
        assert max(through_intruder) <= 60.0
        assert run.ending is Ending.BLOCKED
        assert "position 3: the meter did not prove to be a 685-321-OK-50" in run.reason
        assert "Take it out" in run.reason
        assert run.verdicts == {1: Verdict.NONE, 2: Verdict.NONE, 3: Verdict.FAIL, 4: Verdict.NONE}
        work.assert_safe()

    with station_changed(without_bypass):
        at_work(line, scene)


@pytest.mark.meter("685-361-OK-50")
@pytest.mark.line("2:wrong-type=685-321-OK-50", positions=2)
def test_without_bypass_contactors_a_plan_of_up_to_60_a_goes_on_around_the_failed_meter(line: TestLine) -> None:
    async def scene(work: AtWork) -> None:
        delivered = work.deliveries()
        run = await (await work.start(only="accuracy-imax"))
        assert 59.0 < max(delivered) < 60.5, "the source settles with a little overshoot"
        assert run.ending is Ending.COMPLETE
        assert run.verdicts == {1: Verdict.PASS, 2: Verdict.FAIL}

    with station_changed(without_bypass):
        at_work(line, scene)
