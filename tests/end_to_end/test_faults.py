"""The fault catalogue keeps its word: each fault is found by the step it names, from the size it names, and nobody else fails."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pytest

from bench.facts import StepClosed
from bench.pytest_line import TestLine
from bench.record import Run
from bench.verdict import Ending, Verdict
from drivers.simulated import mounting
from drivers.simulated.faults import CATALOGUE, Fault
from drivers.simulated.physics import draw
from tests.end_to_end.at_work import TYPE
from tests.end_to_end.conftest import Bench
from tests.end_to_end.on_record import failed_measurements, failed_steps, kept, outcomes

FAIL, NONE, PASS = Verdict.FAIL, Verdict.NONE, Verdict.PASS

pytestmark = [pytest.mark.meter(TYPE), pytest.mark.line(positions=12)]

SEEDS = (1, 2, 3)
METER_FAULTS = [
    fault
    for fault in CATALOGUE.values()
    if fault.family == "meter"
    and fault.ends == "FAIL"
    and fault.sequence == "eol"
    and not fault.module
    and fault.found_by not in ("s0-diode", "configuration")
]
"""Those of any meter on a long line, which has no scanning heads; a configuration is written only where the profile names one."""

BAD = 11
"""So many bad meters stand on a line of twelve; the last one is good and must pass."""


def lines(faults: list[tuple[Fault, str]]) -> list[list[tuple[Fault, str]]]:
    """Faults with their values, dealt onto lines: meters that are all off alike would be the bench's fault."""
    count = math.ceil(len(faults) / BAD)
    return [faults[k::count] for k in range(count)]


DEFAULTS = lines([(fault, fault.default) for fault in METER_FAULTS])
SMALLEST = lines([(fault, size) for fault in METER_FAULTS for size in fault.smallest])


def found_and_nobody_else_fails(run: Run, found_by: dict[int, str]) -> None:
    assert run.ending is Ending.COMPLETE
    assert found_by.keys() <= run.verdicts.keys()
    for position, verdict in run.verdicts.items():
        if position in found_by:
            assert verdict is FAIL, f"position {position}"
            assert found_by[position] in failed_steps(run, position), f"position {position}"
        else:
            assert verdict is PASS, f"position {position} has no fault"


def test_bench_faults_lists_every_fault_with_the_step_that_finds_it(bench: Bench) -> None:
    said = bench("faults")
    assert said.status == 0
    assert max(map(len, said.out.splitlines())) <= 100
    out = " ".join(said.out.split())
    for fault in CATALOGUE.values():
        name = f"{fault.name}={fault.default}" if fault.default else fault.name
        needs = f"; module {' or '.join(fault.module.split())} " if fault.module else " "
        found = f"{fault.ends} at {fault.sequence} {fault.found_by}, found from: {fault.from_size}{needs}"
        assert f"{name} {fault.what} {found}" in out
    assert f"{len(CATALOGUE)} faults" in out
    as_json = json.loads(bench("faults --json").out)
    assert [each["name"] for each in as_json] == list(CATALOGUE)
    assert [tuple(each["smallest"]) for each in as_json] == [fault.smallest for fault in CATALOGUE.values()]


@pytest.mark.parametrize("line_of_faults", DEFAULTS, ids=[line[0][0].name for line in DEFAULTS])
def test_each_fault_of_a_meter_is_found_by_the_step_it_names_and_nobody_else_fails(
    line: TestLine, line_of_faults: list[tuple[Fault, str]]
) -> None:
    all_found(line, line_of_faults, seed=1)


@pytest.mark.parametrize("line_of_faults", SMALLEST, ids=[line[0][0].name for line in SMALLEST])
def test_each_fault_is_found_from_the_smallest_size_it_claims(
    line: TestLine, line_of_faults: list[tuple[Fault, str]]
) -> None:
    all_found(line, line_of_faults, seed=2)


