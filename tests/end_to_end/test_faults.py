"""The fault catalogue keeps its word: each fault is found by the step it names, from the size it names, and nobody else fails."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pytest

from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.record import Outcome
from bench.verdict import Verdict
from drivers.simulated import mounting
from drivers.simulated.faults import CATALOGUE, Fault
from drivers.simulated.physics import draw
from tests.end_to_end.conftest import Bench, Said

SEEDS = (1, 2, 3)
TYPE = "685-381-OK-50"
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


def run(
    bench: Bench, faults: list[str], seed: int, *, type_number: str = TYPE, positions: int = 12, only: str = ""
) -> Said:
    more = [word for fault in faults for word in ("--fault", fault)] + (["--only", only] if only else [])
    return bench(f"run eol --simulated --type {type_number} --positions {positions} --seed {seed} --json", *more)


def found_and_nobody_else_fails(said: Said, found_by: dict[int, str]) -> None:
    assert said.status == 1
    assert said.facts[-1]["ending"] == "COMPLETE"
    for position, verdict in said.verdicts.items():
        if position in found_by:
            assert verdict == "FAIL", f"position {position}"
            assert found_by[position] in said.failed_steps(position), f"position {position}"
        else:
            assert verdict == "PASS", f"position {position} has no fault"


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
    bench: Bench, line_of_faults: list[tuple[Fault, str]]
) -> None:
    all_found(bench, line_of_faults, seed=1)


@pytest.mark.parametrize("line_of_faults", SMALLEST, ids=[line[0][0].name for line in SMALLEST])
def test_each_fault_is_found_from_the_smallest_size_it_claims(
    bench: Bench, line_of_faults: list[tuple[Fault, str]]
) -> None:
    all_found(bench, line_of_faults, seed=2)


def all_found(bench: Bench, line_of_faults: list[tuple[Fault, str]], seed: int) -> None:
    faults = [
        f"{position}:{fault.name}" + (f"={value}" if value else "")
        for position, (fault, value) in enumerate(line_of_faults, start=1)
    ]
    found_by = {position: fault.found_by for position, (fault, _) in enumerate(line_of_faults, start=1)}
    found_and_nobody_else_fails(run(bench, faults, seed, positions=len(faults) + 1), found_by)


@pytest.mark.parametrize(
    ("name", "size", "claim"),
    [("gain", "2.6%", "class 2: ±2.6 %"), ("phase-gain", "3.9%", "class 2: ±3.9 %")],
)
def test_errors_of_a_class_2_meter_are_found_from_the_size_claimed(
    bench: Bench, name: str, size: str, claim: str
) -> None:
    fault = CATALOGUE[name]
    assert claim in fault.from_size
    phase = "L2" if name == "phase-gain" else ""
    faults = [f"{position}:{name}={phase}{'+-'[position % 2]}{size}" for position in range(1, 12)]
    said = run(bench, faults, 1, type_number="685-382-OK-50", only=fault.found_by)
    found_and_nobody_else_fails(said, dict.fromkeys(range(1, 12), fault.found_by))


def stated(said: Said) -> list[float]:
    """What the register step of each position says it detects, %."""
    with JournalReader(journal_path(simulated=True)) as reader:
        record = reader.run(said.facts[-1]["run"])
    (step,) = (step for step in record.steps if step.name == "register")
    found = (each for outcome in step.outcomes for each in outcome.measurements if each.name == "detects errors above")
    return [float(each.value) for each in found if each.value is not None]


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_a_register_that_slips_by_half_a_per_cent_is_found_natively(bench: Bench, seed: int) -> None:
    assert "±0.5 % where the port speaks native" in CATALOGUE["register-slip"].from_size
    faults = [f"{position}:register-slip={'+-'[position % 2]}0.5%" for position in range(1, 12)]
    said = run(bench, faults, seed, only="register")
    found_and_nobody_else_fails(said, dict.fromkeys(range(1, 12), "register"))
    assert stated(said)[-1] < 0.5


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_half_of_that_is_not_claimed_by_every_record_and_what_none_claims_is_not_found(bench: Bench, seed: int) -> None:
    good = run(bench, [], seed, only="register")
    assert min(stated(good)) > 0.15
    assert 0.25 < max(stated(good)) < 0.5
    faults = [f"{position}:register-slip={'+-'[position % 2]}0.08%" for position in range(1, 13)]
    assert set(run(bench, faults, seed, only="register").verdicts.values()) == {"PASS"}


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_without_native_a_register_that_slips_is_found_from_the_size_that_the_record_states(
    bench: Bench, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "else the error that the record states" in CATALOGUE["register-slip"].from_size
    mode_a_alone(monkeypatch)
    good = run(bench, [], seed, positions=3, only="register")
    assert good.status == 0
    more = [value + 0.1 for value in stated(good)]
    assert len(more) == 3
    assert all(10.0 < value < 15.0 for value in more), "a readout lasts 6 s"
    faults = [f"1:register-slip=+{more[0]:.1f}%", f"2:register-slip=-{more[1]:.1f}%"]
    said = run(bench, faults, seed, positions=3, only="register")
    found_and_nobody_else_fails(said, {1: "register", 2: "register"})


def test_a_meter_that_speaks_mode_a_alone_passes_and_its_record_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    mode_a_alone(monkeypatch)
    said = bench("run eol --simulated --positions 1 --json")
    assert said.status == 0
    shown = bench("show", said.facts[-1]["run"]).out
    assert re.search("registers are read by +mode A ", shown)
    assert "kWh register, mode A" in shown
    assert shown.count("not tested: the native protocol: the port answers mode A alone") == 4
    judged = {measurement.name for outcome in outcomes(said) for measurement in outcome.measurements}
    assert not judged & {"memory", "actual power", "native registers"}, "what was not measured agrees with nothing"


def outcomes(said: Said) -> list[Outcome]:
    with JournalReader(journal_path(simulated=True)) as reader:
        run = reader.run(said.facts[-1]["run"])
    return [outcome for step in run.steps for outcome in step.outcomes]


def test_the_s0_wiring_of_a_lone_meter_is_not_judged_and_holds_it_not_back(bench: Bench) -> None:
    said = bench("run eol --simulated --positions 1 --only s0-pulses --json")
    _, wiring, _, pulses = outcomes(said)
    assert (wiring.verdict, wiring.measurements) == (Verdict.NONE, ())
    assert wiring.note == "not tested: the S0 wiring: a lone meter has no other to be crossed with"
    assert pulses.verdict is Verdict.PASS
    assert said.verdicts == {1: "PASS"}


@pytest.mark.parametrize("what", ["685-381-OK-10", "100imp/kWh"])
def test_a_memory_that_contradicts_telegram_and_label_fails_sign_on(bench: Bench, what: str) -> None:
    said = run(bench, [f"2:wrong-memory={what}"], 1, positions=2, only="sign-on")
    found_and_nobody_else_fails(said, {2: "sign-on"})
    (failed,) = (each["failed"] for each in said.facts[-1]["positions"] if each["position"] == 2)
    assert [each["measurement"] for each in failed] == ["memory"]


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_a_trip_counter_that_slips_while_the_kilowatt_hours_are_right_fails_the_register_step_natively_alone(
    bench: Bench, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "±0.5 %" in CATALOGUE["trip-slip"].from_size
    faults = ["1:trip-slip=+0.5%", "2:trip-slip=-0.5%"]
    said = run(bench, faults, seed, positions=3, only="register")
    found_and_nobody_else_fails(said, {1: "register", 2: "register"})
    for position in (1, 2):
        assert failed_measurements(said, position) == ["finest register"]
    mode_a_alone(monkeypatch)
    assert set(run(bench, faults, seed, positions=3, only="register").verdicts.values()) == {"PASS"}


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_kilowatt_hours_that_slip_while_the_trip_counter_is_right_fail_the_register_step(
    bench: Bench, seed: int
) -> None:
    assert CATALOGUE["total-slip"].from_size == "±10 %"
    said = run(bench, ["1:total-slip=+10%", "2:total-slip=-10%"], seed, positions=3, only="register")
    found_and_nobody_else_fails(said, {1: "register", 2: "register"})
    assert "finest register" not in failed_measurements(said, 2)


def failed_measurements(said: Said, position: int) -> list[str]:
    (result,) = (each for each in said.facts[-1]["positions"] if each["position"] == position)
    return [failure["measurement"] for failure in result["failed"]]


def mode_a_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every meter of the simulated line is one that does not know the native protocol."""
    monkeypatch.setattr(mounting, "draw", lambda meter, rng: replace(draw(meter, rng), speaks_native=False))


@pytest.mark.parametrize("seed", SEEDS)
def test_crossed_s0_wires_block_the_run_and_judge_nobody(bench: Bench, seed: int) -> None:
    assert CATALOGUE["crossed-s0"].found_by == "s0-wiring"
    said = run(bench, ["1:crossed-s0=4", "2:gain=+30%"], seed, positions=4)
    assert said.status == 3
    closed = said.facts[-1]
    assert closed["ending"] == "BLOCKED"
    assert "the S0 input of position 1 carries the pulses of the meter at position 4" in closed["reason"]
    assert "the S0 input of position 4 carries the pulses of the meter at position 1" in closed["reason"]
    assert "position 2" not in closed["reason"]
    assert said.verdicts == dict.fromkeys((1, 2, 3, 4), "NONE")
    assert not any(each["failed"] for each in closed["positions"])
    assert [(fact["step"], fact["void"]) for fact in said.facts if fact["fact"] == "step-closed"] == [
        ("sign-on", False),
        ("display", False),
        ("label-and-seals", False),
        ("s0-wiring", True),
    ]
