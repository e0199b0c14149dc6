"""What the room's temperature adds to the uncertainty."""

from __future__ import annotations

import math

import pytest

from bench.climate import Climate, excess_k
from bench.station import EnvironmentDescription
from drivers.load import OFF, symmetrical

ROOM = EnvironmentDescription(temperature_uncertainty_k=0.5, assumed_deviation_k=5.0)
UNITY, HALF = symmetrical(230.0, 5.0), symmetrical(230.0, 5.0, 60.0)


@pytest.mark.parametrize(
    ("celsius", "excess"),
    [(23.0, 0.0), (24.5, 0.0), (25.0, 0.5), (21.5, 0.0), (20.0, 1.5), (30.0, 5.5), (None, 3.0)],
)
def test_only_what_may_lie_outside_23_plus_minus_2_counts(celsius: float | None, excess: float) -> None:
    assert excess_k(ROOM, celsius) == pytest.approx(excess)


def test_the_term_by_hand() -> None:
    # Class 1: 0.05 %/K at power factor 1, 0.07 at 0.5 inductive; 3 K outside: 0.15 and 0.21 %, over √3.
    assert Climate(1, 3.0).uncertainty(UNITY) == pytest.approx(0.15 / math.sqrt(3))
    assert Climate(1, 3.0).uncertainty(HALF) == pytest.approx(0.21 / math.sqrt(3))
    assert Climate(2, 3.0).uncertainty(UNITY) == pytest.approx(0.30 / math.sqrt(3))
    assert Climate(2, 3.0).uncertainty(HALF) == pytest.approx(0.45 / math.sqrt(3))


def test_a_reference_that_drifts_counts_beside_the_meter() -> None:
    # 0.05 and 0.03 %/K, 2 K: √(0.10² + 0.06²) over √3.
    assert Climate(1, 2.0, 0.03).uncertainty(UNITY) == pytest.approx(math.hypot(0.10, 0.06) / math.sqrt(3))


def test_in_a_room_at_reference_and_without_a_load_nothing_is_added() -> None:
    assert Climate(1, 0.0, 0.03).uncertainty(HALF) == 0.0
    assert Climate(1, 3.0).uncertainty(OFF) == 0.0
