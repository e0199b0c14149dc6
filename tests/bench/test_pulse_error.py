"""The energy around a window, reckoned from the readings of the record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.pulse_error import energy_between, whole_ns


def test_the_energy_of_a_ramp_by_hand() -> None:
    # 100 W rising by 10 W/s: from 2 s to 5 s the mean is 135 W, so 405 J.
    assert energy_between([0.0, 4.0, 10.0], [100.0, 140.0, 200.0], 2.0, 5.0) == pytest.approx(405.0)


def test_an_edge_a_nanosecond_outside_its_reading_counts_from_the_reading() -> None:
    assert energy_between([1.0, 3.0], [50.0, 50.0], 1.0 - 1e-9, 3.0 + 1e-9) == 100.0


@given(
    st.lists(st.floats(0.0, 1e5), min_size=6, max_size=12),
    st.integers(0, 3),
    st.integers(0, 3),
    st.floats(2.01, 2.99),
    st.floats(3.01, 3.99),
)
def test_readings_further_away_change_no_bit(
    watts: list[float], before: int, after: int, start: float, end: float
) -> None:
    times = [float(k) for k in range(len(watts))]
    low, high = max(0, 2 - before), 5 + after
    whole = energy_between(times, watts, start, end)
    assert energy_between(times[low:high], watts[low:high], start, end) == whole


def test_a_time_is_kept_to_the_nanosecond() -> None:
    assert whole_ns(12.0000000014) == 12_000_000_001
