"""What two readouts of the kWh registers say about each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fixture import Snapshot
from bench.profile import STANDARD
from drivers.mode_a_registers import Registers
from reference_meter import TypeNumber
from sequences.register import RegisterAgainstPulses, _following, _in_words, _steps, _tariffs_follow

_ROLL_OVER = 10_000_000
registers = st.integers(0, _ROLL_OVER - 1)


def read(total: int | None, tariffs: tuple[int, int] | None = None) -> Snapshot:
    return Snapshot(0.0, 0.2, 0, 0, Registers(total_kwh=total, tariff_kwh=tariffs))


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [(7, 7, 0), (7, 8, 1), (9_999_999, 0, 1), (9_999_999, 1, 2), (0, 9_999_999, 9_999_999)],
)
def test_steps_are_counted_round_the_seven_digits(before: int, after: int, steps: int) -> None:
    assert _steps(read(before), read(after)) == steps


@given(registers, st.integers(0, 5))
def test_so_many_kwh_later_are_so_many_steps(before: int, gained: int) -> None:
    assert _steps(read(before), read((before + gained) % _ROLL_OVER)) == gained


def test_steps_in_words_as_the_measurement_expects_them() -> None:
    assert [_in_words(steps) for steps in (0, 1, 2, 3)] == ["no step", "one step", "two steps", "3 steps"]
    step = RegisterAgainstPulses(TypeNumber.parse("685-381-OK-50"), STANDARD)
    assert {each.expected for each in step.measurements() if each.expected} == {
        _in_words(1),
        _in_words(2),
        "follow the total",
        _following(True),
        "agrees",
    }


@pytest.mark.parametrize(
    ("start", "now", "answer"),
    [
        ((7, (5, 2)), (9, (7, 2)), True),
        ((7, (5, 2)), (9, (6, 3)), True),  # whichever tariff counted
        ((7, (5, 2)), (9, (5, 2)), False),
        ((7, (5, 2)), (9, (7, 4)), False),  # both counted
        ((7, (5, 2)), (7, (5, 2)), True),
        ((7, (5, 2)), (9, None), True),  # a telegram without tariffs says nothing against it
        ((9_999_999, (9_999_999, 0)), (1, (1, 0)), True),
    ],
)
def test_the_tariff_registers_together_move_as_far_as_the_total(
    start: tuple[int, tuple[int, int] | None], now: tuple[int, tuple[int, int] | None], answer: bool
) -> None:
    assert _tariffs_follow(read(*start), read(*now)) is answer


def test_it_takes_up_to_two_kwh_at_imax() -> None:
    step = RegisterAgainstPulses(TypeNumber.parse("685-381-OK-50"), STANDARD)
    assert step.load.total_power == pytest.approx(55_200.0)
    assert step.duration() == pytest.approx(2 * 65.2 * 1.05 + 40.0, abs=0.5)
