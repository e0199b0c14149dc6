"""The end-of-line test of every electrical type of the 382, step by step, before anything is switched on."""

from __future__ import annotations

from itertools import product

import pytest

from bench.plan import Plan, make_plan
from bench.profile import STANDARD, Profile
from bench.runner import SMALLEST_I_MAX
from bench.steps import Step
from drivers.power_source import Capabilities
from reference_meter import TypeNumber
from sequences.accuracy import Accuracy
from sequences.eol import end_of_line
from sequences.no_load import NoLoad
from sequences.s0_pulses import S0Pulses
from sequences.s0_wiring import S0Wiring
from sequences.sign_on import SignOn
from sequences.starting import Starting

TYPES = [
    TypeNumber.parse(f"685-{phases}{current}{accuracy}-OK-50")
    for phases, current, accuracy in product("123", "8126", "12")
]
"""All 24 electrical types; current range 9 is range 1 with other terminals."""

every_type = pytest.mark.parametrize("meter", TYPES, ids=str)


def steps(meter: TypeNumber) -> list[Step]:
    return end_of_line(meter, STANDARD)


def the(kind: type[Step], meter: TypeNumber) -> Step:
    (found,) = (step for step in steps(meter) if type(step) is kind)
    return found


def plan(meter: TypeNumber, profile: Profile = STANDARD) -> Plan:
    return make_plan("eol", end_of_line, meter, profile)


@every_type
def test_the_steps_and_their_order(meter: TypeNumber) -> None:
    phases = [f"accuracy-ib-{phase.lower()}" for phase in meter.phases] if meter.phase_count > 1 else []
    assert [step.name for step in steps(meter)] == [
        "sign-on",
        "display",
        "label-and-seals",
        "s0-wiring",
        "connections",
        "register",
        "s0-pulses",
        "s0-diode",
        "accuracy-imax",
        "accuracy-ib",
        "accuracy-ib-pf0.5",
        *phases,
        "accuracy-0.05ib",
        "starting",
        "no-load",
        "read-out",
    ]


@every_type
def test_no_step_ever_asks_for_more_than_imax_nor_for_a_phase_the_meter_has_not(meter: TypeNumber) -> None:
    for stage in plan(meter).stages:
        assert stage.load.largest_current <= meter.i_max * (1 + 1e-12)
        assert not any(stage.load.u[meter.phase_count :])
        assert not any(stage.load.i[meter.phase_count :])


@every_type
def test_sign_on_is_a_gate_without_current_and_the_first_stage(meter: TypeNumber) -> None:
    first = plan(meter).stages[0]
    assert [type(step) for step in first.steps] == [SignOn]
    assert first.gate
    assert not first.load.has_current
    assert all(abs(u) == pytest.approx(230.0) for u in first.load.u[: meter.phase_count])


@every_type
def test_before_a_meter_has_said_what_it_is_no_current_above_60_a_flows(meter: TypeNumber) -> None:
    for stage in plan(meter).stages:
        if stage.gate and any(isinstance(step, SignOn) for step in stage.steps):
            break
        assert stage.load.largest_current <= SMALLEST_I_MAX
    else:
        pytest.fail("sign-on is no gate")


@every_type
def test_the_loads_of_the_accuracy_points(meter: TypeNumber) -> None:
    m, i_b, i_max = meter.phase_count, meter.i_b, meter.i_max
    watts = {step.name: step.load.total_power for step in steps(meter) if isinstance(step, Accuracy)}
    wanted = {
        "accuracy-imax": m * 230.0 * i_max,
        "accuracy-ib": m * 230.0 * i_b,
        "accuracy-ib-pf0.5": m * 115.0 * i_b,
        "accuracy-0.05ib": m * 11.5 * i_b,
    }
    if m > 1:
        wanted.update({f"accuracy-ib-{phase.lower()}": 230.0 * i_b for phase in meter.phases})
    assert watts == pytest.approx(wanted)