def all_found(line: TestLine, line_of_faults: list[tuple[Fault, str]], seed: int) -> None:
    faults = [
        f"{position}:{fault.name}" + (f"={value}" if value else "")
        for position, (fault, value) in enumerate(line_of_faults, start=1)
    ]
    found_by = {position: fault.found_by for position, (fault, _) in enumerate(line_of_faults, start=1)}
    found_and_nobody_else_fails(line.having(*faults, positions=len(faults) + 1, seed=seed).run("eol"), found_by)


@pytest.mark.parametrize(
    ("name", "size", "claim"),
    [("gain", "2.6%", "class 2: ±2.6 %"), ("phase-gain", "3.9%", "class 2: ±3.9 %")],
)
@pytest.mark.meter("685-382-OK-50")
def test_errors_of_a_class_2_meter_are_found_from_the_size_claimed(
    line: TestLine, name: str, size: str, claim: str
) -> None:
    fault = CATALOGUE[name]
    assert claim in fault.from_size
    phase = "L2" if name == "phase-gain" else ""
    faults = [f"{position}:{name}={phase}{'+-'[position % 2]}{size}" for position in range(1, 12)]
    run = line.having(*faults).run("eol", only=fault.found_by)
    found_and_nobody_else_fails(run, dict.fromkeys(range(1, 12), fault.found_by))


def stated(run: Run) -> list[float]:
    """What the register step of each position says it detects, %."""
    measured = (each for outcome in outcomes(kept(run), "register") for each in outcome.measurements)
    return [float(each.value) for each in measured if each.name == "detects errors above" and each.value is not None]


def test_a_register_that_slips_by_half_a_per_cent_is_found_natively(line: TestLine) -> None:
    assert "±0.5 % where the port speaks native" in CATALOGUE["register-slip"].from_size
    faults = [f"{position}:register-slip={'+-'[position % 2]}0.5%" for position in range(1, 12)]
    run = line.having(*faults).run("eol", only="register")
    found_and_nobody_else_fails(run, dict.fromkeys(range(1, 12), "register"))
    assert stated(run)[-1] < 0.5


