"""What each step promises before anything runs: its limits and its times, for two meters and every module, worked by hand."""

from __future__ import annotations

import pytest

from bench.influences import VOLTAGE
from bench.measurements import limit_in_words
from bench.profile import STANDARD, Profile
from bench.steps import Sequence, Step
from drivers.configuration_fields import FIELDS
from reference_meter import TypeNumber
from sequences.acceptance import AccuracyTest, acceptance
from sequences.accuracy import Accuracy
from sequences.arrow_key import seconds_to_hold
from sequences.audit import Variation, audit
from sequences.configuration import Configuration
from sequences.eol import end_of_line, end_of_line_short
from sequences.golden import golden
from sequences.logic import logic
from sequences.module import module_test
from sequences.output_2 import output_2
from sequences.parking import Parking
from sequences.pulse_input import pulse_input

FAST = TypeNumber.parse("685-381-RK-50")
"""Class 1, three phases of 80 A: 55.2 kW and 65.217 ms a pulse at Imax; 13.8 W and 260.87 s at the starting current."""
SLOW = TypeNumber.parse("685-162-OK-50")
"""Class 2, one phase of 60 A: 13.8 kW and 260.87 ms a pulse at Imax; 11.5 W and 313.04 s at the starting current."""
PULSES = {"missing pulses": "at most 0", "double pulses": "at most 0"}

LIMITS: dict[str, dict[str, str]] = {
    "sign-on": {"type": "685-381-RK-50", "reaction": "at most 1.6 s", "memory": "no contradiction"},
    "display": {"reading": "as read", "display test": "all lit"},
    "label-and-seals": {"label": "as ordered", "seals": "whole"},
    "s0-wiring": {"S0 input carries": "its own meter", "optical head reads": "its own meter"},
    "connections": {"connections": "right"},
    "register": {
        "pulses to first step": "at most 1000",
        "before the next step": "one step",
        "after the next step": "two steps",
        "kWh register": "follows the pulses",
        "tariff registers": "follow the total",
        "finest register": "follows the pulses",
        "actual power": "agrees",
    },
    "s0-pulses": {
        "mean width": "27 to 33 ms, guarded",
        "widths outside in 100": "at most 0, marginal to 1",
        "shortest pause": "at least 30 ms",
        **PULSES,
    },
    "s0-diode": {"missing": "at most 0", "without an S0 pulse": "at most 0"},
    "output-2": {
        "mean width": "54 to 66 ms, guarded",
        "S0 pulses between two": "1000 to 1000",
        "pulses": "one with each kWh",
    },
    "module": {
        "meter": "the one under the optical head",
        "registers vs optical head": "agree",
        "total vs reference meter": "agrees",
        "native vs optical head": "agree",
    },
    **{
        name: {
            "error": f"±{error} %, guarded",
            **PULSES,
            "unexplained scatter": f"at most {scatter} %",
            "mean width": "27 to 33 ms, guarded",
            "widths outside": "at most 0, marginal to 1",
        }
        for name, error, scatter in (
            ("accuracy-imax", "1", "0.1"),
            ("accuracy-imax-pf0.5-l1", "2", "0.2"),
            ("accuracy-imax-pf0.5-l2", "2", "0.2"),
            ("accuracy-imax-pf0.5-l3", "2", "0.2"),
            ("accuracy-ib", "1", "0.1"),
            ("accuracy-ib-pf0.5", "1", "0.1"),
            ("accuracy-ib-l1", "2", "0.2"),
            ("accuracy-ib-l2", "2", "0.2"),
            ("accuracy-ib-l3", "2", "0.2"),
            ("accuracy-0.05ib", "1.5", "0.15"),
        )
    },
    "run-on-0.05ib": {},
    "single-phase-balance": {f"L{phase} − balanced": "±1.5 %, guarded" for phase in (1, 2, 3)},
    "parking": {},
    "starting": {"pulses": "at least 2", "longest wait": "at most 391.304 s", "mean width": "27 to 33 ms"},
    "no-load": {"pulses": "at most 1"},
    "pulse-input": {"register": "agrees"},
    "read-out": {
        "total vs reference meter": "agrees",
        "tariff registers": "agree",
        "pulses vs ref. meter": "agree",
        "native registers": "agree",
    },
    "power-cut": {},
    "memory": {
        "start-up": "functional",
        "total": "kept",
        "tariff registers": "kept",
        "hours": "kept",
        "numbers": "kept",
        "trip counter loses": "0 to 1000 Wh",
        "memory": "no contradiction",
    },
}
"""What eol judges at FAST; the rest is noted."""

