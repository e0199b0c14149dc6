"""The end-of-line test of every electrical type of the 382, step by step, before anything is switched on."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bench.plan import SMALLEST_I_MAX, Plan, make_plan
from bench.plan_text import plan_text
from bench.profile import STANDARD, Profile
from bench.steps import Step
from drivers.power_source import Capabilities
from reference_meter import TypeNumber
from reference_meter.modules import MODULES
from sequences.accuracy import Accuracy
from sequences.eol import end_of_line, end_of_line_short
from sequences.no_load import NoLoad
from sequences.register import RegisterAgainstPulses
from sequences.s0_pulses import S0Pulses
from sequences.s0_wiring import S0Wiring
from sequences.sign_on import SignOn
from sequences.starting import Starting

TYPES = [
    TypeNumber.parse(f"685-{phases}{current}{accuracy}-OK-50")
    for phases, current, accuracy in product("123", "8126", "12")
]
"""All 24 electrical types; current range 9 is range 1 with other terminals."""

BY_HAND = {
    # starting current mA, its power W and pulse period s; no-load s; largest power kW and its pulse period ms
    "181": (20, 4.60, 782.6, 1957, 18.40, 195.65),
    "182": (25, 5.75, 626.1, 1565, 18.40, 195.65),
    "111": (20, 4.60, 782.6, 1565, 23.00, 156.52),
    "112": (25, 5.75, 626.1, 1252, 23.00, 156.52),
    "121": (20, 4.60, 782.6, 1304, 27.60, 130.43),
    "122": (25, 5.75, 626.1, 1043, 27.60, 130.43),
    "161": (40, 9.20, 391.3, 2609, 13.80, 260.87),
    "162": (50, 11.50, 313.0, 2087, 13.80, 260.87),
    "281": (20, 9.20, 391.3, 978, 36.80, 97.83),
    "282": (25, 11.50, 313.0, 783, 36.80, 97.83),
    "211": (20, 9.20, 391.3, 783, 46.00, 78.26),
    "212": (25, 11.50, 313.0, 626, 46.00, 78.26),
    "221": (20, 9.20, 391.3, 652, 55.20, 65.22),
    "222": (25, 11.50, 313.0, 522, 55.20, 65.22),
    "261": (40, 18.40, 195.7, 1304, 27.60, 130.43),
    "262": (50, 23.00, 156.5, 1043, 27.60, 130.43),
    "381": (20, 13.80, 260.9, 652, 55.20, 65.22),
    "382": (25, 17.25, 208.7, 522, 55.20, 65.22),
    "311": (20, 13.80, 260.9, 522, 69.00, 52.17),
    "312": (25, 17.25, 208.7, 417, 69.00, 52.17),
    "321": (20, 13.80, 260.9, 435, 82.80, 43.48),
    "322": (25, 17.25, 208.7, 348, 82.80, 43.48),
    "361": (40, 27.60, 130.4, 870, 41.40, 86.96),
    "362": (50, 34.50, 104.3, 696, 41.40, 86.96),
}
"""Worked by hand from Un 230 V, Ib, Imax, phases and class: 0.004 or 0.005 Ib; 600e6 or 480e6 / (k m Un Imax) minutes."""

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
    inductive = [name.replace("ib", "imax-pf0.5") for name in phases]
    balance = ["single-phase-balance"] if meter.phase_count > 1 else []
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
        *inductive,
        "accuracy-ib",
        "accuracy-ib-pf0.5",
        *phases,
        "run-on-0.05ib",
        "accuracy-0.05ib",
        *balance,
        "parking",
        "starting",
        "no-load",
        "read-out",
        "power-cut",
        "memory",
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
        wanted.update({f"accuracy-imax-pf0.5-{phase.lower()}": 115.0 * i_max for phase in meter.phases})
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
@pytest.mark.parametrize("current", ["Ib", "Imax"])
def test_each_phase_alone_carries_the_current_with_all_voltages_applied(meter: TypeNumber, current: str) -> None:
    alone = [step for step in steps(meter) if isinstance(step, Accuracy) and step.only and step.point == current]
    assert [step.only for step in alone] == (list(meter.phases) if meter.phase_count > 1 else [])
    amperes = meter.i_b if current == "Ib" else meter.i_max
    for k, step in enumerate(alone):
        assert [round(abs(i), 9) for i in step.load.i] == [amperes if j == k else 0.0 for j in range(3)]
        assert all(step.load.u[: meter.phase_count])


@every_type
def test_starting_no_load_and_imax_are_those_worked_by_hand(meter: TypeNumber) -> None:
    i_st, p_st, t_st, no_load_s, p_max, t_max = BY_HAND[str(meter)[4:7]]
    starting, idle, register = the(Starting, meter), the(NoLoad, meter), the(RegisterAgainstPulses, meter)
    assert starting.load is not None
    assert idle.load is not None
    assert register.load is not None
    assert starting.load.largest_current == pytest.approx(i_st / 1000)
    assert starting.load.total_power == pytest.approx(p_st)
    assert starting.longest() == pytest.approx(2 * 1.5 * t_st, abs=0.2)
    assert starting.duration() == pytest.approx(1.025 * t_st, abs=0.1)
    assert round(idle.duration()) == no_load_s
    assert abs(idle.load.u[0]) == pytest.approx(264.5)
    assert not idle.load.has_current
    assert register.load.total_power == pytest.approx(1000 * p_max)
    assert 3600.0 / register.load.total_power == pytest.approx(t_max / 1000, abs=6e-6)


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


def test_every_type_with_every_module_has_a_plan_of_its_own() -> None:
    meters = [replace(meter, module=module) for meter in TYPES for module in MODULES]
    plans = [plan(meter) for meter in meters]
    assert len({each.hash for each in plans}) == len(plans) == 24 * len(MODULES)
    for each in plans:
        assert ("module" in [step.name for step in each.steps]) == (each.meter.module != "OK")


@every_type
def test_the_short_form_screens_no_load_and_starting_and_is_else_the_same(meter: TypeNumber) -> None:
    whole = [step.name for step in plan(meter).steps]
    short = make_plan("eol-short", end_of_line_short, meter, STANDARD)
    names = [step.name for step in short.steps]
    place = whole.index("starting")
    assert names == [*whole[:place], "no-load-screen", "starting-screen", *whole[place + 2 :]]
    *_, no_load_s, _, _ = BY_HAND[str(meter)[4:7]]
    (screen,) = (step for step in short.steps if step.name == "no-load-screen")
    assert screen.duration() == pytest.approx(0.1 * no_load_s, rel=1e-3)
    assert short.screens == (
        "no-load over the whole time of the norm",
        "starting: that the meter continues to register",
    )
    assert plan(meter).screens == ()


def test_a_screening_whose_meters_cannot_be_parked_is_refused_and_the_whole_test_goes_without() -> None:
    meter = TypeNumber.parse("685-381-OK-50")
    wanted = (
        "no-load-screen needs what parking found; left out: Parking before a pulse, no bypass contactor at position 2"
    )
    with pytest.raises(ValueError, match=wanted):
        make_plan("eol-short", end_of_line_short, meter, STANDARD, without_bypass=(2,))
    whole = make_plan("eol", end_of_line, meter, STANDARD, without_bypass=(2,))
    assert [each.name for each in whole.left_out] == ["s0-wiring", "parking"]


@pytest.mark.parametrize(
    ("edition", "voltage", "minutes", "remark"),
    [
        (
            "IEC 62053-21:2003",
            1.15,
            10.87,
            "115 % Un (264.5 V) is above the data sheet's 253 V (Un + 10 %), as the norm asks",
        ),
        (
            "EN 50470-3:2006",
            1.15,
            15.12,
            "115 % Un (264.5 V) is above the data sheet's 253 V (Un + 10 %), as the norm asks",
        ),
        ("IEC 62052-11:2020", 1.10, 15.81, ""),
    ],
)
def test_the_edition_of_the_profile_decides_time_and_voltage_of_no_load(
    edition: str, voltage: float, minutes: float, remark: str
) -> None:
    meter, profile = TypeNumber.parse("685-381-OK-50"), Profile(edition=edition, no_load_voltage=voltage)
    step = NoLoad(meter, profile)
    assert step.duration() / 60 == pytest.approx(minutes, abs=0.005)
    assert step.remark() == remark
    asked = [each for each in Starting(meter, profile).measurements() if each.name in ("pulses", "longest wait")]
    assert all(edition in each.source for each in (*step.measurements(), *asked))
    text = plan_text(make_plan("eol", end_of_line, meter, profile))
    assert ("note: No-load: " in text) == bool(remark)
    assert remark in text


@every_type
def test_a_person_is_asked_on_voltage_alone_and_nothing_flows_after_the_final_read_out(meter: TypeNumber) -> None:
    asking = [stage for stage in plan(meter).stages if any(step.asks() for step in stage.steps)]
    assert [step.name for stage in asking for step in stage.steps] == ["display", "label-and-seals"]
    for stage in asking:
        assert not stage.load.has_current
        assert any(stage.load.u)
    names = [step.name for step in plan(meter).steps]
    assert names[-3:] == ["read-out", "power-cut", "memory"]
    assert not any(stage.load.has_current for stage in plan(meter).stages[-3:])
