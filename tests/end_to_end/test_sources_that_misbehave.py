"""Every way an instrument of the bench can fail, on every dialect that can run the end-of-line test."""

from __future__ import annotations

import pytest

from bench.facts import Acted, Safe, StepClosed
from bench.pytest_line import TestLine
from bench.verdict import Ending, Verdict
from drivers.simulated.faults import CATALOGUE, Fault
from tests.end_to_end.at_work import TYPE
from tests.end_to_end.conftest import Bench

NONE, PASS = Verdict.NONE, Verdict.PASS

pytestmark = pytest.mark.meter(TYPE)

DIALECTS = ["generic-scpi", "zera", "zera-fg30x", "fluke-6105a"]
FAULTS = [
    fault for fault in CATALOGUE.values() if fault.family == "bench" and fault.ends == "BLOCKED" and fault.unit == "s"
]
WITHIN_S0_PULSES = "50s"
"""By then every dialect has finished sign-on and wiring, and measures."""
ASKED = ["sign-on", "display", "label-and-seals"]
SAID = {
    "source-silent": ("no answer from the power source",),
    "source-late": ("no answer from the power source",),
    "source-garbage": ("the power source", "answered"),
    "source-unplugged": ("the power source", "cannot be reached"),
    "source-error": ("the power source", "reports", "what was measured is void"),
    "standard-silent": ("no answer from the reference standard",),
    "standard-late": ("no answer from the reference standard",),
    "standard-garbage": ("the reference standard", "answered"),
    "standard-unplugged": ("the reference standard", "closed the connection"),
    "standard-frozen": ("the reference standard repeats its last value",),
    "source-drift": ("S0 pulses: source and standard disagree by", "more than", "W; have both checked"),
    "standard-drift": ("S0 pulses: source and standard disagree by", "more than", "W; have both checked"),
}
UNCONFIRMED = ("source-silent", "source-late", "source-garbage", "source-unplugged")
"""Whoever cannot be heard cannot be read back as off."""


def steps(line: TestLine, *, void: bool) -> list[str]:
    return [closed.step for closed in line.told(StepClosed) if closed.void is void]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_an_instrument_blocks_the_run_and_keeps_what_was_finished(
    line: TestLine, dialect: str, fault: Fault
) -> None:
    line = line.having(f"line:{fault.name}={WITHIN_S0_PULSES}", source=dialect)
    run = line.run("eol")
    assert run.ending is Ending.BLOCKED
    assert all(words in run.reason for words in SAID[fault.name])
    assert "internal error" not in run.reason
    assert steps(line, void=False) == [*ASKED, "s0-wiring", "connections"]
    assert steps(line, void=True) == ["register", "s0-pulses", "s0-diode"]
    assert run.verdicts == {1: NONE}
    unconfirmed = fault.name in UNCONFIRMED
    assert bool(line.told(Safe)) != unconfirmed
    assert run.reason.startswith("the source may still be on, touch nothing and switch it off") == unconfirmed


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", UNCONFIRMED)
def test_a_source_that_cannot_be_heard_is_told_in_one_sentence(line: TestLine, dialect: str, fault: str) -> None:
    reason = line.having(f"line:{fault}=40s", source=dialect).run("eol").reason
    assert reason.count("the power source at TCPIP::") == 1
    assert reason.count("; ") <= 1, reason
    assert "\n" not in reason
    assert ". " not in reason


@pytest.mark.parametrize("dialect", [*DIALECTS, "ametek"])
@pytest.mark.line("line:source-power-up")
def test_a_source_that_wakes_up_with_its_output_on_and_other_settings_passes(line: TestLine, dialect: str) -> None:
    run = line.having(source=dialect).run("no-load" if dialect == "ametek" else "eol")
    assert run.verdicts == {1: PASS}


@pytest.mark.parametrize("dialect", [*DIALECTS, "ametek"])
def test_a_source_that_refuses_settings_is_refused_before_anything_is_energised(bench: Bench, dialect: str) -> None:
    sequence = "no-load" if dialect == "ametek" else "eol"
    said = bench(
        f"run {sequence} --simulated --json --type {TYPE} --positions 1 --source {dialect} --fault line:source-locked"
    )
    assert said.status == 3
    assert said.facts == []
    assert said.err.startswith("bench: the power source at TCPIP::")
    assert "refused" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("dialect", ["generic-scpi", "fluke-6105a", "ametek"])
