"""Two hours of simulated time show a wrong counter of hours, a wrong peak and a wrong window, from the size claimed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from bench.pytest_line import TestLine
from bench.verdict import Ending, Verdict
from drivers.simulated import mounting
from drivers.simulated.faults import CATALOGUE
from drivers.simulated.physics import draw
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_steps

FAULTS = [fault for fault in CATALOGUE.values() if fault.sequence == "logic"]
SMALLEST = [
    ("hours-slow", "+4%", "±4 %"),
    ("peak-wrong", "-0.5%", "±0.5 %"),
    ("window-long", "2000s", "2000 s"),
    ("window-short", "400s", "400 s"),
]
MODE_A_ALONE = 8


@pytest.mark.meter("685-161-OK-50")
@pytest.mark.line(positions=8)
def test_hours_windows_and_peak_are_found_and_nobody_else_fails(
    bench: Bench, line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = itertools.count(1)
    monkeypatch.setattr(
        mounting,
        "draw",
        lambda meter, rng: replace(draw(meter, rng), speaks_native=next(number) != MODE_A_ALONE),
    )
    faults = ["hours-stopped", "peak-forgets"]
    for name, size, claim in SMALLEST:
        assert claim in CATALOGUE[name].from_size
        faults.append(f"{name}={size}")
    assert {each.partition("=")[0] for each in faults} == {each.name for each in FAULTS}
    run = line.having(*(f"{position}:{fault}" for position, fault in enumerate(faults, 1))).run("logic")
    assert run.ending is Ending.COMPLETE
    for position in range(1, 9):
        if position <= len(faults):
            assert failed_steps(run, position) == ["hours-and-peak"], faults[position - 1]
        else:
            assert run.verdict(position) is Verdict.PASS, f"position {position} has no fault"
    shown = bench("show", run.id).out
    assert "W by the pulses" in shown
    assert shown.count("not tested: the native protocol: the port answers mode A alone") == 5 + 1 + 2


def test_hours_and_peak_alone_are_no_test(bench: Bench) -> None:
    said = bench("plan logic --type 685-381-OK-50 --only hours-and-peak")
    assert said.status == 2
    assert "needs what stretch-first-hour" in said.err