SECONDS = {
    # on a meter that works, and the longest; T is the pulse period at Imax, 0.0652174 s
    "sign-on": (15.0, 15.0),  # 5 s until it is functional, 10 s of readouts
    "display": (60.0, 60.0),
    "label-and-seals": (30.0, 30.0),
    "s0-wiring": (46.513, 46.513),  # 4 (3.5 T + 0.1 + 1.3 + 10)
    "connections": (0.3935, 2.3935),  # 4.5 T + 0.1
    "register": (176.957, 176.957),  # 2000 T 1.05 + 40
    "s0-pulses": (36.239, 121.391),  # 500 T 1.05 + 2; 500 T 1.2 + 2 and 1000 T 1.2 + 2
    "s0-diode": (36.239, 36.239),
    "output-2": (141.957, 141.957),  # 2000 T 1.05 + 5
    "module": (30.0, 30.0),
    "accuracy-imax": (2.4793, 3.7120),  # (1 + 6) T 1.05 + 2, (1 + 24) T 1.05 + 2
    "accuracy-imax-pf0.5-l1": (7.7522, 23.7761),  # T = 0.391304 s, 13 and 52 periods
    "accuracy-imax-pf0.5-l2": (7.7522, 23.7761),
    "accuracy-imax-pf0.5-l3": (7.7522, 23.7761),
    "accuracy-ib": (8.5739, 25.009),  # T = 1.04348 s, 5 and 20 periods
    "accuracy-ib-pf0.5": (15.148, 48.017),
    "accuracy-ib-l1": (21.722, 71.026),  # T = 3.13043 s
    "accuracy-ib-l2": (21.722, 71.026),
    "accuracy-ib-l3": (21.722, 71.026),
    "run-on-0.05ib": (2.572, 2.572),  # most of a pulse at the point before, T = 3.13043 s
    "accuracy-0.05ib": (89.652, 286.870),  # T = 20.8696 s, 3 and 12 periods
    "single-phase-balance": (0.0, 0.0),
    "parking": (9.0, 216.0),  # twelve positions, twice
    "starting": (267.391, 782.609),  # (2 − 0.975) and 2 · 1.5 periods of 260.87 s
    "no-load": (652.174, 652.174),
    "pulse-input": (27.66, 27.66),  # two readouts of 10 s, and 2.06 + 1.6 + 2 · 2.0 s of closures
    "read-out": (10.0, 10.0),
    "power-cut": (5.0, 5.0),
    "memory": (17.0, 34.0),
}


def judged(step: Step) -> dict[str, str]:
    """Every measurement with a limit, in words; what is guarded or marginal too."""
    found = {}
    for each in step.measurements():
        if each.informative:
            continue
        guarded = ", guarded" if each.guarded else ""
        marginal = "" if each.marginal_upper is None else f", marginal to {each.marginal_upper:g}"
        found[each.name] = limit_in_words(each) + guarded + marginal
    return found


def seconds(steps: list[Step]) -> dict[str, tuple[float, float]]:
    return {step.name: (step.duration(), step.longest()) for step in steps}


def test_the_limits_of_every_step_of_the_end_of_line_test() -> None:
    assert {step.name: judged(step) for step in end_of_line(FAST, STANDARD)} == LIMITS


def test_the_times_of_every_step_of_the_end_of_line_test() -> None:
    found = seconds(end_of_line(FAST, STANDARD))
    assert list(found) == list(SECONDS)
    for name, times in SECONDS.items():
        assert found[name] == pytest.approx(times, rel=1e-4), name


def test_what_a_meter_of_class_2_and_one_phase_has_otherwise() -> None:
    limits = {step.name: judged(step) for step in end_of_line(SLOW, STANDARD)}
    assert limits["starting"] == {
        "pulses": "at least 2",
        "longest wait": "at most 469.565 s",
        "mean width": "27 to 33 ms",
    }
    assert limits["accuracy-0.05ib"]["error"] == "±2.5 %, guarded"
    found = seconds(end_of_line(SLOW, STANDARD))
    assert found["register"][0] == pytest.approx(2000 * 0.260870 * 1.05 + 40, rel=1e-4)
    assert found["no-load"][0] == pytest.approx(2086.957, rel=1e-4)
    assert found["starting"] == pytest.approx((1.025 * 313.0435, 3 * 313.0435), rel=1e-4)