@pytest.mark.line("line:source-error-queue")
def test_a_full_error_queue_is_emptied_and_what_it_held_is_told_once(line: TestLine, dialect: str) -> None:
    line = line.having(source=dialect)
    assert line.run("no-load" if dialect == "ametek" else "eol").verdicts == {1: PASS}
    (act,) = line.told(Acted)
    assert act.who == "bench"
    assert '-113,"Undefined header;LEFT OVER" and 19 more' in act.what


@pytest.mark.parametrize("dialect", ["zera", "zera-fg30x"])
def test_a_source_without_an_error_queue_cannot_have_it_full(bench: Bench, dialect: str) -> None:
    said = bench(
        f"run eol --simulated --json --type {TYPE} --positions 1 --source {dialect} --fault line:source-error-queue"
    )
    assert said.status == 2
    assert "has no error queue" in said.err


@pytest.mark.line("line:source-error=33.8s")
def test_an_error_that_comes_while_a_load_is_changed_names_the_step_it_was_for(line: TestLine) -> None:
    assert line.run("eol").reason.startswith("S0 wiring: the power source")
    assert steps(line, void=False) == ASKED


@pytest.mark.parametrize("name", ["standard-silent", "standard-frozen", "source-error"])
@pytest.mark.line(source="ametek")
def test_a_voltage_source_that_misbehaves_during_no_load_blocks_the_run(line: TestLine, name: str) -> None:
    line = line.having(f"line:{name}=60s")
    run = line.run("no-load")
    assert run.ending is Ending.BLOCKED
    assert all(words in run.reason for words in SAID[name])
    assert line.told(Safe), "it was read back as off"
    assert steps(line, void=False) == ["sign-on"]


# ---------------------------------------------------------------- a disturbance that passes

RANGE_CHANGE = "source-range-change"


def in_order(line: TestLine) -> list[tuple[str, bool]]:
    return [(closed.step, closed.void) for closed in line.told(StepClosed)]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.line(f"line:{RANGE_CHANGE}={WITHIN_S0_PULSES}")
def test_a_range_that_changes_voids_what_was_under_way_and_it_is_measured_once_more(
    line: TestLine, dialect: str
) -> None:
    assert CATALOGUE[RANGE_CHANGE].ends == "COMPLETE"
    line = line.having(source=dialect)
    run = line.run("eol")
    assert (run.ending, run.verdicts) == (Ending.COMPLETE, {1: PASS})
    voided = steps(line, void=True)
    assert voided == ["register", "s0-pulses", "s0-diode"]
    closed = in_order(line)
    for name in voided:
        assert closed.index((name, True)) < closed.index((name, False)), (
            f"{name} stands in the record, void and repeated"
        )


@pytest.mark.line(f"line:{RANGE_CHANGE}=50s", f"line:{RANGE_CHANGE}=70s")
def test_a_range_that_changes_again_in_the_repetition_blocks_the_run(line: TestLine) -> None:
    run = line.run("eol")
    assert run.ending is Ending.BLOCKED
    assert run.reason.count("L1: the source was asked for 80 A and the reference standard reads 0 A.") == 2
    assert "; it was repeated after: " in run.reason
    assert steps(line, void=True) == ["register", "s0-pulses", "s0-diode"] * 2
    assert run.verdicts == {1: NONE}


@pytest.mark.line(f"line:{RANGE_CHANGE}=50s", f"line:{RANGE_CHANGE}=300s")
def test_the_second_of_two_disturbed_stages_is_repeated_like_the_first(line: TestLine) -> None:
    assert line.run("eol").verdicts == {1: PASS}
    assert steps(line, void=True) == ["register", "s0-pulses", "s0-diode", "accuracy-0.05ib"]


@pytest.mark.line(f"line:{RANGE_CHANGE}=60s", source="ametek")
def test_a_voltage_source_that_tells_of_its_range_repeats_the_no_load_test(line: TestLine) -> None:
    assert line.run("no-load").verdicts == {1: PASS}
    assert in_order(line)[:3] == [("sign-on", False), ("no-load", True), ("no-load", False)]