@every_type
def test_the_limits_of_the_accuracy_points(meter: TypeNumber) -> None:
    limits = {step.name: step.limit.percent for step in steps(meter) if isinstance(step, Accuracy)}
    widest = {1: 1.5, 2: 2.5}[meter.accuracy_class]
    one_phase = {1: 2.0, 2: 3.0}[meter.accuracy_class]
    for name, percent in limits.items():
        if name == "accuracy-0.05ib":
            assert percent == widest
        elif name[-3:] in ("-l1", "-l2", "-l3"):
            assert percent == one_phase
        else:
            assert percent == float(meter.accuracy_class)


@every_type
def test_each_phase_alone_carries_ib_with_all_voltages_applied(meter: TypeNumber) -> None:
    alone = [step for step in steps(meter) if isinstance(step, Accuracy) and step.only]
    assert [step.only for step in alone] == (list(meter.phases) if meter.phase_count > 1 else [])
    for k, step in enumerate(alone):
        assert [round(abs(i), 9) for i in step.load.i] == [meter.i_b if j == k else 0.0 for j in range(3)]
        assert all(step.load.u[: meter.phase_count])


@every_type
def test_starting_and_no_load_have_the_current_the_voltage_and_the_time_of_the_norm(meter: TypeNumber) -> None:
    starting, idle = the(Starting, meter), the(NoLoad, meter)
    assert starting.load is not None
    assert starting.load.largest_current == pytest.approx(meter.i_b * {1: 0.004, 2: 0.005}[meter.accuracy_class])
    assert starting.duration() == pytest.approx(2 * 1.5 * 3600.0 / starting.load.total_power)
    assert idle.load is not None
    assert abs(idle.load.u[0]) == pytest.approx(264.5)
    assert not idle.load.has_current
    minutes = {1: 600e6, 2: 480e6}[meter.accuracy_class] / (1000 * meter.phase_count * 230 * meter.i_max)
    assert idle.duration() == pytest.approx(60 * minutes)


@every_type
def test_the_pulses_are_watched_at_imax_beside_the_register_and_no_gate_is_missed(meter: TypeNumber) -> None:
    stages = plan(meter).stages
    (fast,) = (stage for stage in stages if any(isinstance(step, S0Pulses) for step in stage.steps))
    assert [step.name for step in fast.steps] == ["register", "s0-pulses", "s0-diode"]
    assert fast.load.largest_current == pytest.approx(meter.i_max)
    assert [step.name for stage in stages for step in stage.steps if step.gate] == [
        "sign-on",
        "s0-wiring",
        "connections",
    ]
    assert isinstance(stages[3].steps[0], S0Wiring)


@every_type
def test_every_point_takes_five_periods_or_two_slow_ones_and_a_source_of_120_a_makes_all(meter: TypeNumber) -> None:
    for step in steps(meter):
        if isinstance(step, Accuracy):
            period = 3600.0 / step.load.total_power
            assert step.fewest_periods >= (2 if period > 15.0 else 5)
            assert step.duration() < step.longest()
    assert plan(meter).refusals(Capabilities()) == []


@every_type
def test_every_measurement_says_where_its_limit_comes_from(meter: TypeNumber) -> None:
    for step in steps(meter):
        names = [each.name for each in step.measurements()]
        assert len(set(names)) == len(names)
        for each in step.measurements():
            assert each.informative or each.source, f"{step.name}: {each.name}"


def test_a_profile_that_tightens_does_so_at_every_point() -> None:
    meter = TypeNumber.parse("685-381-OK-50")
    tight = end_of_line(meter, Profile(limit_factor=0.5))
    for step, other in zip(steps(meter), tight, strict=True):
        if isinstance(step, Accuracy) and isinstance(other, Accuracy):
            assert other.limit.percent == step.limit.percent / 2
            assert other.fewest_periods >= step.fewest_periods


def test_no_two_types_share_a_plan() -> None:
    assert len({plan(meter).hash for meter in TYPES}) == len(TYPES)


@every_type
def test_a_person_is_asked_on_voltage_alone_and_the_final_read_out_is_last(meter: TypeNumber) -> None:
    asking = [stage for stage in plan(meter).stages if any(step.asks() for step in stage.steps)]
    assert [step.name for stage in asking for step in stage.steps] == ["display", "label-and-seals"]
    for stage in asking:
        assert not stage.load.has_current
        assert any(stage.load.u)
    assert plan(meter).steps[-1].name == "read-out"
