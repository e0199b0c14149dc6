"""The same end-of-line test on every kind of source: each passes where the source can make the loads and is refused where not."""

from __future__ import annotations

import pytest

from bench.pytest_line import TestLine
from bench.verdict import Verdict
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_steps

FAIL, PASS = Verdict.FAIL, Verdict.PASS


@pytest.mark.parametrize("dialect", ["zera", "zera-fg30x", "fluke-6105a"])
@pytest.mark.line("2:gain=+2.6%", positions=2)
def test_the_end_of_line_test_passes_on_every_source_with_current_circuits(line: TestLine, dialect: str) -> None:
    run = line.having(source=dialect).run("eol")
    assert run.verdicts == {1: PASS, 2: FAIL}
    assert failed_steps(run, 2)[0] == "accuracy-imax"


def test_a_voltage_source_is_refused_for_every_step_with_current_before_anything_is_on(bench: Bench) -> None:
    result = bench("run", "eol", "--simulated", "--source", "ametek", "--positions", "1")
    assert result.status == 3
    for step in ("S0 wiring", "Register against pulses", "Accuracy Ib L3", "Starting current"):
        assert f"{step}: " in result.err
    assert "BLOCKED" in result.out


@pytest.mark.line("2:creep", positions=2, source="ametek")
def test_no_load_passes_on_a_voltage_source(line: TestLine) -> None:
    run = line.run("no-load")
    assert run.verdicts == {1: PASS, 2: FAIL}
    step, measurement = run.failures(2)[0]
    assert (step.name, measurement.name) == ("no-load", "pulses")


def test_a_dialect_nobody_speaks_is_wrong_usage(bench: Bench) -> None:
    result = bench("run", "eol", "--simulated", "--source", "flukes")
    assert result.status == 2
    assert "did you mean 'fluke-6105a'?" in result.err
