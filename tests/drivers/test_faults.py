"""The fault catalogue: complete, honest, and clear about what it does not take."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plan import make_plan
from bench.profile import Profile
from drivers.simulated.faults import CATALOGUE, Fault, FaultError, PlacedFault, other_position, parse_fault
from drivers.simulated.physics import MeterPhysics, draw
from reference_meter import TypeNumber
from sequences.eol import end_of_line

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


def test_the_catalogue_holds_what_is_promised() -> None:
    assert set(CATALOGUE) == {
        "gain", "phase-gain", "creep", "no-start", "lost-pulses", "double-pulses", "short-pulse", "long-pulse",
        "silent-head", "wrong-type", "register-slip", "total-slip", "trip-slip", "wrong-memory", "config-stuck",
        "crossed-s0", "display-segment", "wrong-label", "broken-seal",
        *(f"{instrument}-{what}" for instrument in ("source", "standard") for what in ("silent", "late", "garbage", "unplugged")),
        "mbus-silent", "mbus-value", "serial-silent", "serial-native-silent", "serial-native-value",
        "tcp-silent", "loop-address", "tariff-stuck", "no-supply",
        "modem-no-carrier", "sms-silent", "no-dial-tone",
        "source-error", "source-error-queue", "source-power-up", "source-locked", "source-range-change",
        "standard-frozen", "standard-drift", "source-drift", "transformer-ratio", "lead-drop", "crystal",
        "crossed-heads", "crossed-serials", "empty", "phases-mixed", "reversed-current", "slow-edge",
        "dead-key", "dead-diode", "missing-flashes", "output-2-dead", "output-2-width", "input-deaf", "input-double",
    }  # fmt: skip
    assert all(name == fault.name for name, fault in CATALOGUE.items())


@every_fault
def test_every_fault_says_what_it_is_and_is_found_by_a_step_of_the_end_of_line_test(fault: Fault) -> None:
    meter = TypeNumber.parse(f"685-381-{(fault.module or 'OK').split()[0]}-50")
    steps = [step.name for step in make_plan("eol", end_of_line, meter, CONFIGURING).steps]
    assert fault.found_by in steps or (fault.family == "bench" and fault.found_by == "opening")
    assert fault.what
    assert fault.from_size
    healed = fault.name in ("source-error-queue", "source-power-up")
    assert fault.ends == ("FAIL" if fault.family == "meter" else "COMPLETE" if healed else "BLOCKED")


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
        ("2:gian", "fault 'gian' does not exist; `bench faults` lists them: gain, phase-gain"),
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
