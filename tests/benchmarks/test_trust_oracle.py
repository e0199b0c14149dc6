"""The oracle that the bench is trusted by: its limits against the bench's own, its figures against values worked by hand."""

from __future__ import annotations

import math
import random

import pytest

from bench.norms import EDITION, EDITIONS, error_limit
from bench.profile import STANDARD
from bench.sequences import sequence_named
from benchmarks.trusted import bench_faults, escapes, limits, production, result, sizes, truth
from benchmarks.trusted.chances import Share, binomial_until, quantile, share
from benchmarks.trusted.critical import CRITICAL
from benchmarks.trusted.guard_band import Guarded, overkill
from benchmarks.trusted.points_alone import accuracy_points
from benchmarks.trusted.production import Placed, make
from drivers.load import symmetrical
from drivers.simulated.faults import CATALOGUE, parse_fault
from drivers.simulated.faults.metrology import METROLOGY
from drivers.simulated.faults.parse import seconds
from drivers.simulated.meter import SimulatedMeter
from drivers.simulated.physics import draw
from reference_meter import TypeNumber

TYPES = [f"685-{phases}8{accuracy}-OK-50" for phases in (1, 2, 3) for accuracy in (1, 2)]
POINTS = ("accuracy-imax", "accuracy-ib", "accuracy-ib-pf0.5", "accuracy-ib-l2", "accuracy-0.05ib")


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("step", [*POINTS, "accuracy-0.1ib", "accuracy-0.1ib-pf0.5", "accuracy-0.2ib-pf0.5"])
def test_the_limits_typed_twice_are_the_same(kind: str, step: str) -> None:
    where = limits.point(step)
    single = where.phase is not None and kind[4] != "1"
    current = min(where.current_over_ib, 16.0)
    bench = error_limit(
        int(kind[6]), current, where.power_factor, inductive=where.power_factor < 1, single_phase_load=single
    )
    assert limits.limit_percent(kind, step) == bench.percent


def test_the_norm_limits_nothing_below_a_twentieth_of_ib_and_the_oracle_knows_no_other_words() -> None:
    with pytest.raises(ValueError, match=r"no limit for accuracy-0\.04ib of 685-381"):
        limits.limit_percent("685-381-OK-50", "accuracy-0.04ib")
    with pytest.raises(ValueError, match="names no load point"):
        limits.point("s0-pulses")


@pytest.mark.parametrize("kind", TYPES)
def test_the_oracle_and_the_end_of_line_test_name_the_same_points(kind: str) -> None:
    steps = accuracy_points(TypeNumber.parse(kind), STANDARD)
    assert {step.name for step in steps} == set(limits.points(kind))


@pytest.mark.parametrize(
    ("kind", "i_max"), [("685-381-OK-50", 80.0), ("685-182-OK-50", 80.0), ("685-321-OK-50", 120.0)]
)
def test_the_no_load_time_typed_twice_is_the_same(kind: str, i_max: float) -> None:
    bench = EDITIONS[EDITION].no_load_seconds(int(kind[6]), int(kind[4]), 230.0, 5.0, i_max)
    assert sizes.no_load_seconds(kind) == pytest.approx(bench)


def test_meters_are_drawn_as_wide_as_the_budget_says() -> None:
    assert STANDARD.quantum_wh == production.QUANTUM_WH
    assert STANDARD.edge_jitter_s == production.EDGE_JITTER_S


# ---------------------------------------------------------------- truth


@pytest.mark.parametrize(
    ("gains", "turns", "step", "error"),
    [
        ([0.3, 0.3, 0.3], [0.0, 0.0, 0.0], "accuracy-ib", 0.3),
        ([0.3, 0.6, 0.9], [0.0, 0.0, 0.0], "accuracy-imax", 0.6),  # a third each
        ([0.3, 0.6, 0.9], [0.0, 0.0, 0.0], "accuracy-ib-l2", 0.6),
        ([0.3, 0.6, 0.9], [0.0, 0.0, 0.0], "accuracy-ib-l3", 0.9),
        ([0.0], [1.0], "accuracy-ib", -0.00005),  # cos 1 mrad = 1 - 5e-7
        ([0.0], [1.0], "accuracy-ib-pf0.5", -0.17325508),  # less √3 mrad, less 5e-7
        ([0.0], [-1.0], "accuracy-ib-pf0.5", 0.17315508),
    ],
)
def test_the_true_error_worked_by_hand(gains: list[float], turns: list[float], step: str, error: float) -> None:
    assert truth.error_percent(gains, turns, limits.point(step)) == pytest.approx(error, abs=5e-8)


@pytest.mark.parametrize("tangent", [0.0, math.sqrt(3)])
def test_a_gain_put_in_for_an_error_gives_that_error(tangent: float) -> None:
    gain = truth.gain_for(1.07, 0.4, tangent)
    assert truth.element_error_percent(gain, 0.4, tangent) == pytest.approx(1.07, abs=1e-12)


