"""Plans: stages, riding along, gates, refusals, and a hash that stands for everything that would be done."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.accuracy_points import TEST_POINTS
from bench.load_points import at, no_load, voltage_only
from bench.measurements import Declared, at_most, within
from bench.plan import Plan, make_plan
from bench.plan_text import plan_text
from bench.position import Position
from bench.profile import STANDARD, Profile
from bench.prompt import Choice, Prompt
from bench.sequences import sequence_named
from bench.station import PositionDescription, SourceDescription, StandardDescription, Station
from bench.steps import LineStep, OutOfCircuit, Sequence, Step
from bench.transformer import Transformer, TransformerPoint
from drivers.load import OFF, Load, symmetrical
from drivers.power_source import Capabilities
from reference_meter import TypeNumber

METER = TypeNumber.parse("685-381-OK-50")
IB, IMAX = at(METER, 5.0), at(METER, 80.0)


@dataclass(frozen=True)
class Look(Step):
    """A step that only says what it would do."""

    label: str
    wants: Load | None = IB
    seconds: float = 10.0
    declared: tuple[Declared, ...] = (within("error", -1.0, 1.0, "%", "norm", guarded=True),)

    @property
    def name(self) -> str:
        return self.label

    @property
    def title(self) -> str:
        return self.label.capitalize()

    @property
    def load(self) -> Load | None:
        return self.wants

    def measurements(self) -> tuple[Declared, ...]:
        return self.declared

    def duration(self) -> float:
        return self.seconds

    async def run(self, at: Position) -> None:
        raise AssertionError("a plan runs nothing")


class Asks(Look):
    """A step that asks a person."""

    def asks(self) -> tuple[Prompt, ...]:
        return (Prompt("look", "Is it so?", (Choice("yes", "yes"), Choice("no", "no"))),)


class Gate(Look):
    gate: ClassVar[bool] = True


@dataclass(frozen=True)
class LookAtAll(LineStep):
    """The same for the whole line."""

    @property
    def name(self) -> str:
        return "wiring"

    @property
    def title(self) -> str:
        return "Wiring"

    def measurements(self) -> tuple[Declared, ...]:
        return ()

    def duration(self) -> float:
        return 5.0

    async def run_line(self, positions: tuple[Position, ...], out_of_circuit: OutOfCircuit) -> None:
        raise AssertionError("a plan runs nothing")


def look(label: str, wants: Load | None = IB, seconds: float = 10.0) -> Look:
    return Look(METER, STANDARD, label, wants, seconds)


def planned(*steps: Step, only: str = "", name: str = "trial", profile: Profile = STANDARD) -> Plan:
    sequence: Sequence = lambda meter, given: list(steps)  # noqa: E731  # a sequence is a function
    return make_plan(name, sequence, METER, profile, only)


def shape(plan: Plan) -> list[list[str]]:
    return [[step.name for step in stage.steps] for stage in plan.stages]


# ---------------------------------------------------------------- stages


def test_a_step_that_takes_any_load_rides_with_the_one_before_it() -> None:
    plan = planned(look("ib"), look("optical", None), look("pulses", None), look("imax", IMAX))
    assert shape(plan) == [["ib", "optical", "pulses"], ["imax"]]
    assert [stage.load for stage in plan.stages] == [IB, IMAX]
    assert [step.name for step in plan.steps] == ["ib", "optical", "pulses", "imax"]


def test_steps_with_loads_of_their_own_never_share_a_stage_even_at_the_same_load() -> None:
    assert shape(planned(look("first"), look("second"))) == [["first"], ["second"]]


def test_nothing_rides_on_a_step_of_the_whole_line_and_it_rides_on_nothing() -> None:
    plan = planned(look("ib"), LookAtAll(METER, STANDARD), look("optical", None))
    assert shape(plan) == [["ib"], ["wiring"], ["optical"]]
    assert {stage.load for stage in plan.stages} == {IB}


def test_a_first_step_that_takes_any_load_gets_none() -> None:
    assert planned(look("optical", None)).stages[0].load == OFF


def test_a_stage_takes_as_long_as_its_slowest_step_and_is_given_up_a_fifth_and_5_s_later() -> None:
    (stage,) = planned(look("ib", seconds=10.0), look("optical", None, seconds=30.0)).stages
    assert stage.duration() == 30.0
    assert stage.deadline() == pytest.approx(41.0)


def test_a_run_takes_its_stages_and_a_settling_time_for_each_change_of_load() -> None:
    plan = planned(look("a"), look("b"), look("c", IMAX), look("d", IB))
    assert plan.expected_seconds(settle=2.0) == 4 * 10.0 + 3 * 2.0  # switching on is a change, from a to b is none


def test_a_stage_with_a_gate_among_its_steps_is_a_gate() -> None:
    plan = planned(look("ib"), Gate(METER, STANDARD, "sign-on", None), look("imax", IMAX))
    assert [stage.gate for stage in plan.stages] == [True, False]


# ---------------------------------------------------------------- one step alone


def test_one_step_alone_keeps_the_gates_before_it_and_drops_those_after() -> None:
    steps = (
        Gate(METER, STANDARD, "sign-on", voltage_only(METER)),
        look("imax", IMAX),
        look("ib"),
        Gate(METER, STANDARD, "last", IB),
    )
    assert shape(planned(*steps, only="ib")) == [["sign-on"], ["ib"]]
    assert shape(planned(*steps, only="sign-on")) == [["sign-on"]]


def test_a_step_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="the sequence trial has no step 'imx'; it has: ib, imax"):
        planned(look("ib"), look("imax"), only="imx")


@pytest.mark.parametrize("only", ["", "ib", "imax"])
def test_two_steps_of_one_name_are_refused_whichever_is_asked_for(only: str) -> None:
    with pytest.raises(ValueError, match="the sequence trial has steps of the same name: ib"):
        planned(look("ib"), look("imax", IMAX), look("ib", IMAX), only=only)


# ---------------------------------------------------------------- what the source cannot make


def test_every_step_that_the_source_cannot_make_is_named() -> None:
    plan = planned(look("ib"), look("imax", IMAX), look("optical", None), look("no-load", no_load(METER, 1.15)))
    found = plan.refusals(Capabilities(i_max=60.0, u_max=250.0))
    assert found == [
        *(f"Imax: 80 A on {phase} is above the source's 60 A" for phase in METER.phases),
        *(f"No-load: 264.5 V on {phase} is above the source's 250 V" for phase in METER.phases),
    ]
    assert plan.refusals(Capabilities()) == []


# ---------------------------------------------------------------- the hash


def test_the_same_plan_has_the_same_hash_and_it_is_the_hash_of_its_text() -> None:
    steps = (look("ib"), look("optical", None))
    assert planned(*steps).hash == planned(*steps).hash
    assert json.loads(planned(*steps).as_text()) == json.loads(json.dumps(planned(*steps).as_json()))


CHANGES = {
    "a limit": replace(look("ib"), declared=(within("error", -1.0, 0.999, "%", "norm", guarded=True),)),
    "the guard": replace(look("ib"), declared=(within("error", -1.0, 1.0, "%", "norm"),)),
    "the source of a limit": replace(look("ib"), declared=(within("error", -1.0, 1.0, "%", "other", guarded=True),)),
    "a marginal limit": replace(look("ib"), declared=(at_most("error", 1.0, "norm", "%", marginal_upper=2.0),)),
    "no measurement": replace(look("ib"), declared=()),
    "a load by 1 mA": look("ib", at(METER, 5.001)),
    "a load by 10 mV": look("ib", symmetrical(230.01, 5.0)),
    "an angle by a tenth of a degree": look("ib", symmetrical(230.0, 5.0, 0.1)),
    "the frequency": look("ib", replace(IB, frequency=50.1)),
    "the phase that is loaded": look("ib", at(METER, 5.0, only="L1")),
    "any load": look("ib", None),
    "the name": look("ib-again"),
    "the time": look("ib", seconds=11.0),
    "a gate": Gate(METER, STANDARD, "ib"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_hash_changes_with(change: str) -> None:
    assert planned(CHANGES[change]).hash != planned(look("ib")).hash


def test_the_hash_changes_with_sequence_type_profile_order_and_number_of_steps() -> None:
    steps = (look("ib"), look("imax", IMAX))
    base = planned(*steps)
    others = [
        planned(*steps, name="other"),
        planned(*steps, profile=Profile(limit_factor=0.9)),
        planned(*reversed(steps)),
        planned(steps[0]),
        replace(base, meter=TypeNumber.parse("685-382-OK-50")),
    ]
    assert len({base.hash, *(each.hash for each in others)}) == 6


def test_the_last_bits_in_which_two_computers_differ_change_nothing() -> None:
    other = Load(IB.u, (IB.i[0] + 1e-15j, IB.i[1] * (1 + 2e-16), IB.i[2]))
    assert other != IB
    assert planned(look("ib", other)).hash == planned(look("ib")).hash


@given(st.floats(1.0, 300.0), st.floats(1.0, 300.0), st.floats(-90.0, 90.0), st.floats(-90.0, 90.0))
def test_the_hash_changes_with_any_load_and_not_otherwise(u: float, v: float, phi: float, psi: float) -> None:
    one, other = symmetrical(u, 5.0, phi), symmetrical(v, 5.0, psi)
    apart = max(abs(a - b) for a, b in zip(one.u + one.i, other.u + other.i, strict=True))
    same = planned(look("ib", one)).hash == planned(look("ib", other)).hash
    assert same == (apart < 1e-9) or 1e-10 < apart < 1e-8


def test_the_hash_knows_what_a_station_cannot_do_and_not_at_which_positions() -> None:
    def on(*without: int) -> Plan:
        return make_plan("eol", sequence_named("eol"), METER, STANDARD, without_bypass=without)

    assert on(3).hash == on(3, 4).hash
    assert on(3).as_text() != on(3, 4).as_text(), "the record says where"
    assert on(3).hash != on().hash, "the wiring is not traced"


def test_the_hash_of_the_end_of_line_test_is_the_same_whenever_it_is_planned() -> None:
    plans = [make_plan("eol", sequence_named("eol"), METER, STANDARD) for _ in range(2)]
    assert plans[0].hash == plans[1].hash
    assert plans[0] == plans[1]


# ---------------------------------------------------------------- points of the profile


def eol(**figures: Any) -> Plan:
    return make_plan("eol", sequence_named("eol"), METER, Profile(name="own", **figures))


def test_points_may_be_added_and_put_in_another_order() -> None:
    plan = eol(points=("0.5 Imax", *reversed(TEST_POINTS)), order="listed")
    names = [step.name for step in plan.steps if step.name.startswith("accuracy")]
    assert names == [
        "accuracy-0.5imax", "accuracy-0.05ib", "accuracy-ib-l3", "accuracy-ib-l2", "accuracy-ib-l1",
        "accuracy-ib-pf0.5", "accuracy-ib",
        "accuracy-imax-pf0.5-l3", "accuracy-imax-pf0.5-l2", "accuracy-imax-pf0.5-l1", "accuracy-imax",
    ]  # fmt: skip
    assert plan.reduced() == ""
    assert plan.left_out == ()


def test_a_point_of_the_norm_that_is_left_out_is_named_and_makes_it_no_production_test() -> None:
    plan = eol(points=tuple(each for each in TEST_POINTS if each not in ("Ib L2", "0.05 Ib")))
    assert [str(each) for each in plan.left_out] == [
        "Accuracy Ib L2, by the profile own",
        "Accuracy 0.05 Ib, by the profile own",
        "Single phase − balanced, by the profile own",
    ]
    assert plan.reduced().startswith(
        "the profile own leaves out Accuracy Ib L2, Accuracy 0.05 Ib, Single phase − balanced: a"
    )
    assert eol(leave_out=("display",)).reduced() == "", "what asks a person may be left out"


def test_every_point_without_a_limit_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"profile own: Accuracy Ib PF 0\.7 ind: IEC .* sets no limit .*; Accuracy 0\.01 Ib: IEC"
    ):
        eol(points=(*TEST_POINTS, "0.01 Ib", "Ib PF 0.7 ind"))


def test_a_profile_that_lets_loads_settle_longer_makes_the_run_longer() -> None:
    changes = (eol(settle=5.0).expected_seconds(2.0) - eol().expected_seconds(2.0)) / 3.0
    assert changes == pytest.approx(round(changes), abs=0.2), "a lone meter runs on for a little less"
    assert changes > 5
    assert eol(settle=1.0).expected_seconds(2.0) == eol().expected_seconds(2.0)


# ---------------------------------------------------------------- as a person reads it


def test_the_text_says_load_limit_seconds_and_who_rides() -> None:
    plan = planned(Gate(METER, STANDARD, "sign-on"), look("optical", None, seconds=6.0))
    lines = plan_text(plan).splitlines()
    assert lines[0] == "trial  685-381-OK-50  profile iec-62053-21"
    assert lines[1].split() == ["no", "step", "load", "limits", "U", "%", "s"]
    assert "Sign-on (gate)" in lines[2]
    assert "L1–L3 230.0 V 5 A φ +0°" in lines[2]
    assert "error ±1 %" in lines[2]
    assert "rides along" in lines[3]
    assert lines[-2] == "12 s (0.2 min) with 2 s of settling after each change of load"
    assert lines[-1] == f"hash {plan.hash}"


def test_the_text_says_where_an_uncertainty_smaller_than_assumed_was_measured() -> None:
    lines = plan_text(eol(quantum_wh=0.001, quantum_measured="golden unit 21480001, 2026-11-12")).splitlines()
    assert "assumed for U: quantum_wh 0.001 Wh, measured: golden unit 21480001, 2026-11-12" in lines
    assert [line for line in plan_text(eol()).splitlines() if line.startswith("assumed for U")] == []


def test_the_end_of_line_test_states_the_uncertainty_it_expects_at_every_load_point() -> None:
    lines = plan_text(make_plan("eol", sequence_named("eol"), METER, STANDARD)).splitlines()
    points = [line for line in lines if "Accuracy" in line and "error" in line]
    assert len(points) == 10
    for line in points:
        granted = 0.4 if line.split()[2:5] == ["Imax", "PF", "0.5"] else 0.2
        assert (
            0.05 < float(line.split()[-2]) < granted
        )  # a fifth of 2 % or 1 %: what IEC 62058-31 grants the whole uncertainty


def test_without_limits_the_text_leaves_the_cell_empty() -> None:
    plan = planned(replace(look("ib"), declared=()))
    assert "±" not in plan_text(plan)


def test_a_stations_corrections_are_reckoned_into_the_uncertainty_where_they_count() -> None:
    position = PositionDescription(1, "GPIO4", "/dev/ttyUSB0")
    table = (TransformerPoint(0.25, -0.3, 40.0), TransformerPoint(100.0, 0.0, 5.0))
    wired = replace(position, transformers=(Transformer(table, 0.02, 10.0),))
    source = SourceDescription("TCPIP::192.0.2.10::5025::SOCKET")
    standard = StandardDescription("TCPIP::192.0.2.11::5025::SOCKET", 0.05)

    def uncertainty(position: PositionDescription, step: str) -> float:
        plan = make_plan("eol", sequence_named("eol"), METER, STANDARD)
        text = plan_text(plan, Station("EOL 3", source, (position,), standard))
        (row,) = (each for each in text.splitlines() if f"  {step}  " in each)
        return float(row.split()[-2])

    # 5′ are 1.454 mrad: 0.252 % at 0.5 inductive, nothing at power factor 1.
    plain, corrected = (uncertainty(each, "Accuracy Ib PF 0.5 ind") for each in (position, wired))
    assert corrected == pytest.approx(math.hypot(plain, 2 * 0.252, 2 * 0.01), abs=2e-3)
    plain, corrected = (uncertainty(each, "Accuracy Ib") for each in (position, wired))
    assert corrected == pytest.approx(math.hypot(plain, 2 * 0.01), abs=2e-3)


def test_a_station_with_neither_standard_nor_second_position_is_told_that_nothing_checks_its_reference() -> None:
    one, two = PositionDescription(1, "GPIO4", "/dev/ttyUSB0"), PositionDescription(2, "GPIO5", "/dev/ttyUSB1")
    source = SourceDescription("TCPIP::192.0.2.10::5025::SOCKET")
    standard = StandardDescription("TCPIP::192.0.2.11::5025::SOCKET", 0.05)
    plan = make_plan("eol", sequence_named("eol"), METER, STANDARD)
    note = "note: reference not independently checked"
    assert note in plan_text(plan, Station("EOL 3", source, (one,)))
    for station in (Station("EOL 3", source, (one,), standard), Station("EOL 3", source, (one, two)), None):
        assert note not in plan_text(plan, station)


def test_nobody_is_asked_while_a_current_flows() -> None:
    def under_current(meter: TypeNumber, profile: Profile) -> list[Step]:
        return [Look(meter, profile, "one"), Asks(meter, profile, "asks", wants=None)]

    with pytest.raises(ValueError, match=r"the step asks asks a person while .* 5 A .* flows"):
        make_plan("mine", under_current, METER, STANDARD)

    def on_voltage(meter: TypeNumber, profile: Profile) -> list[Step]:
        return [Asks(meter, profile, "asks", wants=voltage_only(meter)), Look(meter, profile, "one")]

    plan = make_plan("mine", on_voltage, METER, STANDARD)
    assert [step.name for step in plan.person_needed()] == ["asks"]
    assert "asks a person: Asks: Is it so? (yes, no)" in plan_text(plan)


def test_a_standard_that_is_too_coarse_for_the_limits_is_named_with_the_budget_unless_they_are_tightened() -> None:
    position = PositionDescription(1, "GPIO4", "/dev/ttyUSB0")
    source = SourceDescription("TCPIP::192.0.2.10::5025::SOCKET")
    station = Station("EOL 3", source, (position,), StandardDescription("TCPIP::192.0.2.11::5025::SOCKET", 0.2))

    def told(meter: TypeNumber, profile: Profile) -> list[str]:
        text = plan_text(make_plan("eol", sequence_named("eol"), meter, profile), station)
        return [line for line in text.splitlines() if line.startswith("no production run: ")]

    one, two = TypeNumber.parse("685-381-OK-50"), TypeNumber.parse("685-382-OK-50")
    # 2 √(0.2²/3 + 0.02²/3 + random²) is at least 0.232 %: above a fifth of 1 %, below one of 1.5 and 2 %.
    beyond = told(one, STANDARD)
    assert [line.split(": ")[1] for line in beyond] == ["Accuracy Imax", "Accuracy Ib", "Accuracy Ib PF 0.5 ind"]
    assert all("above 1/5 of ±1 % (0.200 %)" in line for line in beyond)
    assert all("reference 0.115" in line and line.endswith("the largest is the reference part") for line in beyond)
    assert told(two, STANDARD) == []
    assert told(one, Profile(uncertainty_rule="tighten")) == []
    assert told(two, Profile(limit_factor=0.5)) != []
