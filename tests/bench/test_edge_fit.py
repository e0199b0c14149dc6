"""The line through all edges, its scatter, and the formulae of the uncertainty against a simulation of them."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.edge_fit import EdgeFit, chi_square_99, energy_at, fit
from bench.pulse_error import energy_between


def test_an_even_train_has_its_error_and_no_scatter() -> None:
    line = fit([7200.0 + 3528.0 * k for k in range(6)])  # 3528 J a pulse: 3600/3528 − 1
    assert line.error_percent == pytest.approx(2.0408163)
    assert line.scatter_wh == pytest.approx(0.0, abs=1e-12)
    assert line.freedom == 4


def test_three_edges_by_hand() -> None:
    # Energies 0, 3603, 7200 J: the line rises by 3600 a pulse, residuals −1, +2, −1 J, one degree of freedom: √6 J.
    line = fit([0.0, 3603.0, 7200.0])
    assert line.error_percent == pytest.approx(0.0, abs=1e-12)
    assert line.scatter_wh == pytest.approx(math.sqrt(6) / 3600)


def test_two_edges_say_nothing_of_a_scatter() -> None:
    line = fit([0.0, 3600.0])
    assert (line.scatter_wh, line.freedom, line.stated_wh) == (0.0, 0, 0.0)
    assert line.agrees(0.0)


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 6.635), (2, 9.210), (4, 13.277), (7, 18.475), (19, 36.191), (99, 134.642)]
)
def test_the_hundredth_part_of_chi_square_is_that_of_the_tables(freedom: int, value: float) -> None:
    assert chi_square_99(freedom) == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize("periods", [2, 5, 25])
def test_white_edges_alarm_in_one_case_of_a_hundred_and_give_the_uncertainties_of_the_formulae(periods: int) -> None:
    rng = random.Random(382)
    sigma, trains = 0.002, 3000
    lines, ends = [], []
    for _ in range(trains):
        joules = [3600.0 * (k + rng.gauss(0.0, sigma)) for k in range(periods + 1)]
        lines.append(fit(joules))
        ends.append(joules[-1] - joules[0])
    alarms = sum(not line.agrees(sigma) for line in lines) / trains
    assert alarms == pytest.approx(0.01, abs=0.005)
    by_line = statistics.pstdev(line.error_percent for line in lines)
    by_ends = statistics.pstdev(3600.0 * periods / end * 100 for end in ends)
    spread = periods * (periods + 1) * (periods + 2)
    assert by_line == pytest.approx(sigma * math.sqrt(12 / spread) * 100, rel=0.05)
    assert by_ends == pytest.approx(math.sqrt(2) * sigma / periods * 100, rel=0.05)
    scatter = math.sqrt(statistics.fmean(line.scatter_wh**2 for line in lines))
    assert scatter == pytest.approx(sigma, rel=0.05)


def test_a_scatter_known_from_few_edges_is_stated_larger() -> None:
    few, many = fit([0.0, 3603.0, 7200.0]), fit([3600.0 * k + (-1) ** k for k in range(101)])
    assert few.stated_wh == 6.5 * few.scatter_wh
    assert many.stated_wh == pytest.approx(many.scatter_wh, rel=0.02)
    assert many.stated_wh > many.scatter_wh


@given(
    st.lists(st.floats(0.0, 1e5), min_size=2, max_size=8),
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=12, unique=True),
)
def test_the_energy_between_two_edges_is_that_of_the_trapezoid(watts: list[float], shares: list[float]) -> None:
    times = [2.0 * k for k in range(len(watts))]
    edges = sorted(share * times[-1] for share in shares)
    joules = energy_at(times, watts, edges)
    assert joules[-1] - joules[0] == pytest.approx(energy_between(times, watts, edges[0], edges[-1]), abs=1e-6)
    assert joules == sorted(joules)


def test_an_edge_a_nanosecond_outside_counts_from_the_reading() -> None:
    assert energy_at([1.0, 3.0], [50.0, 50.0], [1.0 - 1e-9, 3.0 + 1e-9]) == [0.0, 100.0]


def test_an_even_train_agrees_with_a_model_of_no_scatter_at_all() -> None:
    assert EdgeFit(0.0, 0.0, 4).agrees(0.0)
    assert not EdgeFit(0.0, 1e-9, 4).agrees(0.0)


@pytest.mark.parametrize(
    ("freedom", "factor"), [(0, 0.0), (1, 6.5), (2, 2.2), (3, math.sqrt(3)), (4, math.sqrt(2)), (8, math.sqrt(8 / 6))]
)
def test_a_scatter_of_few_edges_is_stated_larger(freedom: int, factor: float) -> None:
    assert EdgeFit(0.0, 0.001, freedom).stated_wh == pytest.approx(0.001 * factor)


def test_the_energy_at_each_edge_of_a_power_that_rises_and_falls_by_hand() -> None:
    # 100 W rising by 10 W/s for 4 s, 480 J, then falling by 10 W/s for 6 s.
    times, watts = [0.0, 4.0, 10.0], [100.0, 140.0, 80.0]
    edges = [-1e-9, 0.0, 2.0, 4.0, 5.0, 7.0, 10.0, 10.0 + 1e-9]
    assert energy_at(times, watts, edges) == pytest.approx([0.0, 0.0, 220.0, 480.0, 615.0, 855.0, 1140.0, 1140.0])
    assert energy_at([0.0, 10.0], [100.0, 200.0], [5.0, 10.0]) == pytest.approx([625.0, 1500.0])