@pytest.mark.parametrize("step", ["accuracy-ib", "accuracy-ib-pf0.5", "accuracy-ib-l2"])
def test_a_simulated_meter_does_what_the_oracle_says(step: str) -> None:
    where = limits.point(step)
    meter = TypeNumber.parse("685-381-OK-50")
    made = make(meter, Placed(1.3, step), ("accuracy-ib", step), 23.0, random.Random(4))
    rises: list[float] = []
    simulated = SimulatedMeter(made.physics, random.Random(1), lambda time, up: rises.append(time) if up else None)
    amperes = [40.0 if where.phase in (None, k) else 0.0 for k in range(3)]
    load = symmetrical(230.0, (amperes[0], amperes[1], amperes[2]), math.degrees(math.acos(where.power_factor)))
    simulated.set_load(0.0, load)
    simulated.advance(600.0)
    seen = (len(rises) - 1) * 3600.0 / (load.total_power * (rises[-1] - rises[0])) * 100.0 - 100.0
    assert made.errors[step] == pytest.approx(1.3, abs=1e-9)
    assert seen == pytest.approx(1.3, abs=3e-3)


def test_a_room_inside_23_degrees_plus_or_minus_2_moves_no_meter_and_its_truth_is_stated_there() -> None:
    meter = TypeNumber.parse("685-381-OK-50")
    inside = [make(meter, Placed(0.4), POINTS, room, random.Random(7)) for room in (21.6, 23.0, 24.4)]
    assert all(each.physics.gain_percent == [0.4] * 3 for each in inside)
    warm = [make(meter, Placed(0.4), POINTS, 28.0, random.Random(seed)) for seed in range(300)]
    moved = [each.physics.gain_percent[0] - 0.4 for each in warm]
    assert 0.1 < max(moved) < 0.05 * 3.5  # % a K times K beyond 2
    assert -0.1 > min(moved) > -0.05 * 3.5
    assert all(each.errors["accuracy-ib"] == pytest.approx(0.4, abs=1e-12) for each in warm)
    half = limits.point("accuracy-ib-pf0.5")
    furthest = max(
        abs(truth.error_percent(each.physics.gain_percent, each.physics.phase_error_mrad, half) - 0.4) for each in warm
    )
    assert 0.14 < furthest < 0.07 * 3.5 + 1e-3


# ---------------------------------------------------------------- chances


def test_the_intervals_of_textbooks() -> None:
    ten = Share(1, 10, 10.0)  # Wilson and Clopper-Pearson for 1 of 10: Brown, Cai and DasGupta, Statist. Sci. 16 (2001)
    assert ten.wilson == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert ten.clopper_pearson == pytest.approx((0.0025, 0.4450), abs=1e-4)
    assert Share(0, 10, 10.0).clopper_pearson == pytest.approx((0.0, 0.3085), abs=1e-4)  # 1 - 0.025^(1/10)
    assert Share(10, 10, 10.0).clopper_pearson[1] == 1.0


def test_meters_that_all_stand_or_fall_with_their_bench_count_for_one_each_bench() -> None:
    assert share([(12, 12), (0, 12)] * 50).effective == pytest.approx(100, rel=0.02)
    assert share([(6, 12)] * 100).effective == 1200


def test_the_binomial_distribution_worked_by_hand() -> None:
    assert binomial_until(1, 4, 0.5) == pytest.approx(5 / 16)
    assert binomial_until(3, 4, 0.5) == pytest.approx(15 / 16)
    assert (quantile(0.5, 4, 0.5), quantile(0.95, 4, 0.5), quantile(0.01, 4, 0.5)) == (2, 4, 0)


# ---------------------------------------------------------------- what the guard band costs


def test_the_overkill_of_one_point_is_what_the_published_risk_table_says() -> None:
    """N(0.05, 0.30), limit 1 %, guard band U: 1.14 % of all at U = 0.2 %, 0.25 % at 0.1 % (global producer's risk, JCGM 106, 9.5)."""
    for u, expected in ((0.2, 1.14e-2), (0.1, 2.49e-3), (0.05, 8.39e-4)):
        predicted = overkill(0.05, 0.30, [Guarded(1.0, u)])
        assert predicted.fewest == pytest.approx(expected, rel=0.01)
        assert predicted.most == pytest.approx(predicted.fewest, rel=1e-6)


def test_points_that_err_apart_cost_more_than_points_that_err_together() -> None:
    three = overkill(0.05, 0.30, [Guarded(1.0, 0.1)] * 3)
    assert three.fewest == pytest.approx(overkill(0.05, 0.30, [Guarded(1.0, 0.1)]).fewest)
    assert three.fewest < three.most < 3 * three.fewest


# ---------------------------------------------------------------- critical sizes


def stated(step: str) -> float:
    return {"accuracy-ib": 0.08, "accuracy-ib-l2": 0.07}.get(step, 0.1)


