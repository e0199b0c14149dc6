"""The same end-of-line test on every kind of source: each passes where the source can make the loads and is refused where not."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Bench


@pytest.mark.parametrize("dialect", ["zera", "zera-fg30x", "fluke-6105a"])
def test_the_end_of_line_test_passes_on_every_source_with_current_circuits(bench: Bench, dialect: str) -> None:
    result = bench("run", "eol", "--simulated", "--source", dialect, "--positions", "2", "--fault", "2:gain=+2.6%")
    assert result.status == 1
    assert "1  -             ✔ PASS" in result.out
    assert "2  -             ✖ FAIL      Accuracy Imax" in result.out


def test_a_voltage_source_is_refused_for_every_step_with_current_before_anything_is_on(bench: Bench) -> None:
    result = bench("run", "eol", "--simulated", "--source", "ametek", "--positions", "1")
    assert result.status == 3
    for step in ("S0 wiring", "Register against pulses", "Accuracy Ib L3", "Starting current"):
        assert f"{step}: " in result.err
    assert "BLOCKED" in result.out


def test_no_load_passes_on_a_voltage_source(bench: Bench) -> None:
    result = bench("run", "no-load", "--simulated", "--source", "ametek", "--positions", "2", "--fault", "2:creep")
    assert result.status == 1
    assert "1  -             ✔ PASS" in result.out
    assert "2  -             ✖ FAIL      No-load: pulses" in result.out


def test_a_dialect_nobody_speaks_is_wrong_usage(bench: Bench) -> None:
    result = bench("run", "eol", "--simulated", "--source", "flukes")
    assert result.status == 2
    assert "did you mean 'fluke-6105a'?" in result.err