def test_the_limits_and_times_of_variations() -> None:
    steps = {step.name: step for step in audit(FAST, STANDARD)}
    found = steps["influence-u+10-ib"]
    assert judged(found) == {"variation": "±0.7 %, guarded", **PULSES}
    # 7 periods of 0.948617 s for a seventh of what 5 serve for 1 %, and one to find an edge
    assert found.duration() == pytest.approx(8 * 0.948617 * 1.05 + 2.0, rel=1e-4)


def test_the_titles_of_accuracy_points() -> None:
    titles = [step.title for step in end_of_line(FAST, STANDARD) if step.name.startswith("accuracy")]
    assert titles == [
        "Accuracy Imax",
        *(f"Accuracy Imax PF 0.5 ind L{phase}" for phase in (1, 2, 3)),
        "Accuracy Ib",
        "Accuracy Ib PF 0.5 ind",
        *(f"Accuracy Ib L{phase}" for phase in (1, 2, 3)),
        "Accuracy 0.05 Ib",
    ]


def test_a_plan_without_corrections_has_no_uncertainty_of_them() -> None:
    step = Accuracy(FAST, STANDARD, 5.0, "Ib")
    assert step.planned_budget(0.05, 0.02, 0.2).correction == 0.0
    assert step.planned_budget(0.05, 0.02, 0.2, 0.01).correction == 0.01
    assert Variation(FAST, STANDARD, step, VOLTAGE[0]).planned_budget(0.05, 0.02, 0.2).correction == 0.0
    assert AccuracyTest(FAST, STANDARD, 5.0, "Ib").title == "No 0 Accuracy Ib"


def test_a_screening_takes_a_tenth_and_wants_no_pulse_without_load_and_one_at_the_starting_current() -> None:
    steps = {step.name: step for step in end_of_line_short(FAST, STANDARD)}
    assert judged(steps["no-load-screen"]) == {"pulses": "at most 0"}
    assert judged(steps["starting-screen"]) == {"pulses": "at least 1", "time": "at most 39.1304 s"}
    found = seconds(list(steps.values()))
    assert found["no-load-screen"] == pytest.approx((65.2174, 65.2174), rel=1e-4)
    assert found["starting-screen"] == pytest.approx((26.0870, 39.1304), rel=1e-4)
    assert found["parking"] == (9.0, 216.0)
    assert isinstance(steps["parking"], Parking)
    assert steps["parking"].for_screening


def test_without_parking_the_starting_test_takes_whole_periods() -> None:
    (step,) = (each for each in acceptance(FAST, STANDARD) if each.name == "starting")
    assert (step.duration(), step.longest()) == pytest.approx((521.739, 782.609), rel=1e-4)


MODULE_SECONDS = {
    "SK": (3.5652, 3.5652),  # 20 pulses, a fifth more, and 2 s
    "RK": (30.0, 30.0),
    "QR": (10.0, 10.0),
    "MK": (30.0, 30.0),
    "EK": (180.957, 180.957),  # 2 (2 + 1000 T 1.05 + 20)
    "HK": (585.2, 1965.2),  # 12 (15 + 20) or 12 (70 + 20 + 60), a call by the key 135.2 s, 30 s
    "WK": (180.957, 180.957),
    "FK": (240.957, 240.957),  # four on one loop and two more readouts, 60 s, before the tariffs
    "YN": (390.0, 1590.0),  # 12 times 30 or 130 s, and 30 s
    "PO": (10.0, 10.0),
    "IK": (30.0, 30.0),
}


@pytest.mark.parametrize("code", MODULE_SECONDS)
def test_the_time_of_every_module(code: str) -> None:
    (step,) = module_test(TypeNumber.parse(f"685-381-{code}-50"), STANDARD)
    assert (step.duration(), step.longest()) == pytest.approx(MODULE_SECONDS[code], rel=1e-4)


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("SK", {"pulses": "at least 20", "supply voltage": "present"}),
        ("EK", {"tariff 2 asked for": "T2 counts", "tariff 1 asked for": "T1 counts"}),
        (
            "MK",
            {
                "meter": "the one under the optical head",
                "registers vs optical head": "agree",
                "total vs reference meter": "agrees",
                "actual power": "±5 %",
            },
        ),
        ("QR", {"type": "685-381-QR-50", "total vs reference meter": "agrees", "tariff registers": "agree"}),
    ],
)
def test_the_limits_of_modules(code: str, limits: dict[str, str]) -> None:
    (step,) = module_test(TypeNumber.parse(f"685-381-{code}-50"), STANDARD)
    assert judged(step) == limits


