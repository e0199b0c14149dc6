"""The plugin's fixtures as a test of ours uses them."""

from __future__ import annotations

import os

import pytest

from bench.assembly import Setup
from bench.pytest_fixtures import Meter, TestLine
from bench.verdict import Ending, Verdict
from reference_meter import ReferenceMeter


def test_without_a_mark_the_meter_is_a_good_one_on_a_simulated_line(
    line: TestLine, station: Setup, meter: Meter
) -> None:
    assert (station.simulated, station.positions, station.faults) == (True, 1, ())
    run = line.run("eol", only="sign-on")
    assert run.type_number == str(meter.type_number) == "685-382-OK-50"
    assert (run.ending, run.verdict(1)) == (Ending.COMPLETE, Verdict.PASS)
    assert "bench-home" in os.environ["BENCH_HOME"]


@pytest.mark.meter("685-181-OK-50", fault="short-pulse=26ms", serial="4711")
def test_a_marked_meter_has_its_type_its_serial_and_its_fault(line: TestLine, reference_meter: ReferenceMeter) -> None:
    run = line.run("eol")
    assert str(reference_meter.type_number) == run.type_number == "685-181-OK-50"
    assert run.meters[0].serial == "4711"
    assert "s0-pulses" in {step.name for step, _ in run.failures(1)}


@pytest.mark.meter("685-381-OK-50", fault="gain=+2.5%")
def test_what_cannot_be_run_fails_the_test_in_a_sentence(line: TestLine) -> None:
    with pytest.raises(pytest.fail.Exception, match="there is no sequence 'gone'"):
        line.run("gone")
