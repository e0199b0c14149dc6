"""Instruments that cannot be believed: one that repeats its last value, two that disagree; and good ones, which stop nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.standing import Repetition, disagreement
from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Reading

IB = symmetrical(230.0, 5.0)
I_MAX = symmetrical(230.0, 80.0)


def reading(load: Load, factor: float = 1.0) -> Reading:
    p = load.power
    return Reading(0.0, load.u, load.i, (p[0] * factor, p[1] * factor, p[2] * factor), 50.0)


def noisy(load: Load, count: int) -> list[Reading]:
    return [reading(load, 1.0 + k * 1e-7) for k in range(count)]


def said(repetition: Repetition, readings: list[Reading], standing: Load | None) -> list[str]:
    return [repetition.saw(each, standing) for each in readings]


def test_five_equal_readings_of_an_instrument_that_always_differed_are_told() -> None:
    repetition = Repetition()
    assert not any(said(repetition, noisy(IB, 11), IB))
    assert said(repetition, [noisy(IB, 11)[-1]] * 3, IB) == ["", "", ""]
    (told,) = said(repetition, [noisy(IB, 11)[-1]], IB)
    assert told.startswith("repeats its last value: 5 readings are the same")


def test_a_coarse_display_may_stand_still_under_one_load() -> None:
    repetition = Repetition()
    assert not any(said(repetition, [reading(IB)] * 1000, IB))


def test_the_same_reading_under_two_loads_is_told_of_a_coarse_display_too() -> None:
    repetition = Repetition()
    assert not any(said(repetition, [reading(IB)] * 3, IB))
    assert not any(said(repetition, [reading(IB)] * 3, None)), "while the load changes anything may be"
    assert said(repetition, [reading(IB)], I_MAX) == ["reads the same to the last digit under two loads"]


def test_the_same_load_set_anew_may_read_the_same() -> None:
    repetition = Repetition()
    assert not any(said(repetition, [reading(IB)] * 3, IB))
    assert not any(said(repetition, [reading(OFF)] * 3, None))
    assert not any(said(repetition, [reading(IB)], IB))


def test_nothing_at_all_always_reads_the_same() -> None:
    repetition = Repetition()
    assert not any(said(repetition, noisy(IB, 20), IB))
    assert not any(said(repetition, [reading(OFF)] * 100, None))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_both_at_the_edge_of_what_they_declare_do_not_disagree(sign: float) -> None:
    source, standard = reading(IB, 1.0 + sign * 0.002), reading(IB, 1.0 - sign * 0.0005)
    assert disagreement(source, standard, 0.25, 0.0) == ""


def test_more_than_both_declare_together_is_a_disagreement_and_names_both() -> None:
    assert disagreement(reading(IB), reading(IB, 1.01), 0.25, 0.0) == (
        "source and standard disagree by -0.99 %, more than 0.27 %: the source reads 3450 W and the reference standard "
        "3484.5 W; have both checked"
    )


def test_what_the_source_rounds_is_allowed_it_at_small_loads_only() -> None:
    small = symmetrical(230.0, 0.05)
    rounded = replace(reading(small), power=(11.55, 11.55, 11.55))
    assert disagreement(rounded, reading(small), 0.25, 0.0) != ""
    assert disagreement(rounded, reading(small), 0.25, 0.1) == ""


def test_without_power_there_is_nothing_to_compare() -> None:
    assert disagreement(reading(symmetrical(230.0, 0.0)), reading(symmetrical(230.0, 0.0)), 0.0, 0.0) == ""