def test_the_key_is_pressed_once_in_0_8_s_and_held_for_6_5_two_minutes_after_it_was_last() -> None:
    assert seconds_to_hold(0) == pytest.approx(121.0 + 6.5 + 0.5)
    assert seconds_to_hold(9) == pytest.approx(9 * 0.8 + 128.0)


def test_an_output_2_that_repeats_s0_and_a_quick_input_are_as_ordered() -> None:
    ordered = Profile(output_2=1000, input_mode="quick")
    (repeated,) = output_2(FAST, ordered)
    assert judged(repeated) == {
        "missing": "at most 0",
        "without an S0 pulse": "at most 0",
        "mean width": "27 to 33 ms, guarded",
    }
    assert repeated.duration() == pytest.approx(36.239, rel=1e-4)
    (closures,) = pulse_input(FAST, ordered)
    assert closures.duration() == pytest.approx(20 + 0.16 + 0.07 + 1.0)


def test_a_configuration_takes_a_login_and_each_field_twice() -> None:
    step = Configuration(FAST, STANDARD)
    assert (step.duration(), step.longest()) == (1.0 + 2 * len(FIELDS), 2.5 * (1 + 2 * len(FIELDS)))


def test_the_two_hours_of_the_logic_test() -> None:
    minutes = {"first-hour": 61, "plateau": 31, "between": 16, "burst": 7, "last": 7}
    found = seconds(logic(SLOW, STANDARD))
    assert {name: found[f"stretch-{name}"][0] for name in minutes} == {
        name: 60.0 * each + 10.0 for name, each in minutes.items()
    }
    assert found["hours-and-peak"] == (10.0, 10.0)
    assert [step.title for step in logic(SLOW, STANDARD)][2:4] == ["61 min without current", "31 min at 0.5 Imax"]


def test_a_look_into_the_journal_takes_a_second() -> None:
    assert seconds(golden(SLOW, STANDARD))["known-meter"] == (1.0, 1.0)


def test_the_tests_of_the_norm_bear_its_numbers() -> None:
    found = {
        step.title.split(" ")[1]: step
        for step in acceptance(TypeNumber.parse("685-281-OK-50"), STANDARD)
        if step.title.startswith("No ")
    }
    assert list(found) == ["1", "11", "10", "9", "5", "6", "7", "8", "4", "3", "2"]
    loads = {number: step.load for number, step in found.items() if step.load is not None}
    assert {number: load.largest_current for number, load in loads.items()} == pytest.approx(
        {"10": 80.0, "9": 80.0, "5": 5.0, "6": 5.0, "7": 5.0, "8": 5.0, "4": 0.25, "3": 0.02, "2": 0.0}
    )
    assert loads["6"].total_power == pytest.approx(loads["5"].total_power / 2)
    assert not [step for step in acceptance(SLOW, STANDARD) if step.title.startswith(("No 7", "No 8"))]
    assert found["1"].duration() == 0.0


@pytest.mark.parametrize(("voltage", "said"), [(1.1, False), (1.15, True)])
def test_a_no_load_test_above_253_v_says_so(voltage: float, said: bool) -> None:
    edition = "IEC 62052-11:2020"
    (step,) = (
        each for each in end_of_line(FAST, Profile(edition=edition, no_load_voltage=voltage)) if each.name == "no-load"
    )
    words = "115 % Un (264.5 V) is above the data sheet's 253 V (Un + 10 %), as the norm asks" if said else ""
    assert step.remark() == words


@pytest.mark.parametrize("sequence", [end_of_line, audit], ids=["eol", "audit"])
def test_the_guard_rule_of_the_profile_guards_every_limit_that_an_uncertainty_guards(sequence: Sequence) -> None:
    steps = sequence(FAST, Profile(name="wide", guard_rule="1.5U"))
    guarded = [each for step in steps for each in step.measurements() if each.guarded]
    assert {each.name for each in guarded} > {"error"}
    assert {each.guard_factor for each in guarded} == {1.5}
