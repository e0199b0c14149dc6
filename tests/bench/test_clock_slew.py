"""A clock that somebody slews is found, second by second; a crystal's steady correction and a slow look at the clocks are no slew."""

from __future__ import annotations

import pytest

from bench.clock_slew import ClockReading, ClockWatch, read_clocks, slew_ppm

SECOND = 1_000_000_000


class Clocks:
    """Two clocks of which one runs fast by `ppm`."""

    def __init__(self, doubt: int = 200) -> None:
        self.now = ClockReading(5 * SECOND, 0, doubt)

    def pass_(self, seconds: float, ppm: float) -> None:
        raw = round(seconds * SECOND)
        self.now = ClockReading(self.now.monotonic + round(raw * (1 + ppm * 1e-6)), self.now.raw + raw, self.now.doubt)

    def read(self) -> ClockReading:
        return self.now


@pytest.mark.parametrize("ppm", [500.0, -500.0, 101.0, 83_333.0])
def test_a_slewed_clock_is_told_with_its_size_and_direction(ppm: float) -> None:
    clocks = Clocks()
    watch = ClockWatch(clocks.read)
    clocks.pass_(10, ppm)
    assert f"the clock is being slewed by {ppm:+.0f} ppm" in watch.slewed(5.0)


@pytest.mark.parametrize("ppm", [0.0, 30.0, -99.0])
def test_the_correction_of_a_crystal_is_no_slew(ppm: float) -> None:
    clocks = Clocks()
    watch = ClockWatch(clocks.read)
    for _ in range(60):
        clocks.pass_(1, ppm)
        watch.sample()
    assert watch.slewed(5.0) == ""


def test_one_slewed_second_does_not_hide_in_a_minute() -> None:
    clocks = Clocks()
    watch = ClockWatch(clocks.read)
    for second in range(60):
        clocks.pass_(1, 500 if second == 30 else 0)
        watch.sample()
    assert "+500 ppm" in watch.slewed(5.0)


def test_a_slew_before_the_measurement_does_not_void_it() -> None:
    clocks = Clocks()
    watch = ClockWatch(clocks.read)
    clocks.pass_(2, 500)
    watch.sample()
    began = clocks.now.monotonic / SECOND
    clocks.pass_(2, 0)
    watch.sample()
    assert watch.slewed(began) == ""
    assert watch.slewed(began - 1) != ""


def test_readings_between_the_seconds_are_not_lost_and_the_last_part_of_a_second_counts() -> None:
    clocks = Clocks()
    watch = ClockWatch(clocks.read)
    for _ in range(8):
        clocks.pass_(0.1, 400)
        watch.sample()
    assert "+400 ppm" in watch.slewed(5.0)


def test_clocks_that_were_read_with_a_pause_between_them_prove_nothing() -> None:
    interrupted = ClockReading(SECOND + 300_000, SECOND, 600_000)  # 0.3 ms ahead after 1 s, read within 0.6 ms
    assert slew_ppm(ClockReading(0, 0, 200), interrupted) == 0.0
    assert slew_ppm(ClockReading(0, 0, 200), ClockReading(SECOND + 300_000, SECOND, 200)) == pytest.approx(299.8)


def test_simulated_time_is_never_slewed() -> None:
    watch = ClockWatch(None)
    watch.sample()
    assert watch.slewed(0.0) == ""


def test_the_clocks_of_this_computer_can_be_read() -> None:
    first, last = read_clocks(), read_clocks()
    assert last.raw > first.raw
    assert last.monotonic > first.monotonic
