"""The golden run and the run of a gauge study: gates and accuracy points, and nothing that takes time besides."""

from __future__ import annotations

import pytest

from bench.plan import make_plan
from bench.profile import STANDARD
from reference_meter import TypeNumber
from sequences.eol import end_of_line
from sequences.golden import gauge, golden


@pytest.mark.parametrize("type_number", ["685-381-OK-50", "685-162-OK-50", "685-281-RK-50"])
def test_a_golden_run_measures_at_every_accuracy_point_of_the_end_of_line_test(type_number: str) -> None:
    meter = TypeNumber.parse(type_number)
    points = [step for step in end_of_line(meter, STANDARD) if step.name.startswith("accuracy")]
    gates = [step for step in end_of_line(meter, STANDARD) if step.gate]
    assert [step.name for step in gates] == ["sign-on", "s0-wiring", "connections"]
    assert len(points) >= 4
    assert gauge(meter, STANDARD) == [*gates, *points]


def test_the_known_meter_is_judged_when_every_point_is_closed_and_no_current_flows() -> None:
    plan = make_plan("golden", golden, TypeNumber.parse("685-381-OK-50"), STANDARD)
    last = plan.stages[-1]
    assert [step.name for step in last.steps] == ["known-meter"]
    assert not last.load.has_current
    assert abs(last.load.u[0]) == pytest.approx(230.0)
    assert last.duration() == 1.0
