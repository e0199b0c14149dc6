"""One simulated meter: without errors it is exact, and each error does what it says and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.load import OFF, Load, symmetrical
from drivers.simulated.meter import SimulatedMeter
from drivers.simulated.physics import GAIN_SCATTER_PERCENT, MeterPhysics, draw
from reference_meter import TypeNumber

METER = TypeNumber.parse("685-381-OK-50")
SECOND = symmetrical(240.0, 5.0)
"""3600 W: a pulse a second."""
VOLTAGE = symmetrical(240.0, 0.0)


def exact(**changes: object) -> MeterPhysics:
    """A meter without any error."""
    physics = MeterPhysics(
        METER, [0.0] * 3, [0.0] * 3, total_kwh=7, watt_hours=0, customer_number=12345678,
        quantum_wh=0.0, width_jitter_ms=0.0, edge_delay_s=0.0, edge_jitter_s=0.0,
    )  # fmt: skip
    return replace(physics, **changes)  # type: ignore[arg-type]  # one or two fields a test


class Output:
    """A meter with its S0 edges written down."""

    def __init__(self, physics: MeterPhysics, seed: int = 1) -> None:
        self.edges: list[tuple[float, bool]] = []
        self.meter = SimulatedMeter(physics, random.Random(seed), lambda time, level: self.edges.append((time, level)))

    def under(self, load: Load, seconds: float, start: float = 0.0) -> Output:
        self.meter.set_load(start, load)
        self.meter.advance(start + seconds)
        return self

    @property
    def rises(self) -> list[float]:
        return [time for time, level in self.edges if level]

    @property
    def widths_ms(self) -> list[float]:
        return [(fall - rise) * 1e3 for (rise, up), (fall, _) in pairwise(self.edges) if up]


def gaps(rises: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(rises)]


# ---------------------------------------------------------------- exact


def test_a_meter_without_errors_gives_a_pulse_each_second_at_3600_w() -> None:
    rises = Output(exact()).under(SECOND, 1000.0).rises
    assert len(rises) == 1000
    assert gaps(rises) == pytest.approx([1.0] * 999, abs=2e-9)


def test_and_every_pulse_lasts_30_ms() -> None:
    assert Output(exact()).under(SECOND, 10.0).widths_ms == pytest.approx([30.0] * 10, abs=1e-6)


@given(st.floats(0.25, 120.0), st.floats(0.0, 60.0), st.floats(10.0, 500.0), st.integers(0, 5))
def test_its_pulses_are_the_energy_that_passed_to_within_one(i: float, phi: float, seconds: float, seed: int) -> None:
    load = symmetrical(230.0, i, phi)
    found = len(Output(exact(), seed).under(load, seconds).rises)
    assert abs(found - load.total_power * seconds / 3600.0) <= 1.0


@given(st.lists(st.floats(0.0, 20.0), min_size=1, max_size=30))
def test_how_often_it_is_asked_changes_nothing(steps: list[float]) -> None:
    once, often = Output(exact()), Output(exact())
    once.under(SECOND, sum(steps))
    often.meter.set_load(0.0, SECOND)
    time = 0.0
    for step in steps:
        time += step
        often.meter.advance(time)
    assert abs(len(often.rises) - len(once.rises)) <= 1  # the end may fall on a pulse, to a rounding
    assert once.rises[: len(often.rises)] == pytest.approx(often.rises[: len(once.rises)], abs=1e-7)


def test_the_next_pulse_it_foretells_is_the_next_it_gives() -> None:
    output = Output(exact()).under(SECOND, 5.0)
    foretold = output.meter.next_pulse()
    assert foretold is not None
    output.meter.advance(foretold - 1e-6)
    assert len(output.rises) == 5
    output.meter.advance(foretold)
    assert output.rises[-1] == pytest.approx(foretold)
    output.meter.set_load(foretold, VOLTAGE)
    assert output.meter.next_pulse() is None


def test_a_one_phase_meter_sees_its_own_phase_alone() -> None:
    one = exact(meter=TypeNumber.parse("685-181-OK-50"))
    assert len(Output(one).under(SECOND, 300.0).rises) == 100


# ---------------------------------------------------------------- measuring circuits


def test_gain_and_phase_gain_are_errors_of_the_rate() -> None:
    fast = Output(exact(gain_percent=[2.5] * 3)).under(SECOND, 1000.0)
    assert gaps(fast.rises) == pytest.approx([1 / 1.025] * (len(fast.rises) - 1), abs=2e-9)
    one = Output(exact(gain_percent=[0.0, 4.0, 0.0])).under(symmetrical(240.0, (0.0, 15.0, 0.0)), 100.0)
    assert gaps(one.rises) == pytest.approx([1 / 1.04] * (len(one.rises) - 1), abs=2e-9)


def test_a_phase_error_shows_at_a_low_power_factor_and_hardly_at_unity() -> None:
    skewed = exact(phase_error_mrad=[1.0] * 3)
    half = Output(skewed).under(symmetrical(240.0, 10.0, 60.0), 1000.0)
    assert 1 / gaps(half.rises)[0] - 1 == pytest.approx(-1e-3 * 3**0.5, rel=1e-3)  # it lags more: 1 mrad × tan 60°
    unity = Output(skewed).under(SECOND, 1000.0)
    assert 1 / gaps(unity.rises)[0] - 1 == pytest.approx(-0.5e-6, abs=1e-8)


def test_below_its_threshold_it_does_not_start_and_above_it_does() -> None:
    lazy = exact(starting_w=13.8)
    assert Output(lazy).under(symmetrical(230.0, 0.0199), 3600.0).rises == []
    assert len(Output(lazy).under(symmetrical(230.0, 0.0201), 3600.0).rises) in (13, 14)


def test_creep_counts_with_voltage_on_and_no_current_only() -> None:
    creeping = exact(creep_w=36.0)
    assert len(Output(creeping).under(VOLTAGE, 1000.0).rises) == 10
    assert len(Output(creeping).under(SECOND, 1000.0).rises) == 1000
    assert Output(creeping).under(OFF, 1000.0).rises == []


def test_the_energy_steps_of_the_phases_leave_the_mean_rate_alone() -> None:
    rises = Output(exact(quantum_wh=0.01)).under(SECOND, 1000.0).rises
    assert max(abs(gap - 1.0) for gap in gaps(rises)) <= 0.03
    assert (rises[-1] - rises[0]) / (len(rises) - 1) == pytest.approx(1.0, abs=0.03 / 999)


# ---------------------------------------------------------------- pulse output


def test_one_pulse_in_so_many_is_lost() -> None:
    rises = Output(exact(lost_every=50)).under(SECOND, 1000.0).rises
    assert len(rises) == 980
    assert sum(gap > 1.5 for gap in gaps(rises)) == 19  # the 1000th is lost at the very end


def test_one_pulse_in_so_many_comes_out_twice_and_the_rate_between_stays() -> None:
    rises = Output(exact(doubled_every=50)).under(SECOND, 1000.0).rises
    assert len(rises) == 1020
    assert sum(gap < 0.5 for gap in gaps(rises)) == 20


@pytest.mark.parametrize("width", [26.0, 34.0])
def test_pulses_are_as_wide_as_the_fault_says(width: float) -> None:
    assert Output(exact(width_ms=width)).under(SECOND, 5.0).widths_ms == pytest.approx([width] * 5, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"doubled_every": 2},
        {"lost_every": 2, "doubled_every": 3},
        {"width_ms": 200.0},
        {"width_ms": 1.0, "width_jitter_ms": 5.0},
        {"gain_percent": [400.0] * 3},
        {"edge_jitter_s": 0.02},
    ],
    ids=str,
)
def test_edges_strictly_alternate_whatever_is_wrong_with_the_output(changes: dict[str, object], seed: int) -> None:
    output = Output(exact(**{"width_jitter_ms": 0.5, "edge_jitter_s": 1e-4, **changes}), seed)
    output.under(symmetrical(230.0, 120.0), 30.0)
    assert len(output.edges) > 300
    assert [level for _, level in output.edges] == [True, False] * (len(output.edges) // 2)
    assert all(gap > 0 for gap in gaps([time for time, _ in output.edges]))


@pytest.mark.parametrize(
    ("amperes", "phi_deg", "peak_to_peak_ms"),
    [
        ((15.0, 0.0, 0.0), 0.0, 2 * 1.592),  # S / P / (4 pi f) = 1.592 ms at 50 Hz
        ((30.0, 0.0, 0.0), 60.0, 2 * 3.183),
        ((5.0, 5.0, 5.0), 0.0, 0.0),  # three phases balance it
    ],
)
def test_unfiltered_circuits_let_edges_swing_at_twice_the_frequency_by_the_share_of_power_that_swings(
    amperes: tuple[float, float, float], phi_deg: float, peak_to_peak_ms: float
) -> None:
    load = replace(symmetrical(240.0, amperes, phi_deg), frequency=50.0 * 1.0037)  # else each edge meets the same phase
    late = [(rise - k) * 1e3 for k, rise in enumerate(Output(exact(unfiltered=1.0)).under(load, 200.0).rises)]
    assert max(late) - min(late) == pytest.approx(peak_to_peak_ms, rel=0.01, abs=1e-6)
    assert late[0] >= Output(exact()).under(load, 2.0).rises[0] * 1e3 - 1e-6, "never before the energy is there"


def test_no_pulse_waits_longer_than_a_swing_where_large_powers_leave_hardly_any_between_them() -> None:
    load = symmetrical(230.0, (80.0, 80.0, 80.1), 0.0)
    mixed = replace(load, u=(load.u[1], load.u[0], load.u[2]))  # -9200 W, -9200 W, +18423 W
    assert 20.0 < mixed.total_power < 25.0
    filtered, unfiltered = (Output(exact(unfiltered=share)).under(mixed, 10.0).rises for share in (0.0, 1.0))
    assert len(filtered) > 50
    late = [b - a for a, b in zip(filtered, unfiltered, strict=False)]
    assert 0.0 <= min(late) <= max(late) <= 0.01 + 1e-9


def test_what_the_phases_had_gathered_brings_the_next_pulse_sooner() -> None:
    empty, full = (
        Output(exact(quantum_wh=0.5, phase_remainders=shares)).under(SECOND, 60.0).rises
        for shares in ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5))
    )
    assert full[0] == pytest.approx(empty[0] - 0.75)  # half of three times 0.5 Wh at 3600 W


# ---------------------------------------------------------------- optical port


def test_it_answers_once_it_has_started_and_only_while_it_has_voltage() -> None:
    meter = Output(exact(start_up_s=1.0)).meter
    assert meter.readout(5.0) is None
    meter.set_load(10.0, VOLTAGE)
    assert meter.readout(10.9) is None
    answer = meter.readout(11.0)
    assert answer is not None
    assert answer[0] == "KAM 685-381-OK-50"
    assert "0.0(12345678)" in answer[1]
    assert "1.20(0000007*kWh)" in answer[1]
    meter.set_load(20.0, OFF)
    assert meter.readout(20.1) is None


def test_a_silent_port_never_answers_though_the_meter_counts() -> None:
    output = Output(exact(optical_silent=True)).under(SECOND, 60.0)
    assert output.meter.readout(60.0) is None
    assert len(output.rises) == 60


@pytest.mark.parametrize(("slip", "kwh"), [(0.0, 9), (0.25, 8), (-0.5, 11)])
def test_the_register_steps_each_1000_pulses_or_as_the_slip_says(slip: float, kwh: int) -> None:
    output = Output(exact(register_slip=slip)).under(SECOND, 2100.0)
    answer = output.meter.readout(2100.0)
    assert answer is not None
    assert f"1.20({kwh:07}*kWh)" in answer[1]
    assert f"1.20.1({kwh:07}*kWh)" in answer[1]
    assert "1.20.2(0000000*kWh)" in answer[1]


# ---------------------------------------------------------------- a good production


def test_meters_drawn_from_a_seed_are_good_and_the_same_each_time() -> None:
    meters = [draw(METER, random.Random(seed)) for seed in range(500)]
    assert meters == [draw(METER, random.Random(seed)) for seed in range(500)]
    gains = [sum(each.gain_percent) / 3 for each in meters]
    spread = (sum(g * g for g in gains) / len(gains) - (sum(gains) / len(gains)) ** 2) ** 0.5
    assert sum(gains) / len(gains) == pytest.approx(0.05, abs=0.03)
    assert spread == pytest.approx(GAIN_SCATTER_PERCENT, rel=0.15)
    for each in meters:
        assert max(abs(gain) for gain in each.gain_percent) < 0.8  # class 1, with room for the bench's uncertainty
        assert 29.0 < each.width_ms < 31.0
        assert 0.0 < each.starting_w < 0.004 * 5 * 690
        assert 0 <= each.watt_hours < 1000


# ---------------------------------------------------------------- display and port


@pytest.mark.parametrize(("slip", "kwh"), [(0.0, 8), (-0.03, 9), (1.0, 7)])
def test_kilowatt_hours_that_slip_stand_on_the_display_as_the_port_tells_them(slip: float, kwh: int) -> None:
    """7 kWh, 990 Wh and 1000 pulses: 1990 Wh that are 2051 for a register 3 % too fast, 995 for one at half the pace."""
    meter = Output(exact(watt_hours=990, register_slip=slip)).under(SECOND, 1000.0).meter
    readout = meter.readout(1000.0)
    assert readout is not None
    assert f"1.20({kwh:07}*kWh)" in readout[1]
    assert meter.look(1000.0).picture.text == f"{kwh:07} kWh"


def test_tariff_registers_that_slip_stand_on_their_pages_as_the_port_tells_them() -> None:
    """All 7 kWh are of T1, and 995 Wh of 1990 for a register at half the pace; T2 stands at nothing."""
    physics = replace(exact(watt_hours=990, register_slip=1.0), meter=TypeNumber.parse("685-381-EK-50"))
    meter = Output(physics).under(SECOND, 1000.0).meter
    shown = []
    for k in range(3):
        shown.append(meter.look(1001.0 + k).picture)
        meter.press(1001.0 + k)
    readout = meter.readout(1004.0)
    assert readout is not None
    for picture, code in zip(shown, ("1.20", "1.20.1", "1.20.2"), strict=True):
        assert f"{code}({picture.digits.strip()}*kWh)" in readout[1]
    assert [picture.digits.strip() for picture in shown] == ["0000007", "0000007", "0000000"]


def test_a_display_that_shows_other_kilowatt_hours_than_the_port_tells_is_a_fault_of_its_own() -> None:
    meter = Output(exact(shown_off_kwh=5)).under(SECOND, 100.0).meter
    assert meter.look(100.0).picture.text == "0000012 kWh"
