"""What the end-of-line test lets through by design, and another sequence finds."""

from __future__ import annotations

import pytest

from bench.pytest_line import TestLine
from bench.verdict import Verdict
from drivers.simulated.faults import CATALOGUE

LET_THROUGH = (
    "voltage-influence", "frequency-influence", "sequence-influence", "unbalance-influence",
    "hours-stopped", "hours-slow", "peak-wrong=-5%", "peak-forgets", "window-long",
)  # fmt: skip
"""Not `window-short`, nor a peak that is too high: more than the energy of the run allows is seen in the final read-out."""


@pytest.mark.meter("685-381-OK-50")
@pytest.mark.line(*(f"{k}:{fault}" for k, fault in enumerate(LET_THROUGH, 1)), positions=9)
def test_the_end_of_line_test_lets_influences_hours_and_windows_through(line: TestLine) -> None:
    elsewhere = {fault.name for fault in CATALOGUE.values() if fault.sequence in ("audit", "logic")}
    assert {each.partition("=")[0] for each in LET_THROUGH} == elsewhere - {"window-short"}
    assert line.run("eol").verdicts == dict.fromkeys(range(1, 10), Verdict.PASS)
