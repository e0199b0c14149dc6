"""What the end-of-line test lets through by design, and another sequence finds."""

from __future__ import annotations

from drivers.simulated.faults import CATALOGUE
from tests.end_to_end.conftest import Bench

FOUND_BY_CHANCE = {"peak-wrong": "peak-wrong=-5%", "window-short": "hours-slow=-20%"}
"""A peak above what the energy of the run allows is found by the end-of-line test too; below it, it is not."""


def test_the_end_of_line_test_lets_influences_hours_and_windows_through(bench: Bench) -> None:
    names = [fault.name for fault in CATALOGUE.values() if fault.sequence in ("audit", "logic")]
    faults = [f"{k}:{FOUND_BY_CHANCE.get(name, name)}" for k, name in enumerate(names, 1)]
    words = [word for fault in faults for word in ("--fault", fault)]
    said = bench(f"run eol --simulated --type 685-381-OK-50 --positions {len(names)} --json", *words)
    assert set(said.verdicts.values()) == {"PASS"}