def test_every_fault_of_a_meter_is_tried_on_every_type_that_can_have_it_and_the_others_have_their_reason() -> None:
    assert set(CRITICAL) == {
        name for name, fault in CATALOGUE.items() if fault.family == "meter" and fault.ends == "FAIL"
    }
    for name, each in CRITICAL.items():
        for kind in result.TYPES:
            values = each.values(kind, stated)
            assert bool(values) != cannot_have(kind, each.without), (name, kind)
            for value in values:
                placed = parse_fault(f"1:{name}={value}" if value else f"1:{name}", 12)
                placed.fault.put_into(draw(TypeNumber.parse(kind), random.Random(1)), placed.value)


def cannot_have(kind: str, reason: str) -> bool:
    return {"": False, "has one phase": kind[4] == "1", "has no three phases": kind[4] != "3"}[reason]


@pytest.mark.parametrize("kind", result.TYPES)
def test_every_step_that_must_find_a_fault_is_in_the_sequence_of_its_type(kind: str) -> None:
    for name, each in CRITICAL.items():
        fault = CATALOGUE[name]
        if fault.found_by in ("configuration", "module", "output-2", "pulse-input") or not each.values(kind, stated):
            continue
        names = {step.name for step in sequence_named(fault.sequence)(TypeNumber.parse(kind), STANDARD)}
        assert (each.step(kind) if each.step else fault.found_by) in names, name


def test_what_is_off_at_the_highest_current_alone_is_off_at_no_other_point() -> None:
    for kind in result.TYPES:
        meter = TypeNumber.parse(kind)
        rate = float(sizes.just_below_imax(kind)[1:-2])
        assert 0.9 < rate / (meter.phase_count * 230.0 * meter.i_max / 3600.0) < 1.0
    assert sizes.just_below_imax("685-381-OK-50") == "@15.00Hz"
    assert sizes.while_it_warms("685-381-OK-50") == "@90s"
    assert sizes.while_it_warms("685-321-OK-50") == "@60s"


def test_a_turn_that_is_critical_gives_the_critical_error() -> None:
    for size in (1.35, -1.35, 4.0, -9.6):
        assert truth.element_error_percent(0.0, sizes.turn_mrad(size), math.sqrt(3)) == pytest.approx(size, abs=1e-9)
    up, down = CRITICAL["phase-error-of-one"].values("685-381-OK-50", stated)
    assert up.startswith("L2-")
    alone = limits.point("accuracy-imax-pf0.5-l2")
    turns = [0.0, float(up.removeprefix("L2").removesuffix("mrad")), 0.0]
    assert truth.error_percent([0.0] * 3, turns, alone) == pytest.approx(1.25 * 2.0 + 0.1, abs=1e-5)
    assert down.startswith("L2+")


def test_no_three_meters_of_one_line_are_off_on_the_same_side() -> None:
    kind = "685-381-OK-50"
    line = escapes._Line(kind, kind, "eol", 12, "")
    faults = [CATALOGUE[name] for name in CRITICAL if not CATALOGUE[name].module]
    known = {(kind, step): stated(step) for step in limits.points(kind)}
    for tried in escapes._together(line, faults, known, quick=False):
        assert len(tried) < 12
        off = [each.value.lstrip("L123")[0] for each in tried if each.fault in METROLOGY and "%" in each.value]
        assert max(off.count("+"), off.count("-")) < 3


def test_an_error_is_critical_at_five_quarters_of_the_limit_and_u() -> None:
    assert CRITICAL["gain"].values("685-381-OK-50", stated) == ("+1.3300%", "-1.3300%")
    assert CRITICAL["gain"].values("685-382-OK-50", stated) == ("+2.5800%", "-2.5800%")
    assert CRITICAL["phase-gain"].values("685-281-OK-50", stated) == ("L2+2.5700%", "L2-2.5700%")
    assert CRITICAL["phase-gain"].values("685-181-OK-50", stated) == ()
    (creep,) = CRITICAL["creep"].values("685-381-OK-50", stated)
    assert float(creep.rstrip("W")) * 652.2 / 3600 == pytest.approx(2.01, abs=1e-3)


# ---------------------------------------------------------------- faults of fixture and bench


def test_each_fault_of_fixture_and_bench_is_tried_where_it_can_happen() -> None:
    for fault in CATALOGUE.values():
        if fault.family == "meter" and fault.ends == "FAIL":
            continue
        tasks = list(bench_faults._tasks(fault, 12, quick=False))
        assert len({task.seed for task in tasks}) == 12
        placed = [parse_fault(text, len(task.meters)) for task in tasks for text in task.faults]
        assert {fault.default, *fault.smallest} <= {each.value for each in placed} or fault.ends == "COMPLETE"
        (positions,) = {len(task.meters) for task in tasks}
        if fault.name == "slow-edge":
            assert positions <= 4, "a longer line has no scanning heads"
        elif fault.module:
            assert positions <= 2, "a longer line has no pins of modules"
        else:
            assert positions == 12
        if fault.name == "crossed-serials":
            assert all(task.scanned for task in tasks)
        if fault.name == "source-range-change":
            assert min(seconds(each) for each in placed) > 108.5, "a person is asked until then"
