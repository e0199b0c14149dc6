"""The audit finds a meter whose error moves with an influence quantity, from the size it claims."""

from __future__ import annotations

import pytest

from bench.pytest_line import TestLine
from bench.verdict import Ending, Verdict
from drivers.simulated.faults import CATALOGUE
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_steps

PASS = Verdict.PASS

FAULTS = [fault for fault in CATALOGUE.values() if fault.sequence == "audit"]
SMALLEST = {
    "voltage-influence": ("-0.9%", "class 1: ±0.9 %"),
    "frequency-influence": ("-0.6%", "class 1: ±0.6 %"),
    "sequence-influence": ("-1.6%", "±1.6 %"),
    "unbalance-influence": ("-2.1%", "class 1: ±2.1 %"),
}


@pytest.mark.meter("685-381-OK-50")
@pytest.mark.line(positions=6)
def test_the_audit_finds_each_influence_and_nobody_else_fails(bench: Bench, line: TestLine) -> None:
    faults, found_by = [], {}
    for position, fault in enumerate(FAULTS, 1):
        size, claim = SMALLEST[fault.name]
        assert claim in fault.from_size
        faults.append(f"{position}:{fault.name}={size}")
        found_by[position] = fault.found_by
    run = line.having(*faults).run("audit")
    assert run.ending is Ending.COMPLETE
    for position in range(1, 7):
        if position in found_by:
            assert found_by[position] in failed_steps(run, position)
        else:
            assert run.verdict(position) is PASS, f"position {position} has no fault"
    shown = bench("show", run.id).out
    assert "% at reference conditions" in shown
    assert "order L1 L3 L2" in shown


@pytest.mark.meter("685-222-OK-50")
@pytest.mark.line(positions=4, seed=3)
def test_good_class_2_meters_of_two_phases_pass(line: TestLine) -> None:
    assert line.run("audit").verdicts == {1: PASS, 2: PASS, 3: PASS, 4: PASS}


@pytest.mark.meter("685-381-OK-50")
@pytest.mark.line(source="zera")
def test_a_source_whose_angles_count_from_the_first_phase_with_voltage_can_leave_l1_out(line: TestLine) -> None:
    assert line.run("audit").verdicts == {1: PASS}


def test_a_variation_alone_has_nothing_to_be_compared_with_and_says_so(bench: Bench, line: TestLine) -> None:
    shown = bench("show", line.run("audit", only="influence-u+10-ib").id).out
    assert "not tested: the variation: this run has no error of Accuracy Ib" in " ".join(shown.split())
