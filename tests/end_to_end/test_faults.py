"""The fault catalogue keeps its word: each fault is found by the step it names, from the size it names, and nobody else fails."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from bench.journal_reader import JournalReader
from bench.places import journal_path
from bench.record import Outcome
from bench.verdict import Verdict
from drivers.simulated import line
from drivers.simulated.faults import CATALOGUE
from drivers.simulated.physics import draw
from tests.end_to_end.conftest import Bench, Said

SEEDS = (1, 2, 3)
TYPE = "685-381-OK-50"
METER_FAULTS = [
    fault
    for fault in CATALOGUE.values()
    if fault.family == "meter" and not fault.module and fault.found_by not in ("s0-diode", "configuration")
]
"""Those of any meter on a long line, which has no scanning heads; a configuration is written only where the profile names one."""

SMALLEST = (
    ("gain", "+1.6%", "class 1: ±1.6 %"),
    ("gain", "-1.6%", "class 1: ±1.6 %"),
    ("phase-gain", "L2+2.6%", "class 1: ±2.6 %"),
    ("phase-gain", "L2-2.6%", "class 1: ±2.6 %"),
    ("creep", "11.1W", "two pulses within the test time"),
    ("no-start", "1.1x", "1.1 times the starting power"),
    ("lost-pulses", "250", "one in 250"),
    ("double-pulses", "250", "one in 250"),
    ("short-pulse", "26.9ms", "26.9 ms"),
    ("long-pulse", "33.1ms", "33.1 ms"),
)
"""Fault, size, and the words of the catalogue that claim it. 11.1 W give 2.01 Wh in the 652 s that a 685-381 is tested."""


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


def test_there_are_twelve_faults_and_bench_faults_lists_them(bench: Bench) -> None:
    assert len(CATALOGUE) >= 12
    said = bench("faults")
    assert said.status == 0
    for fault in CATALOGUE.values():
        assert f"{fault.name}={fault.default}" if fault.default else fault.name in said.out
        needs = f"; module {' or '.join(fault.module.split())}\n" if fault.module else "\n"
        assert f"{fault.ends} at {fault.found_by}, found from: {fault.from_size}{needs}" in said.out
    as_json = bench("faults --json")
    assert [each["name"] for each in json.loads(as_json.out)] == list(CATALOGUE)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_fault_of_a_meter_is_found_by_the_step_it_names(bench: Bench, seed: int) -> None:
    for some in (METER_FAULTS[:9], METER_FAULTS[9:]):
        faults = [f"{position}:{fault.name}" for position, fault in enumerate(some, start=2)]
        found_by = {position: fault.found_by for position, fault in enumerate(some, start=2)}
        found_and_nobody_else_fails(run(bench, faults, seed, positions=10), found_by)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_fault_is_found_from_the_size_it_claims(bench: Bench, seed: int) -> None:
    faults, found_by = [], {}
    for position, (name, size, claim) in enumerate(SMALLEST, start=1):
        assert claim in CATALOGUE[name].from_size
        faults.append(f"{position}:{name}={size}")
        found_by[position] = CATALOGUE[name].found_by
    found_and_nobody_else_fails(run(bench, faults, seed, positions=len(SMALLEST)), found_by)


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


@pytest.mark.parametrize("seed", SEEDS)
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
    assert shown.count("not tested: the native protocol: the port answers mode A alone") == 3
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


@pytest.mark.parametrize("seed", SEEDS)
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


@pytest.mark.parametrize("seed", SEEDS)
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
    monkeypatch.setattr(line, "draw", lambda meter, rng: replace(draw(meter, rng), speaks_native=False))


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
