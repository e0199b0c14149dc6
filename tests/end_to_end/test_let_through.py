"""What the end-of-line test lets through by design, and another sequence finds."""

from __future__ import annotations

from drivers.simulated.faults import CATALOGUE
from tests.end_to_end.conftest import Bench

LET_THROUGH = (
    "voltage-influence", "frequency-influence", "sequence-influence", "unbalance-influence",
    "hours-stopped", "hours-slow", "peak-wrong=-5%", "peak-forgets", "window-long",
)  # fmt: skip
"""Not `window-short`, nor a peak that is too high: more than the energy of the run allows is seen in the final read-out."""


def test_the_end_of_line_test_lets_influences_hours_and_windows_through(bench: Bench) -> None:
    elsewhere = {fault.name for fault in CATALOGUE.values() if fault.sequence in ("audit", "logic")}
    assert {each.partition("=")[0] for each in LET_THROUGH} == elsewhere - {"window-short"}
    faults = [word for k, fault in enumerate(LET_THROUGH, 1) for word in ("--fault", f"{k}:{fault}")]
    said = bench("run eol --simulated --type 685-381-OK-50 --positions 9 --json", *faults)
    assert set(said.verdicts.values()) == {"PASS"}
