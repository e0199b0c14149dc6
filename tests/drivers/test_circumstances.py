"""The circumstances of a meter follow its load, and conditions hold on one side of their bound."""

from __future__ import annotations

import pytest

from bench.load_points import at, inductive, no_load, voltage_only
from drivers.load import OFF
from drivers.simulated.circumstances import Circumstances, Exposure, Where
from reference_meter import TypeNumber

METER = TypeNumber.parse("685-381-OK-50")


def test_a_load_point_is_told_in_the_words_of_a_condition() -> None:
    exposure = Exposure(METER)
    exposure.expose(0.0, at(METER, 80.0))
    now = exposure.now
    assert now.pulses_hz == pytest.approx(3 * 230 * 80 / 3600)
    assert (now.over_ib, now.over_un, now.power_factor, now.single) == pytest.approx((16.0, 1.0, 1.0, 0.0))
    exposure.expose(1.0, at(METER, 5.0, inductive(0.5), only="L2"))
    assert (exposure.now.power_factor, exposure.now.single) == pytest.approx((0.5, 1.0))
    exposure.expose(2.0, no_load(METER, 1.15))
    assert (exposure.now.over_ib, exposure.now.over_un, exposure.now.power_factor) == pytest.approx((0.0, 1.15, 1.0))


def test_a_meter_of_one_phase_is_never_loaded_on_one_of_several() -> None:
    single = TypeNumber.parse("685-161-OK-50")
    exposure = Exposure(single)
    exposure.expose(0.0, at(single, 10.0))
    assert exposure.now.single == 0.0


def test_warmth_adds_up_over_high_currents_and_idling_ends_with_any() -> None:
    exposure = Exposure(METER)
    for time, load in (
        (0.0, at(METER, 80.0)),
        (30.0, at(METER, 5.0)),
        (50.0, at(METER, 80.0)),
        (80.0, voltage_only(METER)),
    ):
        exposure.expose(time, load)
    assert exposure.now.warm_s == 60.0
    exposure.expose(180.0, no_load(METER, 1.15))
    assert (exposure.now.idle_s, exposure.now.warm_s) == (100.0, 60.0)
    exposure.expose(190.0, at(METER, 0.02))
    assert exposure.now.idle_s == 0.0


def test_a_load_is_steady_while_its_source_wanders_and_new_when_it_is_set_anew() -> None:
    exposure = Exposure(METER)
    exposure.expose(10.0, at(METER, 5.0))
    exposure.expose(15.0, at(METER, 5.001))
    assert exposure.now.steady_s == 5.0
    exposure.expose(20.0, at(METER, 80.0))
    assert exposure.now.steady_s == 0.0
    exposure.expose(25.0, OFF)
    assert exposure.now.steady_s == 0.0


def test_a_condition_holds_beyond_its_bound_and_not_at_it() -> None:
    now = Circumstances(pulses_hz=15.0)
    assert not Where("pulses_hz", 15.0).holds(now)
    assert Where("pulses_hz", 14.9).holds(now)
    assert not Where("pulses_hz", 15.0, above=False).holds(now)
    assert Where("pulses_hz", 15.1, above=False).holds(now)