def test_half_of_that_is_not_claimed_by_every_record_and_what_none_claims_is_not_found(line: TestLine) -> None:
    good = line.run("eol", only="register")
    assert min(stated(good)) > 0.15
    assert 0.25 < max(stated(good)) < 0.5
    faults = [f"{position}:register-slip={'+-'[position % 2]}0.08%" for position in range(1, 13)]
    assert line.having(*faults).run("eol", only="register").verdicts == dict.fromkeys(range(1, 13), PASS)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_without_native_a_register_that_slips_is_found_from_the_size_that_the_record_states(
    line: TestLine, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "else the error that the record states" in CATALOGUE["register-slip"].from_size
    mode_a_alone(monkeypatch)
    line = line.having(positions=3, seed=seed)
    good = line.run("eol", only="register")
    assert good.verdicts == {1: PASS, 2: PASS, 3: PASS}
    more = [value + 0.1 for value in stated(good)]
    assert len(more) == 3
    assert all(10.0 < value < 15.0 for value in more), "a readout lasts 6 s"
    faults = [f"1:register-slip=+{more[0]:.1f}%", f"2:register-slip=-{more[1]:.1f}%"]
    run = line.having(*faults).run("eol", only="register")
    found_and_nobody_else_fails(run, {1: "register", 2: "register"})


@pytest.mark.meter("685-382-OK-50")
@pytest.mark.line(positions=1)
def test_a_meter_that_speaks_mode_a_alone_passes_and_its_record_says_so(
    bench: Bench, line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mode_a_alone(monkeypatch)
    run = kept(line.run("eol"))
    assert run.verdicts == {1: PASS}
    shown = bench("show", run.id).out
    assert re.search("registers are read by +mode A ", shown)
    assert "kWh register, mode A" in shown
    assert shown.count("not tested: the native protocol: the port answers mode A alone") == 4
    judged = {each.name for step in run.steps for outcome in step.outcomes for each in outcome.measurements}
    assert not judged & {"memory", "actual power", "native registers"}, "what was not measured agrees with nothing"


@pytest.mark.meter("685-382-OK-50")
@pytest.mark.line(positions=1)
def test_the_s0_wiring_of_a_lone_meter_is_not_judged_and_holds_it_not_back(line: TestLine) -> None:
    run = kept(line.run("eol", only="s0-pulses"))
    _, wiring, _, pulses = (outcome for step in run.steps for outcome in step.outcomes)
    assert (wiring.verdict, wiring.measurements) == (NONE, ())
    assert wiring.note == "not tested: the S0 wiring: a lone meter has no other to be crossed with"
    assert pulses.verdict is PASS
    assert run.verdicts == {1: PASS}


@pytest.mark.parametrize("what", ["685-381-OK-10", "100imp/kWh"])
@pytest.mark.line(positions=2)
def test_a_memory_that_contradicts_telegram_and_label_fails_sign_on(line: TestLine, what: str) -> None:
    run = line.having(f"2:wrong-memory={what}").run("eol", only="sign-on")
    found_and_nobody_else_fails(run, {2: "sign-on"})
    assert failed_measurements(run, 2) == ["memory"]


@pytest.mark.line("1:trip-slip=+0.5%", "2:trip-slip=-0.5%", positions=3)
def test_a_trip_counter_that_slips_while_the_kilowatt_hours_are_right_fails_the_register_step_natively_alone(
    line: TestLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "±0.5 %" in CATALOGUE["trip-slip"].from_size
    run = line.run("eol", only="register")
    found_and_nobody_else_fails(run, {1: "register", 2: "register"})
    for position in (1, 2):
        assert failed_measurements(run, position) == ["finest register"]
    mode_a_alone(monkeypatch)
    assert line.run("eol", only="register").verdicts == {1: PASS, 2: PASS, 3: PASS}


@pytest.mark.line("1:total-slip=+5%", "2:total-slip=-5%", positions=3)
def test_kilowatt_hours_that_slip_while_the_trip_counter_is_right_fail_the_register_step(line: TestLine) -> None:
    assert CATALOGUE["total-slip"].from_size.startswith("±5 % where the port speaks native")
    run = line.run("eol", only="register")
    found_and_nobody_else_fails(run, {1: "register", 2: "register"})
    assert "finest register" not in failed_measurements(run, 2)


@pytest.mark.line(
    *("1:phase-error-of-one=L1+40mrad", "1:phase-error-of-one=L2-40mrad"),
    *("2:phase-error-of-one=L3+8mrad", "2:phase-error-of-one=L2-8mrad"),
    positions=2,
)
def test_circuits_that_turn_the_current_against_each_other_fail_alone_though_they_cancel_together(
    line: TestLine,
) -> None:
    """At power factor 0.5 a turn of 1 mrad is √3/10 %: 6.9 % of 40 mrad, limit 2 %; 1.4 % of 8 mrad."""
    run = line.run("eol")
    assert failed_steps(run, 1) == ["accuracy-imax-pf0.5-l1", "accuracy-imax-pf0.5-l2"]
    assert run.verdict(2) is PASS


def mode_a_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every meter of the simulated line is one that does not know the native protocol."""
    monkeypatch.setattr(mounting, "draw", lambda meter, rng: replace(draw(meter, rng), speaks_native=False))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.line("1:crossed-s0=4", "2:gain=+30%", positions=4)
def test_crossed_s0_wires_block_the_run_and_judge_nobody(line: TestLine, seed: int) -> None:
    assert CATALOGUE["crossed-s0"].found_by == "s0-wiring"
    line = line.having(seed=seed)
    run = line.run("eol")
    assert run.ending is Ending.BLOCKED
    assert "the S0 input of position 1 carries the pulses of the meter at position 4" in run.reason
    assert "the S0 input of position 4 carries the pulses of the meter at position 1" in run.reason
    assert "position 2" not in run.reason
    assert run.verdicts == dict.fromkeys((1, 2, 3, 4), NONE)
    assert not any(run.failures(position) for position in (1, 2, 3, 4))
    assert [(closed.step, closed.void) for closed in line.told(StepClosed)] == [
        ("sign-on", False),
        ("display", False),
        ("label-and-seals", False),
        ("s0-wiring", True),
    ]
