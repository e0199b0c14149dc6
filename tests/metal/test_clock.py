"""A slew that the kernel really does is found; the guest's clock is nobody else's."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import pytest

from bench.clock_slew import ClockWatch, read_clocks

USUAL_TICK = 10_000
"""µs a tick of the kernel's clock at 100 Hz; adjtimex(2)."""


@pytest.fixture
def slewed_by_500_ppm() -> Iterator[None]:
    def tick(us: int) -> None:
        subprocess.run(["busybox", "adjtimex", "-q", "-t", str(us)], check=True)

    tick(USUAL_TICK + 5)
    yield
    tick(USUAL_TICK)


def _watched() -> str:
    watch = ClockWatch(read_clocks)
    for _ in range(15):
        time.sleep(0.1)
        watch.sample()
    return watch.slewed(0.0)


def test_a_slew_of_500_ppm_is_measured(slewed_by_500_ppm: None) -> None:
    told = _watched()
    assert "the clock is being slewed by +" in told
    assert abs(int(told.split("+")[1].split()[0]) - 500) < 50


def test_without_a_slew_nothing_is_said() -> None:
    assert _watched() == ""
