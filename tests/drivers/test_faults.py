"""The fault catalogue: complete, honest, and clear about what it does not take."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plan import make_plan
from bench.profile import Profile
from bench.sequences import sequence_named
from drivers.simulated.circumstances import Where
from drivers.simulated.faults import CATALOGUE, Fault, FaultError, PlacedFault, other_position, parse_fault
from drivers.simulated.faults.face import FACE
from drivers.simulated.faults.fixture import FIXTURE
from drivers.simulated.faults.influences import INFLUENCES
from drivers.simulated.faults.instruments import INSTRUMENTS
from drivers.simulated.faults.logic import LOGIC
from drivers.simulated.faults.metrology import METROLOGY
from drivers.simulated.faults.modules import MODULES
from drivers.simulated.faults.optical import OPTICAL
from drivers.simulated.faults.pulses import PULSES
from drivers.simulated.faults.registers import REGISTERS
from drivers.simulated.physics import MeterPhysics, draw
from reference_meter import TypeNumber

METER = TypeNumber.parse("685-381-OK-50")
CONFIGURING = Profile(configuration=("output-2=1000",))

every_fault = pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)
PLACED = {name: fault for name, fault in CATALOGUE.items() if fault.family != "bench"}
fault_of_a_position = pytest.mark.parametrize("fault", PLACED.values(), ids=PLACED)


def drawn() -> MeterPhysics:
    return draw(METER, random.Random(1))


def put(text: str) -> MeterPhysics:
    placed, meter = parse_fault(text, 4), drawn()
    placed.fault.put_into(meter, placed.value)
    return meter


# ---------------------------------------------------------------- the catalogue


def test_the_catalogue_holds_at_least_seventy_faults_of_a_meter_in_families_that_share_no_name() -> None:
    assert sum(fault.family == "meter" for fault in CATALOGUE.values()) >= 70
    families = (METROLOGY, PULSES, REGISTERS, FACE, OPTICAL, MODULES, FIXTURE, INSTRUMENTS, INFLUENCES, LOGIC)
    names = [fault.name for family in families for fault in family]
    assert sorted(set(names)) == sorted(names)
    assert names == list(CATALOGUE)


@every_fault
def test_every_fault_says_what_it_is_and_is_found_by_a_step_of_its_sequence(fault: Fault) -> None:
    meter = TypeNumber.parse(f"685-381-{(fault.module or 'OK').split()[0]}-50")
    sequence = sequence_named(fault.sequence)
    steps = [step.name for step in make_plan(fault.sequence, sequence, meter, CONFIGURING).steps]
    assert fault.found_by in steps or (fault.family == "bench" and fault.found_by == "opening")
    assert fault.what
    assert fault.from_size
    healed = fault.name in ("source-error-queue", "source-power-up", "source-range-change")
    as_a_lead = fault.name == "reversed-circuit"
    assert fault.ends == ("FAIL" if fault.family == "meter" and not as_a_lead else "COMPLETE" if healed else "BLOCKED")


@fault_of_a_position
@pytest.mark.parametrize("position", [1, 2, 12])
def test_the_default_of_every_fault_can_be_put_into_any_position(fault: Fault, position: int) -> None:
    placed = parse_fault(f"{position}:{fault.name}", 12)
    assert placed == PlacedFault(position, fault, fault.default)
    if fault.name == "crossed-s0":
        assert other_position(placed, 12) == position % 12 + 1


@fault_of_a_position
def test_a_fault_of_the_meter_changes_the_meter_and_one_of_the_fixture_does_not(fault: Fault) -> None:
    assert (put(f"1:{fault.name}") == drawn()) == (fault.family == "fixture")


@fault_of_a_position
def test_a_default_may_be_written_out(fault: Fault) -> None:
    if fault.default:
        assert parse_fault(f"1:{fault.name}={fault.default}", 4) == parse_fault(f"1:{fault.name}", 4)


# ---------------------------------------------------------------- what a value does


def test_a_gain_moves_all_circuits_and_a_phase_gain_the_one_it_names() -> None:
    good, off, one = drawn().gain_percent, put("1:gain=-1.5%").gain_percent, put("1:phase-gain=L2+4%").gain_percent
    assert [a - b for a, b in zip(off, good, strict=True)] == pytest.approx([-1.5, -1.5, -1.5])
    assert [a - b for a, b in zip(one, good, strict=True)] == pytest.approx([0.0, 4.0, 0.0])


@pytest.mark.parametrize("minus", ["-", "−"])
def test_a_minus_may_be_typed_or_set(minus: str) -> None:
    assert put(f"1:gain={minus}2.5%").gain_percent == put("1:gain=-2.5").gain_percent


def test_no_start_is_a_multiple_of_the_power_at_the_starting_current() -> None:
    assert put("1:no-start=2x").starting_w == pytest.approx(2 * 13.8)


def test_widths_rates_types_and_slips_are_taken_as_written() -> None:
    assert put("1:short-pulse=26ms").width_ms == 26.0
    assert put("1:lost-pulses=50").lost_every == 50
    assert put("1:double-pulses=250").doubled_every == 250
    assert put("1:creep=40W").creep_w == 40.0
    assert (put("1:register-slip=+25%").register_slip, put("1:register-slip=+25%").trip_slip) == (0.25, 0.25)
    assert (put("1:total-slip=+25%").register_slip, put("1:total-slip=+25%").trip_slip) == (0.25, 0.0)
    assert (put("1:trip-slip=-2%").register_slip, put("1:trip-slip=-2%").trip_slip) == (0.0, -0.02)
    assert put("1:wrong-memory=685-361-OK-50").memory == {0x01: b"685361OK50"}
    assert put("1:wrong-memory=500imp/kWh").memory == {0x13: b"\xf4\x01"}
    assert str(put("1:wrong-type=685-361-OK-50").meter) == "685-361-OK-50"
    assert put("1:silent-head").optical_silent


def test_a_condition_stands_behind_the_size_and_the_name_says_on_which_side_it_holds() -> None:
    assert put("1:gain-above=+3%@15Hz").gains_where == [(Where("pulses_hz", 15.0), (3.0, 3.0, 3.0))]
    assert put("1:gain-below=-4%@0.1Ib").gains_where == [(Where("over_ib", 0.1, above=False), (-4.0, -4.0, -4.0))]
    assert put("1:phase-gain-below=L2+9%@0.1Ib").gains_where == [(Where("over_ib", 0.1, above=False), (0.0, 9.0, 0.0))]
    assert put("1:creep-above=40W@1.1Un").creeps_where == [(Where("over_un", 1.1), 40.0)]
    assert put("1:gain-warm=+3%@2min").gains_where == [(Where("warm_s", 120.0), (3.0, 3.0, 3.0))]
    lossy = put("1:lost-above=50@15Hz")
    assert (lossy.lost_every, lossy.lost_where) == (50, Where("pulses_hz", 15.0))
    assert put("1:odd-width=36ms@50").odd_width == (50, 36.0)


def test_a_phase_that_the_meter_has_not_is_refused_when_it_is_mounted() -> None:
    single = draw(TypeNumber.parse("685-161-OK-50"), random.Random(1))
    for name in ("phase-gain", "dead-circuit", "open-link", "phase-error-of-one", "dark-phase"):
        with pytest.raises(FaultError, match=r"a 685-161-OK-50 measures L1, not L[23]"):
            CATALOGUE[name].put_into(single, CATALOGUE[name].default)


def test_crossed_wires_name_another_position_of_the_line() -> None:
    assert other_position(parse_fault("1:crossed-s0=3", 4), 4) == 3
    assert other_position(parse_fault("4:crossed-s0", 4), 4) == 1
    for text in ("1:crossed-s0=1", "1:crossed-s0=9"):
        with pytest.raises(FaultError, match=r"is not another position of this line \(1 to 4\)"):
            other_position(parse_fault(text, 4), 4)
    with pytest.raises(FaultError, match="is not another position"):
        other_position(parse_fault("1:crossed-s0", 1), 1)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write POSITION:NAME or POSITION:NAME=VALUE, for instance 2:gain=+2.5%"),
        ("gain", "write POSITION:NAME"),
        ("2:", "write POSITION:NAME"),
        ("2:gain=", "write POSITION:NAME"),
        ("two:gain", "write POSITION:NAME"),
        ("0:gain", "position 0 does not exist; the line has positions 1 to 4"),
        ("5:gain", "position 5 does not exist; the line has positions 1 to 4"),
        ("2:gian", "fault 'gian' does not exist; did you mean gain"),
        ("2:xyz", "fault 'xyz' does not exist; `bench faults` lists them all"),
        ("2:gain-above=+3%", "does not say where; write it with Hz, Ib or Un, for instance +3%@15Hz"),
        ("2:gain-above=+3%@15V", "does not say where"),
        ("2:gain-above=much@15Hz", "'much' is not a number with its unit"),
        ("2:gain-below=+3%@-1Ib", "does not say where"),
        ("2:gain-warm=+3%@60Hz", "does not say after which time; write it with s or min"),
        ("2:phase-gain-below=+3%@0.1Ib", "names no phase; write for instance L2+9%@0.1Ib"),
        ("2:dead-circuit=L4", "names no phase"),
        ("2:dead-circuit=L1+3%", "is more than a phase"),
        ("2:odd-width=36ms", "does not say how often; write for instance 36ms@50"),
        ("2:untold=energy", "is no register of the telegram; write its code, for instance 1.20"),
        ("2:silent-head=1", "fault silent-head takes no value"),
        ("2:gain=much", "fault '2:gain=much': 'much' is not a number with its unit"),
        ("2:gain=a5%", "is not a number with its unit"),
        ("2:gain=,5", "is not a number with its unit"),
        ("2:gain=2,5%", "is not a number with its unit"),
        ("2:gain=nan", "is not a number with its unit"),
        ("2:gain=-100%", "-100% is outside -99 to 1000"),
        ("2:phase-gain=+4%", "names no phase; write for instance L2+4%"),
        ("2:phase-gain=L4+4%", "names no phase"),
        ("2:phase-gain=L2a4", "is not a number with its unit"),
        ("2:creep=0W", "0W is outside 0.001 to 10000"),
        ("2:lost-pulses=1", "1 is outside 2 to 1e+06"),
        ("2:short-pulse=0ms", "0ms is outside 1 to 200"),
        ("2:wrong-type=685-999-OK-50", "is no type number of a 382"),
        ("2:wrong-memory=500", "is no type number of a 382"),
        ("2:wrong-memory=99999imp/kWh", "99999imp/kWh is outside 0 to 65535"),
        ("2:crossed-s0=13", "13 is outside 1 to 12"),
        ("2:crossed-s0=1.5", "1.5 is no position"),
        ("2:source-silent", "fault source-silent is one of the line; write line:source-silent"),
        ("line:gain", "fault gain is one of a position; write 2:gain"),
        ("line:source-silent=soon", "'soon' is not a number with its unit"),
        ("9" * 5000 + ":gain", "write POSITION:NAME"),
    ],
)
def test_what_is_not_possible_is_refused_with_what_is(text: str, words: str) -> None:
    with pytest.raises(FaultError) as refusal:
        parse_fault(text, 4)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


values = st.text(st.sampled_from("0123456789+-−,.%msWxL a:="), max_size=8) | st.text(max_size=6)


@given(st.sampled_from([*CATALOGUE, "", "gain "]), values)
def test_whatever_is_typed_is_a_fault_or_a_sentence(name: str, value: str) -> None:
    try:
        placed = parse_fault(f"{'line' if name in CATALOGUE and name not in PLACED else 1}:{name}={value}", 4)
    except FaultError as refusal:
        assert len(str(refusal)) > 20  # noqa: PT017  # either way is right; that nothing else is raised is what is tested
    else:
        assert placed.fault is CATALOGUE[name.strip()]
